// RTCPeerConnection as far as the page uses it, in pairs, without a network: a "description" names its maker, a
// connection stands when both sides have both descriptions and one candidate. The network between can be cut.
import { FakeClock, turn } from "./help.js";

export class FakeNetwork {
  clock = new FakeClock();
  /** @type {Map<string, FakeConnection>} */
  made = new Map();
  /** No connection comes about. */
  blocked = false;
  /** What is sent stays in the sender's buffer. */
  stuck = false;

  /** The device that a page is given. @returns {import("../app/swarm/peer-connection.js").Outside} */
  outside() {
    return {
      connect: (config) => /** @type {any} */ (new FakeConnection(this, config)),
      now: () => this.clock.now,
      later: this.clock.later,
      cancel: this.clock.cancel,
    };
  }

  /** Lets all that is on its way arrive. */
  async settle() {
    for (let i = 0; i < 60; i++) await turn();
  }
}

class FakeChannel {
  readyState = "connecting";
  bufferedAmount = 0;
  bufferedAmountLowThreshold = 0;
  binaryType = "blob";
  /** The most that was ever in the buffer. */
  peak = 0;
  /** @type {any} */ onopen = null;
  /** @type {any} */ onclose = null;
  /** @type {any} */ onmessage = null;
  /** @type {any} */ onbufferedamountlow = null;
  /** @type {FakeChannel | null} */ other = null;

  /** @param {FakeNetwork} network */
  constructor(network) {
    this.network = network;
  }

  /** @param {ArrayBuffer | Uint8Array} data */
  send(data) {
    if (this.readyState !== "open") throw new Error("InvalidStateError");
    const copy = new Uint8Array(data instanceof ArrayBuffer ? data : data.slice()).slice().buffer;
    this.bufferedAmount += copy.byteLength;
    this.peak = Math.max(this.peak, this.bufferedAmount);
    setImmediate(() => this.arrives(copy));
  }

  /** @param {ArrayBuffer} copy */
  arrives(copy) {
    if (this.network.stuck) return;
    const before = this.bufferedAmount;
    this.bufferedAmount -= copy.byteLength;
    if (this.other?.readyState === "open") this.other.onmessage?.({ data: copy });
    if (before > this.bufferedAmountLowThreshold && this.bufferedAmount <= this.bufferedAmountLowThreshold)
      this.onbufferedamountlow?.();
  }

  close() {
    if (this.readyState === "closed") return;
    this.readyState = "closed";
    setImmediate(() => this.onclose?.());
  }
}

export class FakeConnection {
  static #last = 0;
  id = `c${++FakeConnection.#last}`;
  signalingState = "stable";
  iceConnectionState = "new";
  /** @type {{type: string, sdp: string} | null} */ localDescription = null;
  /** @type {{type: string, sdp: string} | null} */ remoteDescription = null;
  /** @type {any} */ onicecandidate = null;
  /** @type {any} */ oniceconnectionstatechange = null;
  /** @type {FakeChannel | null} */ channel = null;
  candidates = 0;
  closed = false;

  /** @param {FakeNetwork} network @param {RTCConfiguration} config */
  constructor(network, config) {
    this.network = network;
    this.config = config;
    network.made.set(this.id, this);
  }

  /** @param {string} _label @param {RTCDataChannelInit} init */
  createDataChannel(_label, init) {
    if (!init.negotiated || init.id !== 0) throw new Error("only negotiated ones");
    return (this.channel = new FakeChannel(this.network));
  }

  async createOffer() {
    return { type: "offer", sdp: this.id };
  }

  async createAnswer() {
    if (this.signalingState !== "have-remote-offer") throw new Error("InvalidStateError");
    return { type: "answer", sdp: this.id };
  }

  /** @param {{type: string, sdp: string}} description */
  async setLocalDescription(description) {
    this.localDescription = description;
    this.signalingState = description.type === "offer" ? "have-local-offer" : "stable";
    setImmediate(() => {
      this.onicecandidate?.({
        candidate: { candidate: `candidate:${this.id}`, sdpMid: "0", sdpMLineIndex: 0 },
      });
      this.onicecandidate?.({ candidate: null });
    });
  }

  /** @param {{type: string, sdp: string}} description */
  async setRemoteDescription(description) {
    if (!this.network.made.has(description.sdp)) throw new Error("OperationError: not a description");
    this.remoteDescription = description;
    this.signalingState = description.type === "offer" ? "have-remote-offer" : "stable";
    this.connects();
  }

  /** @param {{candidate: string}} candidate */
  async addIceCandidate({ candidate }) {
    if (!this.remoteDescription) throw new Error("InvalidStateError: no description yet");
    if (!candidate.startsWith("candidate:")) throw new Error("OperationError: not a candidate");
    this.candidates++;
    this.connects();
  }

  connects() {
    const other = this.network.made.get(this.remoteDescription?.sdp ?? "");
    if (!other || this.network.blocked || this.candidates + other.candidates === 0) return;
    if (other.remoteDescription?.sdp !== this.id || this.iceConnectionState === "connected") return;
    const [a, b] = [this, other];
    for (const [one, two] of [
      [a, b],
      [b, a],
    ]) {
      if (!one?.channel || !two?.channel) return;
      one.iceConnectionState = "connected";
      one.channel.other = two.channel;
      one.channel.readyState = "open";
    }
    for (const one of [a, b]) setImmediate(() => one.channel?.onopen?.());
  }

  fails() {
    this.iceConnectionState = "failed";
    this.oniceconnectionstatechange?.();
  }

  close() {
    if (this.closed) return;
    this.closed = true;
    this.iceConnectionState = "closed";
    if (this.channel) this.channel.readyState = "closed";
    const other = this.channel?.other;
    if (!this.network.stuck) other?.close();
  }
}

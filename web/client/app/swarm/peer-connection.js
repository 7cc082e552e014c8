// One connection to another page: signalling, and a channel that carries frames. Made for one introduction (a session)
// and never used again: a new introduction is a new object, so nothing that comes late can reach a successor.
//
// The box says who calls, so offers never cross. The channel is negotiated beforehand (id 0): it is open as soon as the
// connection stands, with no message between. Candidates that come before the offer are kept.

/** @typedef {{kind: "offer" | "answer" | "candidate", sdp?: string, candidate?: string, mid?: string, mline?: number}} Signal */
/**
 * @typedef {object} ConnectionEvents
 * @property {(signal: Signal) => void} signal to the other page
 * @property {() => void} open
 * @property {(data: unknown) => void} message
 * @property {() => void} drained there is room to send again
 * @property {(why: "ice" | "closed") => void} closed once, unless it was close() that closed it; ice: it never opened
 */
/**
 * What is different in tests.
 * @typedef {object} Outside
 * @property {(config: RTCConfiguration) => RTCPeerConnection} connect
 * @property {() => number} now milliseconds, monotonic
 * @property {(run: () => void, milliseconds: number) => any} later
 * @property {(timer: any) => void} cancel
 */

export const CONNECT_LIMIT = 10_000;
/** Chromium's own buffer ends at 16 MiB and then throws; a segment in it could not be taken back. */
export const BUFFER_LIMIT = 1024 * 1024;
const BUFFER_LOW = 256 * 1024;
/** An offer of Chromium has 2–10. */
const EARLY_CANDIDATES = 32;

export class PeerConnection {
  /** @type {RTCPeerConnection | null} */
  #connection = null;
  /** @type {RTCDataChannel | null} */
  #channel = null;
  #open = false;
  #closed = false;
  /** The other side's description is in place. */
  #described = false;
  /** @type {Signal[]} */
  #early = [];
  /** @type {any} */
  #timer = null;

  /**
   * @param {{call: boolean, stun: string[]}} how call: this page makes the offer
   * @param {ConnectionEvents} events
   * @param {Outside} outside
   */
  constructor(how, events, outside) {
    this.how = how;
    this.events = events;
    this.outside = outside;
  }

  get open() {
    return this.#open;
  }

  /** There is room to send. */
  get ready() {
    return this.#open && (this.#channel?.bufferedAmount ?? Infinity) < BUFFER_LIMIT;
  }

  start() {
    const { connect, later } = this.outside;
    this.#timer = later(() => this.#ends("ice"), CONNECT_LIMIT);
    try {
      const connection = connect({ iceServers: this.how.stun.length ? [{ urls: this.how.stun }] : [] });
      this.#connection = connection;
      connection.onicecandidate = ({ candidate }) => this.#tells(candidate);
      // connectionState came to Firefox with 113.
      connection.oniceconnectionstatechange = () => {
        const state = connection.iceConnectionState;
        if (state === "failed" || state === "closed") this.#ends(this.#open ? "closed" : "ice");
      };
      this.#listen(connection.createDataChannel("streambox", { negotiated: true, id: 0, ordered: true }));
      if (this.how.call) this.#calls(connection);
    } catch (error) {
      // Forbidden by a policy, or too many of them: as if it could not be reached. Never before start() has returned.
      queueMicrotask(() => this.#ends("ice"));
    }
  }

  /** @param {Signal} signal of the other page */
  hear(signal) {
    const connection = this.#connection;
    if (!connection || this.#closed) return;
    if (signal.kind === "candidate") this.#candidate(connection, signal);
    else this.#describe(connection, signal.kind, signal.sdp ?? "");
  }

  /**
   * @param {ArrayBuffer | Uint8Array<ArrayBuffer>} data
   * @returns {boolean} false: it did not go; closed() comes if it is for good
   */
  send(data) {
    if (!this.#open || this.#channel?.readyState !== "open") return false;
    try {
      this.#channel.send(/** @type {any} */ (data));
      return true;
    } catch (error) {
      return false;
    }
  }

  /** Without a word to events. */
  close() {
    if (this.#closed) return;
    this.#closed = true;
    this.#open = false;
    this.outside.cancel(this.#timer);
    const channel = this.#channel;
    if (channel) channel.onopen = channel.onclose = channel.onmessage = channel.onbufferedamountlow = null;
    const connection = this.#connection;
    if (connection) connection.onicecandidate = connection.oniceconnectionstatechange = null;
    connection?.close();
  }

  /** @param {"ice" | "closed"} why */
  #ends(why) {
    if (this.#closed) return;
    this.close();
    this.events.closed(why);
  }

  /** @param {RTCDataChannel} channel */
  #listen(channel) {
    this.#channel = channel;
    channel.binaryType = "arraybuffer";
    channel.bufferedAmountLowThreshold = BUFFER_LOW;
    channel.onopen = () => {
      this.outside.cancel(this.#timer);
      this.#open = true;
      this.events.open();
    };
    channel.onmessage = ({ data }) => this.events.message(data);
    channel.onbufferedamountlow = () => this.events.drained();
    channel.onclose = () => this.#ends(this.#open ? "closed" : "ice");
  }

  /** @param {RTCPeerConnection} connection */
  async #calls(connection) {
    try {
      await connection.setLocalDescription(await connection.createOffer());
      if (!this.#closed) this.events.signal({ kind: "offer", sdp: connection.localDescription?.sdp ?? "" });
    } catch (error) {
      this.#ends("ice");
    }
  }

  /** @param {RTCPeerConnection} connection @param {"offer" | "answer"} kind @param {string} sdp */
  async #describe(connection, kind, sdp) {
    // One offer and one answer a session: whatever else comes is not for us.
    if (this.#described || (kind === "answer") !== this.how.call) return;
    if (kind === "answer" && connection.signalingState !== "have-local-offer") return;
    this.#described = true;
    try {
      await connection.setRemoteDescription({ type: kind, sdp });
      for (const early of this.#early.splice(0)) this.#add(connection, early);
      if (kind === "answer" || this.#closed) return;
      await connection.setLocalDescription(await connection.createAnswer());
      if (!this.#closed) this.events.signal({ kind: "answer", sdp: connection.localDescription?.sdp ?? "" });
    } catch (error) {
      this.#ends("ice");
    }
  }

  /** @param {RTCPeerConnection} connection @param {Signal} signal */
  #candidate(connection, signal) {
    if (!signal.candidate) return; // "there are no more": nothing waits for that
    if (connection.remoteDescription) this.#add(connection, signal);
    else if (this.#early.length < EARLY_CANDIDATES) this.#early.push(signal);
  }

  /** @param {RTCPeerConnection} connection @param {Signal} signal */
  #add(connection, { candidate, mid, mline }) {
    // One that is not understood (an address of a kind this browser does not know) is no reason to end the others.
    connection
      .addIceCandidate({ candidate, sdpMid: mid ?? null, sdpMLineIndex: mline ?? null })
      .catch(() => {});
  }

  /** @param {RTCIceCandidate | null} candidate */
  #tells(candidate) {
    if (this.#closed || !candidate?.candidate) return;
    this.events.signal({
      kind: "candidate",
      candidate: candidate.candidate,
      ...(candidate.sdpMid !== null && { mid: candidate.sdpMid }),
      ...(candidate.sdpMLineIndex !== null && { mline: candidate.sdpMLineIndex }),
    });
  }
}

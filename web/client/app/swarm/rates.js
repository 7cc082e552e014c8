// How fast segments have come lately, from the box and from each peer. Pure.

/** @typedef {import("./types.d.ts").RatesState} RatesState */

/** Weight of the newest segment in the running mean. */
const NEWEST = 0.4;
/** Before anything is measured: 8 Mbit/s, a phone at the edge of a Wi-Fi. */
const FIRST_BYTES_PER_MILLISECOND = 1000;
/** Peers whose rate is remembered. */
const KEPT = 32;

export class Rates {
  /** @param {RatesState} [state] */
  constructor(state) {
    /** Bytes per ms; 0: not measured. */
    this.http = state?.http ?? 0;
    /** Over all peers. */
    this.anyPeer = state?.anyPeer ?? 0;
    /** @type {Map<string, number>} */
    this.peers = new Map(state?.peers ?? []);
    /** Running mean of a segment's size. */
    this.segmentBytes = state?.segmentBytes ?? 0;
    this.largestBytes = state?.largestBytes ?? 0;
  }

  /** @param {string} from "http" or a peer @param {number} bytes @param {number} milliseconds from asking to having */
  note(from, bytes, milliseconds) {
    const rate = bytes / Math.max(1, milliseconds);
    this.size(bytes);
    if (from === "http") {
      this.http = mean(this.http, rate);
      return;
    }
    this.anyPeer = mean(this.anyPeer, rate);
    const before = this.peers.get(from) ?? 0;
    this.peers.delete(from);
    this.peers.set(from, mean(before, rate));
    if (this.peers.size > KEPT) this.peers.delete(/** @type {string} */ (this.peers.keys().next().value));
  }

  /** @param {number} bytes of a segment */
  size(bytes) {
    this.segmentBytes = mean(this.segmentBytes, bytes);
    this.largestBytes = Math.max(this.largestBytes, bytes);
  }

  /** @param {string} peer */
  forget(peer) {
    this.peers.delete(peer);
  }

  /** @param {string} from "http" or a peer @param {number} bytes @returns {number} ms it will take */
  expect(from, bytes) {
    const http = this.http || FIRST_BYTES_PER_MILLISECOND;
    const rate = from === "http" ? http : (this.peers.get(from) ?? (this.anyPeer || http));
    return bytes / rate;
  }

  /** @returns {RatesState} */
  save() {
    const { http, anyPeer, peers, segmentBytes, largestBytes } = this;
    return { http, anyPeer, peers: [...peers], segmentBytes, largestBytes };
  }
}

/** @param {number} before 0: none @param {number} value */
const mean = (before, value) => (before ? before + NEWEST * (value - before) : value);

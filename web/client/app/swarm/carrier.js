// The transfers that run, by HTTP and from peers: begins them, stops them, counts what they bring, and says how they end.

/** @typedef {{from: string, stop: () => void, bytes: number, since: number, told: number}} Transfer */
/**
 * @typedef {object} CarrierParts
 * @property {import("./swarm.js").Outside} outside
 * @property {import("./view.d.ts").Totals} totals
 * @property {(n: number) => string | undefined} url of a segment at the box
 * @property {() => import("./peer-pool.js").PeerPool | null} pool
 * @property {(n: number, from: string) => void} coming
 * @property {(n: number, bytes: number, total: number) => void} progress
 * @property {(n: number, from: string, segment: ArrayBuffer, took: number) => void} got what came from a peer is right
 * @property {(n: number, from: string, why: string, status: number) => void} failed
 * @property {(n: number) => void} stopped
 */

/** Progress is told at most so often for each transfer, milliseconds. */
const PROGRESS_EVERY = 100;

export class Carrier {
  /** @type {Map<number, Transfer>} */
  #transfers = new Map();

  /** @param {CarrierParts} parts */
  constructor(parts) {
    this.parts = parts;
  }

  /** @param {number} n @returns {string} "http", a peer, or "" = nothing runs */
  running(n) {
    return this.#transfers.get(n)?.from ?? "";
  }

  /** @param {number} n */
  http(n) {
    const { outside, totals, url } = this.parts;
    const address = url(n);
    const transfer = this.#begin(n, "http");
    if (address === undefined) return this.#failed(n, transfer, "network", 0);
    transfer.stop = outside.fetch(n, address, {
      progress: (bytes, total) => {
        totals.httpBytes += Math.max(0, bytes - transfer.bytes);
        this.#progress(n, transfer, bytes, total);
      },
      done: (segment) => {
        totals.httpBytes += Math.max(0, segment.byteLength - transfer.bytes);
        this.#got(n, transfer, segment);
      },
      failed: (why, status) => {
        totals.wastedBytes += transfer.bytes;
        this.#failed(n, transfer, why, status);
      },
    });
  }

  /** @param {number} n @param {string} peer @param {string} sha256 @param {number} bytes as the box said */
  ask(n, peer, sha256, bytes) {
    const { totals } = this.parts;
    const pool = this.parts.pool();
    const transfer = this.#begin(n, peer);
    if (!pool) return this.#failed(n, transfer, "closed", 0);
    transfer.stop = pool.ask(peer, {
      ...{ n, sha256, bytes, tag: pool.tag },
      progress: (here) => this.#progress(n, transfer, here, bytes),
      got: (segment) => {
        totals.p2pBytes += segment.byteLength;
        this.#got(n, transfer, segment);
      },
      failed: (why) => {
        if (why === "bad") totals.rejectedSegments++;
        this.#failed(n, transfer, why, 0);
      },
    });
  }

  /** Without a word to parts but stopped(). @param {number} n @param {string} from */
  stop(n, from) {
    const transfer = this.#transfers.get(n);
    if (!transfer || transfer.from !== from) return;
    this.#transfers.delete(n);
    transfer.stop();
    // What came from a peer is counted there.
    if (from === "http") this.parts.totals.wastedBytes += transfer.bytes;
    this.parts.stopped(n);
  }

  end() {
    for (const { stop } of this.#transfers.values()) stop();
    this.#transfers.clear();
  }

  /** @param {number} n @param {string} from */
  #begin(n, from) {
    /** @type {Transfer} */
    const transfer = { from, stop: () => {}, bytes: 0, since: this.parts.outside.now(), told: -Infinity };
    this.#transfers.set(n, transfer);
    this.parts.coming(n, from);
    return transfer;
  }

  /** @param {number} n @param {Transfer} transfer @param {number} bytes @param {number} total */
  #progress(n, transfer, bytes, total) {
    transfer.bytes = Math.max(transfer.bytes, bytes);
    const now = this.parts.outside.now();
    if (now - transfer.told < PROGRESS_EVERY) return;
    transfer.told = now;
    this.parts.progress(n, transfer.bytes, total);
  }

  /** @param {number} n @param {Transfer} transfer @param {ArrayBuffer} segment */
  #got(n, transfer, segment) {
    if (!this.#end(n, transfer)) return;
    this.parts.got(n, transfer.from, segment, this.parts.outside.now() - transfer.since);
  }

  /** @param {number} n @param {Transfer} transfer @param {string} why @param {number} status */
  #failed(n, transfer, why, status) {
    if (this.#end(n, transfer)) this.parts.failed(n, transfer.from, why, status);
  }

  /** @param {number} n @param {Transfer} transfer @returns {boolean} it ran */
  #end(n, transfer) {
    return this.#transfers.get(n) === transfer && this.#transfers.delete(n);
  }
}

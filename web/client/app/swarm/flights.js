// The one table of what is under way: a segment is in it once, whether the loader waits for it or not. Pure.
//
//   asked ──▶ waiting ──▶ granted ──▶ peer ──▶ http
// A want has been sent; the box says wait; it has said from whom, but no transfer is free; bytes flow.

/** @typedef {import("./types.d.ts").Flight} Flight */

/** @param {Flight} f @returns {boolean} bytes flow */
export const isTransfer = (f) => f.stage === "peer" || f.stage === "http";

/** @param {Flight} f @returns {boolean} it has or is about to have one of the few transfers */
const occupies = (f) => f.stage !== "waiting";

export class Flights {
  /** @param {Flight[]} [list] */
  constructor(list = []) {
    /** @type {Map<number, Flight>} */
    this.table = new Map(list.map((f) => [f.n, { ...f, peers: [...f.peers], tried: [...f.tried] }]));
  }

  /** @param {number} n */
  get(n) {
    return this.table.get(n);
  }

  /** @returns {Flight[]} in the order they began */
  all() {
    return [...this.table.values()];
  }

  /** @param {number} n @param {number} now ms @returns {Flight} */
  begin(n, now) {
    /** @type {Flight} */
    const flight = {
      n,
      stage: "asked",
      id: 0,
      since: now,
      begun: now,
      again: 0,
      peers: [],
      sha256: "",
      bytes: 0,
      from: "",
      beside: 0,
      lease: false,
      why: "",
      tried: [],
      done: 0,
      rate: 0,
      moved: now,
      heard: now,
    };
    this.table.set(n, flight);
    return flight;
  }

  /** @param {number} n */
  end(n) {
    this.table.delete(n);
  }

  /** Bytes of some segment have come from a peer: it is there. @param {string} peer @param {number} now ms */
  heard(peer, now) {
    for (const f of this.table.values()) if (f.stage === "peer" && f.from === peer) f.heard = now;
  }

  transfers() {
    return this.#count(isTransfer);
  }

  /** Transfers running, granted or asked for: what the next want would have to wait behind. */
  occupied() {
    return this.#count(occupies);
  }

  waiting() {
    return this.#count((f) => f.stage === "waiting");
  }

  leases() {
    return this.#count((f) => f.lease);
  }

  /** @param {(f: Flight) => boolean} is */
  #count(is) {
    let count = 0;
    for (const f of this.table.values()) if (is(f)) count++;
    return count;
  }

  /** @returns {Flight[]} */
  save() {
    return this.all().map((f) => ({ ...f, peers: [...f.peers], tried: [...f.tried] }));
  }
}

// The accounts of the page's memory: what is held, what is on its way, and what has to go before anything more may
// come. Pure: it holds numbers, the bytes are elsewhere. Room is made before a transfer begins, never after.
//
// Three kinds, as the playhead stands now: "ahead" = in the look-ahead and not yet with the player: never let go for
// another prefetch. "fed" = in the look-ahead, and the player has it. "rest" = everything else, held for others by the
// keep rule. Of the rest, 20 % of the budget stays when a prefetch wants room and 15 % when the loader does.

/** @typedef {import("./types.d.ts").CacheState} CacheState */
/** @typedef {import("./types.d.ts").CacheView} CacheView */

const FLOOR_PREFETCH = 0.2;
const FLOOR_NEED = 0.15;

export class CacheManager {
  /** @param {number} budgetBytes @param {CacheState} [state] */
  constructor(budgetBytes, state) {
    this.budgetBytes = budgetBytes;
    /** Segment → bytes. @type {Map<number, number>} */
    this.entries = new Map(state?.entries ?? []);
    /** On their way: segment → bytes expected. @type {Map<number, number>} */
    this.reserved = new Map(state?.reserved ?? []);
    this.entryBytes = sum(this.entries);
    this.reservedBytes = sum(this.reserved);
  }

  /** @param {number} n */
  has(n) {
    return this.entries.has(n);
  }

  usedBytes() {
    return this.entryBytes + this.reservedBytes;
  }

  /** Segment n is on its way. @param {number} n @param {number} bytes expected; again for the same n: replaces */
  reserve(n, bytes) {
    this.release(n);
    this.reserved.set(n, bytes);
    this.reservedBytes += bytes;
  }

  /** It does not come. @param {number} n */
  release(n) {
    this.reservedBytes -= this.reserved.get(n) ?? 0;
    this.reserved.delete(n);
  }

  /** It is here. @param {number} n @param {number} bytes */
  put(n, bytes) {
    this.release(n);
    this.drop(n);
    this.entries.set(n, bytes);
    this.entryBytes += bytes;
  }

  /** It is let go. @param {number} n */
  drop(n) {
    this.entryBytes -= this.entries.get(n) ?? 0;
    this.entries.delete(n);
  }

  /**
   * What to let go so that this many bytes more fit: in that order, nothing when they fit as it is.
   * @param {number} bytes @param {"prefetch" | "need"} whose @param {CacheView} view
   * @returns {number[] | null} null: there is no room to be made
   */
  roomFor(bytes, whose, view) {
    let short = this.usedBytes() + bytes - this.budgetBytes;
    if (short <= 0) return [];
    const { rest, fed, ahead } = this.#sort(view);
    const floor = (whose === "need" ? FLOOR_NEED : FLOOR_PREFETCH) * this.budgetBytes;
    let kept = 0;
    for (const n of rest) kept += this.#bytes(n);
    /** @type {number[]} */
    const go = [];
    const take = (/** @type {number} */ n) => {
      go.push(n);
      short -= this.#bytes(n);
    };
    const under = [];
    for (const n of view.goFirst(rest)) {
      if (short <= 0) return go;
      if (kept - this.#bytes(n) < floor) {
        under.push(n);
        continue;
      }
      kept -= this.#bytes(n);
      take(n);
    }
    if (whose === "need") {
      const farthest = (/** @type {number[]} */ list) => [...list].sort((a, b) => b - a);
      for (const n of [...farthest(fed), ...under, ...farthest(ahead)]) {
        if (short <= 0) break;
        take(n);
      }
    }
    return short <= 0 ? go : null;
  }

  /** @param {CacheView} view */
  #sort(view) {
    /** @type {{rest: number[], fed: number[], ahead: number[]}} */
    const kinds = { rest: [], fed: [], ahead: [] };
    for (const n of this.entries.keys()) {
      if (n < view.first || n > view.last) kinds.rest.push(n);
      else if (n <= view.fed) kinds.fed.push(n);
      else kinds.ahead.push(n);
    }
    return kinds;
  }

  /** @param {number} n */
  #bytes(n) {
    return this.entries.get(n) ?? 0;
  }

  /** @returns {CacheState} */
  save() {
    return { entries: [...this.entries], reserved: [...this.reserved] };
  }
}

/** @param {Map<number, number>} map */
function sum(map) {
  let total = 0;
  for (const bytes of map.values()) total += bytes;
  return total;
}

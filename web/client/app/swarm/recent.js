// The last events, and which rows of a long list are to be seen. Pure.

/** A ring: the newest is at(0). @template T */
export class Recent {
  /** @type {T[]} */
  #ring = [];
  #next = 0;
  /** All that ever came. */
  added = 0;

  /** @param {number} most */
  constructor(most) {
    this.most = most;
  }

  get length() {
    return this.#ring.length;
  }

  /** @param {T} item */
  add(item) {
    this.#ring[this.#next] = item;
    this.#next = (this.#next + 1) % this.most;
    this.added++;
  }

  /** @param {number} i 0 = the newest @returns {T | undefined} */
  at(i) {
    if (i < 0 || i >= this.length) return undefined;
    return this.#ring[(this.#next - 1 - i + 2 * this.most) % this.most];
  }
}

/**
 * The rows of a list that can be seen, and one more on each side.
 * @param {{top: number, height: number, row: number, count: number}} list pixels scrolled, seen, of one row; rows
 * @returns {{first: number, end: number}}
 */
export function visibleRows({ top, height, row, count }) {
  const first = Math.max(0, Math.floor(top / row) - 1);
  return { first, end: Math.min(count, Math.ceil((top + height) / row) + 1) };
}

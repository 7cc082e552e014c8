// What is due next: a binary heap by time, then by the order in which it was put in.

/** @template T */
export class Heap {
  /** @type {{at: number, order: number, item: T}[]} */
  #list = [];
  #order = 0;

  get size() {
    return this.#list.length;
  }

  /** When the first one is due; Infinity: there is none. */
  get first() {
    return this.#list[0]?.at ?? Infinity;
  }

  /** @param {number} at @param {T} item */
  push(at, item) {
    const list = this.#list;
    const entry = { at, order: this.#order++, item };
    let i = list.length;
    list.push(entry);
    while (i > 0) {
      const up = (i - 1) >> 1;
      const above = /** @type {typeof entry} */ (list[up]);
      if (!before(entry, above)) break;
      list[i] = above;
      i = up;
    }
    list[i] = entry;
  }

  /** @returns {T} of a heap that is not empty */
  pop() {
    const list = this.#list;
    const top = /** @type {{item: T}} */ (list[0]);
    const last = list.pop();
    if (last && list.length > 0) {
      let i = 0;
      for (;;) {
        let down = 2 * i + 1;
        const left = list[down];
        if (!left) break;
        const right = list[down + 1];
        if (right && before(right, left)) down++;
        const below = /** @type {typeof last} */ (list[down]);
        if (!before(below, last)) break;
        list[i] = below;
        i = down;
      }
      list[i] = last;
    }
    return top.item;
  }
}

/** @param {{at: number, order: number}} a @param {{at: number, order: number}} b */
const before = (a, b) => a.at < b.at || (a.at === b.at && a.order < b.order);

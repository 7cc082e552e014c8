// The bytes that this page holds of the rendition it plays. What may stay is the scheduler's decision.

/** @typedef {import("./types.d.ts").Span} Span */

export class SegmentStore {
  /** @type {Map<number, ArrayBuffer>} */
  #segments = new Map();
  bytes = 0;

  get size() {
    return this.#segments.size;
  }

  numbers() {
    return this.#segments.keys();
  }

  /** @param {number} n @returns {ArrayBuffer | null} the memory itself: who gives it away gives away a copy */
  get(n) {
    return this.#segments.get(n) ?? null;
  }

  /** @param {number} n @param {ArrayBuffer} segment */
  put(n, segment) {
    this.drop(n);
    this.#segments.set(n, segment);
    this.bytes += segment.byteLength;
  }

  /** @param {number} n @returns {boolean} it was here */
  drop(n) {
    this.bytes -= this.#segments.get(n)?.byteLength ?? 0;
    return this.#segments.delete(n);
  }

  clear() {
    this.#segments.clear();
    this.bytes = 0;
  }

  /** @param {(n: number) => boolean} is @returns {number} bytes of these */
  bytesOf(is) {
    let bytes = 0;
    for (const [n, segment] of this.#segments) if (is(n)) bytes += segment.byteLength;
    return bytes;
  }

  spans() {
    return spans(this.#segments.keys());
  }
}

/** @param {Iterable<number>} numbers @returns {Span[]} sorted runs */
export function spans(numbers) {
  /** @type {Span[]} */
  const list = [];
  for (const n of [...numbers].sort((a, b) => a - b)) {
    const last = list[list.length - 1];
    if (last && n <= last[1] + 1) last[1] = n;
    else list.push([n, n]);
  }
  return list;
}

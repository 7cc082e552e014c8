// Puts slices together to segments and hashes them as they come. Runs in the worker (integrity.worker.js), where a
// segment never stands in the picture's way. Pure but for post().
//
// The memory of a segment is taken once, as large as the box said it is; what a peer says has no say in it. Slices come
// in order: the channel is ordered, and whoever breaks the order was cut off before anything came here.

/** @typedef {{init(): unknown, update(bytes: Uint8Array): unknown, digest(): string}} Hasher digest: hex */
/**
 * @typedef {{do: "begin", id: number, bytes: number}
 *   | {do: "slice", id: number, data: ArrayBuffer, skip: number}
 *   | {do: "drop", id: number}} Order
 */
/** @typedef {{id: number, sha256: string, data: ArrayBuffer | null}} Answer data null: it could not be put together */

export class Reassembly {
  /** @type {Map<number, {hasher: Hasher, memory: Uint8Array<ArrayBuffer>, filled: number}>} */
  #running = new Map();
  /** @type {Hasher[]} */
  #free = [];

  /**
   * @param {Hasher[]} hashers kept for use again and again
   * @param {() => Hasher} another when none of them is free
   * @param {(answer: Answer, transfer: ArrayBuffer[]) => void} post
   */
  constructor(hashers, another, post) {
    this.#free.push(...hashers);
    this.another = another;
    this.post = post;
  }

  /** @param {Order} order */
  take(order) {
    switch (order.do) {
      case "begin":
        return this.#begin(order.id, order.bytes);
      case "slice":
        return this.#slice(order.id, new Uint8Array(order.data, order.skip));
      case "drop":
        return this.#end(order.id);
    }
  }

  /** @param {number} id @param {number} bytes */
  #begin(id, bytes) {
    const hasher = this.#free.pop() ?? this.another();
    hasher.init();
    this.#running.set(id, { hasher, memory: new Uint8Array(bytes), filled: 0 });
  }

  /** @param {number} id @param {Uint8Array} slice */
  #slice(id, slice) {
    const segment = this.#running.get(id);
    if (!segment) return;
    const { hasher, memory } = segment;
    if (segment.filled + slice.length > memory.length) {
      this.#end(id);
      this.post({ id, sha256: "", data: null }, []);
      return;
    }
    memory.set(slice, segment.filled);
    hasher.update(slice);
    segment.filled += slice.length;
    if (segment.filled < memory.length) return;
    const sha256 = hasher.digest();
    this.#end(id);
    this.post({ id, sha256, data: memory.buffer }, [memory.buffer]);
  }

  /** @param {number} id */
  #end(id) {
    const segment = this.#running.get(id);
    if (!segment) return;
    this.#running.delete(id);
    this.#free.push(segment.hasher);
  }
}

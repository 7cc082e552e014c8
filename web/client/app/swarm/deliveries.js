// What the player's loader waits for, and what it has been given.

/**
 * @typedef {object} Receiver
 * @property {(segment: ArrayBuffer, took: number) => void} got a copy, its own; took: ms since it was wanted
 * @property {(status: number, why: string) => void} failed
 */

export class Deliveries {
  /** @type {Map<number, {receiver: Receiver, since: number}>} */
  #waiting = new Map();
  /** Given to the player at least once. @type {Set<number>} */
  #given = new Set();

  /** @param {number} n @param {Receiver} receiver @param {number} now */
  wait(n, receiver, now) {
    this.#waiting.set(n, { receiver, since: now });
  }

  /** @param {number} n @param {Receiver} receiver @returns {boolean} it was waiting for it */
  giveUp(n, receiver) {
    return this.#waiting.get(n)?.receiver === receiver && this.#waiting.delete(n);
  }

  /**
   * The player takes its memory away (to a worker), and others are to have it too: a copy.
   * @param {number} n @param {ArrayBuffer} segment @param {number} now
   */
  deliver(n, segment, now) {
    this.#given.add(n);
    const waiting = this.#waiting.get(n);
    this.#waiting.delete(n);
    waiting?.receiver.got(segment.slice(0), now - waiting.since);
  }

  /** @param {number} n @param {number} status @param {string} why */
  refuse(n, status, why) {
    const waiting = this.#waiting.get(n);
    this.#waiting.delete(n);
    waiting?.receiver.failed(status, why);
  }

  /** The player has it already. @param {number} n */
  delivered(n) {
    this.#given.add(n);
  }

  /** @param {number} n */
  was(n) {
    return this.#given.has(n);
  }

  /** Another rendition. */
  forget() {
    this.#waiting.clear();
    this.#given.clear();
  }
}

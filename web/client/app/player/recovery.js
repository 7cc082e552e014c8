// What to do about an error of playing. Pure. hls.js repeats failed requests for a while by itself; what arrives here
// is what it gave up, or what no repeating mends.

/**
 * @typedef {object} Trouble
 * @property {"network" | "media" | "other"} type
 * @property {boolean} fatal hls.js has stopped
 * @property {number} status of the HTTP answer; 0 = none
 * @property {boolean} [sound] it is about another sound track than the picture's own
 */
/** @typedef {"ignore" | "retry" | "refetch" | "recover" | "swap" | "give-up"} Action */

/** Milliseconds in which media errors count as one series. */
export const SERIES = 30_000;

/**
 * retry: ask again later, for as long as it takes; refetch: ask the box what the title is now (its rendition was
 * replaced, or its stick went); recover, swap: the two ways of hls.js to restart a decoder; give-up: say so.
 * @param {Trouble} trouble
 * @param {number} earlier media errors of this series before this one
 * @returns {Action}
 */
export function decide(trouble, earlier) {
  if (trouble.type === "network") {
    if (trouble.status === 410 || trouble.status === 404) return "refetch";
    return trouble.fatal ? "retry" : "ignore";
  }
  if (!trouble.fatal) return "ignore";
  if (trouble.type !== "media") return "give-up";
  return earlier === 0 ? "recover" : earlier === 1 ? "swap" : "give-up";
}

/** Counts media errors that come close together. */
export class Series {
  #count = 0;
  #last = -Infinity;

  /** @param {number} now milliseconds @returns {number} how many came before in this series */
  add(now) {
    this.#count = now - this.#last > SERIES ? 0 : this.#count;
    this.#last = now;
    return this.#count++;
  }
}

/** Milliseconds before request n is repeated. @param {number} n 0 = first */
export const retryDelay = (n) => Math.min(5000, 1000 * (n + 1));

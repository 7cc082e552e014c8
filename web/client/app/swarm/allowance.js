// A bucket of tokens: so many at once, and so many a second after that. The clock's milliseconds are given.
export class Allowance {
  #tokens;
  #at = 0;

  /** @param {number} perSecond @param {number} atOnce */
  constructor(perSecond, atOnce) {
    this.perSecond = perSecond;
    this.atOnce = atOnce;
    this.#tokens = atOnce;
  }

  /** @param {number} now @returns {boolean} false: none is left */
  take(now) {
    this.#tokens = Math.min(this.atOnce, this.#tokens + ((now - this.#at) / 1000) * this.perSecond);
    this.#at = now;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}

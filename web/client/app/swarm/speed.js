// From totals that only grow to Mbit/s: the last 60 seconds by source. Pure; whoever draws says what time it is.

export const SECONDS = 60;
/** What is shown as "now" is the mean of so many seconds: numbers that can be read. */
const CALM = 3;

export class Speed {
  /** Mbit/s of each second, the oldest first; -1 = was not watched then. */
  p2p = new Float64Array(SECONDS).fill(-1);
  http = new Float64Array(SECONDS).fill(-1);
  /** @type {{at: number, p2p: number, http: number} | null} */
  #last = null;

  /**
   * @param {number} now milliseconds
   * @param {{p2pBytes: number, httpBytes: number}} totals
   * @returns {boolean} is there something new to draw?
   */
  sample(now, { p2pBytes, httpBytes }) {
    const last = this.#last;
    if (!last || p2pBytes < last.p2p || httpBytes < last.http) {
      // The first look, or another title: there is nothing to compare with.
      this.#last = { at: now, p2p: p2pBytes, http: httpBytes };
      return last !== null;
    }
    const elapsed = (now - last.at) / 1000;
    if (elapsed < 1) return false;
    const megabits = (/** @type {number} */ bytes) => (bytes * 8) / 1e6 / elapsed;
    // A page that slept gets what came meanwhile as its mean.
    for (let i = Math.min(SECONDS, Math.floor(elapsed)); i > 0; i--)
      this.#push(megabits(p2pBytes - last.p2p), megabits(httpBytes - last.http));
    this.#last = { at: now, p2p: p2pBytes, http: httpBytes };
    return true;
  }

  /** Mbit/s, calm. @returns {{p2p: number, http: number}} */
  get now() {
    return { p2p: recent(this.p2p), http: recent(this.http) };
  }

  /** The upper end of the scale, Mbit/s: a round number, never under 2. */
  get scale() {
    let most = 2;
    for (let i = 0; i < SECONDS; i++) most = Math.max(most, this.p2p[i] ?? 0, this.http[i] ?? 0);
    const power = 10 ** Math.floor(Math.log10(most));
    const step = [1, 1.5, 2, 3, 4, 6, 8, 10].find((s) => s * power >= most) ?? 10;
    return step * power;
  }

  /** @param {number} p2p @param {number} http */
  #push(p2p, http) {
    this.p2p.copyWithin(0, 1);
    this.http.copyWithin(0, 1);
    this.p2p[SECONDS - 1] = p2p;
    this.http[SECONDS - 1] = http;
  }
}

/** The mean of the last seconds that were watched. @param {Float64Array} list */
function recent(list) {
  const watched = [...list.subarray(SECONDS - CALM)].filter((rate) => rate >= 0);
  return watched.reduce((sum, rate) => sum + rate, 0) / Math.max(1, watched.length);
}

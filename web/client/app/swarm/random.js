// A random sequence whose whole state is one number, so that a trace can start anywhere. Pure.

export class Random {
  /** @param {number} seed any integer; the same seed gives the same sequence */
  constructor(seed) {
    this.state = seed >>> 0;
  }

  /** @returns {number} in [0, 1): Mulberry32 (Tommy Ettinger, public domain), period 2^32 */
  next() {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  /** @param {number} count @returns {number} an integer in [0, count) */
  below(count) {
    return Math.floor(this.next() * count);
  }
}

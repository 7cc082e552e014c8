// How large segments are, and how fast they have come from the box lately. Pure. Of peers nothing is remembered: a
// transfer from one is judged by its own progress.

/** @typedef {import("./types.d.ts").RatesState} RatesState */

/** Weight of the newest segment in the running mean. */
const NEWEST = 0.4;
/** Bytes per ms before anything is measured: 8 Mbit/s, a phone at the edge of a Wi-Fi. */
const FIRST_RATE = 1000;
const VALID_MILLISECONDS = 30_000;

export class Rates {
  /** @param {RatesState} [state] */
  constructor(state) {
    /** Bytes per ms; 0: not measured. */
    this.http = state?.http ?? 0;
    /** Transfers that ran at once, counting itself, while that was measured. */
    this.httpBeside = state?.httpBeside ?? 1;
    /** Clock of the last measurement. */
    this.stamp = state?.stamp ?? 0;
    this.largestBytes = state?.largestBytes ?? 0;
  }

  /**
   * @param {string} from "http" or a peer @param {number} bytes @param {number} milliseconds from asking to having
   * @param {number} beside transfers that ran at once, counting this one @param {number} now ms
   */
  note(from, bytes, milliseconds, beside, now) {
    const rate = bytes / Math.max(1, milliseconds);
    this.size(bytes);
    if (from === "http") {
      this.httpBeside = this.http ? mean(this.httpBeside, beside) : beside;
      this.http = mean(this.http, rate);
      this.stamp = now;
    }
  }

  /** @param {number} bytes of a segment */
  size(bytes) {
    this.largestBytes = Math.max(this.largestBytes, bytes);
  }

  /**
   * A slow box is not slow for ever: what was measured long ago counts as if nothing had been measured, where it is
   * worse. What runs beside it takes its share of the link, more or fewer than when that was measured. Never less time than
   * measured: what is saved when it is alone is not known.
   * @param {number} bytes @param {number} beside transfers at once, counting this one @param {number} now ms
   * @returns {number} ms that the box will take for it
   */
  expectHttp(bytes, beside, now) {
    const rate =
      this.http && now - this.stamp < VALID_MILLISECONDS ? this.http : Math.max(this.http, FIRST_RATE);
    return (bytes / rate) * Math.max(1, beside / this.httpBeside);
  }

  /** @returns {RatesState} */
  save() {
    const { http, httpBeside, stamp, largestBytes } = this;
    return { http, httpBeside, stamp, largestBytes };
  }
}

/** @param {number} before 0: none @param {number} value */
const mean = (before, value) => (before ? before + NEWEST * (value - before) : value);

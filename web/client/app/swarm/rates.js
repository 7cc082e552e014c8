// How large segments are, and how fast they have come from the box lately. Pure. Of peers nothing is remembered: a
// transfer from one is judged by its own progress.

/** @typedef {import("./types.d.ts").RatesState} RatesState */

/** Weight of the newest segment in the running mean. */
const NEWEST = 0.4;
/** Before anything is measured: 8 Mbit/s, a phone at the edge of a Wi-Fi. */
const FIRST_BYTES_PER_MILLISECOND = 1000;

export class Rates {
  /** @param {RatesState} [state] */
  constructor(state) {
    /** Bytes per ms; 0: not measured. */
    this.http = state?.http ?? 0;
    /** Transfers that ran at once, counting itself, while that was measured. */
    this.httpBeside = state?.httpBeside ?? 1;
    this.largestBytes = state?.largestBytes ?? 0;
  }

  /**
   * @param {string} from "http" or a peer @param {number} bytes @param {number} milliseconds from asking to having
   * @param {number} beside transfers that ran at once, counting this one
   */
  note(from, bytes, milliseconds, beside) {
    const rate = bytes / Math.max(1, milliseconds);
    this.size(bytes);
    if (from === "http") {
      this.httpBeside = this.http ? mean(this.httpBeside, beside) : beside;
      this.http = mean(this.http, rate);
    }
  }

  /** @param {number} bytes of a segment */
  size(bytes) {
    this.largestBytes = Math.max(this.largestBytes, bytes);
  }

  /**
   * What runs beside it takes its share of the link, more or fewer than when that was measured. Never less time than
   * measured: what is saved when it is alone is not known.
   * @param {number} bytes @param {number} beside transfers at once, counting this one
   * @returns {number} ms that the box will take for it
   */
  expectHttp(bytes, beside) {
    return (bytes / (this.http || FIRST_BYTES_PER_MILLISECOND)) * Math.max(1, beside / this.httpBeside);
  }

  /** @returns {RatesState} */
  save() {
    const { http, httpBeside, largestBytes } = this;
    return { http, httpBeside, largestBytes };
  }
}

/** @param {number} before 0: none @param {number} value */
const mean = (before, value) => (before ? before + NEWEST * (value - before) : value);

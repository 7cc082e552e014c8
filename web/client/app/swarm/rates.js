// How large segments are, and how fast they have come from the box lately. Pure. Of peers nothing is remembered: a
// transfer from one is judged by its own progress.

/** @typedef {import("./types.d.ts").RatesState} RatesState */

/** Weight of the newest segment in the running mean. */
const NEWEST = 0.4;
/** Bytes per ms before anything is measured: 8 Mbit/s, a phone at the edge of a Wi-Fi. */
const FIRST_RATE = 1000;
const VALID_MILLISECONDS = 30_000;
/** A phone does not change its place as often as a box its load. */
const LINK_VALID_MILLISECONDS = 120_000;
/** What comes within so long is one measurement of the link. Slices are 64 KiB: shorter ones would be of a few. */
const WINDOW_MILLISECONDS = 2000;
/** Without bytes for so long it was not the link that held them up. */
const IDLE_MILLISECONDS = 500;
/** All transfers together filled the link, more or less, when they came at this share of what it has carried. */
const FULL = 0.7;

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
    /** The most that all transfers together have brought lately, from the box and from peers: bytes per ms; 0: not measured. */
    this.link = state?.link ?? 0;
    /** Clock of that. */
    this.linkStamp = state?.linkStamp ?? 0;
    /** The measurement that is under way, and the rate of the one before. @type {import("./types.d.ts").LinkWindow} */
    this.window = { ...(state?.window ?? { since: 0, last: -IDLE_MILLISECONDS - 1, bytes: 0, before: 0 }) };
  }

  /** Bytes have come, from wherever. @param {number} bytes @param {number} now ms */
  came(bytes, now) {
    const { window } = this;
    if (now - window.last > IDLE_MILLISECONDS) Object.assign(window, { since: now, bytes: 0, before: 0 });
    else window.bytes += bytes; // those of the first moment came in the time before it
    window.last = now;
    if (now - window.since < WINDOW_MILLISECONDS) return;
    const rate = window.bytes / (now - window.since);
    Object.assign(window, { since: now, bytes: 0, before: rate });
    if (rate < this.link && now - this.linkStamp < LINK_VALID_MILLISECONDS) return;
    Object.assign(this, { link: rate, linkStamp: now });
  }

  /**
   * Is it this phone's own link that holds up what comes? Nobody else would be faster then.
   * @param {number} now ms
   */
  isFull(now) {
    const { since, last, bytes, before } = this.window;
    if (this.link === 0 || now - last > IDLE_MILLISECONDS) return false;
    const rate = last - since > IDLE_MILLISECONDS ? bytes / (last - since) : before;
    return rate > FULL * Math.max(this.link, this.http * this.httpBeside);
  }

  /** @param {number} bytes @returns {number} ms that they take when nothing else comes; 0: not known */
  expectLink(bytes) {
    return this.link ? bytes / this.link : 0;
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
    const { http, httpBeside, stamp, largestBytes, link, linkStamp, window } = this;
    return { http, httpBeside, stamp, largestBytes, link, linkStamp, window: { ...window } };
  }
}

/** @param {number} before 0: none @param {number} value */
const mean = (before, value) => (before ? before + NEWEST * (value - before) : value);

// Where the player is, and how long each segment has until the picture needs it. Pure.
// Between two playhead events the playhead is reckoned on, never beyond what the player has buffered.

/** @typedef {import("./types.d.ts").TimelineState} TimelineState */

/** From here on (seconds ahead of the playhead) a segment is no longer played soon. */
const PLAY_ZONE_SECONDS = 10;
const LEFT_BEHIND_SECONDS = 5;
const LEFT_BEHIND_MILLISECONDS = 30_000;

export class Timeline {
  /** @param {TimelineState} [state] */
  constructor(state) {
    /** Seconds at which each segment begins; the last entry is the end of the last one. */
    this.starts = state?.starts ?? /** @type {number[]} */ ([]);
    this.at = state?.at ?? 0;
    this.bufferedTo = state?.bufferedTo ?? 0;
    this.paused = state?.paused ?? true;
    /** Clock of the last playhead event, ms. */
    this.stamp = state?.stamp ?? 0;
    /** The segment given to the loader last, -1: none since the last seek. */
    this.fed = state?.fed ?? -1;
    /** A segment asked for out of order: the target of a seek whose playhead is still to come; -1: none. */
    this.target = state?.target ?? -1;
  }

  get segments() {
    return Math.max(0, this.starts.length - 1);
  }

  /** @param {number} n @returns {number} seconds */
  start(n) {
    return this.starts[n] ?? Infinity;
  }

  /** @param {number} now ms @returns {number} the playhead, seconds */
  position(now) {
    if (this.paused) return this.at;
    const reckoned = this.at + Math.max(0, now - this.stamp) / 1000;
    return Math.min(reckoned, Math.max(this.at, this.bufferedTo));
  }

  /** Seconds up to which the player has been fed without a gap. */
  fedTo() {
    return Math.max(this.bufferedTo, this.at, this.fed < 0 ? 0 : this.start(this.fed + 1));
  }

  /**
   * @param {number} at seconds @param {number} bufferedTo seconds @param {boolean} paused @param {number} now ms
   * @returns {boolean} it was a seek: the playhead is neither where it was nor where playing on would have brought it
   */
  move(at, bufferedTo, paused, now) {
    const from = this.at;
    const farthest = from + Math.max(0, now - this.stamp) / 1000;
    const seek = at < from - 1 || at > Math.max(farthest, this.bufferedTo) + 1;
    Object.assign(this, { at, bufferedTo: Math.max(at, bufferedTo), paused, stamp: now });
    if (seek) Object.assign(this, { fed: -1, target: -1 });
    return seek;
  }

  /** @param {number} seconds @returns {number} the segment that contains it, or the last one */
  segmentAt(seconds) {
    let low = 0;
    let high = this.segments - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.start(middle) <= seconds) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** The loader asks for it. @param {number} n */
  asked(n) {
    const begin = this.start(n);
    const length = this.start(n + 1) - begin;
    const inOrder = n === this.fed + 1 || Math.abs(begin - this.fedTo()) <= 1.5 * length;
    this.target = inOrder ? -1 : n;
  }

  /** @param {number} n @param {number} now ms @returns {number} ms until the picture needs it; 0: now */
  until(n, now) {
    if (n === this.target || n >= this.segments) return 0;
    const position = this.position(now);
    // Left behind by a seek: the loader is about to give it up.
    if (this.start(n + 1) < position - LEFT_BEHIND_SECONDS) return LEFT_BEHIND_MILLISECONDS;
    return Math.max(0, (this.start(n) - position) * 1000);
  }

  /** @param {number} n @param {number} now ms @returns {"play" | "ahead" | "past"} */
  zone(n, now) {
    const position = this.position(now);
    if (this.start(n + 1) <= position) return "past";
    return this.start(n) - position <= PLAY_ZONE_SECONDS ? "play" : "ahead";
  }

  /** @returns {TimelineState} */
  save() {
    const { starts, at, bufferedTo, paused, stamp, fed, target } = this;
    return { starts: [...starts], at, bufferedTo, paused, stamp, fed, target };
  }
}

// What a page's player does, after hls.js: asks for one segment after the other while less than 30 s are buffered,
// plays what it has, stands when there is nothing. It counts what people notice.

const BUFFER_SECONDS = 30;
/** A picture needs this much to go on. */
const GO_SECONDS = 0.25;

export class Player {
  /** @param {{starts: number[], now: number}} options */
  constructor({ starts, now }) {
    this.starts = starts;
    this.end = starts[starts.length - 1] ?? 0;
    this.at = 0;
    this.bufferedFrom = 0;
    this.bufferedTo = 0;
    /** The segment asked for, -1: none. */
    this.asked = -1;
    this.playing = false;
    this.paused = false;
    this.finished = false;
    this.stamp = now;
    this.begun = now;
    /** What people notice. */
    this.startMilliseconds = -1;
    this.stalls = 0;
    this.stallMilliseconds = 0;
    this.watchedSeconds = 0;
    /** The picture stands because of a seek or at the start: no stall yet. */
    this.excused = true;
  }

  /** Plays on to this time. @param {number} now ms */
  play(now) {
    const elapsed = now - this.stamp;
    this.stamp = now;
    if (this.paused || this.finished || elapsed <= 0) return;
    if (!this.playing) {
      if (!this.excused) this.stallMilliseconds += elapsed;
      return;
    }
    const seconds = Math.min(elapsed / 1000, this.bufferedTo - this.at);
    this.at += seconds;
    this.watchedSeconds += seconds;
    if (this.at >= this.end - 0.001) this.finished = true;
    else if (this.at >= this.bufferedTo - 0.001) {
      this.playing = false;
      this.stalls++;
      this.stallMilliseconds += elapsed - seconds * 1000;
    }
  }

  /** The segment it would ask for now, -1: none. */
  next() {
    if (this.asked >= 0 || this.finished || this.bufferedTo >= this.end - 0.001) return -1;
    if (this.bufferedTo - this.at >= BUFFER_SECONDS) return -1;
    return this.segmentAt(this.bufferedTo);
  }

  /** @param {number} seconds */
  segmentAt(seconds) {
    let n = Math.floor((seconds / this.end) * (this.starts.length - 1));
    while ((this.starts[n + 1] ?? Infinity) <= seconds + 0.001) n++;
    while (n > 0 && (this.starts[n] ?? 0) > seconds + 0.001) n--;
    return n;
  }

  /** @param {number} n @param {number} now */
  has(n, now) {
    this.play(now);
    if (n === this.asked) this.asked = -1;
    const begin = this.starts[n] ?? 0;
    const end = this.starts[n + 1] ?? 0;
    if (begin <= this.bufferedTo + 0.001 && end > this.bufferedTo) this.bufferedTo = end;
    if (!this.playing && this.bufferedTo - this.at >= GO_SECONDS) {
      this.playing = true;
      this.excused = false;
      if (this.startMilliseconds < 0) this.startMilliseconds = now - this.begun;
    }
  }

  /** @param {number} seconds @param {number} now */
  seek(seconds, now) {
    this.play(now);
    this.asked = -1;
    this.at = seconds;
    if (seconds < this.bufferedFrom || seconds > this.bufferedTo) {
      this.bufferedFrom = this.starts[this.segmentAt(seconds)] ?? 0;
      this.bufferedTo = this.bufferedFrom;
      this.playing = false;
      this.excused = true;
    }
  }

  /** When it next does something by itself, ms. @param {number} now */
  due(now) {
    if (this.paused || this.finished || !this.playing) return Infinity;
    const left = this.bufferedTo - this.at;
    const full = this.asked < 0 && this.bufferedTo < this.end - 0.001 ? left - BUFFER_SECONDS : Infinity;
    return now + 1000 * Math.max(0, Math.min(full, left));
  }
}

// Does the picture move? Watches the video for its start and for stalls, and counts them.

const BLINK = 250;
/** With more than this ahead, seconds, it is the decoder that is behind: a slow phone, not a late segment. */
const STARVED = 0.5;

/** How far it is loaded without a gap from where it plays, seconds. @param {HTMLVideoElement} video */
export function bufferedEnd({ buffered, currentTime }) {
  for (let i = 0; i < buffered.length; i++) {
    if (buffered.start(i) <= currentTime + 0.5 && currentTime <= buffered.end(i)) return buffered.end(i);
  }
  return currentTime;
}

export class Flow {
  /** The first frame was shown. */
  started = false;
  /** Wants to play and cannot, for longer than a blink. */
  stalled = false;
  /** @type {any} */
  #blink = null;

  /**
   * @param {HTMLVideoElement} video
   * @param {import("../core/stats.js").Stats} stats
   * @param {() => void} changed
   */
  constructor(video, stats, changed) {
    this.video = video;
    this.stats = stats;
    this.changed = changed;
    const openedAt = performance.now();
    for (const name of ["playing", "timeupdate", "seeked"]) video.addEventListener(name, () => this.#flows());
    video.addEventListener("seeking", () => this.wait());
    video.addEventListener("waiting", () => {
      const starved = !this.stalled && bufferedEnd(video) - video.currentTime < STARVED;
      this.wait(this.started && !video.seeking && starved);
    });
    video.addEventListener("playing", () => {
      if (this.started) return;
      this.started = true;
      stats.startMilliseconds = performance.now() - openedAt;
    });
  }

  /** Something is awaited from now on. @param {boolean} [unforeseen] nobody asked for it: if it lasts, a stall */
  wait(unforeseen = false) {
    clearTimeout(this.#blink);
    this.#blink = setTimeout(() => {
      this.stalled = true;
      if (unforeseen) this.stats.stalls++;
      this.changed();
    }, BLINK);
  }

  end() {
    clearTimeout(this.#blink);
  }

  #flows() {
    clearTimeout(this.#blink);
    if (this.stalled && this.video.readyState >= 3) {
      this.stalled = false;
      this.changed();
    }
  }
}

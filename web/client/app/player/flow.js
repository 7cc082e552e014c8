// Does the picture move? Watches the video for its start and for stalls, and counts them.

const BLINK = 250;

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
    this.changed = changed;
    const openedAt = performance.now();
    for (const name of ["playing", "timeupdate", "seeked"]) video.addEventListener(name, () => this.#flows());
    video.addEventListener("seeking", () => this.wait());
    video.addEventListener("waiting", () => {
      if (this.started && !video.seeking && !this.stalled) stats.stalls++;
      this.wait();
    });
    video.addEventListener("playing", () => {
      if (this.started) return;
      this.started = true;
      stats.startMilliseconds = performance.now() - openedAt;
    });
  }

  /** Something is awaited from now on. */
  wait() {
    clearTimeout(this.#blink);
    this.#blink = setTimeout(() => {
      this.stalled = true;
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

// The browser's own HLS as an Engine (iPhones before iOS 17.1). It tells little: what it loads is not seen here.

/** @typedef {import("./engine.js").EngineEvents} EngineEvents */
/** @typedef {import("../types.d.ts").Title} Title */

const MEDIA_ERR_NETWORK = 2;
const MEDIA_ERR_DECODE = 3;

export class NativeEngine {
  #url = "";
  #position = 0;
  /** @type {[string, () => void][]} */
  #listeners;

  /** @param {HTMLVideoElement} video @param {EngineEvents} events */
  constructor(video, events) {
    this.video = video;
    this.events = events;
    const reach = () => {
      const { seekable, duration } = video;
      const end = seekable.length ? seekable.end(seekable.length - 1) : 0;
      events.ready(Number.isFinite(duration) ? Infinity : end);
    };
    this.#listeners = [
      ["loadedmetadata", () => this.#seek()],
      ["progress", () => (events.answered(), reach())],
      ["durationchange", reach],
      ["error", () => this.#trouble()],
    ];
    for (const [name, listener] of this.#listeners) video.addEventListener(name, listener);
  }

  /** @param {Title} title @param {Promise<number>} position seconds */
  load(title, position) {
    this.#url = title.master ?? title.playlist ?? "";
    this.#position = 0;
    this.video.src = this.#url;
    position.then((seconds) => {
      this.#position = seconds;
      if (this.video.readyState >= HTMLMediaElement.HAVE_METADATA) this.#seek();
    });
  }

  #seek() {
    this.events.answered();
    if (this.#position > 0) this.video.currentTime = this.#position;
  }

  #trouble() {
    const code = this.video.error?.code ?? 0;
    if (code === MEDIA_ERR_DECODE) this.events.trouble({ type: "media", fatal: true, status: 0 });
    // "Source not supported" also stands for a playlist that does not answer: ask the box what the title is now.
    else this.events.trouble({ type: "network", fatal: true, status: code === MEDIA_ERR_NETWORK ? 0 : 404 });
  }

  kick() {
    this.#position = this.video.currentTime || this.#position;
    this.video.src = this.#url;
    this.video.load();
  }

  recover() {
    this.kick();
  }

  sounds() {
    return { list: [], selected: 0 };
  }

  selectSound() {}

  destroy() {
    for (const [name, listener] of this.#listeners) this.video.removeEventListener(name, listener);
    this.video.removeAttribute("src");
    this.video.load();
  }
}

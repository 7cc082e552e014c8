// The browser's own HLS as an Engine (iPhones before iOS 17.1). It tells little: what it loads is not seen here.

import { isOffered } from "./sounds.js";

/** @typedef {import("./engine.js").EngineEvents} EngineEvents */
/** @typedef {import("../types.d.ts").Title} Title */

const MEDIA_ERR_NETWORK = 2;
const MEDIA_ERR_DECODE = 3;

export class NativeEngine {
  ownSubtitles = true;
  #url = "";
  #position = 0;
  /** @type {Title | null} */
  #title = null;
  /** @type {number | null} */
  #sound = null;
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
      ["loadedmetadata", () => (this.#seek(), this.#choose(), events.tracks())],
      ["progress", () => (events.answered(), reach())],
      ["durationchange", reach],
      ["error", () => this.#trouble()],
    ];
    for (const [name, listener] of this.#listeners) video.addEventListener(name, listener);
  }

  /** @param {Title} title @param {Promise<number>} position seconds @param {number | null} sound */
  load(title, position, sound) {
    this.#title = title;
    this.#sound = sound;
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
    if (code === MEDIA_ERR_DECODE)
      this.events.trouble({ type: "media", fatal: true, status: 0, sound: false });
    // "Source not supported" also stands for a playlist that does not answer: ask the box what the title is now.
    else
      this.events.trouble({
        type: "network",
        fatal: true,
        status: code === MEDIA_ERR_NETWORK ? 0 : 404,
        sound: false,
      });
  }

  kick() {
    this.#position = this.video.currentTime || this.#position;
    this.video.src = this.#url;
    this.video.load();
  }

  recover() {
    this.kick();
  }

  choosesSound() {
    return (this.#tracks?.length ?? 0) > 1;
  }

  /** @param {number | null} n */
  selectSound(n) {
    this.#sound = n;
    this.#choose();
  }

  /** Safari tells which tracks there are, in the order of the multivariant playlist. @returns {ArrayLike<{enabled: boolean}> | undefined} */
  get #tracks() {
    return /** @type {any} */ (this.video).audioTracks;
  }

  #choose() {
    const tracks = this.#tracks;
    const offered = (this.#title?.audio ?? []).filter(isOffered);
    if (!tracks || tracks.length !== offered.length) return;
    const wanted = offered.findIndex((track) =>
      this.#sound === null ? track.default : track.n === this.#sound,
    );
    for (const [i, track] of Array.from(tracks).entries()) track.enabled = i === wanted;
  }

  destroy() {
    for (const [name, listener] of this.#listeners) this.video.removeEventListener(name, listener);
    this.video.removeAttribute("src");
    this.video.load();
  }
}

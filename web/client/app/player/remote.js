// What a viewer can do with the picture: by controls, keys, fingers, headset and lock screen alike.
import { clock } from "../text/format.js";
import { clampSeek } from "./keys.js";
import { Captions } from "./captions.js";

/** @typedef {import("../types.d.ts").Title} Title */
/**
 * @typedef {object} RemoteParts
 * @property {() => Title | null} title last known
 * @property {() => boolean} loaded has the engine a playlist?
 * @property {() => number} ready seconds that can be sought to; 0 = not known, Infinity = all
 * @property {() => number} duration seconds
 * @property {() => string} heard the language that is heard; "" = not known
 * @property {() => void} again the film starts anew
 * @property {() => void} changed
 */

export class Remote {
  /** The browser wants a tap before it plays. */
  tapNeeded = false;
  /** @param {import("../app.js").Context} context @param {HTMLVideoElement} video @param {RemoteParts} parts */
  constructor(context, video, parts) {
    const { settings, language, toast } = context;
    this.settings = settings;
    this.language = language;
    this.toast = toast;
    this.video = video;
    this.parts = parts;
    this.words = new Captions(context, video, parts.heard);
    video.volume = Math.min(1, Math.max(0, settings.get("volume")));
    video.muted = settings.get("muted");
    video.addEventListener("playing", () => (this.tapNeeded = false));
  }

  async play() {
    this.tapNeeded = false;
    try {
      await this.video.play();
    } catch (error) {
      this.tapNeeded = error instanceof Error && error.name === "NotAllowedError";
    }
    this.parts.changed();
  }

  pause() {
    this.video.pause();
  }

  toggle() {
    if (!this.parts.loaded()) return;
    if (this.video.ended) this.again();
    else if (this.video.paused) this.play();
    else this.pause();
  }

  again() {
    this.parts.again();
    this.video.currentTime = 0;
    this.play();
  }

  /** @param {number} seconds from the start; where nothing is yet, as far as it goes */
  seek(seconds) {
    if (!this.parts.loaded()) return;
    const ready = this.parts.ready();
    const to = clampSeek(Math.min(seconds, this.parts.duration()), ready || this.video.currentTime);
    if (to.clamped) this.toast(this.language.t("player.notYet", { time: clock(ready) }));
    this.video.currentTime = to.seconds;
    this.parts.changed();
  }

  /** @param {number} seconds from here */
  by(seconds) {
    this.seek(this.video.currentTime + seconds);
  }

  mute() {
    this.video.muted = !this.video.muted;
    this.settings.set("muted", this.video.muted);
  }

  /** @param {number} volume 0…1 */
  volume(volume) {
    this.video.volume = Math.min(1, Math.max(0, volume));
    this.video.muted = this.video.volume === 0;
    this.settings.set("volume", this.video.volume || 0.5);
    this.settings.set("muted", this.video.muted);
  }

  /** Subtitles on and off. */
  captions() {
    this.words.toggle();
  }
}

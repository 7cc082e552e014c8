// Subtitles on the picture. With hls.js they are <track> elements, which the browser draws; the browser's own HLS reads
// them from the multivariant playlist, so that they are there in its own full screen too (iPhone).
import { firstSubtitle, playlistNames, remembered } from "./subtitles.js";

/** @typedef {import("../types.d.ts").Title} Title */
/** @typedef {import("../types.d.ts").SubtitleTrack} SubtitleTrack */

export class Captions {
  /** Which track is on. @type {number | null} */
  showing = null;
  /** @type {SubtitleTrack[]} */
  #tracks = [];
  #begun = false;
  /** Addresses of those that the browser reads from the playlist itself. @type {Set<string>} */
  #inBand = new Set();
  /** The viewer has decided, for this film. */
  #decided = false;
  /** Seconds by which the picture is later than the playlist says. */
  #shift = 0;
  /** How far the cues of a track have been moved. @type {WeakMap<TextTrack, number>} */
  #moved = new WeakMap();

  /**
   * @param {import("../app.js").Context} context
   * @param {HTMLVideoElement} video
   * @param {() => string} heard the language that is heard; "" = not known
   */
  constructor({ settings, language }, video, heard) {
    this.settings = settings;
    this.language = language;
    this.video = video;
    this.heard = heard;
    // Browsers turn tracks on by themselves, by their own idea of the viewer's language; and in the full screen of a
    // phone viewers choose in its own menu.
    video.textTracks.addEventListener("change", () => this.#changed());
  }

  /** @param {Title} title @param {boolean} inBand the engine shows those of the playlist */
  begin(title, inBand) {
    this.#begun = true;
    // One that the box finds later is not in it, and becomes an element.
    this.#inBand = new Set(inBand ? title.subtitles.map((t) => t.url ?? "") : []);
    if (inBand) this.video.textTracks.addEventListener("addtrack", () => this.#apply());
    this.update(title);
  }

  /** The box has read more of them. @param {Title} title */
  update(title) {
    if (!this.#begun) return;
    this.#tracks = title.subtitles;
    this.#lay();
    this.settle();
  }

  /** What is shown while the viewer has not decided, or when the track that was on has gone. */
  settle() {
    if (!this.#begun) return;
    const there = this.#tracks.some((t) => t.n === this.showing && t.url);
    if (!this.#decided || (this.showing !== null && !there)) this.showing = this.#first();
    this.#apply();
  }

  /** The viewer's choice, which is remembered. @param {number | null} n of the track; null = off */
  choose(n) {
    this.#decided = true;
    this.showing = n;
    this.#apply();
    this.settings.set("subtitles", remembered(this.#tracks.find((t) => t.n === n)));
  }

  /** Off, or on: as chosen before, else in the page's language, else the first there are. */
  toggle() {
    const there = this.#tracks.filter((t) => t.url);
    const wanted = this.settings.get("subtitles");
    const page = this.language.tag;
    const first =
      firstSubtitle(there, { wanted: wanted === "off" ? page : wanted || page, page, heard: "" }) ??
      there[0]?.n ??
      null;
    if (this.showing !== null || first !== null) this.choose(this.showing === null ? first : null);
  }

  /** @param {number} seconds that the picture is later than the playlist says */
  move(seconds) {
    if (Math.abs(seconds - this.#shift) < 0.001) return;
    this.#shift = seconds;
    this.#apply();
  }

  #first() {
    const wanted = this.settings.get("subtitles");
    return firstSubtitle(this.#tracks, { wanted, page: this.language.tag, heard: this.heard() });
  }

  /** A track was turned on or off, and not by us. */
  #changed() {
    if (!this.#begun) return;
    const full = /** @type {any} */ (this.video).webkitDisplayingFullscreen === true;
    const shown = full ? this.#modes().find(({ track }) => track.mode === "showing") : undefined;
    if (full) {
      this.#decided = true;
      this.showing = shown?.n ?? null;
    }
    this.#apply();
  }

  /** The browser's tracks that are ours. @returns {{n: number, track: TextTrack}[]} */
  #modes() {
    const elements = Array.from(this.video.querySelectorAll("track"));
    const list = elements.map(({ dataset, track }) => ({ n: Number(dataset.n), track }));
    if (this.#inBand.size === 0) return list;
    const own = new Set(list.map(({ track }) => track));
    const names = playlistNames(this.#tracks);
    for (const track of Array.from(this.video.textTracks)) {
      const n = own.has(track) ? undefined : names.get(track.label);
      if (n !== undefined) list.push({ n, track });
    }
    return list;
  }

  /** Makes the elements what the tracks are. */
  #lay() {
    const own = this.#tracks.filter((t) => t.url && !this.#inBand.has(t.url));
    const wanted = new Map(own.map((t) => [t.url, t]));
    for (const element of this.video.querySelectorAll("track")) {
      if (!wanted.delete(element.getAttribute("src") ?? "")) element.remove();
    }
    for (const [url, { n, name, language }] of wanted) {
      const element = document.createElement("track");
      element.kind = "subtitles";
      element.label = name || language;
      element.srclang = language;
      element.src = url ?? "";
      element.dataset.n = String(Number(n));
      element.addEventListener("load", () => this.#align(element.track));
      this.video.append(element);
    }
  }

  #apply() {
    for (const { n, track } of this.#modes()) {
      const mode = n === this.showing ? "showing" : "disabled";
      if (track.mode !== mode) track.mode = mode;
      if (mode === "showing") this.#align(track);
    }
  }

  /** Moves a track's cues with the picture, once they are here. @param {TextTrack} track */
  #align(track) {
    const by = this.#shift - (this.#moved.get(track) ?? 0);
    if (!track.cues?.length || Math.abs(by) < 0.001) return;
    this.#moved.set(track, this.#shift);
    for (const cue of Array.from(track.cues)) {
      // The end first when it grows: a cue never ends before it begins.
      if (by > 0) cue.endTime += by;
      cue.startTime = Math.max(0, cue.startTime + by);
      if (by < 0) cue.endTime += by;
    }
  }
}

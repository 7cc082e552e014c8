// The time bar: whole length, what is ready, what is buffered, where it plays. A slider for fingers, keys and readers.
import { el, setAttribute, setText } from "../dom/el.js";
import { clock } from "../text/format.js";
import { chapterAt, chapterName } from "./chapters.js";
import { sliderKey } from "./keys.js";
import { Previews } from "./previews.js";

/** How long a picture stands above the bar after a key, milliseconds. */
const AFTER_KEY = 1500;

export class Scrub {
  #duration = 0;
  #now = 0;
  #dragging = false;
  /** @type {import("../types.d.ts").Chapter[]} */
  #chapters = [];
  /** @type {any} */
  #resting = null;
  /** For which length marks are drawn. */
  #marked = 0;

  /** @param {import("../text/language.js").Language} language @param {(seconds: number) => void} seek */
  constructor(language, seek) {
    this.language = language;
    this.seek = seek;
    this.parts = {
      ready: el("span", { class: "scrub-ready" }),
      buffered: el("span", { class: "scrub-buffered" }),
      played: el("span", { class: "scrub-played" }),
      marks: el("span", { class: "scrub-marks" }),
      thumb: el("span", { class: "scrub-thumb" }),
      tip: el("span", { class: "scrub-tip", hidden: true }),
    };
    this.picture = el("span", { class: "scrub-picture", hidden: true });
    this.words = el("span");
    this.previews = new Previews(this.picture, () => this.#keepInside());
    const { ready, buffered, played, marks, thumb, tip } = this.parts;
    tip.append(this.picture, this.words);
    this.root = el(
      "div",
      {
        class: "scrub",
        role: "slider",
        tabindex: 0,
        "aria-label": language.t("player.position"),
        "aria-valuemin": 0,
      },
      el("span", { class: "scrub-track" }, ready, buffered, played),
      marks,
      thumb,
      tip,
    );
    this.root.addEventListener("keydown", (event) => {
      const to = sliderKey(event.key, this.#now, this.#duration);
      if (to === null) return;
      event.preventDefault();
      this.seek(to);
      this.#tip(to);
      this.#resting = setTimeout(() => this.#dragging || (tip.hidden = true), AFTER_KEY);
    });
    this.root.addEventListener("pointerdown", (event) => this.#grab(event));
    this.root.addEventListener("pointermove", (event) => this.#move(event));
    this.root.addEventListener("pointerup", (event) => this.#release(event));
    this.root.addEventListener("pointercancel", () => this.#let());
    this.root.addEventListener("pointerleave", () => !this.#dragging && (tip.hidden = true));
  }

  /** @param {import("../types.d.ts").Chapter[]} list in order */
  chapters(list) {
    if (list === this.#chapters) return;
    this.#chapters = list;
    this.#marked = 0;
  }

  /** Marks where chapters begin, but for the first, which is the film's beginning. @param {number} duration */
  #mark(duration) {
    if (duration === this.#marked) return;
    this.#marked = duration;
    const inside = this.#chapters.filter(({ startSeconds: s }) => s > 1 && s < duration);
    this.parts.marks.replaceChildren(
      ...inside.map(({ startSeconds }) => {
        const mark = el("span");
        mark.style.left = `${(100 * startSeconds) / duration}%`;
        return mark;
      }),
    );
  }

  /**
   * @param {{now: number, duration: number, bufferedEnd: number, ready: number}} at seconds; ready may be Infinity
   */
  show({ now, duration, bufferedEnd, ready }) {
    this.#duration = duration;
    if (duration > 0) this.#mark(duration);
    const share = (/** @type {number} */ s) =>
      `${duration > 0 ? Math.min(100, (100 * Math.min(s, duration)) / duration) : 0}%`;
    this.parts.ready.style.width = share(Number.isFinite(ready) ? ready : duration);
    this.parts.buffered.style.width = share(bufferedEnd);
    if (this.#dragging) return;
    this.#now = now;
    this.parts.played.style.width = share(now);
    this.parts.thumb.style.left = share(now);
    setAttribute(this.root, "aria-valuemax", Math.round(duration));
    setAttribute(this.root, "aria-valuenow", Math.round(now));
    setAttribute(
      this.root,
      "aria-valuetext",
      this.language.t("player.of", { now: clock(now), all: clock(duration) }),
    );
  }

  /** @param {PointerEvent} event */
  #at(event) {
    const box = this.root.getBoundingClientRect();
    return Math.min(1, Math.max(0, (event.clientX - box.left) / Math.max(1, box.width))) * this.#duration;
  }

  /** @param {PointerEvent} event */
  #grab(event) {
    if (event.button !== 0 || this.#duration <= 0) return;
    this.#dragging = true;
    this.root.setPointerCapture(event.pointerId);
    this.root.classList.add("grabbed");
    this.#move(event);
  }

  /** @param {PointerEvent} event */
  #move(event) {
    if (this.#duration <= 0) return;
    const left = this.#tip(this.#at(event));
    if (!this.#dragging) return;
    this.parts.played.style.width = left;
    this.parts.thumb.style.left = left;
  }

  /** What is at a time, above its place on the bar. @param {number} seconds @returns {string} that place */
  #tip(seconds) {
    clearTimeout(this.#resting);
    const left = `${(100 * seconds) / this.#duration}%`;
    this.parts.tip.hidden = false;
    const at = chapterAt(this.#chapters, seconds);
    const chapter = this.#chapters[at];
    const name = chapter ? chapterName(this.language, chapter, at) : "";
    setText(this.words, name ? `${clock(seconds)} · ${name}` : clock(seconds));
    this.previews.point(seconds);
    this.parts.tip.style.left = left;
    this.#keepInside();
    return left;
  }

  /** @param {PointerEvent} event */
  #release(event) {
    if (!this.#dragging) return;
    const seconds = this.#at(event);
    this.#let();
    this.seek(seconds);
  }

  /** A long name does not leave the bar at its ends. */
  #keepInside() {
    const { tip } = this.parts;
    tip.style.transform = "";
    const bar = this.root.getBoundingClientRect();
    const box = tip.getBoundingClientRect();
    const over = Math.min(0, bar.right - box.right) + Math.max(0, bar.left - box.left);
    if (over) tip.style.transform = `translateX(calc(-50% + ${over}px))`;
  }

  #let() {
    this.#dragging = false;
    this.parts.tip.hidden = true;
    this.root.classList.remove("grabbed");
  }
}

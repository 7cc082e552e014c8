// Chapters: where one is, and the list to choose from.
import { el, setText } from "../dom/el.js";
import { clock } from "../text/format.js";
import { Menu } from "./menu.js";

/** @typedef {import("../types.d.ts").Chapter} Chapter */
/** @typedef {import("../text/language.js").Language} Language */

/** The chapter at a place; -1 before the first. Pure. @param {Chapter[]} chapters in order @param {number} seconds */
export function chapterAt(chapters, seconds) {
  let at = -1;
  for (const [i, { startSeconds }] of chapters.entries()) {
    // A seek may end a little before the place it went to.
    if (startSeconds <= seconds + 0.2) at = i;
  }
  return at;
}

/** @param {Language} language @param {Chapter} chapter @param {number} i */
export const chapterName = (language, { title }, i) =>
  title || language.t("chapters.number", { number: language.numbers.format(i + 1) });

/**
 * Where it begins, as the list says it. A picture that begins some frames late moves all chapters: without rounding
 * 8 s would be read as 0:07. Pure.
 * @param {Chapter} chapter
 */
export const chapterPlace = ({ startSeconds }) => clock(Math.round(startSeconds));

export class Chapters {
  /** @type {Chapter[]} */
  #list = [];
  #now = 0;

  /** @param {Language} language @param {(seconds: number) => void} seek */
  constructor(language, seek) {
    this.language = language;
    this.seek = seek;
    this.menu = new Menu("chapters", language.t("chapters.label"), () => this.#choices());
    this.name = el("span", { class: "chapter-name", dir: "auto" });
    this.menu.button.append(this.name);
    this.root = this.menu.root;
    this.root.classList.add("chapter-place");
    this.root.hidden = true;
  }

  /** @param {Chapter[]} list in order */
  title(list) {
    this.#list = list;
    this.root.hidden = list.length === 0;
  }

  /** @param {number} now seconds */
  show(now) {
    this.#now = now;
    const at = chapterAt(this.#list, now);
    const chapter = this.#list[at];
    setText(this.name, chapter ? chapterName(this.language, chapter, at) : "");
  }

  /** @returns {import("./menu.js").Choice[]} */
  #choices() {
    const at = chapterAt(this.#list, this.#now);
    return this.#list.map((chapter, i) => ({
      label: chapterName(this.language, chapter, i),
      note: chapterPlace(chapter),
      selected: i === at,
      choose: () => this.seek(chapter.startSeconds),
    }));
  }
}

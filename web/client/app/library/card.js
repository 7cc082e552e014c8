// One title in the grid: a link with a poster. It is made once and then only its parts that changed are touched. What
// most cards do not have (a ring, a chip, a sentence) is made when it is needed: ten thousand cards are many nodes.
import { el, icon, setText } from "../dom/el.js";
import { percent } from "../text/format.js";
import { cardWords } from "./words.js";

/** @typedef {import("../types.d.ts").Title} Title */
/** @typedef {import("../types.d.ts").Seen} Seen */
/** @typedef {import("../text/language.js").Language} Language */

export class Card {
  #thumbnail = "";
  /** @type {Map<string, HTMLElement>} */
  #parts = new Map();

  /** @param {Language} language @param {Title} title @param {Seen | undefined} seen */
  constructor(language, title, seen) {
    this.language = language;
    this.poster = el("span", { class: "poster" });
    this.name = el("span", { class: "name", dir: "auto" });
    this.root = el(
      "a",
      { class: "card", href: `/watch/${encodeURIComponent(title.id)}`, "data-id": title.id },
      this.poster,
      this.name,
    );
    this.update(title);
    if (seen) this.seen(seen);
  }

  /** @param {Title} title */
  update(title) {
    const words = cardWords(this.language, title);
    const { t } = this.#words();
    setText(this.name, title.title);
    this.#show(title.thumbnail ?? "");
    this.#text("length", "chip length", words.length);
    this.#text(
      "watchers",
      "chip watchers",
      title.viewers > 0 ? t("card.watching", { count: title.viewers }) : "",
    );
    this.#text("sentence", `sentence ${words.tone}`, words.sentence, this.root);
    this.root.classList.toggle("dim", words.dim);
    const ring = this.#part("ring", words.ring !== null, () =>
      el("span", { class: "ring" }, el("span", { class: "ring-text" })),
    );
    if (!ring) return;
    ring.style.setProperty("--done", `${(words.ring ?? 0) * 100}%`);
    setText(/** @type {Element} */ (ring.firstElementChild), words.short);
  }

  /** This phone's own marks. @param {Seen | undefined} seen */
  seen(seen) {
    const { t } = this.#words();
    const watched = seen?.watched === true;
    const share = seen && seen.durationSeconds > 0 ? Math.min(1, seen.seconds / seen.durationSeconds) : 0;
    this.#part("mark", watched, () => el("span", { class: "chip mark" }, icon("done"), t("card.watched")));
    const bar = this.#part("seen", !watched && share >= 0.01, () =>
      el("span", { class: "seen", role: "img" }, el("span")),
    );
    if (!bar) return;
    /** @type {HTMLElement} */ (bar.firstElementChild).style.inlineSize = `${share * 100}%`;
    bar.setAttribute("aria-label", t("card.seen", { share: percent(this.language, share) }));
  }

  #words() {
    return { t: this.language.t.bind(this.language) };
  }

  /**
   * A part that may be there or not.
   * @param {string} name @param {boolean} wanted @param {() => HTMLElement} make @param {Element} [place]
   */
  #part(name, wanted, make, place = this.poster) {
    let part = this.#parts.get(name);
    if (!wanted) {
      part?.remove();
      this.#parts.delete(name);
      return null;
    }
    if (!part) {
      part = make();
      this.#parts.set(name, part);
      place.append(part);
    }
    return part;
  }

  /** @param {string} name @param {string} className @param {string} text "" = not there @param {Element} [place] */
  #text(name, className, text, place) {
    const part = this.#part(name, text !== "", () => el("span"), place);
    if (!part) return;
    if (part.className !== className) part.className = className;
    setText(part, text);
  }

  /** @param {string} url "" = none yet */
  #show(url) {
    if (url === this.#thumbnail) return;
    this.#thumbnail = url;
    this.poster.classList.remove("pictured");
    const picture = this.#part("picture", url !== "", () => this.#picture());
    picture?.setAttribute("src", url);
  }

  #picture() {
    const picture = el("img", { alt: "", loading: "lazy", decoding: "async", width: 320, height: 180 });
    // A broken picture leaves the drawing that lies under it.
    picture.addEventListener("error", () => (picture.hidden = true));
    picture.addEventListener("load", () => {
      picture.hidden = false;
      this.poster.classList.add("pictured");
    });
    return picture;
  }
}

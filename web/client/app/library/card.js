// One title in the grid: a link with a poster. It is made once and then only its parts that changed are touched.
import { el, icon, setAttribute, setText } from "../dom/el.js";
import { cardWords } from "./words.js";
import { percent } from "../text/format.js";

/** @typedef {import("../types.d.ts").Title} Title */
/** @typedef {import("../types.d.ts").Seen} Seen */
/** @typedef {import("../text/language.js").Language} Language */

export class Card {
  #thumbnail = "";

  /** @param {Language} language @param {Title} title @param {Seen | undefined} seen */
  constructor(language, title, seen) {
    this.language = language;
    this.picture = el("img", {
      alt: "",
      loading: "lazy",
      decoding: "async",
      width: 320,
      height: 180,
      hidden: true,
    });
    // A broken picture leaves the drawing that lies under it.
    this.picture.addEventListener("error", () => (this.picture.hidden = true));
    this.picture.addEventListener("load", () => this.poster.classList.add("pictured"));
    this.ring = el("span", { class: "ring", hidden: true }, el("span", { class: "ring-text" }));
    this.watchers = el("span", { class: "chip watchers", hidden: true });
    this.length = el("span", { class: "chip length", hidden: true });
    this.mark = el(
      "span",
      { class: "chip mark", hidden: true },
      icon("done"),
      el("span", { text: language.t("card.watched") }),
    );
    this.seenBar = el("span", { class: "seen", hidden: true }, el("span"));
    this.poster = el(
      "span",
      { class: "poster" },
      el("span", { class: "blank" }, icon("film")),
      this.picture,
      this.ring,
      el("span", { class: "chips upper" }, this.mark, this.watchers),
      el("span", { class: "chips lower" }, this.length),
      this.seenBar,
    );
    this.name = el("span", { class: "name", dir: "auto" });
    this.sentence = el("span", { class: "sentence", hidden: true });
    this.root = el(
      "a",
      { class: "card", href: `/watch/${encodeURIComponent(title.id)}`, "data-id": title.id },
      this.poster,
      this.name,
      this.sentence,
    );
    this.update(title);
    this.seen(seen);
  }

  /** @param {Title} title */
  update(title) {
    const words = cardWords(this.language, title);
    const { t } = this.#words();
    setText(this.name, title.title);
    this.#text(this.length, words.length);
    this.#text(this.sentence, words.sentence);
    this.sentence.classList.toggle("trouble", words.tone === "trouble");
    this.root.classList.toggle("dim", words.dim);
    this.ring.hidden = words.ring === null;
    this.ring.style.setProperty("--done", `${(words.ring ?? 0) * 100}%`);
    setText(/** @type {Element} */ (this.ring.firstElementChild), words.short);
    this.#text(this.watchers, title.viewers > 0 ? t("card.watching", { count: title.viewers }) : "");
    this.#show(title.thumbnail ?? "");
  }

  /** @param {Seen | undefined} seen */
  seen(seen) {
    const watched = seen?.watched === true;
    const share = seen && seen.durationSeconds > 0 ? seen.seconds / seen.durationSeconds : 0;
    this.mark.hidden = !watched;
    this.seenBar.hidden = watched || share < 0.01;
    /** @type {HTMLElement} */ (this.seenBar.firstElementChild).style.inlineSize =
      `${Math.min(100, share * 100)}%`;
    setAttribute(
      this.seenBar,
      "title",
      this.seenBar.hidden ? null : this.#words().t("card.seen", { share: percent(this.language, share) }),
    );
  }

  #words() {
    return { t: this.language.t.bind(this.language) };
  }

  /** @param {HTMLElement} node @param {string} text "" hides it */
  #text(node, text) {
    setText(node, text);
    node.hidden = text === "";
  }

  /** @param {string} url */
  #show(url) {
    if (url === this.#thumbnail) return;
    this.#thumbnail = url;
    this.poster.classList.remove("pictured");
    this.picture.hidden = url === "";
    if (url) this.picture.src = url;
  }
}

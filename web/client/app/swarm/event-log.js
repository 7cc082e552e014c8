// What happened: the last 200 events, the newest first. Events come only while the drawer is open, and become words
// only while the list is. There are as many rows as can be seen, and they are used again.
import { el, setAttribute, setText } from "../dom/el.js";
import { Recent, visibleRows } from "./recent.js";
import { eventSentence } from "./words.js";

/** @typedef {import("./view.d.ts").LogEvent} LogEvent */

const KEPT = 200;
/** CSS pixels; two lines of text. The style sheet has the same number. */
const ROW = 44;
const HEIGHT = 264;

export class EventLog {
  /** @type {Recent<LogEvent>} */
  #recent = new Recent(KEPT);
  /** @type {{root: HTMLElement, when: HTMLElement, what: HTMLElement}[]} */
  #pool = [];
  #drawn = -1;
  #top = -1;
  /** How far it is scrolled: remembered, because asking would lay out the page. */
  #scroll = 0;
  /** @type {Intl.DateTimeFormat} */
  #clock;

  /** @param {import("../text/language.js").Language} language */
  constructor(language) {
    this.language = language;
    const two = "2-digit";
    this.#clock = new Intl.DateTimeFormat(language.locale, {
      hour: two,
      minute: two,
      second: two,
      hourCycle: "h23",
    });
    this.inner = el("ol", { class: "log-rows" });
    this.box = el(
      "div",
      { class: "log-box", role: "group", tabindex: 0, "aria-label": language.t("swarm.log") },
      this.inner,
    );
    this.empty = el("p", { class: "quiet-text", text: language.t("swarm.logEmpty") });
    this.root = el(
      "details",
      { class: "drawer-part drawer-fold" },
      el("summary", {}, el("h3", { text: language.t("swarm.log") })),
      this.empty,
      this.box,
    );
    this.box.addEventListener("scroll", () => {
      this.#scroll = this.box.scrollTop;
      this.update();
    });
    this.root.addEventListener("toggle", () => this.update());
  }

  /** @param {LogEvent} event */
  add(event) {
    this.#recent.add(event);
  }

  /** Draws what is to be seen, if it is not there yet. */
  update() {
    if (!this.root.open) return;
    const { added, length } = this.#recent;
    const fresh = this.#drawn < 0 ? 0 : added - this.#drawn;
    // Who reads further down keeps the place.
    if (fresh > 0 && this.#scroll > 0 && this.#drawn > 0) {
      this.#scroll = Math.min(this.#scroll + fresh * ROW, length * ROW - HEIGHT);
      this.box.scrollTop = this.#scroll;
    }
    const top = this.#scroll;
    if (added === this.#drawn && top === this.#top) return;
    this.#drawn = added;
    this.#top = top;
    this.empty.hidden = length > 0;
    this.box.hidden = length === 0;
    this.inner.style.height = `${length * ROW}px`;
    const { first, end } = visibleRows({ top, height: HEIGHT, row: ROW, count: length });
    for (let i = first; i < end; i++) this.#fill(this.#row(i - first), i);
    for (let i = end - first; i < this.#pool.length; i++) {
      const row = this.#pool[i];
      if (row) row.root.hidden = true;
    }
  }

  /** @param {number} i in the pool */
  #row(i) {
    let row = this.#pool[i];
    if (!row) {
      const when = el("span", { class: "log-when" });
      const what = el("span", { class: "log-what", dir: "auto" });
      row = { root: el("li", {}, when, what), when, what };
      this.#pool[i] = row;
      this.inner.append(row.root);
    }
    return row;
  }

  /** @param {{root: HTMLElement, when: HTMLElement, what: HTMLElement}} row @param {number} i in the list */
  #fill(row, i) {
    const event = this.#recent.at(i);
    if (!event) return;
    row.root.hidden = false;
    row.root.style.transform = `translateY(${i * ROW}px)`;
    row.root.dataset.type = event.type === "grant" ? (event.how ?? "") : event.type;
    setAttribute(row.root, "aria-setsize", this.#recent.length);
    setAttribute(row.root, "aria-posinset", i + 1);
    setText(row.when, this.#clock.format(performance.timeOrigin + event.at));
    const words = eventSentence(this.language, event);
    setText(row.what, words);
    row.what.title = words;
  }
}

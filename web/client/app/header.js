// The header: the dot that mirrors the LED, the box's name (both open "What the box sees"), and rescan.
import { el, iconButton, setText } from "./dom/el.js";
import { bytes } from "./text/format.js";

/** @typedef {import("./types.d.ts").BoxState} BoxState */

/** @type {readonly string[]} */
const STATES = ["starting", "ready", "working", "attention", "fault", "stopping"];

const AWAY_AFTER = 3000;

/** Less than this is not worth a word. */
const SPARED = 1e6;

/**
 * How many watch, and what they spared the box: "5 watching · 1.2 GB spared"; "" when there is nothing to say. Pure.
 * @param {import("./text/language.js").Language} language @param {import("./types.d.ts").Box} box
 */
export function sharedWords(language, { swarm }) {
  const { viewers = 0, p2pBytes = 0 } = swarm ?? {};
  return [
    viewers > 0 ? language.t("header.watching", { count: viewers }) : "",
    p2pBytes >= SPARED ? language.t("header.spared", { bytes: bytes(language, p2pBytes) }) : "",
  ]
    .filter(Boolean)
    .join(" · ");
}

export class Header {
  /** @type {any} */
  #timer = null;

  /** @param {import("./app.js").Context} context */
  constructor(context) {
    this.context = context;
    const { language } = context;
    this.dot = el("span", { class: "dot", "aria-hidden": "true" });
    this.name = el("span", { class: "box-name", text: "StreamBox" });
    this.word = el("span", { class: "box-word" });
    this.shared = el("span", { class: "box-shared" });
    this.sheet = el(
      "button",
      {
        type: "button",
        class: "box-button",
        "aria-haspopup": "dialog",
        title: language.t("sheet.title"),
        onclick: () => context.openSheet(),
      },
      this.dot,
      el("span", { class: "box-names" }, this.name, this.shared),
      this.word,
    );
    this.rescan = iconButton("again", language.t("rescan.label"), () => this.#rescan());
    this.eye = iconButton("eye", language.t("sheet.title"), () => context.openSheet());
    this.root = el(
      "header",
      { class: "top" },
      this.sheet,
      el("span", { class: "grow" }),
      this.rescan,
      this.eye,
    );
    this.#state("connecting");
  }

  /** Name (the tab has it too) and state of the box. @param {import("./types.d.ts").Box} box */
  box(box) {
    const name = box.name || "StreamBox";
    setText(this.name, name);
    // While a film is open the tab has its title.
    if (!document.documentElement.classList.contains("watching")) document.title = name;
    setText(this.shared, sharedWords(this.context.language, box));
    this.#state(STATES.includes(box.state) ? box.state : "ready");
  }

  /** A lost connection is shown only when it stays lost. @param {boolean} connected */
  later(connected) {
    clearTimeout(this.#timer);
    if (!connected) this.#timer = setTimeout(() => this.#state("away"), AWAY_AFTER);
    else if (this.context.box) this.box(this.context.box);
  }

  /** @param {string} state */
  #state(state) {
    this.dot.dataset.state = state;
    setText(this.word, this.context.language.t(`box.${state}`));
    // Motion is for those who like it; the word stands there for the others, and whenever a person is needed.
    this.word.dataset.state = state;
  }

  async #rescan() {
    const { api, language, toast } = this.context;
    this.rescan.classList.add("turning");
    setTimeout(() => this.rescan.classList.remove("turning"), 900);
    try {
      await api.rescan();
      toast(language.t("rescan.started"));
    } catch (error) {
      toast(this.context.errorSentence(error));
    }
  }
}

// The figures: what came how, and how it plays.
import { el, setText } from "../dom/el.js";
import { bytes } from "../text/format.js";
import { milliseconds, seconds } from "./words.js";

export class Figures {
  /** @type {Map<string, HTMLElement>} */
  #values = new Map();

  /** @param {import("../app.js").Context} context @param {HTMLVideoElement} video */
  constructor(context, video) {
    this.context = context;
    this.video = video;
    this.root = el("dl", { class: "figures" });
    for (const key of [
      "swarm.fromPhones",
      "swarm.fromBox",
      "swarm.toPhones",
      "swarm.wasted",
      "swarm.buffer",
      "swarm.resolution",
      "swarm.start",
      "swarm.stalls",
    ]) {
      const value = el("dd");
      this.#values.set(key, value);
      this.root.append(el("div", {}, el("dt", { text: context.language.t(key) }), value));
    }
  }

  /** @param {{p2pBytes: number, httpBytes: number, uploadedBytes: number, wastedBytes: number}} totals */
  update(totals) {
    const { language, stats } = this.context;
    const { startMilliseconds, stalls, bufferSeconds } = stats.values();
    const { videoWidth, videoHeight } = this.video;
    const size = (/** @type {number} */ many) =>
      many > 0 ? bytes(language, many) : language.numbers.format(0);
    this.#set("swarm.fromPhones", size(totals.p2pBytes));
    this.#set("swarm.fromBox", size(totals.httpBytes));
    this.#set("swarm.toPhones", size(totals.uploadedBytes));
    this.#set("swarm.wasted", size(totals.wastedBytes));
    this.#set("swarm.buffer", seconds(language, bufferSeconds));
    this.#set("swarm.resolution", videoWidth ? `${videoWidth} × ${videoHeight}` : "–");
    this.#set("swarm.start", startMilliseconds ? milliseconds(language, startMilliseconds) : "–");
    this.#set("swarm.stalls", language.numbers.format(stalls));
  }

  /** @param {string} key @param {string} text */
  #set(key, text) {
    const node = this.#values.get(key);
    if (node) setText(node, text);
  }
}

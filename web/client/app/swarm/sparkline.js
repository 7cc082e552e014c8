// The sparkline: one thin bar a second. What came from phones rises from the line, what came from the box hangs below
// it: the side says it, the colour only repeats it.
import { el, setText } from "../dom/el.js";
import { SECONDS, Speed } from "./speed.js";
import { megabits } from "./words.js";

const HEIGHT = 72;

export class Sparkline {
  #speed = new Speed();
  #width = 0;
  /** @type {{[name: string]: string}} */
  #colors = {};

  /** @param {import("../text/language.js").Language} language */
  constructor(language) {
    this.language = language;
    this.canvas = el("canvas", {
      class: "spark-canvas",
      role: "img",
      "aria-label": language.t("swarm.speedLabel"),
    });
    this.pencil = this.canvas.getContext("2d");
    this.scale = el("span", { class: "spark-scale" });
    this.phones = el("b");
    this.box = el("b");
    const row = (/** @type {string} */ kind, /** @type {string} */ key, /** @type {HTMLElement} */ value) =>
      el(
        "li",
        {},
        el("span", { class: `cell cell-${kind}`, "aria-hidden": "true" }),
        el("span", { text: language.t(key) }),
        value,
      );
    this.root = el(
      "div",
      { class: "spark" },
      el("div", { class: "spark-field" }, this.canvas, this.scale),
      el(
        "ul",
        { class: "legend" },
        row("phone", "swarm.phones", this.phones),
        row("box", "swarm.box", this.box),
      ),
    );
  }

  /** @param {number} now milliseconds @param {{p2pBytes: number, httpBytes: number}} totals */
  update(now, totals) {
    if (this.#speed.sample(now, totals)) this.#draw();
    const rate = this.#speed.now;
    setText(this.phones, megabits(this.language, rate.p2p));
    setText(this.box, megabits(this.language, rate.http));
  }

  /** Its width or its colours are others. @param {number} width CSS pixels */
  redraw(width) {
    this.#width = Math.floor(width);
    const ratio = Math.min(3, window.devicePixelRatio || 1);
    this.canvas.width = Math.round(this.#width * ratio);
    this.canvas.height = Math.round(HEIGHT * ratio);
    this.canvas.style.width = `${this.#width}px`;
    this.canvas.style.height = `${HEIGHT}px`;
    this.pencil?.scale(ratio, ratio);
    const style = getComputedStyle(this.canvas);
    for (const name of ["accent", "box", "faint"])
      this.#colors[name] = style.getPropertyValue(`--cell-${name}`).trim();
    this.#draw();
  }

  #draw() {
    const c = this.pencil;
    if (!c || this.#width === 0) return;
    const { p2p, http, scale } = this.#speed;
    setText(this.scale, megabits(this.language, scale));
    const pitch = this.#width / SECONDS;
    const bar = Math.max(1.5, pitch - 1.5);
    const middle = HEIGHT / 2;
    const length = (/** @type {number} */ rate) => (Math.max(0, rate) / scale) * (middle - 2);
    c.clearRect(0, 0, this.#width, HEIGHT);
    c.fillStyle = this.#colors.faint || "#888";
    c.fillRect(0, middle - 0.5, this.#width, 1);
    for (let i = 0; i < SECONDS; i++) {
      const [up, down] = [length(p2p[i] ?? 0), length(http[i] ?? 0)];
      if (up > 0) {
        c.fillStyle = this.#colors.accent || "#888";
        c.fillRect(i * pitch, middle - 1 - up, bar, up);
      }
      if (down > 0) {
        c.fillStyle = this.#colors.box || "#888";
        c.fillRect(i * pitch, middle + 1, bar, down);
      }
    }
  }
}

// The chunk map: one small shape for each segment, on one canvas. A disc came from a phone, a square from the box; a
// hole means "played, kept for others"; a dot is not here yet, a half-full frame is on its way, a dash was given up. So
// it reads without colours. Only what changed is drawn; no node is made for a segment. For keys and screen readers it
// is a slider over the segments, whose value is the sentence that a finger or a mouse sees as a tip.
import { el, setAttribute, setText } from "../dom/el.js";
import {
  BOX,
  COMING,
  Changes,
  EMPTY,
  GONE,
  KEPT,
  KINDS,
  PHONE,
  cellAt,
  grid,
  moved,
  playingAt,
} from "./cells.js";
import { cellSentence } from "./words.js";

/** @typedef {import("./view.d.ts").SwarmView} SwarmView */
/** @typedef {import("../text/language.js").Language} Language */

/** CSS pixels that a map should not be higher than. */
const HEIGHT = 230;
const TURN = 2 * Math.PI;

export class ChunkMap {
  /** @type {SwarmView | null} */
  #view = null;
  #changes = new Changes();
  /** @type {Uint8Array | null} the array that is drawn */
  #cells = null;
  #width = 0;
  #layout = grid(0, 0, HEIGHT);
  #playing = -1;
  /** The segment that the tip is about; -1 = no tip. */
  #cursor = -1;
  #place = 0;
  /** @type {{[name: string]: string}} */
  #colors = {};
  /** @type {Map<string, Element>} */
  #counts = new Map();

  /** @param {Language} language */
  constructor(language) {
    this.language = language;
    this.canvas = el("canvas", { class: "map-canvas" });
    this.pencil = this.canvas.getContext("2d");
    this.mark = el("span", { class: "map-mark", hidden: true });
    this.tip = el("div", { class: "map-tip", dir: "auto", hidden: true });
    this.board = el(
      "div",
      {
        class: "map-board",
        dir: "ltr", // a film's time runs from left to right everywhere
        role: "slider",
        tabindex: 0,
        "aria-label": language.t("swarm.mapLabel"),
        "aria-valuemin": 1,
      },
      this.canvas,
      this.mark,
      this.tip,
    );
    const legend = KINDS.map((kind) => {
      const count = el("span", { class: "count", text: "0" });
      this.#counts.set(kind, count);
      return el(
        "li",
        {},
        el("span", { class: `cell cell-${kind}`, "aria-hidden": "true" }),
        el("span", { text: language.t(`cell.${kind}`) }),
        count,
      );
    });
    this.root = el("div", { class: "map" }, this.board, el("ul", { class: "legend" }, ...legend));
    this.board.addEventListener("keydown", (event) => this.#key(event));
    this.board.addEventListener("focus", () => this.#point(this.#cursor < 0 ? this.#place : this.#cursor));
    this.board.addEventListener("blur", () => this.#point(-1));
    this.board.addEventListener("pointermove", (event) => this.#at(event));
    this.board.addEventListener("pointerdown", (event) => this.#at(event));
    this.board.addEventListener("pointerleave", (event) => {
      // A finger that is lifted leaves its tip; a mouse takes it along.
      if (event.pointerType === "mouse" && document.activeElement !== this.board) this.#point(-1);
    });
  }

  /** @param {SwarmView | null} view @param {number} at seconds, the playhead */
  update(view, at) {
    this.#view = view;
    if (!view) return;
    const { cells } = view;
    if (cells !== this.#cells || cells.length !== this.#changes.length) this.#lay(cells);
    const playing = playingAt(view.starts, at);
    const moving = playing !== this.#playing;
    const many = this.#changes.update(cells, (n, cell) => this.#draw(n, cell));
    if (moving) {
      this.#playing = playing;
      this.#markPlaying();
    }
    if (many > 0) this.#count();
    const kept = this.#counts.get("kept")?.parentElement;
    if (kept && kept.hidden === view.keeps) kept.hidden = !view.keeps;
    if (this.#cursor >= 0) this.#say();
  }

  /** Its width or its colours are others. @param {number} width CSS pixels */
  redraw(width) {
    this.#width = Math.floor(width);
    if (this.#cells) this.#lay(this.#cells);
  }

  /** Takes the tip away. @returns {boolean} was there one? */
  dismiss() {
    const shown = !this.tip.hidden;
    this.#point(-1);
    return shown;
  }

  /** Draws all of it. @param {Uint8Array} cells */
  #lay(cells) {
    this.#cells = cells;
    this.#changes.reset(cells);
    if (this.#cursor >= cells.length) this.#point(-1);
    this.#layout = grid(cells.length, this.#width, HEIGHT);
    const { pitch, columns, rows } = this.#layout;
    const ratio = Math.min(3, window.devicePixelRatio || 1);
    const width = columns * pitch;
    const height = rows * pitch;
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    this.canvas.style.width = `${width}px`;
    this.canvas.style.height = `${height}px`;
    this.mark.style.width = this.mark.style.height = `${pitch}px`;
    setAttribute(this.board, "aria-valuemax", Math.max(1, cells.length));
    const style = getComputedStyle(this.board);
    for (const name of ["accent", "box", "faint", "soft", "text"])
      this.#colors[name] = style.getPropertyValue(`--cell-${name}`).trim();
    this.pencil?.scale(ratio, ratio);
    for (let n = 0; n < cells.length; n++) this.#draw(n, cells[n] ?? EMPTY);
    this.#count();
    this.#markPlaying();
  }

  /** @param {number} n @param {number} cell */
  #draw(n, cell) {
    const c = this.pencil;
    if (!c) return;
    const { pitch, columns } = this.#layout;
    const gap = pitch < 10 ? 1 : pitch < 15 ? 2 : 3;
    const size = pitch - gap;
    const x = (n % columns) * pitch + gap / 2;
    const y = Math.floor(n / columns) * pitch + gap / 2;
    const color = (/** @type {string} */ name) =>
      (c.fillStyle = c.strokeStyle = this.#colors[name] || "#888");
    c.clearRect(x - gap / 2, y - gap / 2, pitch, pitch);
    const hole = cell & KEPT ? Math.max(2, size * 0.42) : 0;
    switch (cell & 7) {
      case PHONE:
        color("accent");
        c.beginPath();
        c.arc(x + size / 2, y + size / 2, size / 2, 0, TURN);
        c.fill();
        break;
      case BOX:
        color("box");
        c.fillRect(x, y, size, size);
        break;
      case COMING:
        color("text");
        c.lineWidth = 1;
        c.strokeRect(x + 0.5, y + 0.5, size - 1, size - 1);
        c.fillRect(x, y + size / 2, size, size / 2);
        break;
      case GONE:
        color("soft");
        c.fillRect(x, y + size / 2 - 0.75, size, 1.5);
        break;
      default: {
        color("faint");
        const dot = Math.max(2, size / 4);
        c.fillRect(x + (size - dot) / 2, y + (size - dot) / 2, dot, dot);
      }
    }
    if (!hole) return;
    const [left, top] = [x + (size - hole) / 2, y + (size - hole) / 2];
    if ((cell & 7) === BOX) c.clearRect(left, top, hole, hole);
    else {
      c.globalCompositeOperation = "destination-out";
      c.beginPath();
      c.arc(x + size / 2, y + size / 2, hole / 2, 0, TURN);
      c.fill();
      c.globalCompositeOperation = "source-over";
    }
  }

  #markPlaying() {
    const { pitch, columns } = this.#layout;
    const n = this.#playing;
    this.mark.hidden = n < 0 || this.#changes.length === 0;
    this.#place = Math.max(0, n);
    this.mark.style.transform = `translate(${(n % columns) * pitch}px, ${Math.floor(n / columns) * pitch}px)`;
    if (this.#cursor < 0) this.#value(this.#place);
  }

  #count() {
    const { counts } = this.#changes;
    for (const kind of KINDS) {
      const node = this.#counts.get(kind);
      if (node) setText(node, this.language.numbers.format(counts[kind]));
    }
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const to = moved(event.key, Math.max(0, this.#cursor), this.#layout.columns, this.#changes.length);
    if (to === null) return;
    event.preventDefault();
    event.stopPropagation();
    this.#point(to);
  }

  /** @param {PointerEvent} event */
  #at(event) {
    const box = this.canvas.getBoundingClientRect();
    const n = cellAt(this.#layout, this.#changes.length, event.clientX - box.left, event.clientY - box.top);
    if (n >= 0 || event.pointerType === "mouse") this.#point(n);
  }

  /** @param {number} n -1 = nowhere */
  #point(n) {
    this.#cursor = n < this.#changes.length ? n : -1;
    this.tip.hidden = this.#cursor < 0;
    if (this.#cursor < 0) this.#value(this.#place);
    else this.#say();
  }

  /** The tip beside its segment, inside the map. */
  #say() {
    const n = this.#cursor;
    const { pitch, columns } = this.#layout;
    setText(this.tip, this.#value(n));
    const row = Math.floor(n / columns);
    const middle = ((n % columns) + 0.5) * pitch;
    const half = this.tip.offsetWidth / 2;
    const left = Math.min(this.board.clientWidth - half, Math.max(half, middle));
    const below = row * pitch < 56;
    const top = below ? (row + 1) * pitch + 6 : row * pitch - 6;
    this.tip.style.transform = `translate(${left}px, ${top}px) translate(-50%, ${below ? "0" : "-100%"})`;
  }

  /** What the slider's value is. @param {number} n @returns {string} in words */
  #value(n) {
    const view = this.#view;
    const sentence = view ? cellSentence(this.language, view, n, this.#changes.cell(n)) : "";
    setAttribute(this.board, "aria-valuenow", n + 1);
    if (this.board.getAttribute("aria-valuetext") !== sentence)
      this.board.setAttribute("aria-valuetext", sentence);
    return sentence;
  }
}

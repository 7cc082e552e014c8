// Who is here: the box in the middle, the phones around it, this one among them. A line that moves carries bytes right
// now. The list below says the same in numbers, for everybody who does not see lines or does not want motion.
import { el, setText } from "../dom/el.js";
import { flowWords, initials, megabits } from "./words.js";

/** @typedef {import("./view.d.ts").PeerView} PeerView */
/** @typedef {{line: SVGElement, dot: SVGElement, rate: Element, words: HTMLElement, down: Meter, up: Meter}} Parts */

const SVG = "http://www.w3.org/2000/svg";
const [WIDTH, HEIGHT] = [320, 196];
const BOX = { x: 160, y: 88 };
const ME = { x: 160, y: 168 };
/** More circles than this would touch each other; the list has them all. */
const DRAWN = 8;
/** A line moves on for so long after the last bytes, milliseconds. */
const LINGER = 900;

/** Mbit/s of a counter that only grows, over about two seconds. */
export class Meter {
  #at = -1;
  #bytes = 0;
  #moved = -Infinity;
  rate = 0;

  /** @param {number} now milliseconds @param {number} bytes */
  read(now, bytes) {
    if (this.#at < 0 || bytes < this.#bytes) {
      this.#at = now;
      this.#bytes = bytes;
      return;
    }
    if (bytes > this.#bytes && now - this.#at < 2000) this.#moved = now;
    if (now - this.#at < 1000) return;
    const rate = ((bytes - this.#bytes) * 8) / 1000 / (now - this.#at);
    this.rate = rate === 0 ? 0 : (rate + this.rate) / 2;
    if (bytes > this.#bytes) this.#moved = now;
    this.#at = now;
    this.#bytes = bytes;
  }

  /** @param {number} now */
  flows(now) {
    return now - this.#moved < LINGER;
  }
}

/** Where circle i of many stands: on an arc over the box, from left to right. Pure. @param {number} i @param {number} many */
export function seat(i, many) {
  const spread = Math.min(Math.PI * 1.12, 0.62 * (many - 1));
  const angle = Math.PI / 2 + spread / 2 - (many > 1 ? (spread * i) / (many - 1) : 0);
  return { x: BOX.x + 132 * Math.cos(angle), y: BOX.y + 6 - 66 * Math.sin(angle) };
}

/** @param {string} name @param {{[name: string]: string | number}} attributes @param {string} [text] */
function svg(name, attributes, text) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value));
  if (text !== undefined) node.textContent = text;
  return node;
}

export class PeersView {
  #shown = "";
  /** @type {Map<string, Parts>} */
  #parts = new Map();
  #box = new Meter();

  /** @param {import("../text/language.js").Language} language */
  constructor(language) {
    this.language = language;
    this.lines = svg("g", {});
    this.dots = svg("g", {});
    this.boxLine = svg("path", { class: "line box", d: `M${BOX.x} ${BOX.y + 20}L${ME.x} ${ME.y - 17}` });
    const box = svg("g", { class: "box-mark" });
    box.append(
      svg("rect", { x: BOX.x - 26, y: BOX.y - 18, width: 52, height: 36, rx: 8 }),
      svg("circle", { cx: BOX.x + 15, cy: BOX.y - 8, r: 3 }),
    );
    const me = svg("g", { class: "me" });
    const you = svg("text", { x: ME.x, y: ME.y + 4 }, language.t("swarm.you"));
    me.append(svg("rect", { x: ME.x - 30, y: ME.y - 15, width: 60, height: 30, rx: 15 }), you);
    this.picture = svg("svg", {
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      class: "peers-picture",
      "aria-hidden": "true",
    });
    this.picture.append(this.boxLine, this.lines, box, me, this.dots);
    this.list = el("ul", { class: "peers-list" });
    this.nobody = el("p", { class: "quiet-text", text: language.t("swarm.nobody") });
    this.root = el("div", { class: "peers" }, this.picture, this.nobody, this.list);
  }

  /** @param {number} now milliseconds @param {PeerView[]} peers @param {number} httpBytes of the box, to this phone */
  update(now, peers, httpBytes) {
    const key = peers.map((p) => `${p.id} ${p.name}`).join("|");
    if (key !== this.#shown) this.#rebuild(peers);
    this.#shown = key;
    this.#box.read(now, httpBytes);
    this.boxLine.classList.toggle("flows", this.#box.flows(now));
    for (const peer of peers) {
      const parts = this.#parts.get(peer.id);
      if (parts) this.#one(now, peer, parts);
    }
  }

  /** @param {number} now @param {PeerView} peer @param {Parts} parts */
  #one(now, peer, { line, dot, rate, words, down, up }) {
    down.read(now, peer.downBytes);
    up.read(now, peer.upBytes);
    const [takes, gives] = [down.flows(now), up.flows(now)];
    line.classList.toggle("flows", takes || gives);
    line.classList.toggle("gives", gives && !takes);
    line.classList.toggle("closed", !peer.open);
    dot.classList.toggle("closed", !peer.open);
    const { language } = this;
    const [here, there] = [takes ? down.rate : 0, gives ? up.rate : 0];
    setText(words, !peer.open ? language.t("swarm.notConnected") : flowWords(language, here, there));
    setText(rate, here + there > 0 ? megabits(language, here + there) : "");
  }

  /** Somebody came or went. @param {PeerView[]} peers */
  #rebuild(peers) {
    const before = this.#parts;
    this.#parts = new Map();
    const drawn = Math.min(DRAWN, peers.length);
    /** @type {SVGElement[]} */
    const lines = [];
    /** @type {SVGElement[]} */
    const dots = [];
    const rows = peers.map((peer, i) => {
      const at = seat(i, drawn);
      const line = svg("path", { class: "line", d: curve(at) });
      const dot = svg("g", { class: "peer", transform: `translate(${at.x} ${at.y})` });
      const letters = initials(peer.name);
      const rate = svg("text", { class: "peer-rate", y: 29 });
      dot.append(svg("circle", { r: 17 }), svg("text", { y: 4 }, letters), rate);
      if (i < DRAWN) {
        lines.push(line);
        dots.push(dot);
      }
      const words = el("span", { class: "rate" });
      const row = el(
        "li",
        {},
        el("span", { class: "initials", "aria-hidden": "true", text: letters }),
        el("bdi", { text: peer.name }),
        words,
      );
      const { down = new Meter(), up = new Meter() } = before.get(peer.id) ?? {};
      this.#parts.set(peer.id, { line, dot, rate, words, down, up });
      return row;
    });
    this.lines.replaceChildren(...lines);
    this.dots.replaceChildren(...dots);
    this.list.replaceChildren(...rows);
    this.nobody.hidden = peers.length > 0;
  }
}

/** From a phone past the box to this one. @param {{x: number, y: number}} from */
function curve({ x, y }) {
  const side = x < BOX.x - 1 ? -1 : 1;
  const bend = BOX.x + side * Math.max(52, Math.abs(x - BOX.x) * 0.9);
  return `M${x.toFixed(1)} ${y.toFixed(1)}Q${bend.toFixed(1)} ${ME.y - 18} ${ME.x + side * 26} ${ME.y}`;
}

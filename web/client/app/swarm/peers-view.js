// Who is here: the box in the middle, the phones around it, this one among them. A line that moves carries bytes right
// now. The list below says the same in numbers, for everybody who does not see lines or does not want motion.
import { el, setText } from "../dom/el.js";
import { flowWords, initials, megabits } from "./words.js";

/** @typedef {import("./view.d.ts").PeerView} PeerView */
/** @typedef {{line: HTMLElement, dot: HTMLElement, rate: HTMLElement, words: HTMLElement, row: HTMLElement, down: Meter, up: Meter}} Parts */

/** The picture's own units, from left to right and from top to bottom; it is as wide as the drawer allows. */
const [WIDTH, HEIGHT] = [320, 196];
const BOX = { x: 160, y: 84 };
const ME = { x: 160, y: 172 };
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

/** On the left, from the top down; the right side mirrors it. Straight lines from here to ME do not touch the box. */
const SEATS = [
  { x: 88, y: 24 },
  { x: 38, y: 62 },
  { x: 34, y: 112 },
  { x: 66, y: 158 },
];

/** Where circle i stands: left and right in turn. Pure. @param {number} i below DRAWN */
export function seat(i) {
  const { x, y } = SEATS[i >> 1] ?? { x: 0, y: 0 };
  return { x: i % 2 ? WIDTH - x : x, y };
}

/** @param {HTMLElement} node @param {{x: number, y: number}} at */
function put(node, { x, y }) {
  node.style.left = `${(100 * x) / WIDTH}%`;
  node.style.top = `${(100 * y) / HEIGHT}%`;
  return node;
}

/**
 * A line from there to this phone. Its dashes are moved by the compositor (a transform, nothing else): a stroke that is
 * drawn anew sixty times a second would cost a slow phone a third of its time.
 * @param {{x: number, y: number}} from @param {string} className
 */
function line(from, className) {
  const [dx, dy] = [ME.x - from.x, ME.y - from.y];
  const node = put(el("span", { class: className }, el("span")), from);
  node.style.width = `${(100 * Math.hypot(dx, dy)) / WIDTH}%`;
  node.style.transform = `rotate(${Math.atan2(dy, dx)}rad)`;
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
    this.boxLine = line(BOX, "way to-box");
    this.lines = el("span");
    this.dots = el("span");
    const box = put(el("span", { class: "box-mark" }), BOX);
    const me = put(el("span", { class: "this-phone", text: language.t("swarm.you") }), ME);
    this.picture = el(
      "div",
      { class: "peers-picture", dir: "ltr", "aria-hidden": "true" },
      this.boxLine,
      this.lines,
      box,
      me,
      this.dots,
    );
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
  #one(now, peer, { line: way, dot, rate, words, down, up }) {
    down.read(now, peer.downBytes);
    up.read(now, peer.upBytes);
    const [takes, gives] = [down.flows(now), up.flows(now)];
    way.classList.toggle("flows", takes || gives);
    way.classList.toggle("gives", gives && !takes);
    way.classList.toggle("closed", !peer.open);
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
    for (const [i, peer] of peers.entries()) {
      const letters = initials(peer.name);
      const rate = el("span", { class: "peer-rate" });
      const words = el("span", { class: "peer-now" });
      const { down = new Meter(), up = new Meter() } = before.get(peer.id) ?? {};
      this.#parts.set(peer.id, {
        line: line(seat(i), "way"),
        dot: put(el("span", { class: "peer" }, letters, rate), seat(i)),
        rate,
        words,
        row: el(
          "li",
          {},
          el("span", { class: "initials", "aria-hidden": "true", text: letters }),
          el("bdi", { text: peer.name }),
          words,
        ),
        down,
        up,
      });
    }
    const all = [...this.#parts.values()];
    const drawn = all.slice(0, DRAWN);
    this.lines.replaceChildren(...drawn.map((parts) => parts.line));
    this.dots.replaceChildren(...drawn.map((parts) => parts.dot));
    this.list.replaceChildren(...all.map((parts) => parts.row));
    this.nobody.hidden = peers.length > 0;
  }
}

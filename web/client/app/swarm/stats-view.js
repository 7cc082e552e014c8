// The drawer behind the "shared" pill: what comes from phones and what from the box, who is here, which pieces are where.
//
// It is loaded when it is first opened. While it is closed it does not exist: no timer, no listener, nothing computed.
// While it is open it looks at swarm.view four times a second, in an animation frame, and touches only what differs;
// a page in the background looks at nothing.
import { el, iconButton, setText } from "../dom/el.js";
import { bytes } from "../text/format.js";
import { ChunkMap } from "./chunk-map.js";
import { EventLog } from "./event-log.js";
import { Figures } from "./figures.js";
import { PeersView } from "./peers-view.js";
import { Sparkline } from "./sparkline.js";
import { eventSentence, memorySentence, shareOf, shareWords, sharingSentence } from "./words.js";

/** @typedef {import("./view.d.ts").SwarmView} SwarmView */
/**
 * @typedef {object} StatsParts
 * @property {() => SwarmView | null} view null: all comes from the box
 * @property {HTMLVideoElement} video
 * @property {import("../player/shared.js").SharedPill} shared knows what came for this film, and why it is shared or not
 * @property {() => void} closed it is gone
 */

const LOOK = 250;
/** Of the rejected pieces, the newest. */
const REJECTED = 20;

export class StatsView {
  /** @type {any} */
  #timer = null;
  #frame = 0;
  #rejected = -1;
  /** @type {SwarmView | null} */
  #heard = null;
  /** @type {(() => void)[]} undone at the end */
  #undo = [];

  /** @param {import("../app.js").Context} context @param {StatsParts} parts */
  constructor(context, parts) {
    this.context = context;
    this.parts = parts;
    const { language } = context;
    const t = (/** @type {string} */ key) => language.t(key);
    this.map = new ChunkMap(language);
    this.spark = new Sparkline(language);
    this.peers = new PeersView(language);
    this.log = new EventLog(language);
    this.figures = new Figures(context, parts.video);
    this.heading = el("h2", { id: "drawer-title", tabindex: -1, text: t("swarm.title") });
    this.share = el("p", { class: "hero-share" });
    this.shareNote = el("p", { class: "hero-note" });
    this.why = el("p", { class: "hero-why" });
    this.toggle = this.#switch();
    this.trace = this.#download();
    this.pieces = part(t("swarm.pieces"), this.map.root);
    this.memory = el("p");
    this.memoryBar = el("span", { class: "memory-bar", "aria-hidden": "true" }, el("span"), el("span"));
    this.rejected = el("ul", { class: "rejected" });
    this.rejectedNote = el("p");
    this.root = el(
      "section",
      { class: "drawer", role: "dialog", "aria-modal": "false", "aria-labelledby": "drawer-title" },
      el(
        "div",
        { class: "drawer-head" },
        this.heading,
        iconButton("close", t("swarm.close"), () => this.close()),
      ),
      el("div", { class: "drawer-hero" }, this.share, el("div", {}, this.shareNote, this.why)),
      part(t("swarm.speed"), this.spark.root),
      this.pieces,
      part(t("swarm.peers"), this.peers.root),
      part(t("swarm.figures"), this.figures.root),
      part(t("swarm.memory"), this.memoryBar, this.memory),
      this.toggle,
      part(t("swarm.rejected"), this.rejectedNote, this.rejected),
      this.log.root,
      this.trace,
    );
    this.root.addEventListener("keydown", (event) => own(event));
  }

  /** Puts it beside the picture. @param {HTMLElement} player */
  open(player) {
    player.append(this.root);
    player.classList.add("with-drawer");
    const sizes = new ResizeObserver(() => this.#colors());
    sizes.observe(this.root);
    const light = matchMedia("(prefers-color-scheme: light)");
    const recolor = () => this.#colors();
    light.addEventListener("change", recolor);
    const escape = (/** @type {KeyboardEvent} */ event) => this.#escape(event);
    document.addEventListener("keydown", escape, true);
    this.#undo = [
      () => sizes.disconnect(),
      () => light.removeEventListener("change", recolor),
      () => document.removeEventListener("keydown", escape, true),
      () => player.classList.remove("with-drawer"),
      () => this.#listen(null),
    ];
    this.#timer = setInterval(() => this.#look(), LOOK);
    this.#colors();
    this.#draw();
    this.heading.focus({ preventScroll: true });
  }

  close() {
    clearInterval(this.#timer);
    cancelAnimationFrame(this.#frame);
    for (const undo of this.#undo.splice(0)) undo();
    this.root.remove();
    this.parts.closed();
  }

  /** At most one drawing per frame, and none that nobody sees. */
  #look() {
    if (document.visibilityState === "hidden" || this.#frame) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.#draw();
    });
  }

  /** Canvases cannot read style sheets: they are told when width or theme changed. */
  #colors() {
    const style = getComputedStyle(this.root);
    const inner = this.root.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    this.map.redraw(inner);
    this.spark.redraw(inner);
  }

  #draw() {
    const { language } = this.context;
    const view = this.parts.view();
    this.#listen(view);
    const now = performance.now();
    const { shared } = this.parts;
    const totals = shared.moved();
    const share = shareOf(totals) ?? 0;
    // "0 %" alone would be a riddle; the sentence beside it says why there is nothing to say.
    setText(this.share, share > 0 ? shareWords(language, share) : "");
    setText(
      this.shareNote,
      share > 0 ? language.t("swarm.spared", { bytes: bytes(language, totals.p2pBytes) }) : "",
    );
    setText(this.why, sharingSentence(language, shared.sharing()));
    this.spark.update(now, totals);
    this.pieces.hidden = !view?.cells.length;
    this.map.update(view, this.parts.video.currentTime);
    this.peers.update(now, view?.peers() ?? [], totals.httpBytes);
    this.figures.update(totals);
    this.#memory(view);
    this.#refused(view);
    this.log.update();
    this.trace.hidden = !view?.trace;
  }

  /** @param {SwarmView | null} view */
  #listen(view) {
    if (view === this.#heard) return;
    this.#heard?.listen(null);
    this.#heard = view;
    view?.listen((event) => this.log.add(event));
  }

  /** @param {SwarmView | null} view */
  #memory(view) {
    const cache = view?.cache() ?? { bytes: 0, budgetBytes: 0, behindBytes: 0 };
    const { language } = this.context;
    setText(
      this.memory,
      cache.budgetBytes > 0
        ? memorySentence(language, cache, view?.keeps ?? true)
        : language.t("swarm.noMemory"),
    );
    const [ahead, behind] = /** @type {HTMLElement[]} */ ([...this.memoryBar.children]);
    const width = (/** @type {number} */ part_) => `${(100 * part_) / Math.max(1, cache.budgetBytes)}%`;
    if (behind) behind.style.inlineSize = width(cache.behindBytes);
    if (ahead) ahead.style.inlineSize = width(Math.max(0, cache.bytes - cache.behindBytes));
  }

  /** @param {SwarmView | null} view */
  #refused(view) {
    const many = view?.totals.rejectedSegments ?? 0;
    if (many === this.#rejected) return;
    this.#rejected = many;
    const { language } = this.context;
    setText(
      this.rejectedNote,
      many > 0 ? language.t("swarm.rejectedSome", { count: many }) : language.t("swarm.rejectedNone"),
    );
    const list = (view?.rejected() ?? []).slice(-REJECTED).reverse();
    const items = list.map(({ n, peer, why, at }) =>
      el("li", { dir: "auto", text: eventSentence(language, { at, type: "failed", n, from: peer, why }) }),
    );
    this.rejected.replaceChildren(...items);
  }

  /** The viewer's own say. */
  #switch() {
    const { settings, language } = this.context;
    const input = el("input", {
      type: "checkbox",
      role: "switch",
      onchange: () => {
        settings.set("share", input.checked);
        this.parts.view()?.share(input.checked);
        this.#look();
      },
    });
    input.checked = settings.get("share");
    return el(
      "label",
      { class: "switch" },
      el(
        "span",
        {},
        el("b", { text: language.t("swarm.share") }),
        el("span", { text: language.t("swarm.shareNote") }),
      ),
      input,
    );
  }

  /** All events as a file; there is one when the page was opened with ?debug=swarm. */
  #download() {
    return el("button", {
      type: "button",
      class: "button quiet drawer-trace",
      text: this.context.language.t("swarm.trace"),
      hidden: true,
      onclick: () => {
        const blob = this.parts.view()?.trace?.();
        if (!blob) return;
        const url = URL.createObjectURL(blob);
        el("a", { href: url, download: "streambox-swarm.json" }).click();
        setTimeout(() => URL.revokeObjectURL(url), 10_000);
      },
    });
  }

  /** First the tip, then the drawer; a menu of the player has its own. @param {KeyboardEvent} event */
  #escape(event) {
    if (event.key !== "Escape") return;
    if (event.target instanceof Element && event.target.closest(".menu-place, dialog")) return;
    event.preventDefault();
    event.stopPropagation();
    if (!this.map.dismiss()) this.close();
  }
}

/** @param {string} heading @param {...Node} children */
const part = (heading, ...children) =>
  el("section", { class: "drawer-part" }, el("h3", { text: heading }), ...children);

/** Keys that scroll or operate the drawer are not the player's. @param {KeyboardEvent} event */
function own(event) {
  if (/^(Arrow|Page|Home|End| |Enter)/.test(event.key)) event.stopPropagation();
}

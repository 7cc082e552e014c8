// The "shared" pill: how much of this film came from other phones. It opens the drawer, which is loaded then.
import { el, icon, loadStyle, setAttribute, setText } from "../dom/el.js";
import { percent } from "../text/format.js";

/** @typedef {import("../swarm/view.d.ts").SwarmView} SwarmView */
/**
 * @typedef {object} SharedParts
 * @property {() => SwarmView | null} view null: all comes from the box
 * @property {HTMLVideoElement} video
 */

/** @typedef {{httpBytes: number, p2pBytes: number, uploadedBytes: number, wastedBytes: number}} Moved */

/** Reasons that mean: nobody else watches. */
const ALONE = ["alone", "starting"];

/**
 * What the pill says. Pure.
 * @param {{on: boolean, why: string}} sharing
 * @param {{httpBytes: number, p2pBytes: number}} moved for this film
 * @returns {number | null} share 0…1; null = nothing, it is quiet: nobody else watches, or nothing is shared and nothing was
 */
export function pillShare({ on, why }, { p2pBytes, httpBytes }) {
  if (p2pBytes === 0 && (!on || ALONE.includes(why))) return null;
  return p2pBytes / Math.max(1, p2pBytes + httpBytes);
}

/**
 * The page counts on from film to film; a film's own bytes are those since it was opened. Pure.
 * @param {Moved} now @param {Moved} before @returns {Moved}
 */
export const since = (now, before) => ({
  httpBytes: now.httpBytes - before.httpBytes,
  p2pBytes: now.p2pBytes - before.p2pBytes,
  uploadedBytes: now.uploadedBytes - before.uploadedBytes,
  wastedBytes: now.wastedBytes - before.wastedBytes,
});

export class SharedPill {
  /** @type {import("../swarm/stats-view.js").StatsView | null} */
  #drawer = null;
  #opening = false;

  /** @param {import("../app.js").Context} context @param {SharedParts} parts */
  constructor(context, parts) {
    this.context = context;
    this.parts = parts;
    this.before = { ...context.stats.values() };
    this.text = el("span", { class: "shared-text" });
    this.root = el(
      "button",
      {
        type: "button",
        class: "shared",
        "aria-haspopup": "dialog",
        "aria-expanded": "false",
        onclick: () => this.toggle(),
      },
      icon("phones"),
      this.text,
    );
    this.draw();
  }

  get isOpen() {
    return this.#drawer !== null;
  }

  /** Bytes of this film. */
  moved() {
    return since(this.parts.view()?.totals ?? this.context.stats.values(), this.before);
  }

  /** Is it shared, and why? Also where the swarm itself cannot say it. */
  sharing() {
    const view = this.parts.view();
    if (view) return view.sharing();
    const able = "RTCPeerConnection" in window && ("MediaSource" in window || "ManagedMediaSource" in window);
    const why = this.context.swarm?.error ? "broken" : able ? "starting" : "unsupported";
    return { on: false, why };
  }

  draw() {
    const { language } = this.context;
    const share = pillShare(this.sharing(), this.moved());
    const words = share === null ? "" : percent(language, Math.floor(share * 100) / 100);
    setText(this.text, words && language.t("player.shared", { share: words }));
    const label = words
      ? language.t("player.sharedLabel", { share: words })
      : language.t("player.sharedQuiet");
    if (this.root.getAttribute("aria-label") === label) return;
    setAttribute(this.root, "aria-label", label);
    this.root.title = label;
    this.root.classList.toggle("quiet", share === null);
  }

  async toggle() {
    if (this.#drawer) {
      this.#drawer.close();
      return;
    }
    if (this.#opening) return;
    this.#opening = true;
    const { context, parts } = this;
    const player = /** @type {HTMLElement} */ (this.root.closest(".player"));
    try {
      const [{ StatsView }] = await Promise.all([
        import("../swarm/stats-view.js"),
        context.language.more(context.base, "drawer"),
        ...["swarm", "swarm-map", "swarm-peers", "swarm-log"].map((name) =>
          loadStyle(`${context.base}/styles/${name}.css`),
        ),
      ]);
      // The viewer may have left the film meanwhile.
      if (!player.isConnected) return;
      this.#drawer = new StatsView(context, {
        ...parts,
        shared: this,
        closed: () => this.#closed(),
      });
      this.#drawer.open(player);
      setAttribute(this.root, "aria-expanded", "true");
    } catch (error) {
      context.toast(context.language.t("reason.away"));
    } finally {
      this.#opening = false;
    }
  }

  /** The player goes. */
  end() {
    this.#drawer?.close();
  }

  #closed() {
    this.#drawer = null;
    setAttribute(this.root, "aria-expanded", "false");
    this.root.focus({ preventScroll: true });
  }
}

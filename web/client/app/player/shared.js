// The "shared" pill: how much of this film came from other phones. It opens the drawer, which is loaded then.
import { el, icon, loadStyle, setAttribute, setText } from "../dom/el.js";
import { percent } from "../text/format.js";

/** @typedef {import("../swarm/view.d.ts").SwarmView} SwarmView */
/**
 * @typedef {object} SharedParts
 * @property {() => SwarmView | null} view null: all comes from the box
 * @property {HTMLVideoElement} video
 */

/** Reasons that mean: nobody else watches. */
const ALONE = ["alone", "starting"];

/**
 * What the pill says. Pure.
 * @param {SwarmView | null} view
 * @returns {number | null} share 0…1; null = nothing, it is quiet: nobody else watches, or nothing is shared and nothing was
 */
export function pillShare(view) {
  if (!view) return null;
  const { p2pBytes, httpBytes } = view.totals;
  const { on, why } = view.sharing();
  if (p2pBytes === 0 && (!on || ALONE.includes(why))) return null;
  return p2pBytes / Math.max(1, p2pBytes + httpBytes);
}

export class SharedPill {
  /** @type {import("../swarm/stats-view.js").StatsView | null} */
  #drawer = null;
  #opening = false;

  /** @param {import("../app.js").Context} context @param {SharedParts} parts */
  constructor(context, parts) {
    this.context = context;
    this.parts = parts;
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

  draw() {
    const { language } = this.context;
    const share = pillShare(this.parts.view());
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
        loadStyle(`${context.base}/styles/swarm.css`),
      ]);
      // The viewer may have left the film meanwhile.
      if (!player.isConnected) return;
      this.#drawer = new StatsView(context, {
        view: parts.view,
        video: parts.video,
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

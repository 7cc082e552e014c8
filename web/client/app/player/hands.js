// Fingers, mouse and keys on the player, and the controls that fade when none of them moves.
import { setAttribute } from "../dom/el.js";
import { isFull, leaveFull, toggleFull } from "./fullscreen.js";
import { keyAction } from "./keys.js";

const FADE_AFTER = 3000;

export class Hands {
  /** @type {any} */
  #timer = null;
  #resting = false;
  /** @type {(event: KeyboardEvent) => void} */
  #onKey;

  /**
   * @param {{root: HTMLElement, video: HTMLVideoElement, remote: import("./remote.js").Remote, controls: import("./controls.js").Controls}} player
   * @param {import("../app.js").Context} context
   */
  constructor(player, context) {
    this.player = player;
    this.context = context;
    const { root, video } = player;
    root.addEventListener("pointermove", (event) => event.pointerType === "mouse" && this.wake());
    root.addEventListener("focusin", () => this.wake());
    player.controls.bottom.addEventListener("pointerdown", () => this.wake());
    video.addEventListener("click", (event) => this.#tap(/** @type {PointerEvent} */ (event)));
    video.addEventListener("dblclick", () => toggleFull(root, video));
    this.#onKey = (event) => this.#key(event);
    document.addEventListener("keydown", this.#onKey);
    this.wake();
  }

  end() {
    clearTimeout(this.#timer);
    document.removeEventListener("keydown", this.#onKey);
  }

  /** Controls stay while something is said. @param {boolean} stay */
  rest(stay) {
    if (stay === this.#resting) return;
    this.#resting = stay;
    this.wake();
  }

  /** Shows the controls, and lets them fade later. */
  wake() {
    setAttribute(this.player.root, "data-idle", null);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#fade(), FADE_AFTER);
  }

  #fade() {
    const { video, controls, root } = this.player;
    const held = root.querySelector(".grabbed") !== null;
    if (video.paused || this.#resting || controls.menuOpen || held) this.wake();
    else setAttribute(root, "data-idle", true);
  }

  /**
   * A finger shows and hides the controls, a mouse plays and pauses; where the browser wants a tap, any is one.
   * @param {PointerEvent} event
   */
  #tap(event) {
    const { root, remote } = this.player;
    if (remote.tapNeeded) {
      remote.play();
      return;
    }
    const finger = event.pointerType ? event.pointerType !== "mouse" : matchMedia("(hover: none)").matches;
    if (!finger) remote.toggle();
    else if (root.hasAttribute("data-idle")) this.wake();
    else if (!this.player.video.paused) setAttribute(root, "data-idle", true);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const at = event.target;
    if (!(at instanceof Element) || document.querySelector("dialog[open]")) return;
    const on = at.closest('input:not([type="range"]), select, textarea')
      ? "field"
      : at.closest('[role="slider"], input')
        ? "slider"
        : at.closest("button, a")
          ? "button"
          : "other";
    const action = keyAction(event, { on });
    if (!action) return;
    event.preventDefault();
    this.wake();
    this.#do(action);
  }

  /** @param {NonNullable<import("./keys.js").KeyAction>} action */
  #do(action) {
    const { root, video, remote } = this.player;
    switch (action) {
      case "toggle":
        return remote.toggle();
      case "back":
        return remote.by(-10);
      case "forward":
        return remote.by(10);
      case "louder":
        return remote.volume(video.volume + 0.1);
      case "quieter":
        return remote.volume(video.volume - 0.1);
      case "full":
        return toggleFull(root, video);
      case "mute":
        return remote.mute();
      case "captions":
        return remote.captions();
      case "start":
        return remote.seek(0);
      case "leave":
        return isFull() ? leaveFull() : this.context.leave();
      default:
        return undefined;
    }
  }
}

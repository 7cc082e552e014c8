// The card of the next episode: ten seconds in which one may say no.
import { findNext } from "./next.js";

/** @typedef {import("../types.d.ts").Title} Title */

const COUNTDOWN = 10_000;

export class Upcoming {
  /** @type {Title | null} */
  offered = null;
  seconds = 0;
  /** @type {Promise<Title | null> | null} */
  #found = null;
  /** @type {any} */
  #timer = null;
  #wanted = false;

  /** @param {import("../app.js").Context} context @param {() => void} changed */
  constructor(context, changed) {
    this.context = context;
    this.changed = changed;
  }

  /** Asks near the end, so that the card is there at once. @param {Title} current */
  prefetch(current) {
    this.#found ??= findNext(this.context, current);
  }

  /** The title has ended. @param {Title} current */
  async offer(current) {
    this.#wanted = true;
    this.prefetch(current);
    const next = await this.#found;
    // A seek or "again" meanwhile is an answer too.
    if (!next || !this.#wanted) return;
    this.offered = next;
    const end = performance.now() + COUNTDOWN;
    const count = () => {
      this.seconds = Math.max(0, Math.ceil((end - performance.now()) / 1000));
      if (this.seconds === 0) this.go();
      else this.changed();
    };
    clearInterval(this.#timer);
    this.#timer = setInterval(count, 250);
    count();
  }

  go() {
    const next = this.offered;
    this.cancel();
    if (next) this.context.navigate({ view: "watch", id: next.id }, { replace: true });
  }

  cancel() {
    this.#wanted = false;
    clearInterval(this.#timer);
    if (this.offered === null) return;
    this.offered = null;
    this.changed();
  }
}

// The player's link to the box: what to do when requests fail or the title changes, until everything plays again.
// Never gives up on the network: a phone may wait out a restart of the box, or a stick that is carried around.
import { isAway } from "../core/api.js";
import { findSuccessor } from "./next.js";
import { Series, decide, retryDelay } from "./recovery.js";
import { sameStreams } from "./sounds.js";

/** @typedef {import("../types.d.ts").Title} Title */
/**
 * @typedef {object} LinkParts
 * @property {string} id
 * @property {() => Title | null} title last known
 * @property {() => boolean} loaded has the engine a playlist?
 * @property {() => boolean} full the air is full, and the box says when there is room: asking again is no use
 * @property {() => boolean} started was a frame shown?
 * @property {(title: Title) => void} know a fresh answer
 * @property {() => void} begin starts the engine
 * @property {(title: Title) => boolean} reaches is the viewer's place among what is ready?
 * @property {() => void} reload gives the engine the title's new playlist at the same place
 * @property {() => void} kick makes the engine try again
 * @property {(swap: boolean) => void} recover restarts the decoder
 * @property {() => boolean} otherwise the decoder has given up: is there another rendition for this device?
 * @property {() => void} changed
 */

export class Link {
  /** The box says that there is no such title. */
  gone = false;
  /** What cannot be mended; "" = nothing. */
  failed = "";
  /** The title is being prepared anew (its stick was pulled out meanwhile) and has not come to the viewer's place yet. */
  owed = false;
  #failingSince = 0;
  #tries = 0;
  #series = new Series();
  #closed = false;
  /** @type {any} */
  #retry = null;

  /** @param {import("../app.js").Context} context @param {LinkParts} parts */
  constructor(context, parts) {
    this.context = context;
    this.parts = parts;
  }

  get failing() {
    return this.#failingSince > 0;
  }

  /** How long requests have failed; 0 = they do not. */
  get failingSeconds() {
    return this.failing ? Math.max(0.001, (performance.now() - this.#failingSince) / 1000) : 0;
  }

  end() {
    this.#closed = true;
    clearTimeout(this.#retry);
  }

  /** A request succeeded. */
  answered() {
    this.#failingSince = 0;
    this.#tries = 0;
  }

  #fails() {
    this.#failingSince = this.#failingSince || performance.now();
  }

  /** A request failed for good: the next try is ours. */
  later() {
    this.#fails();
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.now(), retryDelay(this.#tries++));
  }

  /** Tries again at once. */
  now() {
    if (this.#closed || this.owed || this.parts.full()) return;
    if (this.parts.loaded()) this.parts.kick();
    else this.parts.begin();
  }

  /** The connection to the box is back. */
  connected() {
    if (!this.failing && this.parts.title()) return;
    this.now();
    this.fetch();
  }

  /** There is room in the air, or none any more. */
  room() {
    if (this.failing && !this.parts.full()) {
      // It was refused for want of room, which is over: no word of a box that does not answer.
      this.answered();
      this.now();
    }
    this.parts.changed();
  }

  /** The title changed from what it was before. @param {Title | null} before @param {Title} title */
  changed(before, title) {
    this.gone = false;
    if (!this.parts.loaded()) this.parts.begin();
    else if (this.failing && title.playable) {
      if (this.owed || !sameStreams(before, title)) {
        this.owed = !this.parts.reaches(title);
        if (!this.owed) this.parts.reload();
      } else if (!before?.playable || before.state !== title.state) this.now();
    }
  }

  /** @param {import("./recovery.js").Trouble} trouble */
  trouble(trouble) {
    if (this.#closed) return;
    const media = trouble.type === "media" && trouble.fatal;
    const action = decide(trouble, media ? this.#series.add(performance.now()) : 0);
    if (trouble.type === "network") this.#fails();
    if (action === "retry") this.later();
    if (action === "refetch") this.#refetch();
    if (action === "recover" || action === "swap") this.parts.recover(action === "swap");
    if (action === "give-up" && !(trouble.type !== "network" && this.parts.otherwise()))
      this.failed = "broken";
    this.parts.changed();
  }

  /** Pushes may not come (no socket): while something is awaited, the box is asked. */
  poll() {
    if (!this.parts.loaded() || this.failing || this.gone) this.fetch();
  }

  /** Asks the box what the title is now. */
  async fetch() {
    try {
      const title = await this.context.api.title(this.parts.id);
      if (this.#closed) return;
      if (!this.parts.loaded()) this.answered();
      this.parts.know(title);
    } catch (error) {
      if (this.#closed) return;
      if (isAway(error)) this.#fails();
      else if (!(await this.#moved())) this.gone = !this.parts.started() || this.failing;
      this.parts.changed();
    }
  }

  /** Never played and gone: was it only complete at last? */
  async #moved() {
    const old = this.parts.title();
    if (!old || this.parts.started()) return false;
    const next = await findSuccessor(this.context, old);
    if (next && !this.#closed) this.context.navigate({ view: "watch", id: next.id }, { replace: true });
    return next !== null;
  }

  /** The rendition is gone, or the stick. */
  async #refetch() {
    const before = this.parts.title()?.playlist;
    await this.fetch();
    if (this.#closed || this.gone) return;
    const title = this.parts.title();
    // know() has reloaded it already when the playlist changed.
    if (!title?.playable || title.playlist === before) this.later();
  }
}

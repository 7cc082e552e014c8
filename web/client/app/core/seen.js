// What this phone has watched, newest first, and where it stopped. Pure but for the storage it is given.

/** @typedef {import("../types.d.ts").Seen} Seen */
/** @typedef {import("../types.d.ts").Title} Title */

const KEPT = 200;
/** From here on a film counts as watched. */
export const WATCHED_FROM = 0.95;

/** @param {number} seconds @param {number} durationSeconds */
export const isWatched = (seconds, durationSeconds) =>
  durationSeconds > 0 && seconds / durationSeconds >= WATCHED_FROM;

/**
 * Where playing starts: at the beginning when there is hardly anything to go back to or nothing left, else a little
 * before the place, so that one finds one's way back in.
 * @param {number} seconds the saved place
 * @param {number} durationSeconds 0: unknown
 */
export function startAt(seconds, durationSeconds) {
  if (!(seconds >= 15) || isWatched(seconds, durationSeconds)) return 0;
  return Math.max(0, seconds - 3);
}

/** @param {unknown} value @returns {value is Seen} */
const isSeen = (value) =>
  typeof value === "object" && value !== null && typeof (/** @type {any} */ (value).id) === "string";

export class SeenList {
  /** @type {Seen[]} */
  #list;

  /** @param {import("./settings.js").Settings} settings */
  constructor(settings) {
    this.settings = settings;
    this.#list = this.#stored();
  }

  #stored() {
    const stored = this.settings.read("seen", /** @type {unknown[]} */ ([]));
    return Array.isArray(stored) ? stored.filter(isSeen) : [];
  }

  /** As other tabs have noted it since. @param {string} id @returns {Seen | undefined} */
  fresh(id) {
    const stored = this.#stored();
    if (stored.length > 0) this.#list = stored;
    return this.get(id);
  }

  /** @param {string} id @returns {Seen | undefined} */
  get(id) {
    return this.#list.find((s) => s.id === id);
  }

  /** The box does not know it; its stick may come again. @param {string} id */
  gone(id) {
    const entry = this.fresh(id);
    if (!entry) return;
    entry.gone = true;
    this.settings.write("seen", this.#list);
  }

  /** Those begun and not finished, newest first. @param {number} most @returns {Seen[]} */
  unfinished(most) {
    return this.#list.filter((s) => !s.watched && s.seconds >= 15).slice(0, most);
  }

  /** @param {Title} title @param {number} seconds where it plays @param {number} durationSeconds */
  note(title, seconds, durationSeconds) {
    const before = this.get(title.id);
    const finished = isWatched(seconds, durationSeconds);
    // A second look does not take the mark away.
    const watched = finished || (before?.watched === true && seconds < 15);
    const entry = {
      id: title.id,
      title: title.title,
      thumbnail: title.thumbnail ?? "",
      seconds,
      durationSeconds,
      watched,
    };
    this.#list = [entry, ...this.#list.filter((s) => s.id !== title.id)].slice(0, KEPT);
    this.settings.write("seen", this.#list);
  }
}

// Keeps this phone's place in a title: on the box (so that it survives a cleared browser) and here (so that the shelf
// "Continue watching" needs no asking).

/** @typedef {import("../types.d.ts").Title} Title */

const EVERY = 10_000;
/** Seconds. The box writes places down some minutes late (appliance/library, resumeEvery) and forgets them when its plug is pulled. */
const LATE = 300;

/**
 * The place to start from: the box's; or what this phone remembers, when the box does not answer soon, or when the
 * two are so near each other that the box's is this phone's own of a while ago.
 * @param {import("../app.js").Context} context
 * @param {string} id
 * @param {number} [limitMilliseconds]
 * @returns {Promise<number>} seconds
 */
export async function placeOf({ api, seen }, id, limitMilliseconds = 800) {
  const here = seen.get(id)?.seconds ?? 0;
  const box = api.resume(id).then(
    (there) => (here && Math.abs(here - there) < LATE ? here : there),
    () => here,
  );
  const late = new Promise((/** @type {(value: number) => void} */ done) => {
    setTimeout(() => done(here), limitMilliseconds);
  });
  return Promise.race([box, late]);
}

export class PlaceKeeper {
  #saved = -1;
  #at = 0;

  /** @param {import("../app.js").Context} context @param {() => number} [now] milliseconds */
  constructor(context, now = () => performance.now()) {
    this.context = context;
    this.now = now;
    this.#at = now();
  }

  /** Called often while playing. @param {Title} title @param {number} seconds @param {number} duration */
  tick(title, seconds, duration) {
    if (this.now() - this.#at >= EVERY) this.save(title, seconds, duration);
  }

  /** @param {Title} title @param {number} seconds @param {number} duration */
  save(title, seconds, duration) {
    this.#at = this.now();
    if (!Number.isFinite(seconds) || seconds < 1 || Math.abs(seconds - this.#saved) < 0.5) return;
    this.#saved = seconds;
    this.context.seen.note(title, seconds, duration);
    this.context.noteSeen(title.id);
    // The next save makes up for a lost one.
    this.context.api.saveResume(title.id, seconds).catch(() => {});
  }
}

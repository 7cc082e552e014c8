// Keeps this phone's place in a title: on the box (so that it survives a cleared browser) and here (so that the shelf
// "Continue watching" needs no asking).

/** @typedef {import("../types.d.ts").Title} Title */

const EVERY = 10_000;

/**
 * The place to start from: what this phone remembers, else the box's. Nobody else tells the box this phone's places, and
 * it writes them down minutes late (appliance/library, resumeEvery), so that a pulled plug costs it the last ones.
 * @param {import("../app.js").Context} context
 * @param {string} id
 * @param {number} [limitMilliseconds]
 * @returns {Promise<number>} seconds
 */
export async function placeOf({ api, seen }, id, limitMilliseconds = 800) {
  const here = seen.fresh(id)?.seconds;
  if (here !== undefined) return here;
  const late = new Promise((/** @type {(value: number) => void} */ done) => {
    setTimeout(() => done(0), limitMilliseconds);
  });
  return Promise.race([api.resume(id).catch(() => 0), late]);
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

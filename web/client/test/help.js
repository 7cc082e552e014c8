// Values that tests share.
import { readFileSync } from "node:fs";
import { Language } from "../app/text/language.js";

/** @typedef {import("../app/types.d.ts").Title} Title */

/** @param {string} tag @param {string} [part] "drawer/" @returns {import("../app/text/language.js").Messages} */
export const messages = (tag, part = "") =>
  JSON.parse(readFileSync(new URL(`../languages/${part}${tag}.json`, import.meta.url), "utf8"));

export const english = new Language("en", messages("en"));
/** As the sheet "What the box sees" has it. */
export const boxEnglish = new Language("en", { ...messages("en"), ...messages("en", "box/") });
/** As the player has it. */
export const playerEnglish = new Language("en", { ...messages("en"), ...messages("en", "player/") });
export const drawerEnglish = new Language("en", { ...messages("en"), ...messages("en", "drawer/") });

/** @param {string} id @param {Partial<Title> & {folder?: string, file?: string}} [change] @returns {Title} */
export function title(id, { folder = "", file = `${id}.mp4`, ...change } = {}) {
  return {
    id,
    title: id,
    sources: [{ stick: "sda1", folder, file }],
    state: "ready",
    playable: true,
    how: "direct",
    progress: 1,
    secondsLeft: 0,
    durationSeconds: 100,
    width: 1280,
    height: 720,
    viewers: 0,
    playlist: `/stream/${id}/video-1/index.m3u8`,
    master: `/stream/${id}/master.m3u8`,
    audio: [],
    subtitles: [],
    chapters: [],
    ...change,
  };
}

/** Lets what is on its way arrive: one turn of the event loop. @returns {Promise<void>} */
export const turn = () =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

/** A clock with timers that a test moves. */
export class FakeClock {
  now = 0;
  /** @type {{at: number, run: () => void}[]} */
  timers = [];

  /** @param {() => void} run @param {number} milliseconds */
  later = (run, milliseconds) => {
    const timer = { at: this.now + milliseconds, run };
    this.timers.push(timer);
    return timer;
  };

  /** @param {any} timer */
  cancel = (timer) => {
    this.timers = this.timers.filter((t) => t !== timer);
  };

  /** @param {number} milliseconds */
  pass(milliseconds) {
    const until = this.now + milliseconds;
    for (;;) {
      const next = this.timers.filter((t) => t.at <= until).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.cancel(next);
      this.now = next.at;
      next.run();
    }
    this.now = until;
  }
}

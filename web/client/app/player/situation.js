// What the player shows above the picture, decided from the facts. Pure: the whole truth of "what do we say now"
// stands here, in the order of importance.

import { isBegun } from "../library/words.js";

/** @typedef {import("../types.d.ts").Title} Title */
/**
 * @typedef {object} Facts
 * @property {Title | null} title null: not known (yet)
 * @property {boolean} gone the box says that there is no such title
 * @property {string} failed reason code of what cannot be mended; "" = nothing
 * @property {boolean} loaded the player has been given a playlist
 * @property {boolean} tapNeeded the browser wants a tap before it plays
 * @property {boolean} ended
 * @property {boolean} nextOffered the card of the next title counts down
 * @property {boolean} stalled wants to play and cannot, for longer than a blink
 * @property {number} failingSeconds how long requests have failed; 0 = they do not
 * @property {boolean} answers the box itself answers, whatever becomes of the title's requests
 * @property {boolean} full the box has said that the air is full, and this phone is not among those who are in
 * @property {boolean} started the first frame was shown: before, nobody has caught up with anything
 * @property {boolean} atEdge the playhead is where the conversion is
 */
/**
 * @typedef {"none" | "airFull" | "spinner" | "tap" | "next" | "ended" | "prepare" | "trouble" | "unplugged" | "away" | "edge" | "gone" | "failed"} Situation
 */

/**
 * A film that the box does not list any more was deleted if its stick is still plugged: nothing brings it back.
 * @param {Title | null} title as it was last @param {import("../types.d.ts").Box | null} box
 */
export const isDeleted = (title, box) =>
  (title?.sources ?? []).some(({ stick }) => box?.sticks?.some(({ id }) => id === stick));

/** Nothing plays on by itself from here. @param {Situation} kind */
export const isOver = (kind) => kind === "gone" || kind === "failed";

/** Failing for a moment is not worth a word while there is something to play. */
const PATIENCE_SECONDS = 4;

/** How long a title may take to come again, while the box itself answers, before that is worth a word. */
const BACK_SECONDS = 15;

/** @param {Facts} facts @returns {Situation} */
export function situation(facts) {
  const { title } = facts;
  if (facts.failed) return "failed";
  if (facts.nextOffered) return "next";
  if (facts.ended) return "ended";
  if (facts.gone) return "gone";
  if (!facts.loaded) return unloaded(facts);
  // Who still has something to play plays on.
  if (facts.full && (facts.stalled || facts.failingSeconds > 0 || facts.tapNeeded)) return "airFull";
  const away = facts.failingSeconds > 0 && (facts.stalled || facts.failingSeconds > PATIENCE_SECONDS);
  if (away && title?.state === "unplugged") return "unplugged";
  if (away && facts.answers && isAwaited(title)) return "edge";
  // The box answers: its stick is just back, or slow. That passes, or the box will say what it is.
  if (away && facts.answers && facts.failingSeconds < BACK_SECONDS) return facts.stalled ? "spinner" : "none";
  if (away) return "away";
  if (facts.tapNeeded) return "tap";
  if (!facts.stalled) return "none";
  if (!facts.started || !facts.atEdge || !title || !isBegun(title)) return "spinner";
  return title.state === "unplugged" ? "unplugged" : "edge";
}

/** It was playable and is being prepared anew. @param {Title | null} title */
const isAwaited = (title) => ["checking", "copying", "queued", "converting"].includes(title?.state ?? "");

/** @param {Facts} facts @returns {Situation} */
function unloaded({ title, failingSeconds, stalled, full }) {
  if (full && title?.playable) return "airFull";
  if (!title) return failingSeconds > 0 ? "away" : stalled ? "spinner" : "none";
  if (title.playable) return failingSeconds > 0 ? "away" : stalled ? "spinner" : "none";
  if (title.state === "unplugged") return "unplugged";
  return title.state === "unplayable" || title.state === "blocked" ? "trouble" : "prepare";
}

/** How much more than the viewer's place must be ready before playing goes on there, seconds. */
const AHEAD_SECONDS = 8;

/** Is a place (seconds) among what can be played by now? @param {Title} title @param {number} place */
export function reaches(title, place) {
  if (!isBegun(title)) return true;
  return place === 0 || title.progress * title.durationSeconds >= place + AHEAD_SECONDS;
}

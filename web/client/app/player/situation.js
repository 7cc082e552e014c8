// What the player shows above the picture, decided from the facts. Pure: the whole truth of "what do we say now"
// stands here, in the order of importance.

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
 * @property {boolean} atEdge the playhead is where the conversion is
 */
/**
 * @typedef {"none" | "spinner" | "tap" | "next" | "ended" | "prepare" | "trouble" | "unplugged" | "away" | "edge" | "gone" | "failed"} Situation
 */

/** Failing for a moment is not worth a word while there is something to play. */
const PATIENCE_SECONDS = 4;

/** @param {Facts} facts @returns {Situation} */
export function situation(facts) {
  const { title } = facts;
  if (facts.failed) return "failed";
  if (facts.nextOffered) return "next";
  if (facts.ended) return "ended";
  if (facts.gone) return "gone";
  if (!facts.loaded) return unloaded(facts);
  const away = facts.failingSeconds > 0 && (facts.stalled || facts.failingSeconds > PATIENCE_SECONDS);
  if (away) return title?.state === "unplugged" ? "unplugged" : "away";
  if (facts.tapNeeded) return "tap";
  if (!facts.stalled) return "none";
  return facts.atEdge && title?.state === "converting" ? "edge" : "spinner";
}

/** @param {Facts} facts @returns {Situation} */
function unloaded({ title, failingSeconds, stalled }) {
  if (!title) return failingSeconds > 0 ? "away" : stalled ? "spinner" : "none";
  if (title.playable) return failingSeconds > 0 ? "away" : stalled ? "spinner" : "none";
  if (title.state === "unplugged") return "unplugged";
  return title.state === "unplayable" || title.state === "blocked" ? "trouble" : "prepare";
}

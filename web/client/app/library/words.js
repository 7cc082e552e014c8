// What a card says of its title. Pure.
import { length, percent, roughly } from "../text/format.js";

/** @typedef {import("../types.d.ts").Title} Title */
/** @typedef {import("../text/language.js").Language} Language */

/**
 * A title's one reason says why it cannot be played, why it is on its rung, or, with these codes, that it plays but
 * not all of it. The server gives no kind with it; a new warning has its place here.
 */
const WARNINGS = new Set(["ends_early", "sound_ends_early", "no_sound", "encoder_failed"]);

/** @param {import("../types.d.ts").Title["reason"]} reason */
export const isWarning = (reason) => reason != null && WARNINGS.has(reason.code);

/** What a viewer should know of a title that plays; "" = nothing. @param {Language} language @param {Title} title */
export function warningSentence(language, { playable, reason }) {
  return playable && reason && isWarning(reason) ? language.reason(reason) : "";
}

/**
 * How a title comes to be played: what is lacking, else why it was converted, else its rung. Small print of the player.
 * @param {Language} language
 * @param {Title} title
 */
export function detailSentence(language, title) {
  const { state, playable, how, reason } = title;
  if (!playable || !how || how === "none") return "";
  // While a title is blocked or its stick is gone, the reason speaks of that.
  if (reason && (state === "ready" || state === "converting")) return language.reason(reason);
  return warningSentence(language, title) || language.t(`how.${how}`);
}

/**
 * One sentence on why a title is not simply there, or what is lacking; "" when all is well.
 * @param {Language} language
 * @param {Title} title
 * @returns {string}
 */
export function stateSentence(language, title) {
  if (title.converted) return convertedSentence(language, title);
  switch (title.state) {
    case "ready":
      return warningSentence(language, title);
    case "converting":
      return convertingSentence(language, title);
    case "blocked":
    case "unplayable":
      return title.reason ? language.reason(title.reason) : language.t(`title.${title.state}`);
    case "unplugged":
      if (isRemoved(title)) return language.t("title.fileRemoved");
      return begunSentence(language, title, "title.paused") || language.t("title.unplugged");
    default:
      return begunSentence(language, title, "title.begun") || language.t(`title.${title.state}`);
  }
}

/** What is being prepared, or was when something came between: it goes on from there. @param {Title} title */
export const isBegun = ({ state, progress }) =>
  state === "converting" || (["queued", "unplugged"].includes(state) && progress > 0 && progress < 1);

/** @param {Language} language @param {Title} title @param {string} key @returns {string} "" = nothing was begun */
function begunSentence(language, title, key) {
  return isBegun(title) ? language.t(key, { share: percent(language, title.progress) }) : "";
}

/** The film went, and its stick stayed. @param {Title} title */
export const isRemoved = ({ state, reason }) => state === "unplugged" && reason?.code === "file_removed";

/**
 * Of a film that plays elsewhere as it is, and here when it is prepared.
 * @param {Language} language @param {Title} title
 */
function convertedSentence(language, title) {
  const { state, secondsLeft, playable } = title;
  if (state !== "converting" && state !== "queued")
    return stateSentence(language, { ...title, converted: false });
  const end = playable ? "Now" : "";
  if (!(secondsLeft > 0)) return language.t(`title.forDevice${end || soon(title)}`);
  return language.t(`title.forDeviceIn${end}`, { time: length(language, roughly(secondsLeft), "long") });
}

/** The box tells how long it takes when it has seen a little of it. @param {Title} title */
const soon = ({ state, durationSeconds, progress }) =>
  state === "converting" && durationSeconds > 0 && progress < 0.9 ? "Soon" : "";

/** @param {Language} language @param {Title} title */
function convertingSentence(language, title) {
  const end = title.playable ? "Now" : "";
  if (!(title.secondsLeft > 0)) return language.t(`title.converting${end || soon(title)}`);
  return language.t(`title.convertingFor${end}`, {
    time: length(language, roughly(title.secondsLeft), "long"),
  });
}

/**
 * The small print of a card.
 * @param {Language} language
 * @param {Title} title
 * @returns {{length: string, sentence: string, short: string, ring: number | null, tone: "" | "busy" | "note" | "trouble", dim: boolean}}
 *   ring: share done, null = no ring; short: a word or two for the poster
 */
export function cardWords(language, title) {
  const said = stateSentence(language, title);
  // Who counts the files of a stick misses one: files of the same content are one title.
  const places = title.state === "unplayable" ? (title.sources?.length ?? 0) : 0;
  const sentence = places > 1 ? `${said} ${language.t("title.places", { count: places })}` : said;
  // A film that has its own copy on the box plays on without its stick: that is worth a note, and no trouble.
  const away = title.state === "unplugged";
  const trouble = title.state === "blocked" || title.state === "unplayable" || (away && !title.playable);
  const preparing = title.state === "converting";
  const ring = isBegun(title) ? Math.min(1, Math.max(0, title.progress)) : null;
  return {
    length: length(language, title.durationSeconds),
    // The ring already says it on a card that is being prepared; the long sentence is the player's.
    sentence: !preparing ? sentence : language.t(title.playable ? "card.preparingNow" : "card.preparing"),
    short: ring === null ? "" : percent(language, ring),
    ring,
    tone: trouble ? "trouble" : !sentence ? "" : title.state === "ready" || away ? "note" : "busy",
    dim: trouble && !title.playable,
  };
}

// What the drawer says of pieces, rates, peers and events. Pure.
import { bytes, clock, percent } from "../text/format.js";
import { COMING, KEPT, PHONE, kindOf } from "./cells.js";

/** @typedef {import("./view.d.ts").SwarmView} SwarmView */
/** @typedef {import("./view.d.ts").LogEvent} LogEvent */
/** @typedef {import("../text/language.js").Language} Language */

/** A name in a sentence of any direction. @param {string} name */
const apart = (name) => `\u2068${name}\u2069`;

/** @param {Language} language @param {number} rate Mbit/s */
export function megabits(language, rate) {
  const shown = rate > 0 && rate < 0.05 ? 0.1 : rate;
  const rounded = shown >= 20 ? Math.round(shown) : Math.round(shown * 10) / 10;
  return language.t("swarm.rate", { rate: rounded });
}

/** How much of what is here came from phones; null = nothing is here yet. @param {{p2pBytes: number, httpBytes: number}} totals */
export function shareOf({ p2pBytes, httpBytes }) {
  const all = p2pBytes + httpBytes;
  return all > 0 ? p2pBytes / all : null;
}

/** In whole percents, cut off: "100 %" is not said while the box sent anything. @param {Language} language @param {number} share */
export const shareWords = (language, share) => percent(language, Math.floor(share * 100) / 100);

/**
 * @param {Language} language @param {SwarmView} view @param {number} n @param {number} cell
 * @returns {string} "Piece 12, 0:44–0:48. From Ada"
 */
export function cellSentence(language, view, n, cell) {
  if (n < 0 || n >= view.cells.length) return "";
  const place = language.t("swarm.piece", {
    n: n + 1,
    start: clock(view.starts[n] ?? 0),
    end: clock(view.starts[n + 1] ?? view.starts[n] ?? 0),
  });
  const name = view.from(n);
  const state = cell & 7;
  const from = state === PHONE || state === COMING ? name : "";
  const origin = cell & KEPT ? (state === PHONE ? "phone" : "box") : kindOf(cell);
  const words = from ? language.t(`cell.${origin}From`, { name: apart(from) }) : language.t(`cell.${origin}`);
  return [place, words, cell & KEPT ? language.t("cell.kept") : ""].filter(Boolean).join(" · ");
}

/** Why pieces are shared, or not. @param {Language} language @param {{on: boolean, why: string}} sharing */
export function sharingSentence(language, { on, why }) {
  const key = `sharing.${why}`;
  return language.has(key) ? language.t(key) : language.t(on ? "sharing.shared" : "sharing.off");
}

/** A code's words; the code itself where there are none. @param {Language} language @param {string} code */
export function whyWords(language, code) {
  const key = `why.${code}`;
  return language.has(key) ? language.t(key) : code;
}

/** One line of the log. @param {Language} language @param {LogEvent} event */
export function eventSentence(language, event) {
  const { type, how = "", from = "", why = "", n = -1, bytes: size = 0, ms = 0 } = event;
  const values = { n: n + 1, name: apart(from) };
  const reason = why ? whyWords(language, why) : "";
  switch (type) {
    case "grant":
      return sentence(
        language.t(`event.${how === "http" || how === "peers" ? how : "wait"}`, values),
        reason,
      );
    case "got": {
      const facts = [size > 0 ? bytes(language, size) : "", ms > 0 ? milliseconds(language, ms) : ""];
      return sentence(
        language.t(from ? "event.gotFrom" : "event.got", values),
        facts.filter(Boolean).join(", "),
      );
    }
    case "failed":
      return sentence(language.t(from ? "event.failedFrom" : "event.failed", values), reason);
    case "evict":
      return sentence(language.t("event.evict", values), reason);
    default:
      return sentence(language.t(how === "open" ? "event.open" : "event.gone", values), reason);
  }
}

/** @param {string} said @param {string} more */
const sentence = (said, more) => (more ? `${said}: ${more}` : said);

/** @param {Language} language @param {number} value @param {string} unit @param {number} digits */
const measured = (language, value, unit, digits) =>
  new Intl.NumberFormat(language.locale, {
    style: "unit",
    unit,
    unitDisplay: "short",
    maximumFractionDigits: digits,
  }).format(value);

/** @param {Language} language @param {number} value whole ones: more would only flicker */
export const seconds = (language, value) => measured(language, Math.round(value), "second", 0);

/** @param {Language} language @param {number} ms */
export const milliseconds = (language, ms) =>
  ms < 1000 ? measured(language, ms, "millisecond", 0) : measured(language, ms / 1000, "second", 1);

/** What goes between this phone and another. @param {Language} language @param {number} here Mbit/s @param {number} there Mbit/s */
export function flowWords(language, here, there) {
  const parts = [
    here > 0 ? language.t("swarm.comes", { rate: megabits(language, here) }) : "",
    there > 0 ? language.t("swarm.goes", { rate: megabits(language, there) }) : "",
  ].filter(Boolean);
  return parts.join(" · ") || language.t("swarm.quiet");
}

/** One or two letters for a circle. @param {string} name */
export function initials(name) {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words[words.length - 1]] : [words[0] ?? "?"];
  // "Guest 12" is told apart from "Guest 7" by its number.
  const last = letters[1] ?? "";
  if (/^\d+$/.test(last)) return last.slice(-2);
  return letters
    .map((word) => [...(word ?? "")][0] ?? "")
    .join("")
    .toLocaleUpperCase();
}

/** @param {Language} language @param {import("./view.d.ts").CacheView} cache @param {boolean} keeps for others */
export const memorySentence = (language, cache, keeps) =>
  language.t(keeps ? "swarm.memorySentence" : "swarm.memoryOwn", {
    all: bytes(language, cache.bytes),
    budget: bytes(language, cache.budgetBytes),
    ahead: bytes(language, Math.max(0, cache.bytes - cache.behindBytes)),
    behind: bytes(language, cache.behindBytes),
  });

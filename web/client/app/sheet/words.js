// What the sheet says of sticks, room and problems. Pure.
import { bytes, percent } from "../text/format.js";

/** @typedef {import("../types.d.ts").Stick} Stick */
/** @typedef {import("../types.d.ts").Box} Box */
/** @typedef {import("../text/language.js").Language} Language */

/** Kinds of ignored files that have words of their own. */
const KINDS = ["audio", "picture", "document", "subtitle", "shortClip", "hidden", "overLimit", "other"];

/** @param {Language} language @param {Stick} stick @returns {string} one sentence on its state */
export function stickSentence(language, stick) {
  if (stick.state === "ready") return language.t("stick.ready", { count: stick.titles });
  if (stick.reason) return language.reason(stick.reason);
  return language.t(`stick.${stick.state}`, { count: stick.titles });
}

/** @param {Language} language @param {Stick} stick "64 GB, exFAT" */
export const stickFacts = (language, stick) =>
  [stick.sizeBytes > 0 ? bytes(language, stick.sizeBytes) : "", stick.fileSystem].filter(Boolean).join(", ");

/**
 * "Not shown: 12 music files and 3 pictures."; "" when nothing was ignored.
 * @param {Language} language @param {Stick} stick
 */
export function ignoredSentence(language, stick) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const [kind, count] of Object.entries(stick.ignoredFiles ?? {})) {
    const known = KINDS.includes(kind) ? kind : "other";
    if (count > 0) counts.set(known, (counts.get(known) ?? 0) + count);
  }
  if (counts.size === 0) return "";
  const parts = KINDS.filter((k) => counts.has(k)).map((k) =>
    language.t(`ignored.${k}`, { count: counts.get(k) }),
  );
  const list = new Intl.ListFormat(language.locale, { type: "conjunction" }).format(parts);
  return language.t("ignored.sentence", { list });
}

/**
 * How full the box is.
 * @param {Language} language @param {Box["storage"]} storage
 * @returns {{sentence: string, share: number} | null} share: 0…1 used
 */
export function storageWords(language, storage) {
  if (!storage || !(storage.totalBytes > 0)) return null;
  const share = 1 - storage.freeBytes / storage.totalBytes;
  const usable = Math.max(0, storage.freeBytes - storage.reserveBytes);
  const values = {
    share: percent(language, share),
    films: bytes(language, storage.libraryBytes),
    free: bytes(language, usable),
  };
  return { sentence: language.t(usable > 0 ? "storage.sentence" : "storage.full", values), share };
}

/**
 * Who watches, what went from phone to phone, why or why not, and how many more the air carries. The box gives its reason
 * as a sentence in English; in other languages the page says it itself, from what the box decided and where it stands.
 * @param {Language} language @param {Box} box
 * @returns {string[]}
 */
export function sharingWords(language, { swarm, room }) {
  if (!swarm) return [];
  const { policy, viewers, why, p2pBytes, httpBytes } = swarm;
  const key = `policy.${policy === "auto" && room?.role === "accessPoint" ? "accessPoint" : policy}`;
  const moved = { phones: bytes(language, p2pBytes), box: bytes(language, httpBytes) };
  const { places = 0, taken = 0, waiting = 0 } = room ?? {};
  return [
    viewers > 0 ? `${language.t("header.watching", { count: viewers })}.` : "",
    language.has(key) ? language.t(key) : why,
    p2pBytes > 0 ? language.t("sheet.spared", moved) : "",
    places > 0 ? language.t("sheet.room", { count: places, taken }) : "",
    waiting > 0 ? language.t("sheet.waiting", { count: waiting }) : "",
  ].filter(Boolean);
}

// Which subtitles are shown, and what they are called. Pure.
import { languageName } from "../text/format.js";

/** @typedef {import("../types.d.ts").SubtitleTrack} SubtitleTrack */
/** @typedef {import("../text/language.js").Language} Language */

const base = (/** @type {string} */ tag) => tag.toLowerCase().split("-")[0] ?? "";
const same = (/** @type {string} */ a, /** @type {string} */ b) => a !== "" && base(a) === base(b);

/**
 * The best track in a language: of the kind that was chosen, else the whole text before one for the hard of hearing. Who
 * chose only what a film translates by itself gets no more than that.
 * @param {SubtitleTrack[]} tracks @param {string} language @param {string} [kind]
 */
function inLanguage(tracks, language, kind = "full") {
  const there = tracks.filter(
    (t) => same(t.language, language) && (t.kind === "forced") === (kind === "forced"),
  );
  return (
    there.find((t) => t.language.toLowerCase() === language.toLowerCase() && t.kind === kind) ??
    there.find((t) => t.kind === kind) ??
    there.find((t) => t.kind === "full") ??
    there[0]
  );
}

/** What is remembered for a track that says no language: those of a file beside the film mostly do not. */
const on = "on";

/**
 * What is remembered of a choice: "off", or the language, and the kind where it is not the whole text ("de", "de/forced").
 * @param {SubtitleTrack | undefined} track undefined = off @returns {string}
 */
export function remembered(track) {
  if (!track) return "off";
  return (track.language || on) + (track.kind === "full" ? "" : `/${track.kind}`);
}

/** The only one of a kind without a language; of several, none is meant. @param {SubtitleTrack[]} tracks @param {string} [kind] */
function untagged(tracks, kind = "full") {
  const there = tracks.filter((t) => t.kind === kind && t.language === "");
  return there.length === 1 ? there[0] : undefined;
}

/**
 * Which subtitles to begin with: the language chosen last on this device; else this page's where another one is heard;
 * else only what a film translates by itself (forced: a sign, a sentence in a foreign language).
 * @param {SubtitleTrack[]} tracks
 * @param {{wanted: string, page: string, heard: string}} of languages; wanted: as remembered, "" = never chosen; heard: "" = not known
 * @returns {number | null} null = none
 */
export function firstSubtitle(tracks, { wanted, page, heard }) {
  const there = tracks.filter((t) => t.url);
  const [tongue = "", kind] = wanted === "off" ? [] : wanted.split("/");
  const chosen = tongue === on ? untagged(there, kind) : tongue ? inLanguage(there, tongue, kind) : undefined;
  const foreign = !wanted && heard && !same(heard, page) ? inLanguage(there, page) : undefined;
  const forced = there.filter((t) => t.kind === "forced");
  const signs = heard
    ? forced.find((t) => same(t.language, heard) || t.language === "")
    : forced.find((t) => t.default);
  return (chosen ?? foreign ?? signs)?.n ?? null;
}

/**
 * What a choice says beside its name: why it cannot be shown, or for whom it is.
 * @param {Language} language @param {SubtitleTrack} track
 */
export function subtitleNote(language, { url, reason, kind }) {
  if (!url && reason) return language.reason(reason);
  return kind === "full" ? "" : language.t(`subtitles.${kind}`);
}

/**
 * What tracks are called: their language, behind it what the film calls them; equals are counted.
 * @param {Language} language @param {SubtitleTrack[]} tracks
 * @returns {string[]}
 */
export function subtitleLabels(language, tracks) {
  /** @type {Map<string, number>} */
  const met = new Map();
  return tracks.map((track, i) => {
    const tongue = track.language ? languageName(language, track.language) : "";
    const name = track.name.trim();
    const own = name && name.toLowerCase() !== tongue.toLowerCase() ? name : "";
    const label =
      [tongue, own].filter(Boolean).join(" · ") ||
      language.t("subtitles.number", { number: language.numbers.format(i + 1) });
    const key = label + track.kind;
    const count = (met.get(key) ?? 0) + 1;
    met.set(key, count);
    return count > 1 ? `${label} ${language.numbers.format(count)}` : label;
  });
}

/**
 * The names that the box gives tracks in the multivariant playlist, by which they are found among those that a browser
 * has read from there (web/master_subtitles.go).
 * @param {SubtitleTrack[]} tracks
 * @returns {Map<string, number>} name → n
 */
export function playlistNames(tracks) {
  /** @type {Map<string, number>} */
  const names = new Map();
  for (const { n, url, name, language, kind } of tracks) {
    if (!url) continue;
    // The box cannot write all characters there.
    const said = name.replace(/"/g, "'").slice(0, 120).trim();
    const plain = (said || language || "Subtitles") + (kind === "full" ? "" : ` (${kind})`);
    let free = plain;
    for (let count = 2; names.has(free); count++) free = `${plain} ${count}`;
    names.set(free, n);
  }
  return names;
}

// Subtitles are plain <track> elements, for both engines.

/** @typedef {import("../types.d.ts").Title} Title */
/** @typedef {import("../types.d.ts").SubtitleTrack} SubtitleTrack */

/**
 * Which subtitles to begin with: the language chosen last, else forced or default ones. Pure.
 * @param {SubtitleTrack[]} tracks @param {string} wanted language chosen on this phone; "" = never chosen, "off" = off
 * @returns {number | null}
 */
export function firstSubtitle(tracks, wanted) {
  const there = tracks.filter((t) => t.url);
  const chosen =
    wanted && wanted !== "off" ? there.find((t) => t.language === wanted && t.kind !== "forced") : undefined;
  const given =
    wanted === "off" ? there.find((t) => t.kind === "forced" && t.default) : there.find((t) => t.default);
  return (chosen ?? given)?.n ?? null;
}

/**
 * What a choice says beside its name: why it cannot be shown, or for whom it is. Pure.
 * @param {import("../text/language.js").Language} language @param {SubtitleTrack} track
 */
export function subtitleNote(language, { kind, url, reason }) {
  if (!url && reason) return language.reason(reason);
  return kind === "full" ? "" : language.t(`subtitles.${kind}`);
}

/** Adds those that are not there yet. @param {HTMLVideoElement} video @param {Title} title */
export function addTracks(video, title) {
  for (const s of title.subtitles) {
    if (!s.url || video.querySelector(`track[data-n="${Number(s.n)}"]`)) continue;
    const track = document.createElement("track");
    track.kind = "subtitles";
    track.label = s.name || s.language;
    track.srclang = s.language;
    track.src = s.url;
    track.dataset.n = String(Number(s.n));
    video.append(track);
  }
}

/** @param {HTMLVideoElement} video @param {number | null} n */
export function showTrack(video, n) {
  for (const track of video.querySelectorAll("track")) {
    track.track.mode = track.dataset.n === String(n) ? "showing" : "disabled";
  }
}

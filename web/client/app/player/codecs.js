// What this device can play. Most films are what every phone plays; one in HEVC, VP9 or AV1 says so (`codecs`), and the
// browser is asked, once for each such name. Who can plays the film as it is; who cannot gets the rendition for all
// others, which the box makes when it hears of the first such device. forDevice() makes of a title what it is here, so
// that nothing else of the player needs to know.
import { isWarning } from "../library/words.js";

/** @typedef {import("../types.d.ts").Title} Title */

/** @param {string} codecs RFC 6381 @returns {boolean} */
function askBrowser(codecs) {
  const type = `video/mp4; codecs="${codecs}"`;
  const { ManagedMediaSource, MediaSource } = /** @type {any} */ (window);
  const source = ManagedMediaSource ?? MediaSource;
  if (source) return source.isTypeSupported(type);
  // Native HLS only: iPhones before iOS 17.1.
  return document.createElement("video").canPlayType(type) !== "";
}

export class Codecs {
  /** @type {Map<string, boolean>} */
  #known = new Map();

  /** @param {(codecs: string) => boolean} [ask] */
  constructor(ask = askBrowser) {
    this.ask = ask;
  }

  /** @param {string} codecs "" = what every phone plays */
  can(codecs) {
    if (!codecs) return true;
    let can = this.#known.get(codecs);
    if (can === undefined) {
      can = this.ask(codecs);
      this.#known.set(codecs, can);
    }
    return can;
  }

  /** It said that it could, and failed. @param {string} codecs */
  cannot(codecs) {
    this.#known.set(codecs, false);
  }
}

/** The rendition that a playlist is of. @param {string} playlist */
const renditionOf = (playlist) => playlist.split("/").slice(-2)[0] ?? "";

/** @param {Title} title @param {string} playlist */
const masterOf = (title, playlist) =>
  title.master && `${title.master}?rendition=${encodeURIComponent(renditionOf(playlist))}`;

/**
 * A title as this device plays it. Pure.
 * @param {Title} title
 * @param {(codecs: string) => boolean} can
 * @returns {Title}
 */
export function forDevice(title, can) {
  const { codecs, renditions = [], playlist } = title;
  if (!codecs || !playlist) return title;
  // The playlist of all renditions would let hls.js change between them, and the viewer from swarm to swarm.
  if (can(codecs)) return { ...title, master: masterOf(title, playlist) };
  const other = renditions.find((one) => one.playlist !== playlist && can(one.codecs));
  const own = other?.playlist;
  return {
    ...title,
    codecs: "",
    converted: true,
    how: "convert",
    playable: Boolean(own),
    playlist: own,
    master: own && masterOf(title, own),
    // Until the box has heard of this device it waits to be prepared.
    state: title.state === "ready" ? (other?.state ?? "queued") : title.state,
    // Why it is as it is elsewhere does not hold here; that its file is damaged does.
    reason:
      title.state !== "ready" || (other?.state === "ready" && isWarning(title.reason))
        ? title.reason
        : other?.reason,
    progress: other?.progress ?? 0,
    secondsLeft: other?.secondsLeft ?? 0,
    audio: title.audio.filter((track) => track.default),
  };
}

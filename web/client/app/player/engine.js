// Plays a playlist in a <video>: hls.js where Media Source Extensions exist, else the browser's own HLS.
import { warm } from "../swarm/door.js";
import { HlsEngine } from "./engine-hls.js";
import { NativeEngine } from "./engine-native.js";

/**
 * What an engine tells.
 * @typedef {object} EngineEvents
 * @property {(seconds: number) => void} ready how far the playlist reaches; Infinity = to the end
 * @property {() => void} answered a request succeeded
 * @property {(trouble: import("./recovery.js").Trouble) => void} trouble
 * @property {() => void} tracks choices of sound changed
 * @property {(seconds: number) => void} late how much later than the playlist says the picture is
 */
/** @typedef {{base: string, video: HTMLVideoElement, visit: import("../swarm/door.js").Visit}} Place base: prefix of the assets */
/**
 * @typedef {object} Engine
 * @property {(title: import("../types.d.ts").Title, position: Promise<number>, sound: number | null) => void} load from that second on, with that sound track; null = its default
 * @property {() => void} kick try again now
 * @property {(swap: boolean) => void} recover restarts the decoder
 * @property {() => boolean} choosesSound can it play another sound track than the film's default?
 * @property {(n: number | null) => void} selectSound the track n of the title; null = its default
 * @property {boolean} ownSubtitles it shows the subtitles of the multivariant playlist
 * @property {() => void} destroy
 */

/**
 * hls.js, once it is here, and how often it did not come. State of the module on purpose: what a page has loaded is
 * the page's own state, and the browser's list of modules cannot be asked without waiting for an answer.
 * @type {{hls: typeof import("hls.js").default | null, failures: number}}
 */
const loaded = { hls: null, failures: 0 };

/**
 * A browser may remember that a module did not load and never ask again: each new try has another address.
 * @param {string} base
 * @returns {Promise<typeof import("hls.js").default>}
 */
async function loadHls(base) {
  const again = loaded.failures ? `?try=${loaded.failures}` : "";
  try {
    const hls = loaded.hls ?? (await import(`${base}/vendor/hls.min.mjs${again}`)).default;
    loaded.hls = hls;
    return hls;
  } catch (error) {
    loaded.failures++;
    throw error;
  }
}

/** Loads hls.js before it is needed, where it will be used. @param {string} base */
export function prepare(base) {
  if (!hasMediaSource()) return;
  loadHls(base).catch(() => {});
  warm();
}

/**
 * An engine without waiting; null where hls.js is not here (yet).
 * @param {Place} place
 * @param {EngineEvents} events
 * @returns {Engine | null}
 */
export function engineAtHand(place, events) {
  const Hls = loaded.hls;
  return Hls?.isSupported() ? new HlsEngine(Hls, place, events) : null;
}

/** iPhones before iOS 17.1 have neither; they need not load what they cannot use. */
const hasMediaSource = () => "MediaSource" in window || "ManagedMediaSource" in window;

/**
 * @param {Place} place
 * @param {EngineEvents} events
 * @returns {Promise<Engine | null>} null: this browser plays no HLS at all
 */
export async function createEngine(place, events) {
  const { base, video } = place;
  if (hasMediaSource()) {
    const Hls = await loadHls(base);
    if (Hls.isSupported()) return new HlsEngine(Hls, place, events);
  }
  if (!video.canPlayType("application/vnd.apple.mpegurl")) return null;
  return new NativeEngine(video, events);
}

// Plays a playlist in a <video>: hls.js where Media Source Extensions exist, else the browser's own HLS.
import { HlsEngine } from "./engine-hls.js";
import { NativeEngine } from "./engine-native.js";

/**
 * What an engine tells.
 * @typedef {object} EngineEvents
 * @property {(seconds: number) => void} ready how far the playlist reaches; Infinity = to the end
 * @property {() => void} answered a request succeeded
 * @property {(trouble: import("./recovery.js").Trouble) => void} trouble
 * @property {(bytes: number) => void} bytes loaded over HTTP
 * @property {() => void} tracks choices of sound changed
 */
/**
 * @typedef {object} Engine
 * @property {(title: import("../types.d.ts").Title, position: Promise<number>) => void} load from that second on
 * @property {() => void} kick try again now
 * @property {(swap: boolean) => void} recover restarts the decoder
 * @property {() => {list: {name: string, language: string}[], selected: number}} sounds
 * @property {(n: number) => void} selectSound
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
  if (hasMediaSource()) loadHls(base).catch(() => {});
}

/**
 * An engine without waiting; null where hls.js is not here (yet).
 * @param {string} base
 * @param {HTMLVideoElement} video
 * @param {EngineEvents} events
 * @returns {Engine | null}
 */
export function engineAtHand(base, video, events) {
  const Hls = loaded.hls;
  return Hls?.isSupported() ? new HlsEngine(Hls, base, video, events) : null;
}

/** iPhones before iOS 17.1 have neither; they need not load what they cannot use. */
const hasMediaSource = () => "MediaSource" in window || "ManagedMediaSource" in window;

/**
 * @param {string} base
 * @param {HTMLVideoElement} video
 * @param {EngineEvents} events
 * @returns {Promise<Engine | null>} null: this browser plays no HLS at all
 */
export async function createEngine(base, video, events) {
  if (hasMediaSource()) {
    const Hls = await loadHls(base);
    if (Hls.isSupported()) return new HlsEngine(Hls, base, video, events);
  }
  if (!video.canPlayType("application/vnd.apple.mpegurl")) return null;
  return new NativeEngine(video, events);
}

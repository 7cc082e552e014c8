// One segment by HTTP: with progress, with an honest end, and to be stopped at any time. XMLHttpRequest and not fetch():
// it says how far it is without a copy of each piece, and gives the whole in one piece of memory.

/** As the player's own requests (engine-hls.js). */
const FIRST_BYTE_LIMIT = 10_000;
const WHOLE_LIMIT = 60_000;

/**
 * @typedef {object} FetchEvents
 * @property {(bytes: number, total: number) => void} progress total 0: not known
 * @property {(segment: ArrayBuffer) => void} done
 * @property {(why: "status" | "network" | "timeout", status: number) => void} failed
 */

/**
 * @param {string} url
 * @param {FetchEvents} events
 * @param {() => XMLHttpRequest} [make]
 * @returns {() => void} stops it, without a word to events
 */
export function fetchSegment(url, events, make = () => new XMLHttpRequest()) {
  const request = make();
  let ended = false;
  /** @type {any} */
  let timer = null;
  const end = () => {
    if (ended) return false;
    ended = true;
    clearTimeout(timer);
    request.onreadystatechange = request.onprogress = request.onload = request.onerror = null;
    return true;
  };
  const stop = () => {
    if (end()) request.abort();
  };
  const fail = (/** @type {"status" | "network" | "timeout"} */ why, status = 0) => {
    stop();
    events.failed(why, status);
  };
  const limit = (/** @type {number} */ milliseconds) => {
    clearTimeout(timer);
    timer = setTimeout(() => !ended && fail("timeout"), milliseconds);
  };
  request.open("GET", url);
  request.responseType = "arraybuffer";
  request.onreadystatechange = () => {
    if (request.readyState === 2) limit(WHOLE_LIMIT);
  };
  request.onprogress = (event) => {
    // The body of an error is no part of a segment.
    if (request.status < 300) events.progress(event.loaded, event.lengthComputable ? event.total : 0);
  };
  request.onload = () => {
    const { status } = request;
    const segment = /** @type {ArrayBuffer | null} */ (request.response);
    if (!end()) return;
    if (status >= 200 && status < 300 && segment?.byteLength) events.done(segment);
    else events.failed(status >= 300 ? "status" : "network", status >= 300 ? status : 0);
  };
  request.onerror = () => {
    if (end()) events.failed("network", 0);
  };
  limit(FIRST_BYTE_LIMIT);
  request.send();
  return stop;
}

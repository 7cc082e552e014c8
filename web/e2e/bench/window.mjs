// What a viewer may have fetched of a film: what it watched, and the window ahead of it.

/** @typedef {{seconds: number, bytes: number}} Segment */

/** So far ahead pages fetch while others watch, and the player when it is alone. */
export const windowSeconds = 30;

/** Bytes of all segments that begin before a time. @param {Segment[]} segments @param {number} seconds */
export function bytesUntil(segments, seconds) {
  let at = 0;
  let bytes = 0;
  for (const segment of segments) {
    if (at < seconds) bytes += segment.bytes;
    at += segment.seconds;
  }
  return bytes;
}

/**
 * The viewer that went the farthest beyond, not the mean and not the first: of each what it fetched, from whomever, against the
 * segments that it watched and that begin within the window.
 * @param {Segment[]} segments in order
 * @param {{httpBytes: number, channelBytes: number, watchedSeconds: number}[]} viewers
 * @returns {{viewer: number, fetched: number, watched: number, allowed: number}} viewer from 1; bytes
 */
export function farthest(segments, viewers) {
  const all = viewers.map(({ httpBytes, channelBytes, watchedSeconds }, i) => ({
    viewer: i + 1,
    fetched: httpBytes + channelBytes,
    watched: bytesUntil(segments, watchedSeconds),
    allowed: bytesUntil(segments, watchedSeconds + windowSeconds),
  }));
  return all.reduce((worst, one) => (one.fetched - one.allowed > worst.fetched - worst.allowed ? one : worst));
}

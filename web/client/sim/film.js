// A film of segments of equal length whose sizes differ as those of a real one do.

import { Random } from "../app/swarm/random.js";

const SEGMENT_SECONDS = 4;

/**
 * @param {{seconds: number, mbit: number, seed: number, spread?: number}} options spread: sizes differ by ± that part
 * @returns {import("./world.js").Film}
 */
export function film({ seconds, mbit, seed, spread = 0.25 }) {
  const count = Math.ceil(seconds / SEGMENT_SECONDS);
  const starts = Array.from({ length: count + 1 }, (_, n) => Math.min(seconds, n * SEGMENT_SECONDS));
  const random = new Random(seed);
  const sizes = Array.from({ length: count }, () => {
    const factor = 1 + spread * (2 * random.next() - 1);
    return Math.round(SEGMENT_SECONDS * mbit * 125_000 * factor);
  });
  const segments = sizes.map((bytes, n) => ({ sha256: n.toString(16).padStart(8, "0"), bytes }));
  const none = { sha256: "", bytes: 0 };
  return { starts, bytes: (n) => sizes[n] ?? 0, segment: (n) => segments[n] ?? none };
}

// Which segment to fetch ahead of the loader. Pure.
//
// In the play zone (next 10 s) in order. Farther on by score = rarity · e^(−λ · distance): what few hold, soon needed.
// Pages in step see the same scores; so among the best k each is drawn by a trial with p = score ÷ best, in random
// order: they take different segments from the box and have something to give each other.

/** @typedef {import("./random.js").Random} Random */

/** Per second: at 30 s a segment counts 40 % of one at hand. */
const DECAY = 0.03;
export const BEST = 4;

/** @param {number} copies in the room, without one's own */
export const rarity = (copies) => 1 / (1 + copies);

/** @param {number} copies @param {number} seconds ahead of the playhead */
export const score = (copies, seconds) => rarity(copies) * Math.exp(-DECAY * Math.max(0, seconds));

/**
 * @param {{n: number, seconds: number, copies: number, zone: string}[]} candidates in order of n
 * @param {Random} random
 * @returns {number} a segment, or -1: none
 */
export function pick(candidates, random) {
  const soon = candidates.find((c) => c.zone === "play");
  if (soon) return soon.n;
  const best = candidates
    .map((c) => ({ n: c.n, score: score(c.copies, c.seconds) }))
    .sort((a, b) => b.score - a.score || a.n - b.n)
    .slice(0, BEST);
  const first = best[0];
  if (!first) return -1;
  const left = [...best];
  while (left.length > 0) {
    const [drawn] = left.splice(random.below(left.length), 1);
    if (drawn && random.next() < drawn.score / first.score) return drawn.n;
  }
  return first.n;
}

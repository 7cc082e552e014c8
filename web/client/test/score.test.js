import assert from "node:assert/strict";
import { test } from "node:test";
import { Random } from "../app/swarm/random.js";
import { BEST, pick, score } from "../app/swarm/score.js";

const ahead = [3, 4, 5, 6, 7].map((n) => ({ n, seconds: 4 * n, copies: 0, zone: "ahead" }));

/** How often each is drawn by so many pages in step. @param {typeof ahead} candidates @param {number} pages */
function drawn(candidates, pages) {
  /** @type {Map<number, number>} */
  const counts = new Map();
  for (let seed = 0; seed < pages; seed++) {
    const n = pick(candidates, new Random(seed * 7919));
    counts.set(n, (counts.get(n) ?? 0) + 1);
  }
  return counts;
}

test("in the play zone the next one comes first, whatever the others score", () => {
  const soon = { n: 2, seconds: 8, copies: 9, zone: "play" };
  assert.deepEqual([...drawn([soon, ...ahead], 50).keys()], [2]);
});

test("farther on, pages in step draw different ones of the best four, the better the more often", () => {
  const counts = drawn(ahead, 2000);
  assert.deepEqual([...counts.keys()].sort(), [3, 4, 5, 6]);
  assert.equal(counts.size, BEST);
  const often = [3, 4, 5, 6].map((n) => counts.get(n) ?? 0);
  assert.deepEqual(
    [...often].sort((a, b) => b - a),
    often,
  );
  assert.ok(
    often.every((count) => count > 200),
    often.join(),
  );
});

test("a segment that others hold scores less, and so does one farther away", () => {
  assert.ok(score(0, 10) > score(1, 10) && score(1, 10) > score(2, 10));
  assert.ok(score(0, 10) > score(0, 20));
});

test("the same state draws the same, and nothing is drawn of nothing", () => {
  assert.equal(pick(ahead, new Random(5)), pick(ahead, new Random(5)));
  assert.equal(pick([], new Random(5)), -1);
});

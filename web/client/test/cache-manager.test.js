import assert from "node:assert/strict";
import { test } from "node:test";
import { CacheManager } from "../app/swarm/cache-manager.js";
import { Random } from "../app/swarm/random.js";
import { goFirst, nextUse } from "../app/swarm/retention.js";

const oldestFirst = (/** @type {number[]} */ list) => [...list].sort((a, b) => a - b);

/** A cache of ten with segments of one. @param {number[]} held */
function full(held) {
  const cache = new CacheManager(10);
  for (const n of held) cache.put(n, 1);
  return cache;
}

for (const [
  sentence,
  held,
  whose,
  view,
  go,
] of /** @type {[string, number[], "need" | "prefetch", {first: number, fed: number, last: number}, number[] | null][]} */ ([
  ["what fits lets nothing go", [1, 2, 3], "prefetch", { first: 3, fed: 3, last: 9 }, []],
  [
    "the rest goes by the keep rule",
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    "prefetch",
    { first: 8, fed: 8, last: 15 },
    [0],
  ],
  [
    "a prefetch leaves 20 % for others",
    [7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
    "prefetch",
    { first: 9, fed: 9, last: 16 },
    null,
  ],
  [
    "nor does it take what waits to be played",
    [9, 10, 11, 12, 13, 14, 15, 16, 17, 18],
    "prefetch",
    { first: 9, fed: 9, last: 18 },
    null,
  ],
  [
    "a need takes what the player has before it takes the last of what is for others",
    [0, 9, 10, 11, 12, 13, 14, 15, 16, 17],
    "need",
    { first: 9, fed: 10, last: 17 },
    [10],
  ],
  [
    "and in the end the farthest of what is ahead",
    [9, 10, 11, 12, 13, 14, 15, 16, 17, 18],
    "need",
    { first: 9, fed: 8, last: 18 },
    [18],
  ],
])) {
  test(`room: ${sentence}`, () => {
    assert.deepEqual(full(held).roomFor(1, whose, { ...view, goFirst: oldestFirst }), go);
  });
}

test("accounts are exact through everything that can happen to a segment", () => {
  const random = new Random(3);
  const cache = new CacheManager(1000);
  /** @type {Map<number, number>} */
  const held = new Map();
  /** @type {Map<number, number>} */
  const coming = new Map();
  for (let i = 0; i < 5000; i++) {
    const n = random.below(40);
    const bytes = 1 + random.below(50);
    switch (random.below(4)) {
      case 0:
        cache.reserve(n, bytes);
        coming.set(n, bytes);
        break;
      case 1:
        cache.release(n);
        coming.delete(n);
        break;
      case 2:
        cache.put(n, bytes);
        held.set(n, bytes);
        coming.delete(n);
        break;
      default:
        cache.drop(n);
        held.delete(n);
    }
    const sum = [...held.values(), ...coming.values()].reduce((a, b) => a + b, 0);
    assert.equal(cache.usedBytes(), sum);
  }
  const again = new CacheManager(1000, cache.save());
  assert.equal(again.usedBytes(), cache.usedBytes());
});

/** @param {Partial<Parameters<typeof goFirst>[1]>} change */
const given = (change) => ({
  keep: /** @type {const} */ ({ mode: "rarest" }),
  room: { copies: [], heads: [], stamp: 0 },
  start: (/** @type {number} */ n) => 4 * n,
  now: 0,
  draw: () => 0.5,
  ...change,
});

test("rarest: what most others hold goes first", () => {
  const room = { copies: [0, 3, 1, 0], heads: [], stamp: 0 };
  assert.deepEqual(goFirst([0, 1, 2, 3], given({ room })).slice(0, 2), [1, 2]);
});

test("what only this page holds goes by its next use, latest first", () => {
  // Viewers at 0 s and 20 s: 8 s is needed in 8 s by the first, 24 s in 4 s by the second, 40 s in 20 s.
  const room = { copies: [], heads: [0, 20], stamp: 0 };
  assert.deepEqual(goFirst([2, 6, 10], given({ room })), [10, 2, 6]);
  assert.equal(nextUse(8, [0, 20]), 8);
  assert.ok(nextUse(8, [20]) > 600, "nobody is behind: whoever is yet to come");
});

test("playheads go on while nothing is told of them", () => {
  const room = { copies: [], heads: [0], stamp: 0 };
  assert.equal(goFirst([2, 20], given({ room, now: 0 }))[0], 20);
  // 40 s later that viewer is past segment 2: who needs it next is yet to come.
  assert.equal(goFirst([2, 20], given({ room, now: 40_000 }))[0], 2);
});

test("assigned: one's own share goes last", () => {
  const keep = /** @type {const} */ ({ mode: "assigned", of: 3, is: 1 });
  assert.deepEqual(new Set(goFirst([0, 1, 2, 3, 4, 5], given({ keep })).slice(-2)), new Set([1, 4]));
});

test("assigned without a number of one's own is number 0", () => {
  const keep = /** @type {const} */ ({ mode: "assigned", of: 2 });
  assert.deepEqual(new Set(goFirst([0, 1, 2, 3], given({ keep })).slice(-2)), new Set([0, 2]));
});

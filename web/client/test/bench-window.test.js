import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { bytesUntil, farthest } from "../../e2e/bench/window.mjs";

// Ten minutes: quiet for the first five, then three times as many bytes.
const segments = Array.from({ length: 150 }, (_, n) => ({ seconds: 4, bytes: n < 75 ? 100 : 300 }));
/** @param {number} watchedSeconds @param {number} httpBytes @param {number} [channelBytes] */
const viewer = (watchedSeconds, httpBytes, channelBytes = 0) => ({ watchedSeconds, httpBytes, channelBytes });

describe("fetched, and what may be", () => {
  test("a segment counts whole as soon as it has begun", () => {
    assert.deepEqual(
      [0, 0.1, 4, 4.1, 300, 304, 1e6].map((s) => bytesUntil(segments, s)),
      [0, 100, 100, 200, 7500, 7800, 30_000],
    );
  });

  test("who watched and fetched 30 s ahead is at the bar", () => {
    assert.deepEqual(farthest(segments, [viewer(80, 1500, 1300)]), {
      ...{ viewer: 1, fetched: 2800, watched: 2000, allowed: 2800 },
    });
  });

  test("the second viewer is looked at like the first", () => {
    const { viewer: who, fetched, allowed } = farthest(segments, [viewer(80, 2700), viewer(72, 1000, 1800)]);
    assert.deepEqual([who, fetched, allowed], [2, 2800, 2600]);
  });

  test("by the film's own bytes there, not by a mean: more come after the quiet part", () => {
    const { fetched, allowed } = farthest(segments, [viewer(290, 8500)]);
    assert.deepEqual([fetched, allowed], [8500, 7500 + 5 * 300]);
  });

  test("what came twice counts twice", () => {
    const { fetched, allowed } = farthest(segments, [viewer(80, 2000, 2000)]);
    assert.ok(fetched > allowed);
  });
});

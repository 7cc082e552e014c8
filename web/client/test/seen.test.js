import assert from "node:assert/strict";
import { test } from "node:test";
import { SeenList, isWatched, startAt } from "../app/core/seen.js";
import { Settings } from "../app/core/settings.js";
import { cleanName } from "../app/name.js";
import { title } from "./help.js";

function memory() {
  /** @type {Map<string, string>} */
  const map = new Map();
  return {
    getItem: (/** @type {string} */ k) => map.get(k) ?? null,
    setItem: (/** @type {string} */ k, /** @type {string} */ v) => void map.set(k, v),
    map,
  };
}

for (const [seconds, duration, at, sentence] of /** @type {[number, number, number, string][]} */ ([
  [0, 100, 0, "nothing saved"],
  [14, 100, 0, "hardly begun"],
  [50, 100, 47, "a little before the place"],
  [94, 100, 91, "near the end"],
  [95, 100, 0, "watched: from the beginning"],
  [500, 0, 497, "of unknown length"],
  [NaN, 100, 0, "nonsense"],
])) {
  test(`resume at ${seconds} of ${duration} s: ${sentence}`, () =>
    assert.equal(startAt(seconds, duration), at));
}

test("watched from 95 %", () => {
  assert.deepEqual([isWatched(94.9, 100), isWatched(95, 100), isWatched(5, 0)], [false, true, false]);
});

test("newest first, finished ones are not to be continued, and it all survives the page", () => {
  const settings = new Settings(memory());
  const seen = new SeenList(settings);
  seen.note(title("a"), 50, 100);
  seen.note(title("b"), 99, 100);
  seen.note(title("c"), 5, 100);
  seen.note(title("d"), 20, 100);
  seen.note(title("a"), 60, 100);
  const again = new SeenList(settings);
  assert.deepEqual(
    again.unfinished(9).map((s) => s.id),
    ["a", "d"],
  );
  assert.equal(again.get("b")?.watched, true);
});

test("looking in again does not take the mark away; watching on does", () => {
  const seen = new SeenList(new Settings(memory()));
  seen.note(title("a"), 99, 100);
  seen.note(title("a"), 3, 100);
  assert.equal(seen.get("a")?.watched, true);
  seen.note(title("a"), 40, 100);
  assert.equal(seen.get("a")?.watched, false);
});

test("the list is bounded", () => {
  const seen = new SeenList(new Settings(memory()));
  for (let i = 0; i < 300; i++) seen.note(title(`t${i}`), 20, 100);
  assert.equal(seen.unfinished(1000).length, 200);
});

test("spoilt or refused storage is no storage", () => {
  const spoilt = memory();
  spoilt.map.set("streambox.seen", '[1, null, {"id": 7}, {"id": "a", "seconds": 20, "watched": false}]');
  spoilt.map.set("streambox.name", "{");
  spoilt.map.set("streambox.volume", '"loud"');
  assert.deepEqual(
    new SeenList(new Settings(spoilt)).unfinished(9).map((s) => s.id),
    ["a"],
  );
  assert.equal(new Settings(spoilt).get("name"), "");
  assert.equal(new Settings(spoilt).get("volume"), 1);
  const refusing = {
    getItem: () => {
      throw new Error("refused");
    },
    setItem: () => {
      throw new Error("refused");
    },
  };
  const settings = new Settings(refusing);
  settings.set("name", "Ada");
  assert.equal(settings.get("name"), "");
  assert.equal(new Settings(null).get("volume"), 1);
});

test("a name is at most 24 characters, counted as people count, without control characters", () => {
  assert.equal(cleanName("  Ada\n\tLovelace \u0000"), "Ada Lovelace");
  assert.equal([...cleanName("🎬".repeat(40))].length, 24);
  assert.equal(cleanName("   "), "");
});

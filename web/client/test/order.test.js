import assert from "node:assert/strict";
import { test } from "node:test";
import { comparison, folderOf, matches, natural, naturalPath } from "../app/core/order.js";
import { title } from "./help.js";

test("2 comes before 10, whatever the case and the accents", () => {
  const names = ["Episode 10", "episode 2", "Épisode 1", "Episode 02b"];
  assert.deepEqual([...names].sort(natural), ["Épisode 1", "episode 2", "Episode 02b", "Episode 10"]);
});

test("the order of equal-looking names does not depend on where they stood", () => {
  const orders = [
    ["a", "A", "á"],
    ["á", "A", "a"],
  ].map((names) => [...names].sort(natural).join());
  assert.equal(orders[0], orders[1]);
});

test("a folder comes before the folders below it", () => {
  const folders = ["b", "a/10", "a/2/x", "a/2", "", "a"];
  assert.deepEqual([...folders].sort(naturalPath), ["", "a", "a/2", "a/2/x", "a/10", "b"]);
});

test("titles are in the order of folder and file, not of their names", () => {
  const all = [
    title("c", { folder: "S 10" }),
    title("a", { folder: "S 2", file: "9" }),
    title("b", { folder: "S 2", file: "10" }),
  ];
  const order = comparison("folder");
  assert.ok(order);
  assert.deepEqual(
    all.sort(order).map((t) => t.id),
    ["a", "b", "c"],
  );
});

test("only the server knows what was added when", () => assert.equal(comparison("added"), null));

test("a title without sources is at the top", () =>
  assert.equal(folderOf({ ...title("x"), sources: [] }), ""));

const asked = { folder: "", q: "", sort: /** @type {const} */ ("folder") };
for (const [sentence, query, expected] of /** @type {[string, object, boolean][]} */ ([
  ["everything matches an empty query", {}, true],
  ["all words must occur, in any order, in name or folder", { q: "birds NATURE eagle" }, true],
  ["what only its file says is not searched", { q: "mkv" }, false],
  ["one missing word is enough to fail", { q: "eagle fish" }, false],
  ["accents do not matter", { q: "aérie" }, true],
  ["its folder matches", { folder: "Nature/Birds" }, true],
  ["a folder above matches", { folder: "Nature" }, true],
  ["a folder whose name only begins alike does not", { folder: "Nat" }, false],
])) {
  test(`search: ${sentence}`, () => {
    const eagle = title("e", { title: "The Eagle’s Aerie", folder: "Nature/Birds", file: "eagle.mkv" });
    assert.equal(matches(eagle, { ...asked, ...query }), expected);
  });
}

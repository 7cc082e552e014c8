import assert from "node:assert/strict";
import { test } from "node:test";
import { Previews, pictureAt } from "../app/player/previews.js";

const grid = {
  everySeconds: 10,
  count: 130,
  columns: 10,
  rows: 10,
  width: 160,
  height: 90,
  sheets: ["/a", "/b"],
};

test("the picture of a time is the one of the last tenth second before it", () => {
  assert.deepEqual(pictureAt(grid, 0), { url: "/a", x: 0, y: 0 });
  assert.deepEqual(pictureAt(grid, 9.9), { url: "/a", x: 0, y: 0 });
  assert.deepEqual(pictureAt(grid, 129), { url: "/a", x: 320, y: 90 });
  assert.deepEqual(pictureAt(grid, 1000), { url: "/b", x: 0, y: 0 });
});

test("before the film and behind it are its first and last picture", () => {
  assert.deepEqual(pictureAt(grid, -5), { url: "/a", x: 0, y: 0 });
  assert.deepEqual(pictureAt(grid, 1e6), { url: "/b", x: 9 * 160, y: 2 * 90 });
});

/** Something that shows a picture, and a line on which sheets come when they are let. */
function scene() {
  const root = /** @type {any} */ ({ hidden: false, style: {} });
  const asked = /** @type {{url: string, here: () => void, lost: () => void}[]} */ ([]);
  let changes = 0;
  const previews = new Previews(
    root,
    () => changes++,
    (url, here, lost) => asked.push({ url, here, lost }),
  );
  return { root, asked, previews, changes: () => changes };
}

test("a sheet is fetched when somebody points at it, once, and shown when it is here", () => {
  const { root, asked, previews, changes } = scene();
  previews.point(20);
  assert.equal(asked.length, 0, "a film without pictures");
  previews.of(grid);
  assert.equal(asked.length, 0, "nobody points");
  previews.point(20);
  previews.point(30);
  assert.deepEqual(
    asked.map((one) => one.url),
    ["/a"],
  );
  assert.equal(root.hidden, true);
  asked[0]?.here();
  assert.equal(root.hidden, false);
  assert.equal(changes(), 1);
  assert.equal(root.style.backgroundPosition, "-480px 0px", "where one points by then");
  previews.point(1000);
  assert.equal(root.hidden, true, "its sheet is on its way");
  assert.equal(asked.length, 2);
});

test("a sheet that did not come is asked for again", () => {
  const { root, asked, previews } = scene();
  previews.of(grid);
  previews.point(0);
  asked[0]?.lost();
  assert.equal(asked.length, 1, "nobody points");
  previews.point(0);
  assert.equal(asked.length, 2);
  asked[1]?.here();
  assert.equal(root.hidden, false);
});

test("a film that has none any more shows none", () => {
  const { root, asked, previews } = scene();
  previews.of(grid);
  previews.point(0);
  asked[0]?.here();
  previews.of(undefined);
  assert.equal(root.hidden, true);
});

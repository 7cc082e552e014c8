import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { Store } from "../app/core/store.js";
import { title } from "./help.js";

/** @typedef {import("../app/types.d.ts").Title} Title */
const all = { folder: "", q: "", sort: /** @type {const} */ ("folder") };

/** @type {Store} */
let store;
/** @type {import("../app/core/store.js").Change[]} */
let changes;
beforeEach(() => {
  store = new Store();
  changes = [];
  store.listen((change) => changes.push(change));
});

/** @param {string[]} ids @param {object} [more] */
const page = (ids, more = {}) => ({
  revision: 5,
  removed: [],
  total: ids.length,
  titles: ids.map((id) => title(id)),
  ...more,
});
/** @param {number} revision @param {Title[]} titles @param {string[]} [removed] */
const push = (revision, titles, removed = []) => store.push({ revision, titles, removed });

describe("pages", () => {
  test("the first page is the view, and its revision is what is known", () => {
    store.page(all, page(["a", "b"]), true);
    assert.deepEqual(store.view.ids, ["a", "b"]);
    assert.equal(store.revision, 5);
    assert.equal(changes.length, 1);
  });

  test("a later page is appended, without doubles, and asked for after the last title", () => {
    store.page(all, page(["a", "b"], { next: "b", total: 3 }), true);
    assert.equal(store.view.more, true);
    assert.equal(store.after, "b");
    store.page(all, page(["b", "c"], { total: 3 }), false);
    assert.deepEqual(store.view.ids, ["a", "b", "c"]);
    assert.equal(store.view.more, false);
  });

  test("a later page does not move the revision: what the first missed is still asked for", () => {
    store.page(all, page(["a"], { next: "a" }), true);
    store.page(all, page(["b"], { revision: 9 }), false);
    assert.equal(store.revision, 5);
  });

  test("an answer to an earlier query is dropped", () => {
    store.ask({ ...all, q: "eagle" });
    store.page(all, page(["a"]), true);
    assert.deepEqual(store.view.ids, []);
  });

  test("a page older than a push brings neither old state nor removed titles back", () => {
    push(7, [title("a", { title: "new" })], ["b"]);
    store.page(all, page(["a", "b"], { revision: 6 }), true);
    assert.equal(store.titles.get("a")?.title, "new");
    assert.deepEqual(store.view.ids, ["a"]);
  });
});

describe("pushes", () => {
  beforeEach(() => {
    store.page(all, page(["a", "c", "e"], { next: "e", total: 9 }), true);
    changes.length = 0;
  });

  test("a changed title is told by its id, the list stays", () => {
    push(6, [title("c", { viewers: 3 })]);
    assert.deepEqual(changes, [{ list: false, titles: new Set(["c"]) }]);
    assert.equal(store.revision, 6);
  });

  test("a new title takes its place", () => {
    push(6, [title("b")]);
    assert.deepEqual(store.view.ids, ["a", "b", "c", "e"]);
    assert.equal(store.view.total, 10);
    assert.equal(changes[0]?.list, true);
  });

  test("a new title behind what is shown waits for its page", () => {
    push(6, [title("z")]);
    assert.deepEqual(store.view.ids, ["a", "c", "e"]);
    assert.equal(store.view.total, 10);
  });

  test("behind the last of a complete list it is shown", () => {
    store.page(all, page(["f"], { total: 4 }), false);
    push(6, [title("z")]);
    assert.equal(store.after, "z");
  });

  test("a removed title leaves", () => {
    push(6, [], ["c", "unheard-of"]);
    assert.deepEqual(store.view.ids, ["a", "e"]);
    assert.equal(store.titles.has("c"), false);
    assert.equal(store.view.total, 8);
  });

  test("a renamed file moves", () => {
    push(6, [title("e", { file: "aa.mp4" })]);
    assert.deepEqual(store.view.ids, ["a", "e", "c"]);
    assert.equal(store.view.total, 9);
  });

  test("a title that no longer matches the search leaves the list, not the memory", () => {
    store.ask({ ...all, q: "c" });
    store.page({ ...all, q: "c" }, page(["c"]), true);
    push(6, [title("c", { title: "x", file: "x.mp4" })]);
    assert.deepEqual(store.view.ids, []);
    assert.equal(store.titles.has("c"), true);
  });

  test("newest first puts a new title first", () => {
    const added = { ...all, sort: /** @type {const} */ ("added") };
    store.ask(added);
    store.page(added, page(["c", "a"]), true);
    push(6, [title("b")]);
    assert.deepEqual(store.view.ids, ["b", "c", "a"]);
  });

  test("an older push changes nothing that is newer", () => {
    push(8, [title("a", { viewers: 2 })]);
    push(7, [title("a", { viewers: 1 })]);
    assert.equal(store.titles.get("a")?.viewers, 2);
    assert.equal(store.revision, 8);
  });

  test("reset: everything is asked for anew, and the old list stays until it comes", () => {
    assert.equal(store.push({ revision: 1, titles: [], removed: [], reset: true }), false);
    assert.equal(store.revision, 0);
    assert.deepEqual(store.view.ids, ["a", "c", "e"]);
    // After a restart of the box its revisions may begin anew.
    store.page(all, page(["a"], { revision: 2 }), true);
    assert.deepEqual(store.view.ids, ["a"]);
    assert.equal(store.revision, 2);
  });
});

test("ask: the same query is not asked twice, another one is", () => {
  assert.equal(store.ask(all), true);
  store.page(all, page(["a"]), true);
  assert.equal(store.ask({ ...all }), false);
  assert.equal(store.ask({ ...all, sort: "title" }), true);
});

test("a listener that left hears nothing", () => {
  let heard = 0;
  const leave = store.listen(() => heard++);
  leave();
  store.page(all, page(["a"]), true);
  assert.equal(heard, 0);
});

test("ten thousand titles and a thousand pushes are a matter of moments", () => {
  const ids = Array.from({ length: 10_000 }, (_unused, i) => `t${String(i).padStart(5, "0")}`);
  store.page(all, page(ids), true);
  for (let i = 0; i < 1000; i++) push(6 + i, [title(`t${String(i * 10).padStart(5, "0")}b`)]);
  assert.equal(store.view.ids.length, 11_000);
  const sorted = [...store.view.ids].sort();
  assert.deepEqual(store.view.ids, sorted);
});

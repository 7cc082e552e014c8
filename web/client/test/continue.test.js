// What this phone has begun, and the box may know or not.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Api } from "../app/core/api.js";
import { SeenList } from "../app/core/seen.js";
import { Settings } from "../app/core/settings.js";
import { recall } from "../app/library/continue.js";
import { title } from "./help.js";

/** @typedef {import("../app/types.d.ts").Title} Title */

/** A phone at a box that lists what it is given, and has 404 for the rest. */
function phone() {
  /** @type {Map<string, string>} */
  const map = new Map();
  const storage = {
    getItem: (/** @type {string} */ key) => map.get(key) ?? null,
    setItem: (/** @type {string} */ key, /** @type {string} */ value) => void map.set(key, value),
  };
  /** @type {Title[]} */
  const listed = [];
  /** @type {number[]} */
  const answers = [];
  const answer = (/** @type {number} */ status, /** @type {unknown} */ body) => {
    answers.push(status);
    return Promise.resolve(
      new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } }),
    );
  };
  const api = new Api((input) => {
    const url = new URL(String(input), "http://box");
    const id = /^\/api\/v1\/titles\/(.+)$/.exec(url.pathname)?.[1];
    if (!id) {
      const q = url.searchParams.get("q") ?? "";
      return answer(200, {
        revision: 1,
        titles: listed.filter((t) => t.title.includes(q)),
        removed: [],
        total: 0,
      });
    }
    const found = listed.find((t) => t.id === id);
    return found ? answer(200, found) : answer(404, { code: "not_found", error: "no" });
  });
  const seen = new SeenList(new Settings(storage));
  seen.note(title("a", { title: "Delete me" }), 50, 100);
  const visit = () => {
    answers.length = 0; // a page that is loaded anew
    const again = new SeenList(new Settings(storage));
    const [entry] = again.unfinished(1);
    assert.ok(entry);
    return recall({ api, seen: again }, entry);
  };
  return { listed, answers, visit };
}

test("a film that the box does not know costs one 404, not one at every visit", async () => {
  const { answers, visit } = phone();
  assert.equal(await visit(), undefined);
  assert.deepEqual(answers, [404]);
  for (let i = 0; i < 3; i++) {
    assert.equal(await visit(), undefined);
    assert.deepEqual(answers, [200]);
  }
});

test("when its stick is back it is found again, and not another film of that name", async () => {
  const { listed, visit } = phone();
  await visit();
  listed.push(title("b", { title: "Delete me" }));
  assert.equal(await visit(), undefined);
  listed.push(title("a", { title: "Delete me" }));
  assert.equal((await visit())?.id, "a");
});

test("a box that does not answer has said nothing", async () => {
  const { listed } = phone();
  listed.push(title("a"));
  let asked = "";
  const api = new Api(() => Promise.reject(new Error("away")));
  const seen = /** @type {any} */ ({ gone: (/** @type {string} */ id) => (asked = id) });
  assert.equal(await recall({ api, seen }, /** @type {any} */ ({ id: "a", title: "a" })), undefined);
  assert.equal(asked, "");
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { Api, ApiError, isAway } from "../app/core/api.js";

/** @param {(path: string, init: RequestInit) => Response | Promise<Response>} answer */
function box(answer) {
  /** @type {string[]} */
  const asked = [];
  const fetcher = async (/** @type {any} */ path, /** @type {any} */ init) => {
    asked.push(`${init.method ?? "GET"} ${path} ${init.body ?? ""}`.trim());
    return answer(path, init);
  };
  return { api: new Api(/** @type {typeof fetch} */ (fetcher), 50), asked };
}
/** @param {unknown} value @param {number} [status] */
const json = (value, status = 200) => Response.json(value, { status });
const query = { folder: "", q: "", sort: /** @type {const} */ ("folder") };

test("a page of titles names only what differs", async () => {
  const { api, asked } = box(() => json({ titles: [] }));
  await api.titles(query, { limit: 48 });
  await api.titles({ folder: "a b", q: "x&y", sort: "title" }, { after: "id", limit: 200 });
  assert.deepEqual(asked, [
    "GET /api/v1/titles?sort=folder&limit=48",
    "GET /api/v1/titles?sort=title&limit=200&folder=a+b&q=x%26y&after=id",
  ]);
});

test("ids do not become paths", async () => {
  const { api, asked } = box(() => json({}));
  await api.title("../box");
  assert.deepEqual(asked, ["GET /api/v1/titles/..%2Fbox"]);
});

test("a place is saved in tenths of a second, and outlives the page", async () => {
  const { api, asked } = box((_path, init) => {
    assert.equal(init.keepalive, true);
    return new Response(null, { status: 204 });
  });
  assert.equal(await api.saveResume("x", 12.3456), null);
  assert.deepEqual(asked, ['PUT /api/v1/resume/x {"seconds":12.3}']);
});

test("no place is 0", async () => {
  const { api } = box(() => json({}));
  assert.equal(await api.resume("x"), 0);
});

test("a refusal carries the box's code and parameters", async () => {
  const { api } = box(() => json({ error: "Gone.", code: "rendition_gone", parameters: { id: 1 } }, 410));
  await assert.rejects(api.title("x"), (/** @type {unknown} */ error) => {
    assert.ok(error instanceof ApiError);
    assert.deepEqual(
      [error.status, error.code, error.message, error.parameters],
      [410, "rendition_gone", "Gone.", { id: 1 }],
    );
    assert.equal(isAway(error), false);
    return true;
  });
});

test("an error page that is not JSON is still an error", async () => {
  const { api } = box(() => new Response("<h1>Bad gateway</h1>", { status: 502 }));
  await assert.rejects(api.box(), (error) => isAway(error));
});

test("no answer at all means that the box is away", async () => {
  const { api } = box(() => Promise.reject(new TypeError("Failed to fetch")));
  await assert.rejects(api.box(), (/** @type {any} */ error) => isAway(error) && error.code === "away");
});

test("an answer that never comes is given up", async () => {
  const { api } = box(
    (_path, init) =>
      new Promise((_done, fail) => {
        init.signal?.addEventListener("abort", () => fail(new Error("aborted")));
      }),
  );
  await assert.rejects(api.box(), (error) => isAway(error));
});

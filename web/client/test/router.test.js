import assert from "node:assert/strict";
import { test } from "node:test";
import { formatRoute, parseRoute, sameQuery } from "../app/core/router.js";

const plain = { folder: "", q: "", sort: "folder" };

for (const [path, search, expected] of /** @type {[string, string, object][]} */ ([
  ["/", "", { view: "library", query: plain }],
  [
    "/",
    "?q=a%26b&sort=title&folder=N/%C3%9C",
    { view: "library", query: { folder: "N/Ü", q: "a&b", sort: "title" } },
  ],
  ["/", "?sort=evil", { view: "library", query: plain }],
  ["/watch/mfrggzdfmztwq2lk", "", { view: "watch", id: "mfrggzdfmztwq2lk" }],
  ["/watch/mfrggzdfmztwq2lk/", "?x=1", { view: "watch", id: "mfrggzdfmztwq2lk" }],
  ["/watch/../../etc", "", { view: "library", query: plain }],
  ["/watch/", "", { view: "library", query: plain }],
  ["/watch/%3Cscript%3E", "", { view: "library", query: plain }],
])) {
  test(`${path}${search}`, () => assert.deepEqual(parseRoute(path, search), expected));
}

test("a route comes back from its address", () => {
  const routes = [
    "/",
    "/watch/abc",
    formatRoute({ view: "library", query: { folder: "a/b c", q: "ü&?", sort: "duration" } }),
  ];
  for (const address of routes) {
    const url = new URL(address, "http://box");
    assert.equal(formatRoute(parseRoute(url.pathname, url.search)), address);
  }
});

test("queries are compared by value", () => {
  const query = { folder: "", q: "a", sort: /** @type {const} */ ("title") };
  assert.ok(sameQuery(query, { ...query }));
  assert.ok(!sameQuery(query, { ...query, folder: "x" }));
});

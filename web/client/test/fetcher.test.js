import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { fetchSegment } from "../app/swarm/fetcher.js";

class FakeRequest {
  readyState = 0;
  status = 0;
  /** @type {ArrayBuffer | null} */ response = null;
  responseType = "";
  aborted = false;
  sent = false;
  /** @type {any} */ onreadystatechange = null;
  /** @type {any} */ onprogress = null;
  /** @type {any} */ onload = null;
  /** @type {any} */ onerror = null;
  open() {}
  send() {
    this.sent = true;
  }
  abort() {
    this.aborted = true;
  }
  /** @param {number} status @param {ArrayBuffer | null} response */
  answers(status, response) {
    Object.assign(this, { status, response });
    this.onload?.();
  }
}

/** @type {FakeRequest} */
let request;
/** @type {any[]} */
let heard;
beforeEach(() => {
  request = new FakeRequest();
  heard = [];
});
const begin = () =>
  fetchSegment(
    "/seg",
    {
      progress: (bytes, total) => heard.push(["progress", bytes, total]),
      done: (segment) => heard.push(["done", segment.byteLength]),
      failed: (why, status) => heard.push(["failed", why, status]),
    },
    () => /** @type {any} */ (request),
  );

test("a segment, with its progress", () => {
  begin();
  request.status = 200;
  request.onprogress({ loaded: 5, total: 10, lengthComputable: true });
  request.onprogress({ loaded: 7, total: 0, lengthComputable: false });
  request.answers(200, new ArrayBuffer(10));
  assert.deepEqual(heard, [
    ["progress", 5, 10],
    ["progress", 7, 0],
    ["done", 10],
  ]);
});

for (const [
  what,
  status,
  response,
  expected,
] of /** @type {[string, number, ArrayBuffer | null, any[]][]} */ ([
  ["gone", 410, new ArrayBuffer(99), ["failed", "status", 410]],
  ["the air is full", 503, new ArrayBuffer(99), ["failed", "status", 503]],
  ["an empty answer", 200, new ArrayBuffer(0), ["failed", "network", 0]],
  ["no memory for it", 200, null, ["failed", "network", 0]],
])) {
  test(`${what}: no segment, and its body is no progress`, () => {
    begin();
    request.status = status;
    if (status >= 300) request.onprogress({ loaded: 5, total: 99, lengthComputable: true });
    request.answers(status, response);
    assert.deepEqual(heard, [expected]);
  });
}

test("no answer", () => {
  begin();
  request.onerror();
  assert.deepEqual(heard, [["failed", "network", 0]]);
});

test("stopped: nothing is heard any more", () => {
  const stop = begin();
  const { onload, onerror } = request;
  stop();
  onload();
  onerror();
  stop();
  assert.deepEqual([heard, request.aborted], [[], true]);
});

test("no first byte for ten seconds, or no end for a minute after it", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  begin();
  t.mock.timers.tick(9999);
  assert.deepEqual(heard, []);
  t.mock.timers.tick(1);
  assert.deepEqual([heard, request.aborted], [[["failed", "timeout", 0]], true]);
  heard = [];
  request = new FakeRequest();
  begin();
  request.readyState = 2;
  request.onreadystatechange();
  t.mock.timers.tick(59_999);
  assert.deepEqual(heard, []);
  t.mock.timers.tick(1);
  assert.deepEqual(heard, [["failed", "timeout", 0]]);
});

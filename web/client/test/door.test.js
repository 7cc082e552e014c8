import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { filmOf } from "../app/swarm/door.js";

/** @param {number} n @param {object} [change] @returns {any} */
const frag = (n, change = {}) => ({
  ...{ sn: n, start: n * 4, end: n * 4 + 4, byteRange: [], encrypted: false },
  url: `http://box/stream/abc/video-1/seg0000${n}.ts`,
  ...change,
});
/** @param {any[]} fragments @param {number} [startSN] @returns {any} */
const details = (fragments, startSN = 0) => ({ fragments, startSN });

Object.assign(globalThis, { location: { href: "http://box/watch/abc" } });

describe("what of a playlist can be shared", () => {
  test("whole files, numbered from 0", () => {
    assert.deepEqual(filmOf(details([frag(0), frag(1)])), {
      title: "abc",
      rendition: "video-1",
      starts: [0, 4, 8],
      urls: [frag(0).url, frag(1).url],
    });
  });

  for (const [what, of] of /** @type {[string, any][]} */ ([
    ["an empty one", details([])],
    ["one that does not begin at 0", details([frag(3)], 3)],
    ["byte ranges", details([frag(0), frag(1, { byteRange: [0, 10] })])],
    ["encrypted", details([frag(0, { encrypted: true })])],
    ["a gap in the numbers", details([frag(0), frag(2)])],
    ["another address", details([frag(0, { url: "http://box/elsewhere/seg0.ts" })])],
    ["a short address", details([frag(0, { url: "http://box/stream/abc/seg0.ts" })])],
  ])) {
    test(`not: ${what}`, () => assert.equal(filmOf(of), null));
  }
});

// Who is shown what of being host.
import assert from "node:assert/strict";
import { test } from "node:test";
import { hostMode, isLost } from "../app/sheet/host.js";

/** @param {Partial<import("../app/types.d.ts").Box>} more @returns {import("../app/types.d.ts").Box} */
const box = (more) => ({
  name: "streambox",
  urls: [],
  version: "1",
  uptimeSeconds: 1,
  state: "ready",
  ...more,
});
const button = { button: "present" };

for (const [sentence, given, want] of /** @type {const} */ ([
  ["a box of an older release has no host", {}, "none"],
  ["without a button nobody can become host", { host: { open: false, you: false } }, "none"],
  [
    "a button that does not work is none",
    { host: { open: false, you: false }, hardware: { button: "broken" } },
    "none",
  ],
  ["with a button it is told how", { host: { open: false, you: false }, hardware: button }, "hint"],
  ["pressed: one may", { host: { open: true, you: false }, hardware: button }, "open"],
  ["the host stays host", { host: { open: false, you: true }, hardware: button }, "host"],
  ["also while another may become it", { host: { open: true, you: true } }, "host"],
  ["what all pages are told does not say who is host", { host: { open: true }, hardware: button }, null],
]))
  test(sentence, () => assert.equal(hostMode(box(given)), want));

test("who was host reads that another phone is, until it is host again", () => {
  const pushed = box({ host: { open: false, you: false, lost: true }, hardware: button });
  assert.equal(hostMode(pushed), "hint");
  assert.equal(isLost("hint", false, pushed), true);
  const asked = box({ host: { open: true, you: false }, hardware: button });
  assert.equal(isLost("open", true, asked), true, "it stays said while the box is asked again");
  assert.equal(isLost("open", false, asked), false, "a guest has lost nothing");
  assert.equal(isLost("host", true, box({ host: { open: false, you: true } })), false);
});

// Whether a page shows the right picture of a clip.
import assert from "node:assert/strict";
import { difference, likeness, shownFrame, sourceFrame } from "./picture.mjs";

// Cells differ by less than this on the mean (of 255) when the picture is right: encoding twice at these bit rates costs
// 1 to 4, another guess of the colour matrix (BT.601 for BT.709) up to 6. A second off costs 20 and more.
const tolerance = 9;
const likeEnough = 0.93;

/**
 * Fails unless the page shows the source's picture of this time, and would fail if it were a second off.
 * @param {import("playwright-core").Page} page
 * @param {import("./clips.mjs").Clip} clip
 * @param {number} seconds
 */
export async function assertPicture(page, clip, seconds) {
  const shown = await shownFrame(page, clip.width, clip.height);
  const aspect = (shown.width / shown.height) * (clip.height / clip.width);
  assert.ok(Math.abs(aspect - 1) < 0.02, `${clip.file} is shown ${shown.width}×${shown.height}, not in the shape ${clip.width}:${clip.height}`);
  const [right, late] = [await sourceFrame(clip, seconds), await sourceFrame(clip, seconds + 1)];
  if (clip.hdr) {
    assert.ok(likeness(shown.cells, right) > likeEnough, `light and dark of ${clip.file} at ${seconds} s: ${likeness(shown.cells, right)}`);
    assert.ok(likeness(shown.cells, late) < likeEnough, `${clip.file}: a picture that is a second off is not told apart`);
    return;
  }
  const [d, wrong] = [difference(shown.cells, right), difference(shown.cells, late)];
  if (process.env.E2E_VERBOSE) console.log(`${clip.file} at ${seconds} s: differs by ${d.toFixed(1)}; a second later by ${wrong.toFixed(1)}`);
  assert.ok(d < tolerance, `the picture of ${clip.file} at ${seconds} s differs by ${d.toFixed(1)}`);
  assert.ok(wrong > 2 * tolerance, `${clip.file}: a picture that is a second off differs only by ${wrong.toFixed(1)}`);
}

// Stands for a Pi with its video encoder (a simulated one, which the unmodified ffmpeg uses inside its sandbox): films
// that must be converted are, by the chip, while others play from the stick, of which nothing is written.
import assert from "node:assert/strict";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { haveSeen, seen, watches } from "./lib/audience.mjs";
import { newBox } from "./lib/box.mjs";
import { launch } from "./lib/browser.mjs";
import { chip, convertedBy, isConverted, noChip } from "./lib/chip.mjs";
import { clips, put } from "./lib/clips.mjs";
import { missing } from "./lib/places.mjs";
import { withLog } from "./lib/scene.mjs";
import { until } from "./lib/until.mjs";

const why = missing || (noChip() && `not run here: ${noChip()}`);
if (why && process.env.STREAMBOX_STRICT === "1") throw new Error(why);

let all = [];
let box;
let browser;
let dir;

const named = (...names) => all.filter((clip) => names.includes(clip.name));

before(async () => {
  if (why) return;
  dir = await mkdtemp(join(tmpdir(), "streambox-chip-"));
  all = await clips("twelve");
  box = await newBox({ env: await chip(dir, { V4L2SIM_FPS: 200 }) });
  await put(box.stick, ...named("h264-aac", "h264-mp3", "mpeg2-interlaced", "hevc-10bit", "wmv"));
  await box.start();
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await box?.remove();
  if (dir) await rm(dir, { recursive: true, force: true });
});

test("MPEG-2, HEVC of 10 bits and Windows Media by the chip, beside two viewers", { skip: why || false, timeout: 300_000 }, withLog(() => box, async () => {
  const [one, other] = await Promise.all(named("h264-aac", "h264-mp3").map((clip) => box.ready(clip.file)));
  const viewers = [await watches(browser, box, one.id, one.title), await watches(browser, box, other.id, other.title)];
  for (const clip of named("mpeg2-interlaced", "hevc-10bit", "wmv")) {
    const { id } = await box.until(clip.file, "examined", (t) => t.how);
    await until(`${clip.file} to be converted`, async () => {
      const title = await box.title(id);
      if (title.codecs) await (await fetch(`${box.url}/stream/${id}/master.m3u8?for=all`)).text(); // somebody cannot play it as it is
      return isConverted(title);
    }, { seconds: 120, every: 200, seen: () => box.title(id) });
    assert.equal(await convertedBy(box, id), "chip", clip.file);
  }
  await haveSeen(viewers, 23, 90);
  for (const viewer of viewers) {
    assert.equal((await seen(viewer)).starved, 0, "a picture stood for want of film");
    assert.deepEqual(viewer.faults, []);
  }
  for (const { id } of [one, other]) {
    const kept = await readdir(join(box.data, "library", id), { recursive: true });
    // Small pictures for scrubbing are in a folder of their own.
    assert.deepEqual(kept.filter((name) => name !== "previews" && !/\.(json|jpg|bin)$/.test(name)), [], "written of a film that plays as it is");
  }
}));

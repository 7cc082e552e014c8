// Stands for: films that some phones play as they are and others cannot. Chromium as Debian builds it plays VP9 and AV1
// and no HEVC: it is the phone that can, and the phone that cannot.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { after, before } from "node:test";
import { promisify } from "node:util";
import { newBox } from "./lib/box.mjs";
import { desktop, launch, viewer } from "./lib/browser.mjs";
import { clips, put } from "./lib/clips.mjs";
import { assertPicture } from "./lib/judge.mjs";
import { missing } from "./lib/places.mjs";
import { pause, playsBeyond, seek, stage, tapTitle, video } from "./lib/player.mjs";
import { scene } from "./lib/scene.mjs";
import { until } from "./lib/until.mjs";

const run = promisify(execFile);

let all = [];
let box;
let browser;

const clipOf = (name) => all.find((clip) => clip.name === name);

/** What lies on the box of a title, without the generations of names. */
async function kept(title) {
  const names = await readdir(join(box.data, "library", title.id), { recursive: true });
  return names.map((name) => name.replace(/-[0-9a-f]{8}(\/|$)/, "$1")).sort();
}

/** MD5 of every decoded frame. */
async function frames(input) {
  const { stdout } = await run("ffmpeg", ["-v", "error", "-nostdin", "-i", input, "-map", "0:V:0", "-fps_mode", "passthrough", "-f", "framemd5", "pipe:1"], {
    maxBuffer: 1 << 24,
    timeout: 60_000,
  });
  return stdout.split("\n").filter((line) => line && !line.startsWith("#")).map((line) => line.split(",").at(-1).trim());
}

before(async () => {
  if (missing) return;
  all = (await clips("twelve")).filter((clip) => clip.modern);
  box = await newBox();
  await put(box.stick, ...all);
  await box.start();
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await box?.remove();
});

scene("each is ready as it lies on the stick, says what playing it takes, and has its frames", () => box, async () => {
  const codecs = {
    "hevc-10bit": /^hvc1\.2\.4\.L63\.90,mp4a\.40\.2$/,
    hdr10: /^hvc1\.2\.4\.L63\.[0-9A-F.]+,mp4a\.40\.2$/,
    "hevc-opengop": /^hvc1\.1\.6\.L63\.90,mp4a\.40\.2$/,
    "vp9-opus": /^vp09\.00\.21\.08,opus$/,
    "av1-aac": /^av01\.0\.01M\.08,mp4a\.40\.2$/,
  };
  for (const clip of all) {
    const title = await box.ready(clip.file);
    assert.match(title.codecs, codecs[clip.name], clip.name);
    assert.equal(title.how, "direct", clip.name);
    assert.deepEqual(title.renditions.map((one) => [one.playlist, one.codecs, one.state]), [[title.playlist, title.codecs, "ready"]]);
    assert.deepEqual(await frames(box.url + title.playlist), await frames(clip.path), `the frames of ${clip.file}`);
  }
});

for (const name of ["vp9-opus", "av1-aac"]) {
  scene(`who can play it plays at once, and nothing is written: ${name}`, () => box, async () => {
    const clip = clipOf(name);
    const title = await box.ready(clip.file);
    const { context, page, faults, origins } = await viewer(browser, desktop);
    try {
      await tapTitle(page, box, title.id);
      const playing = await playsBeyond(page, 5);
      assert.ok(Math.abs(playing.duration - clip.durationSeconds) < 0.5, `it lasts ${playing.duration} s in the browser`);
      assert.ok(playing.audioBytes > 0, "no sound was decoded");
      await seek(page, 15.5);
      await playsBeyond(page, 16);
      await pause(page);
      for (const seconds of [13.5, 2.5, 21.5]) {
        await seek(page, seconds);
        await assertPicture(page, clip, seconds);
      }
      assert.deepEqual(faults, []);
      assert.deepEqual([...origins], [box.url]);
    } finally {
      await context.close();
    }
    const names = (await kept(title)).filter((one) => !/^(digests\.bin|thumbnail\.jpg|previews(\/.*)?)$/.test(one));
    assert.deepEqual(names, ["title.json"], "what lies on the box");
  });
}

for (const name of ["hevc-10bit", "hevc-opengop", "hdr10"]) {
  scene(`who cannot play it has it converted, and the others stay on theirs: ${name}`, () => box, async () => {
    const clip = clipOf(name);
    const before = await box.ready(clip.file);
    assert.ok(!(await kept(before)).some((one) => one.startsWith("video")), "it is not converted before somebody asks");
    const { context, page, faults } = await viewer(browser, desktop);
    const sentences = new Set();
    try {
      await tapTitle(page, box, before.id);
      await until("it to be said that the film is prepared for this phone, or to play", async () => {
        const { text } = await stage(page);
        if (text) sentences.add(text);
        return text.includes("being prepared for your phone") || (await page.evaluate(() => (document.querySelector("video")?.currentTime ?? 0) > 0));
      });
      await playsBeyond(page, 3, 60);
      const title = await box.until(clip.file, "converted too", (t) => t.renditions.length === 2 && t.renditions[1].state === "ready", 90);
      await until("the page to have all of it", async () => (await video(page)).buffered.some(([, end]) => end > 23));
      await pause(page);
      for (const seconds of [13.5, 2.5]) {
        await seek(page, seconds);
        await assertPicture(page, clip, seconds);
      }
      assert.deepEqual(faults, []);
      assert.ok([...sentences].every((text) => text.includes("for your phone")), [...sentences].join(" | "));
      // Who plays it as it is has noticed nothing.
      assert.deepEqual([title.playlist, title.codecs, title.state, title.how], [before.playlist, before.codecs, "ready", "direct"]);
      assert.deepEqual(await frames(box.url + title.playlist), await frames(clip.path));
      const master = await (await fetch(box.url + title.master)).text();
      const offered = [...master.matchAll(/CODECS="([^"]+)".*\n(.*)/g)].map((m) => [m[1], m[2]]);
      const rendition = (playlist) => playlist.split("/").slice(-2).join("/");
      assert.deepEqual(offered, [["avc1.64002a,mp4a.40.2", rendition(title.renditions[1].playlist)], [title.codecs, rendition(title.playlist)]]);
    } finally {
      await context.close();
    }
  });
}

// Stands for: a box that is switched off and on between two lessons.
scene("after a start both renditions are there again", () => box, async () => {
  const clip = clipOf("hevc-10bit");
  const before = await box.ready(clip.file);
  await box.stop();
  await box.start();
  const title = await box.until(clip.file, "offered twice", (t) => t.renditions?.length === 2, 30);
  assert.deepEqual([title.playlist, title.codecs], [before.playlist, before.codecs]);
  assert.deepEqual(title.renditions.map((one) => one.state), ["ready", "ready"]);
  const pictures = (await frames(box.url + title.renditions[1].playlist)).length;
  assert.ok(Math.abs(pictures - 24 * 25) <= 2, `the converted one has ${pictures} pictures`);
});

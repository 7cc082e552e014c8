// Stands for: what people have on sticks. Two dozen real files of as many encodings; a real browser decodes them.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { newBox } from "./lib/box.mjs";
import { desktop, launch, viewer } from "./lib/browser.mjs";
import { clips, put } from "./lib/clips.mjs";
import { assertPicture } from "./lib/judge.mjs";
import { missing } from "./lib/places.mjs";
import { pause, play, playsBeyond, seek, tapTitle } from "./lib/player.mjs";
import { scene, withLog } from "./lib/scene.mjs";

const run = promisify(execFile);

let all = [];
let box;
let browser;

before(async () => {
  if (missing) return;
  all = await clips("twelve");
  box = await newBox();
  await put(box.stick, ...all);
  await box.start();
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await box?.remove();
});

scene("each file is listed with its rung, length and size, and becomes ready with a picture", () => box, async () => {
  for (const clip of all) {
    const title = await box.until(clip.file, "ready, with a picture", (t) => t.state === "ready" && t.thumbnail, 180);
    const where = `${clip.file}: ${JSON.stringify(title)}`;
    assert.equal(title.how, clip.modern ? "direct" : clip.rung, where);
    assert.ok(title.playable, where);
    assert.ok(Math.abs(title.durationSeconds - clip.durationSeconds) < 0.2, where);
    assert.equal(title.width / title.height > 1, clip.width > clip.height, where);
    const picture = await fetch(box.url + title.thumbnail);
    assert.equal(picture.status, 200, `the thumbnail of ${where}`);
    assert.equal(picture.headers.get("content-type"), "image/jpeg");
    const bytes = new Uint8Array(await picture.arrayBuffer());
    assert.ok(bytes.length > 1000 && bytes[0] === 0xff && bytes[1] === 0xd8, `the thumbnail of ${clip.file} is a JPEG`);
  }
  assert.equal((await box.titles()).length, all.length);
}, { timeout: 240_000 });

async function watch(clip) {
  const title = await box.ready(clip.file);
  const { context, page, faults, origins } = await viewer(browser, desktop);
  try {
    await tapTitle(page, box, title.id);
    const playing = await playsBeyond(page, 5);
    assert.ok(Math.abs(playing.duration - clip.durationSeconds) < 0.5, `${clip.file} lasts ${playing.duration} s in the browser`);
    if (clip.name !== "no-audio") assert.ok(playing.audioBytes > 0, `no sound of ${clip.file} was decoded`);
    await seek(page, 15.5);
    await playsBeyond(page, 16);
    await pause(page);
    for (const seconds of [13.5, 2.5]) {
      await seek(page, seconds);
      await assertPicture(page, clip, seconds);
    }
    await play(page);
    await playsBeyond(page, 3.2);
    assert.deepEqual(faults, [], `${clip.file} while playing`);
    assert.deepEqual([...origins], [box.url], "requests to anybody but the box");
  } finally {
    await context.close();
  }
}

// Those that not every phone plays: modern.test.mjs. Names only: the table itself is read when the tests run. Three viewers at a time are what two cores can decode.
test("each file plays beyond 5 s, seeks, and shows the source's picture", { skip: missing, concurrency: 3, timeout: 300_000 }, async (t) => {
  await Promise.all(all.filter((c) => !c.modern).map((clip) => t.test(clip.file, { timeout: 90_000 }, withLog(() => box, () => watch(clip)))));
});

/** MD5 of every decoded frame, and when it is shown, in milliseconds from the first. */
async function frames(input) {
  const { stdout } = await run("ffmpeg", ["-v", "error", "-nostdin", "-i", input, "-map", "0:V:0", "-fps_mode", "passthrough", "-f", "framemd5", "pipe:1"], {
    maxBuffer: 1 << 24,
    timeout: 60_000,
  });
  const [, base] = /#tb 0: (\d+)\/(\d+)/.exec(stdout) ? [0, Number(RegExp.$1) / Number(RegExp.$2)] : [0, 1];
  const lines = stdout.split("\n").filter((line) => line && !line.startsWith("#")).map((line) => line.split(",").map((s) => s.trim()));
  const first = Number(lines[0][2]);
  return lines.map((l) => ({ md5: l[5], milliseconds: (Number(l[2]) - first) * base * 1000 }));
}

// Stands for: a remux loses, repeats and alters nothing. Another decoder reads it, segment by segment, over HTTP.
scene("the frames of a remuxed title are the source's, each at its time", () => box, async () => {
  for (const clip of all.filter((c) => c.modern || c.rung === "direct" || c.rung === "audio")) {
    const title = await box.ready(clip.file);
    const [source, served] = await Promise.all([frames(clip.path), frames(box.url + title.playlist)]);
    assert.equal(served.length, source.length, `${clip.file}: number of frames`);
    const other = served.findIndex((f, i) => f.md5 !== source[i].md5);
    assert.equal(other, -1, `${clip.file}: frame ${other} is another picture`);
    // Containers round times to a millisecond, MPEG-TS to 1/90.
    const moved = served.findIndex((f, i) => Math.abs(f.milliseconds - source[i].milliseconds) > 2.1);
    assert.equal(moved, -1, `${clip.file}: frame ${moved} is shown at another time: ${served[moved]?.milliseconds}, not ${source[moved]?.milliseconds} ms`);
  }
});

// Stands for: a 128 GB stick of films with Dolby Digital on a box with a 16 GB card. What was played above is on the
// stick alone; on the box lies the sound, for which the title says so.
scene("of a film whose sound alone is converted nothing but sound is written", () => box, async () => {
  const [clip] = all.filter((c) => c.name === "h264-ac3");
  const title = await box.ready(clip.file);
  const folder = join(box.data, "library", title.id);
  const kept = {};
  for (const name of await readdir(folder, { recursive: true })) {
    const info = await stat(join(folder, name));
    if (info.isFile()) kept[name.replace(/-[0-9a-f]{8}\//, "/")] = info.size;
  }
  const names = Object.keys(kept).filter((name) => name !== "digests.bin" && !name.startsWith("previews/")); // of segments: 48 bytes for each; and small pictures
  assert.deepEqual(names.sort(), ["sound/sound.aac", "sound/sound.json", "thumbnail.jpg", "title.json"]);
  const perHour = ((kept["sound/sound.aac"] + kept["sound/sound.json"]) / clip.durationSeconds) * 3600;
  assert.ok(perHour < 80e6, `its sound would take ${perHour} bytes an hour`);
  const playlist = await (await fetch(box.url + title.playlist)).text();
  assert.match(playlist, /#EXT-X-ENDLIST/);
});

// Stands for: VLC, Kodi and television sets, which are ffmpeg underneath or as strict as it.
scene("master playlists and the list of titles can be played by ffprobe", () => box, async () => {
  const list = await (await fetch(`${box.url}/titles.m3u`)).text();
  const links = list.split("\n").filter((line) => line && !line.startsWith("#"));
  assert.equal(links.length, all.length);
  for (const link of links) {
    assert.ok(link.startsWith(`${box.url}/stream/`) && link.endsWith("/master.m3u8"), link);
    const { stdout, stderr } = await run("ffprobe", ["-v", "error", "-show_entries", "format=duration:stream=codec_type", "-of", "json", link], { timeout: 30_000 });
    const { format, streams } = JSON.parse(stdout);
    assert.equal(stderr, "", link);
    assert.ok(Number(format.duration) > 20, `${link} lasts ${format.duration} s`);
    assert.ok(streams.some((s) => s.codec_type === "video"), link);
  }
});

// Stands for: films prepared at home on a strong machine, and carried to the box on a stick.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { cp, mkdir, readFile, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { after, before } from "node:test";
import { promisify } from "node:util";
import { newBox } from "./lib/box.mjs";
import { desktop, launch, viewer } from "./lib/browser.mjs";
import { clips } from "./lib/clips.mjs";
import { difference, shownFrame, sourceFrame } from "./lib/picture.mjs";
import { missing, streambox } from "./lib/places.mjs";
import { pause, playsBeyond, seek, tapTitle } from "./lib/player.mjs";
import { scene } from "./lib/scene.mjs";
import { until } from "./lib/until.mjs";

const run = promisify(execFile);

let box;
let browser;
let made; // the folder that convert wrote

before(async () => {
  if (missing) return;
  box = await newBox();
  made = join(box.folder, "made");
  await mkdir(made);
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await box?.remove();
});

const wanted = ["h264-aac", "hevc-10bit"];

scene("convert writes a folder for each film: playlist, segments, true hashes and a picture", () => box, async () => {
  const twelve = await clips("twelve");
  const all = twelve.filter((c) => wanted.includes(c.name));
  // Two inputs of the same name: neither overwrites the other.
  const twin = join(box.folder, "twin", "H264 AAC.mp4");
  await mkdir(join(box.folder, "twin"));
  await cp(twelve.find((c) => c.name === "vfr").path, twin);
  await run(streambox, ["convert", ...all.map((c) => c.path), twin, "--out", made], { timeout: 120_000 });
  const folders = await readdir(made);
  assert.equal(folders.length, 3, `folders: ${folders}`);
  for (const folder of folders) {
    const files = await readdir(join(made, folder));
    const playlist = await readFile(join(made, folder, "index.m3u8"), "utf8");
    const segments = playlist.split("\n").filter((line) => line && !line.startsWith("#"));
    assert.match(playlist, /#EXT-X-ENDLIST/);
    assert.deepEqual(files.filter((f) => f.endsWith(".ts")).sort(), segments, folder);
    const hashes = JSON.parse(await readFile(join(made, folder, "hashes.json"), "utf8"));
    assert.equal(hashes.schema, 1);
    assert.deepEqual(hashes.segments.map((s) => s.name), segments);
    for (const { name, sha256, bytes } of hashes.segments) {
      const data = await readFile(join(made, folder, name));
      assert.equal(createHash("sha256").update(data).digest("hex"), sha256, `${folder}/${name}`);
      assert.equal(data.length, bytes);
    }
    assert.ok((await stat(join(made, folder, "thumbnail.jpg"))).size > 1000);
    const left = files.filter((f) => !/^(index\.m3u8|seg\d{5}\.ts|hashes\.json|thumbnail\.jpg)$/.test(f));
    assert.deepEqual(left, [], `what else lies in ${folder}`);
  }
});

scene("the folders, copied to a stick, are ready as they stand, and play", () => box, async () => {
  const all = await clips("twelve");
  await cp(made, box.stick, { recursive: true, preserveTimestamps: true });
  await box.start();
  const titles = await until("three ready titles", async () => {
    const list = await box.titles();
    return list.length === 3 && list.every((t) => t.state === "ready" && t.playable) && list;
  }, { seconds: 60, seen: () => box.titles() });
  assert.ok(titles.every((t) => Math.abs(t.durationSeconds - 24) < 0.5), JSON.stringify(titles.map((t) => t.durationSeconds)));
  const { context, page, faults } = await viewer(browser, desktop);
  for (const name of wanted) {
    const clip = all.find((c) => c.name === name);
    const title = titles.find((t) => t.sources.some((s) => clip.file.startsWith(s.file)));
    assert.ok(title, `a title made of ${clip.file} among ${JSON.stringify(titles.map((t) => t.sources))}`);
    const thumbnail = await fetch(box.url + title.thumbnail);
    assert.equal(thumbnail.status, 200);
    await tapTitle(page, box, title.id);
    await playsBeyond(page, 5);
    await pause(page);
    await seek(page, 13.5);
    const shown = await shownFrame(page, clip.width, clip.height);
    const d = difference(shown.cells, await sourceFrame(clip, 13.5));
    assert.ok(d < 9, `the picture of ${clip.file} differs by ${d.toFixed(1)}`);
  }
  assert.deepEqual(faults, []);
  await context.close();
});

// Stands for: Ctrl-C, and films that cannot be converted.
scene("convert fails with a status and a sentence, and leaves nothing half-done", () => box, async () => {
  const out = join(box.folder, "failed");
  await mkdir(out);
  const odd = await clips("odd", { only: "ordinary,text" });
  const good = odd.find((c) => c.name === "ordinary");
  const bad = odd.find((c) => c.name === "text");
  const failure = await run(streambox, ["convert", bad.path, good.path, "--out", out], { timeout: 60_000 }).catch((error) => error);
  assert.ok(failure.code > 0, "status of a run in which one film failed");
  assert.match(failure.stderr, /text\.mp4/);
  assert.doesNotMatch(failure.stderr, /goroutine|panic/);
  assert.deepEqual(await readdir(out), ["ordinary"]);

  const [long] = await clips("long");
  const child = spawn(streambox, ["convert", long.path, "--out", out], { stdio: ["ignore", "pipe", "pipe"] });
  const ended = once(child, "exit");
  await until("the conversion to have begun", async () => (await readdir(out, { recursive: true })).some((f) => f.endsWith(".ts")), { seconds: 30 });
  child.kill("SIGINT");
  const [code] = await ended;
  assert.notEqual(code, 0);
  assert.deepEqual(await readdir(out), ["ordinary"]);
}, { timeout: 120_000 });

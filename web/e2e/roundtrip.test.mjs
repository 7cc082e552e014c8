// Stands for: films prepared at home on a strong machine, and carried to the box on a stick.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { cp, mkdir, readFile, readdir, stat } from "node:fs/promises";
import { join, parse } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { newBox } from "./lib/box.mjs";
import { desktop, launch, viewer } from "./lib/browser.mjs";
import { clips } from "./lib/clips.mjs";
import { assertPicture } from "./lib/judge.mjs";
import { missing, streambox } from "./lib/places.mjs";
import { pause, playsBeyond, seek, tapTitle } from "./lib/player.mjs";
import { scene, withLog } from "./lib/scene.mjs";
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

scene("convert writes a folder for each film: playlist, segments, true hashes and a picture", () => box, async () => {
  const all = await clips("twelve");
  // Two inputs of the same name: neither overwrites the other.
  const twin = join(box.folder, "twin", "H264 AAC.mp4");
  await mkdir(join(box.folder, "twin"));
  await cp(all.find((c) => c.name === "vfr").path, twin);
  await run(streambox, ["convert", ...all.map((c) => c.path), twin, "--out", made], { timeout: 300_000 });
  const folders = await readdir(made);
  assert.equal(folders.length, all.length + 1, `folders: ${folders}`);
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
}, { timeout: 330_000 });

/** The title of the folder that was made of a clip. */
const titleOf = (titles, clip) => titles.find((t) => t.sources.some((s) => s.file === parse(clip.file).name));

async function watch(clip, title) {
  const { context, page, faults } = await viewer(browser, desktop);
  try {
    await tapTitle(page, box, title.id);
    const playing = await playsBeyond(page, 5);
    assert.ok(Math.abs(playing.duration - clip.durationSeconds) < 0.5, `${clip.file} lasts ${playing.duration} s in the browser`);
    await pause(page);
    await seek(page, 13.5);
    await assertPicture(page, clip, 13.5);
    assert.deepEqual(faults, [], `${clip.file} while playing`);
  } finally {
    await context.close();
  }
}

test("the folders, copied to a stick, are ready as they stand, and play", { skip: missing, concurrency: 3, timeout: 300_000 }, async (t) => {
  const all = await clips("twelve");
  await cp(made, box.stick, { recursive: true, preserveTimestamps: true });
  await box.start();
  // The twin's folder holds the same bytes as its source's: one title with two places.
  const titles = await until("all titles ready", async () => {
    const list = await box.titles();
    return list.length === all.length && list.every((title) => title.state === "ready" && title.playable) && list;
  }, { seconds: 60, seen: () => box.titles() });
  await Promise.all(all.map((clip) => t.test(clip.file, { timeout: 90_000 }, withLog(() => box, async () => {
    const title = titleOf(titles, clip);
    assert.ok(title, `a title made of ${clip.file} among ${JSON.stringify(titles.map((one) => one.sources))}`);
    assert.equal((await fetch(box.url + title.thumbnail)).status, 200);
    await watch(clip, title);
  }))));
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

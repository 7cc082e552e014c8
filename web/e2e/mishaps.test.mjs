// What goes wrong around a box: sticks pulled, power cut, programs killed or missing. Nobody should have to tap or
// reload anything afterwards.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { cp, mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { newBox } from "./lib/box.mjs";
import { desktop, launch, viewer } from "./lib/browser.mjs";
import { clips, put } from "./lib/clips.mjs";
import { missing, streambox } from "./lib/places.mjs";
import { playsBeyond, says, stage, tapTitle, video } from "./lib/player.mjs";
import { withLog } from "./lib/scene.mjs";
import { until } from "./lib/until.mjs";
import { words } from "./lib/words.mjs";

const run = promisify(execFile);

let browser;
let work; // holds the folder that convert made of the long film
let long;

before(async () => {
  if (missing) return;
  browser = await launch();
  work = await mkdtemp(join(tmpdir(), "streambox-e2e-"));
  long = Object.fromEntries((await clips("long")).map((c) => [c.name, c]));
  await run(streambox, ["convert", long["long-h264"].path, "--out", work], { timeout: 120_000 });
});

after(async () => {
  await browser?.close();
  if (work) await rm(work, { recursive: true, force: true });
});

/** A test with a box of its own. */
function mishap(name, options, body) {
  let box;
  test(name, { skip: missing, timeout: 150_000 }, withLog(() => box, async (t) => {
    box = await newBox(options);
    t.after(() => box.remove());
    await body(box, t);
  }));
}

const pull = (box, n = 0) => rename(box.sticks[n], `${box.sticks[n]}-pulled`);
const putBack = (box, n = 0) => rename(`${box.sticks[n]}-pulled`, box.sticks[n]);

// Stand for: the stick itself is read while playing (a folder that convert made is served from where it lies, the
// segments of a film that plays as it is are made of it), and somebody needs the stick for a moment.
mishap("a stick pulled while a folder that convert made plays: a sentence; put back: it plays on without a tap", {}, async (box) => {
  await cp(work, box.stick, { recursive: true, preserveTimestamps: true });
  await pulledAndPutBack(box, "Long H264");
});

mishap("a stick pulled while its film plays as it is: a sentence; put back: it plays on without a tap", {}, async (box) => {
  await put(box.stick, long["long-h264"]);
  await pulledAndPutBack(box, "Long H264.mp4");
});

/** @param {import("./lib/box.mjs").Box} box with the long film on its stick @param {string} file the film's file or folder */
async function pulledAndPutBack(box, file) {
  await box.start();
  const title = await box.ready(file, 60);
  const { context, page } = await viewer(browser, desktop);
  await tapTitle(page, box, title.id);
  await playsBeyond(page, 1);
  await pull(box);
  await box.until(title.id, "unplugged", (t) => t.state === "unplugged", 20);
  await page.evaluate(() => (document.querySelector("video").currentTime = 1500)); // farther than any browser reads ahead
  await says(page, words("player.unplugged"));
  await putBack(box);
  const back = await box.ready(file, 30);
  assert.equal(back.id, title.id);
  await playsBeyond(page, 1500.5, 40);
  assert.equal((await stage(page)).kind, "none");
  await context.close();
}

// Stands for: a folder that somebody tidies up while the others look at the page. Nobody asks for a rescan.
mishap("a film deleted before it is tapped, and one while it plays: a sentence", {}, async (box) => {
  const [small] = await clips("odd", { only: "ordinary" });
  for (const clip of [small, long["long-h264"]]) await put(box.stick, clip);
  await box.start();
  const title = await box.ready(small.file, 60);
  const other = await box.ready("Long H264.mp4", 60);
  const { context, page } = await viewer(browser, desktop);
  await rm(join(box.stick, small.file));
  await tapTitle(page, box, title.id);
  await says(page, words("player.fileRemoved")); // its stick is there: nothing brings it back
  await tapTitle(page, box, other.id);
  await playsBeyond(page, 1);
  await rm(join(box.stick, "Long H264.mp4"));
  await page.evaluate(() => (document.querySelector("video").currentTime = 1500));
  await says(page, words("player.fileRemoved"));
  await until("the bar not to offer a pause", () => page.locator(".buttons").getByRole("button", { name: words("player.play") }).isDisabled(), { seconds: 5 });
  await context.close();
});

// Stands for: the same film on two sticks.
mishap("one of two sticks with a film is pulled: it plays on from the other", { sticks: ["one", "two"] }, async (box) => {
  for (const stick of box.sticks) await put(stick, long["long-h264"]);
  await box.start();
  const title = await box.until("Long H264.mp4", "on two sticks", (t) => t.state === "ready" && t.sources.length === 2, 60);
  const { context, page } = await viewer(browser, desktop);
  await tapTitle(page, box, title.id);
  await playsBeyond(page, 1);
  await pull(box, box.sticks.findIndex((path) => path.endsWith(title.sources[0].stick)));
  await box.until(title.id, "on one stick", (t) => t.sources.length === 1, 20);
  await page.evaluate(() => (document.querySelector("video").currentTime = 1500));
  await playsBeyond(page, 1500.5, 40);
  assert.equal((await box.title(title.id)).state, "ready");
  await context.close();
});

// Stands for: the same while the box still works on the film.
mishap("a stick pulled in mid-conversion: unplugged, and said how far it came; put back: it goes on from there", {}, async (box) => {
  const clip = long["long-10bit"];
  const small = (await clips("twelve")).find((c) => c.name === "h264-10bit"); // it is converted, so it is on the box
  await put(box.stick, small);
  await box.start();
  const finished = await box.ready(small.file);
  await put(box.stick, clip);
  await until("a rescan to be accepted", async () => (await fetch(`${box.url}/api/v1/rescan`, { method: "POST" })).status === 202, { seconds: 15, every: 500 });
  const before = await box.until(clip.file, "converting and playable", (t) => t.state === "converting" && t.playable && t.progress > 0.02);
  assert.equal(before.how, "convert");
  await pull(box);
  // What counts then is whole segments, of which the last one may be 8 s of film short of what was said before.
  const least = before.progress - 8 / before.durationSeconds;
  const away = await box.until(before.id, "unplugged, with how far it came", (t) => t.state === "unplugged" && t.progress >= least, 20);
  assert.equal(away.playlist, before.playlist);
  // What was finished is kept on the box. It may play on or not; it must not claim to be a whole film.
  const rest = await box.title(finished.id);
  assert.equal(rest.state, "unplugged");
  assert.equal((await fetch(box.url + rest.playlist)).status, 200, "a finished rendition is served without its stick");
  await putBack(box);
  const again = await box.until(clip.file, "converted again", (t) => t.state === "converting" && t.playable, 60);
  assert.equal(again.playlist, before.playlist, "it goes on under the same address");
  await box.ready(small.file, 10);
  const master = await fetch(box.url + again.playlist);
  assert.match(await master.text(), /#EXT-X-PLAYLIST-TYPE:EVENT/);
});

// Stands for: a bus whose box loses its power at every stop.
mishap("a box killed twice in mid-conversion goes on under the same address, and a page plays and seeks over the joints", {}, async (box) => {
  const clip = long["long-10bit"];
  await put(box.stick, clip);
  await box.start();
  const { page, faults, context } = await viewer(browser, desktop);
  const joints = [];
  let known = [];
  let title;
  for (const share of [0.01, 0.02]) {
    title = await box.until(clip.file, "converting", (t) => t.state === "converting" && t.playable && t.progress > share, 60);
    await box.stop("SIGKILL");
    await box.start();
    const again = await box.until(clip.file, "converting again", (t) => t.state === "converting" && t.playable && t.progress > share, 60);
    assert.equal(again.playlist, title.playlist, "it goes on under the same address");
    const { segments } = await (await fetch(box.url + title.playlist.replace("index.m3u8", "hashes.json"))).json();
    assert.deepEqual(segments.slice(0, known.length), known, "what was published has the bytes that it had");
    known = segments;
    joints.push(4 * segments.length); // about where this life began
  }
  await box.until(clip.file, "beyond the joints", (t) => t.state === "ready" || t.progress * t.durationSeconds > joints.at(-1) + 12, 60);
  await tapTitle(page, box, title.id);
  await playsBeyond(page, 1);
  for (const joint of joints) {
    await page.evaluate((to) => (document.querySelector("video").currentTime = to), Math.max(2, joint - 20));
    await playsBeyond(page, joint - 18, 30);
    const before = await page.evaluate(() => window.streambox.stats().stalls);
    await playsBeyond(page, joint + 4, 60);
    assert.equal(await page.evaluate(() => window.streambox.stats().stalls), before, `no stall around ${joint} s`);
  }
  assert.deepEqual(faults, []);
  await context.close();
});

// Stands for: most films in Matroska have sound that no phone plays; nobody waits for two hours of it.
mishap("a film whose sound is still being made: who jumps far ahead does not wait for what lies between", {}, async (box) => {
  const clip = long["long-ac3"];
  await put(box.stick, clip);
  await box.start();
  const title = await box.until(clip.file, "playable", (t) => t.playable, 60);
  assert.equal(title.how, "audio");
  const { context, page, faults } = await viewer(browser, desktop);
  await tapTitle(page, box, title.id);
  await playsBeyond(page, 1);
  const before = (await video(page)).audioBytes;
  await page.evaluate(() => (document.querySelector("video").currentTime = 6000));
  const there = await playsBeyond(page, 6002, 30);
  assert.ok(there.audioBytes > before, "its sound is heard");
  const now = await box.title(title.id);
  assert.equal(now.state, "converting", "its sound is made by now; make the clip longer");
  assert.ok(now.progress < 0.75, `all of the sound up to there was made before: ${now.progress}`);
  // A slow machine takes more than 5 s for it: the player is told to ask again, which the browser notes.
  assert.deepEqual(faults.filter((what) => !what.includes("503 (Service Unavailable)")), []);
  await context.close();
});

// Stands for: people do not wait for a conversion.
mishap("a film that is still being converted plays from its start, and its bar shows the whole length", {}, async (box) => {
  const clip = long["long-10bit"];
  await put(box.stick, clip);
  await box.start();
  const title = await box.until(clip.file, "playable", (t) => t.playable, 60);
  assert.equal(title.state, "converting");
  assert.ok(title.progress < 1 && title.progress >= 0);
  const { context, page, faults } = await viewer(browser, desktop);
  await tapTitle(page, box, title.id);
  const playing = await playsBeyond(page, 3);
  assert.ok(playing.seconds < 20, `it began at its start, not at ${playing.seconds} s`);
  assert.equal((await box.title(clip.file)).state, "converting", "still converting; make the clip longer");
  const bar = page.getByRole("slider", { name: words("player.position") });
  assert.ok(Math.abs(Number(await bar.getAttribute("aria-valuemax")) - clip.durationSeconds) < 2, "the whole length");
  await page.mouse.move(300, 300);
  await page.locator(".time").getByText(/\/ 30:0[0-2]/).waitFor({ timeout: 5000 });
  // Nobody may jump to where nothing is yet: the end leads to what is ready.
  await bar.press("End");
  await until("the jump to be held back", async () => {
    const v = await video(page);
    return v.seconds > 3 && v.seconds < clip.durationSeconds - 5;
  }, { seconds: 10, seen: () => video(page) });
  assert.deepEqual(faults, []);
  await context.close();
});

// Stands for: somebody pulls the plug of the box, and puts it in again.
mishap("the box dies in mid-play: a sentence; back again on the same address: it plays on without a tap", {}, async (box) => {
  await cp(work, box.stick, { recursive: true, preserveTimestamps: true });
  await box.start();
  const title = await box.ready("Long H264", 60);
  const { context, page } = await viewer(browser, desktop);
  await tapTitle(page, box, title.id);
  await playsBeyond(page, 1);
  await box.stop("SIGKILL");
  await page.evaluate(() => (document.querySelector("video").currentTime = 1500));
  await says(page, words("player.away"));
  await box.start();
  await playsBeyond(page, 1500.5, 60);
  assert.equal((await stage(page)).kind, "none");
  await page.getByRole("button", { name: words("player.toLibrary") }).first().click({ force: true });
  await until("the header to say that the box is well", async () => ["ready", "working"].includes(await page.locator(".dot").getAttribute("data-state")), { seconds: 30 });
  await context.close();
});

/** The ffmpeg processes below a box that write to a pipe of it for more than a moment: its conversion. */
function encoders(pid) {
  const found = [];
  const look = (parent) => {
    for (const task of readdirSync(`/proc/${parent}/task`)) {
      for (const child of readFileSync(`/proc/${parent}/task/${task}/children`, "utf8").split(" ").filter(Boolean)) {
        const line = readFileSync(`/proc/${child}/cmdline`, "utf8").split("\0");
        if (/ffmpeg$/.test(line[0]) && line.includes("mpegts")) found.push(Number(child));
        look(child);
      }
    }
  };
  look(pid);
  return found;
}

// Stands for: the kernel's out-of-memory killer, which likes encoders.
mishap("ffmpeg killed in mid-conversion: told in a sentence and no verdict on the film, which is prepared later; the others go on", {}, async (box) => {
  const clip = long["long-10bit"];
  const other = (await clips("twelve")).find((c) => c.name === "h264-aac"); // does not wait behind the long one
  await put(box.stick, clip);
  await box.start();
  await box.until(clip.file, "converting", (t) => t.state === "converting" && t.progress > 0.01);
  let killed = 0;
  const held = await until("the film to be held up with a sentence", async () => {
    for (const pid of encoders(box.child.pid)) {
      process.kill(pid, "SIGKILL");
      killed++;
    }
    const title = await box.title(clip.file);
    assert.notEqual(title.state, "unplayable", JSON.stringify(title));
    return title.state === "blocked" && title;
  }, { seconds: 60, every: 1000, seen: () => box.title(clip.file) });
  assert.ok(killed > 0);
  assert.ok(held.reason?.text.length > 10 && !/ffmpeg|signal|\//i.test(held.reason.text), JSON.stringify(held));
  assert.equal(held.playable, true, "what is made of it stays, and is gone on with");
  await put(box.stick, other);
  assert.equal((await fetch(`${box.url}/api/v1/rescan`, { method: "POST" })).status, 202);
  await box.ready(other.file, 60);
  const again = await box.until(clip.file, "prepared once more", (t) => t.state === "converting" && t.playable, 60);
  assert.equal(again.id, held.id);
  assert.equal(again.how, "convert");
});

// Stands for: a .deb installed without its recommends.
mishap("ffmpeg is missing: the box starts, says so, and what needs no ffmpeg plays", { env: { PATH: "/nonexistent" }, sticks: ["films", "prepared"] }, async (box) => {
  const clip = (await clips("twelve")).find((c) => c.name === "h264-aac");
  await put(box.stick, clip);
  await cp(work, box.sticks[1], { recursive: true, preserveTimestamps: true });
  await box.start();
  const blocked = await box.until(clip.file, "blocked", (t) => t.state === "blocked");
  assert.match(blocked.reason.text, /ffmpeg/);
  const status = await until("the box to have started", async () => {
    const now = await box.get("/api/v1/box");
    return now.state !== "starting" && now;
  }, { seconds: 10 });
  assert.equal(status.state, "attention");
  assert.ok(status.problems.some((p) => /ffmpeg/.test(p.text)), JSON.stringify(status.problems));
  const ready = await box.ready("Long H264", 60);
  const { context, page } = await viewer(browser, desktop);
  await tapTitle(page, box, ready.id);
  await playsBeyond(page, 2);
  await page.goto(`${box.url}/`);
  await page.locator(`.shelves [data-id="${blocked.id}"]`).getByText(/ffmpeg/).waitFor({ timeout: 10_000 });
  await context.close();
});

// Stands for: films with several languages. What is heard is judged by its tone: each track has another one.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { after, before } from "node:test";
import { promisify } from "node:util";
import { newBox } from "./lib/box.mjs";
import { desktop, launch, viewer } from "./lib/browser.mjs";
import { clipsFolder, missing } from "./lib/places.mjs";
import { playsBeyond, seek, tapTitle, video } from "./lib/player.mjs";
import { scene } from "./lib/scene.mjs";
import { until } from "./lib/until.mjs";
import { words } from "./lib/words.mjs";

const run = promisify(execFile);
const SECONDS = 90;
/** Of each track in the order of the film: what it is stored as, what it is called, how it sounds. */
const TRACKS = [
  { codec: ["aac"], language: "eng", title: "", hertz: 440 },
  { codec: ["aac", "-ac:a:1", "6"], language: "ger", title: "Deutsch", hertz: 880 },
  { codec: ["ac3"], language: "fra", title: "", hertz: 1760 },
  { codec: ["libopus"], language: "eng", title: 'Commentary of "nobody"', hertz: 3520 },
];

const H264 = ["libx264", "-preset", "ultrafast", "-g", "50"];

/** A film with these tracks, made once. */
async function film(name, picture) {
  const path = join(clipsFolder, "sounds", name);
  if (existsSync(path)) return path;
  await mkdir(join(clipsFolder, "sounds"), { recursive: true });
  const inputs = TRACKS.flatMap(({ hertz }) => ["-f", "lavfi", "-i", `sine=frequency=${hertz}:duration=${SECONDS}`]);
  const tracks = TRACKS.flatMap(({ codec: [codec, ...options], language, title }, n) =>
    ["-map", `${n + 1}:a`, `-c:a:${n}`, codec, ...options, `-metadata:s:a:${n}`, `language=${language}`, `-metadata:s:a:${n}`, `title=${title}`]);
  await run("ffmpeg", ["-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i", `testsrc2=size=640x360:rate=25:duration=${SECONDS}`, ...inputs,
    "-map", "0:v", "-c:v", ...picture, ...tracks, "-disposition:a:0", "default", "-metadata", `title=${name}`, "-f", "matroska", `${path}.part`], { timeout: 120_000 });
  await rename(`${path}.part`, path);
  return path;
}

let box;
let browser;

before(async () => {
  if (missing) return;
  box = await newBox({ args: ["--debug"] });
  for (const [name, picture] of [["One.mkv", H264], ["Two.mkv", H264], ["Converted.mkv", ["mpeg4", "-q:v", "5"]]])
    await cp(await film(name, picture), join(box.stick, name), { preserveTimestamps: true });
  await box.start();
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await box?.remove();
});

/** Which of the tones is heard, 0 for silence. @param {import("playwright-core").Page} page */
const heard = (page) => page.evaluate(async () => {
  if (!window.ear) {
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    analyser.fftSize = 8192;
    analyser.smoothingTimeConstant = 0;
    context.createMediaElementSource(document.querySelector("video")).connect(analyser);
    analyser.connect(context.destination);
    await context.resume();
    window.ear = { context, analyser };
  }
  const { context, analyser } = window.ear;
  await new Promise((resolve) => setTimeout(resolve, 250)); // all of what is analysed is new
  const levels = new Float32Array(analyser.frequencyBinCount);
  analyser.getFloatFrequencyData(levels);
  let best = 1;
  for (let i = 1; i < levels.length; i++) if (levels[i] > levels[best]) best = i;
  return levels[best] < -75 ? 0 : (best * context.sampleRate) / analyser.fftSize;
});

/** Waits until a track is heard. */
const hears = (page, track, seconds = 20) => until(`track ${track} to be heard`, async () => Math.abs((await heard(page)) - TRACKS[track].hertz) < 15, {
  seconds, seen: async () => ({ hertz: await heard(page), video: await video(page) }),
});

const stalls = (page) => page.evaluate(() => window.streambox.stats().stalls);

/** Opens the menu of sounds; its entries. */
async function menu(page) {
  await page.locator(".player").hover();
  await page.mouse.move(300 + Math.random() * 50, 300);
  await page.getByRole("button", { name: words("player.sound") }).click();
  return page.getByRole("menu", { name: words("player.sound") }).getByRole("menuitemradio");
}

async function choose(page, track) {
  const entries = await menu(page);
  await entries.nth(track).click();
}

/** Opens a film; the page has a viewer of its own. */
async function opens(name, options = {}) {
  const title = await box.ready(`${name}.mkv`);
  const v = await viewer(browser, { ...desktop, ...options });
  await tapTitle(v.page, box, title.id);
  await playsBeyond(v.page, 1);
  return { ...v, title };
}

scene("each track is heard when it is chosen, and still after a seek, and the picture does not stand", () => box, async () => {
  const { page, context, faults, origins, title } = await opens("One");
  assert.deepEqual(title.audio.map((a) => [a.language, Boolean(a.playlist), a.default, a.reason?.code]), [
    ["en", false, true, undefined], ["de", true, false, undefined], ["fr", true, false, "sound_when_chosen"], ["en", true, false, "sound_when_chosen"],
  ]);
  await hears(page, 0);
  assert.deepEqual((await (await menu(page)).allInnerTexts()).map((text) => text.split("\n")), [
    ["English"], ["German", "5.1"], ["French", words("reason.sound_when_chosen")], ["English", `Commentary of "nobody" · ${words("reason.sound_when_chosen")}`],
  ]);
  await page.keyboard.press("Escape");
  for (const [track, to] of [[1, 60], [2, 20], [3, 70], [0, 30], [2, 5]]) {
    const { seconds: from } = await video(page);
    const stood = await stalls(page);
    await choose(page, track);
    await hears(page, track);
    const { seconds: now } = await video(page);
    assert.ok(now > from && now < from + 15, `it went on at ${now} s, from ${from} s`);
    assert.equal(await stalls(page), stood, `the picture stood when track ${track} was chosen`);
    await seek(page, to);
    await hears(page, track);
  }
  assert.deepEqual(faults.filter((fault) => !fault.includes("503")), [], "faults of the page");
  assert.deepEqual([...origins], [box.url]);
  await context.close();
});

scene("what was chosen last is chosen for the next film, and the other way", () => box, async () => {
  const { page, context } = await opens("One");
  await choose(page, 1);
  await hears(page, 1);
  const two = await box.ready("Two.mkv");
  await tapTitle(page, box, two.id);
  await playsBeyond(page, 1);
  await page.evaluate(() => delete window.ear);
  await hears(page, 1);
  assert.equal(await (await menu(page)).nth(1).getAttribute("aria-checked"), "true");
  await page.keyboard.press("Escape");
  await choose(page, 0);
  await hears(page, 0);
  await tapTitle(page, box, two.id);
  await playsBeyond(page, 1);
  await hears(page, 0);
  await context.close();
});

scene("a converted film has its tracks, too, when it is finished", () => box, async () => {
  const { page, context, title } = await opens("Converted");
  assert.equal(title.how, "convert");
  assert.equal(title.audio.filter((a) => a.playlist).length, 3);
  await hears(page, 0);
  for (const [track, to] of [[2, 60], [1, 10], [0, 40]]) {
    await choose(page, track);
    await hears(page, track);
    await seek(page, to);
    await hears(page, track);
  }
  await context.close();
});

scene("whoever hears another language shares the same picture", () => box, async () => {
  const [german, english] = [await opens("One"), await opens("One")];
  await choose(german.page, 1);
  await hears(german.page, 1);
  const { groups } = await until("the two to share one rendition", async () => {
    const swarm = await box.get("/api/v1/swarm");
    return swarm.counts.p2pBytes > 0 && swarm.groups.some((group) => group.members.length === 2) && swarm;
  }, { seconds: 30, seen: () => box.get("/api/v1/swarm") });
  const rendition = german.title.playlist.split("/")[3];
  assert.deepEqual(groups.filter((group) => group.members.length > 0).map((group) => group.rendition), [rendition]);
  for (const { context } of [german, english]) await context.close();
});

scene("another player finds the tracks by the multivariant playlist", () => box, async () => {
  const { master } = await box.ready("One.mkv");
  // ffmpeg counts those first that have a playlist of their own; quiet is what it says of the loudest frequency's level.
  for (const [n, track] of [[0, 1], [1, 2], [2, 3], [3, 0]]) {
    const levels = await Promise.all(TRACKS.map(async ({ hertz }) => {
      const filter = `bandpass=f=${hertz}:width_type=h:w=40,bandpass=f=${hertz}:width_type=h:w=40,astats=measure_perchannel=none:measure_overall=RMS_level`;
      const { stderr } = await run("ffmpeg", ["-nostdin", "-hide_banner", "-ss", "40", "-i", box.url + master, "-t", "2", "-map", `0:a:${n}`, "-af", filter, "-f", "null", "-"], { timeout: 60_000 });
      return Number(/RMS level dB: (\S+)/.exec(stderr)?.[1]);
    }));
    assert.equal(levels.indexOf(Math.max(...levels)), track, `ffmpeg's track ${n}: ${levels}`);
  }
});

// A stick of 200 mixed films, played by four viewers: first films that need no conversion, then with MPEG-2, HEVC 10 bit
// and WMV among them, which the (simulated) encoder converts meanwhile.
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, rm, stat, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { haveSeen, seen, watches } from "../lib/audience.mjs";
import { newBox } from "../lib/box.mjs";
import { launch } from "../lib/browser.mjs";
import { chip, convertedBy, isConverted, noChip } from "../lib/chip.mjs";
import { clips } from "../lib/clips.mjs";
import { noSlowStick, slowStick } from "../lib/slowstick.mjs";
import { until } from "../lib/until.mjs";
import { record } from "./figures.mjs";

const run = promisify(execFile);
const ffmpeg = (...args) => run("ffmpeg", ["-nostdin", "-v", "error", "-y", ...args], { timeout: 600_000 });
const films = 200;
const limits = { bytesPerSecond: 35_000_000, readsPerSecond: 300 };
const device = "35 MB/s and 300 reads/s";
const watchedSeconds = 300;
const convertedSeconds = 60;
const picturesPerSecond = 60; // what the encoder of a Pi does at 720p

const seconds = (ms) => `${(ms / 1000).toFixed(2)} s`;

/** Films of 4 Mbit/s in four containers, for the viewers. */
async function watched(folder, work) {
  const part = join(work, "part.mp4");
  await ffmpeg("-f", "lavfi", "-i", "testsrc2=s=640x360:r=25", "-f", "lavfi", "-i", "sine=f=440:r=48000", "-t", "60",
    "-c:v", "libx264", "-preset", "ultrafast", "-g", "50", "-b:v", "4M", "-maxrate", "4M", "-bufsize", "4M", "-x264-params", "nal-hrd=cbr:force-cfr=1", "-pix_fmt", "yuv420p",
    "-c:a", "aac", "-b:a", "128k", part);
  const names = ["Watched 1.mp4", "Watched 2.mkv", "Watched 3.mov", "Watched 4.mp4"];
  for (const [n, name] of names.entries()) {
    await ffmpeg("-stream_loop", "-1", "-i", part, "-t", String(watchedSeconds), "-c", "copy", ...(n === 3 ? ["-movflags", "frag_keyframe+empty_moov"] : []), join(folder, name));
  }
  return names;
}

/** Films that nobody plays as they are (HEVC: not Chromium), of 720p. */
async function convertible(folder, work) {
  const source = join(work, "source.mkv");
  await ffmpeg("-f", "lavfi", "-i", "testsrc2=s=1280x720:r=25", "-f", "lavfi", "-i", "sine=f=330:r=48000", "-t", String(convertedSeconds),
    "-c:v", "libx264", "-preset", "ultrafast", "-qp", "20", "-c:a", "pcm_s16le", source);
  const names = [];
  for (const [name, ...how] of [
    ["MPEG-2.ts", "-c:v", "mpeg2video", "-q:v", "4", "-g", "12", "-c:a", "mp2"],
    ["HEVC 10 bit.mkv", "-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error", "-pix_fmt", "yuv420p10le", "-c:a", "aac"],
    ["Windows Media.wmv", "-c:v", "wmv2", "-q:v", "4", "-g", "50", "-c:a", "wmav2"],
  ]) {
    const first = join(folder, name);
    await ffmpeg("-i", source, ...how, first);
    const second = `Another ${name}`;
    await cp(first, join(folder, second));
    await truncate(join(folder, second), (await stat(first)).size + 188);
    names.push(name, second);
  }
  return names;
}

/** Copies of the mixed test films up to a number in all, each another film: bytes behind its end. */
async function fill(folder, count) {
  const all = (await clips("twelve")).filter((clip) => clip.rung === "direct" || clip.modern);
  for (let n = (await readdir(folder)).length; n < count; n++) {
    const clip = all[n % all.length];
    const name = join(folder, `Film ${String(n).padStart(3, "0")}${extname(clip.file)}`);
    await cp(clip.path, name);
    await truncate(name, (await stat(name)).size + 1 + n);
  }
}

/** What lies in the library beside JSON and pictures, by kind of file. */
async function written(box) {
  const kinds = {};
  for (const file of await readdir(join(box.data, "library"), { recursive: true, withFileTypes: true })) {
    if (!file.isFile() || /\.(json|jpg)$/.test(file.name)) continue;
    const kind = file.name.replace(/^seg\d+/, "seg");
    kinds[kind] = (kinds[kind] ?? 0) + (await stat(join(file.parentPath, file.name))).size;
  }
  return kinds;
}

const listOf = (kinds) => Object.entries(kinds).map(([kind, bytes]) => `${kind} ${(bytes / 1000).toFixed(0)} KB`).join(", ") || "nothing";

/** Films that need no conversion. */
export const mixed = () => measured(async () => []);
/** The same with films that do. */
export const encoder = () => measured(convertible);

async function measured(more) {
  const why = (await noSlowStick()) || noChip();
  if (why) {
    console.log(`not run here: ${why}`);
    return;
  }
  const work = await mkdtemp(join(tmpdir(), "streambox-bench-"));
  try {
    const env = await chip(join(work, "chip"), { V4L2SIM_FPS: picturesPerSecond });
    const folder = join(work, "films");
    await mkdir(folder);
    const toWatch = await watched(folder, work);
    const toConvert = await more(folder, work);
    await fill(folder, films);
    await phase(folder, env, toWatch, toConvert);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** One stick, from the box's start to the end of the viewers' films. */
async function phase(folder, env, toWatch, toConvert) {
  const box = await newBox({ logLevel: "info", env, inside: (...words) => slow.inside(...words) });
  const slow = await slowStick(folder, box.stick, limits);
  const browser = await launch();
  const what = `${films} mixed films${toConvert.length ? `, ${toConvert.length} of them MPEG-2, HEVC 10 bit and WMV,` : ""} behind ${device}`;
  try {
    await slow.cold();
    const began = performance.now();
    await box.start();
    await until("all films to be listed", async () => (await box.titles()).length === films, { seconds: 120, every: 20 });
    record({ what: `${what}, cold and new: the box's start to all of them listed`, ours: seconds(performance.now() - began), bar: "≤ 5 s" });
    const titles = await box.titles();
    const idOf = (name) => titles.find((t) => t.sources.some((s) => s.file === name)).id;
    const viewers = [];
    for (const name of toWatch) {
      viewers.push(await watches(browser, box, idOf(name), name.replace(/\.\w+$/, "")));
      await delay(3000); // people find a film one after the other
    }
    const finished = toConvert.length ? await conversions(box, toConvert.map(idOf), toConvert.filter((name) => name.includes("HEVC")).map(idOf)) : 0;
    await haveSeen(viewers, watchedSeconds - 5, watchedSeconds + 120);
    const all = await Promise.all(viewers.map(seen));
    const sum = (key) => all.reduce((n, one) => n + one[key], 0);
    const beside = toConvert.length ? ` while ${toConvert.length} films were converted` : "";
    record({ what: `${what}: click to first frame, most of 4`, ours: seconds(Math.max(...all.map((one) => one.firstFrame))), bar: "≤ 2 s" });
    record({
      what: `${what}: freezes of 4 viewers (Chromium, 4 Mbit/s, ${watchedSeconds} s each)${beside}, and of these for want of film`,
      ours: `${sum("freezes")} (${(sum("frozenMilliseconds") / 1000).toFixed(1)} s), ${sum("starved")}`, bar: "0",
    });
    const kinds = await written(box);
    if (toConvert.length) {
      const by = {};
      for (const name of toConvert) {
        const who = await convertedBy(box, idOf(name));
        by[who] = (by[who] ?? 0) + 1;
      }
      record({
        what: `${what}: finished by (simulated encoder of ${picturesPerSecond} pictures/s, ${convertedSeconds} s of 720p each; in the library beside JSON and pictures: ${listOf(kinds)})`,
        ours: `${Object.entries(by).map(([who, n]) => `${who} ${n}`).join(", ")}; the last one after ${finished.toFixed(0)} s`, bar: `chip ${toConvert.length}`,
      });
    } else {
      const bytes = Object.entries(kinds).reduce((n, [kind, size]) => (kind === "digests.bin" ? n : n + size), 0);
      record({ what: `${what}, played by 4 viewers for ${watchedSeconds} s each: written to the library beside JSON, pictures and digests (${listOf(kinds)})`, ours: `${bytes} bytes`, bar: "none" });
    }
    for (const one of viewers) if (one.faults.length) console.log(one.faults);
  } catch (error) {
    console.log(await box.log());
    throw error;
  } finally {
    await browser.close();
    await box.stop();
    await slow.remove(); // it is mounted in the box's folder
    await box.remove();
  }
}

/** Waits until all are converted, some of them for somebody who asks; returns the seconds that took. */
async function conversions(box, ids, asked) {
  const began = performance.now();
  await until("all conversions to be finished", async () => {
    for (const id of asked) await (await fetch(`${box.url}/stream/${id}/master.m3u8?for=all`)).text(); // not yet, as long as it takes
    const titles = await box.titles();
    return ids.every((id) => isConverted(titles.find((t) => t.id === id)));
  }, { seconds: 900, every: 1000, seen: async () => (await box.titles()).filter((t) => ids.includes(t.id)) });
  return (performance.now() - began) / 1000;
}

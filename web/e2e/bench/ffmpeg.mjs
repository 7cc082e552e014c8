// Converting and remuxing a file of more than 1 GB beside the bare ffmpeg command, in turns; and how soon the first
// segment of such a file can be had.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { newBox } from "../lib/box.mjs";
import { clips, put } from "../lib/clips.mjs";
import { streambox } from "../lib/places.mjs";
import { until } from "../lib/until.mjs";
import { median, record } from "./figures.mjs";
import { family } from "./servers.mjs";

const run = promisify(execFile);
const seconds = (list) => `${median(list).toFixed(2)} s`;

/** Runs a program and returns its wall time in seconds. */
async function timed(command, args) {
  const started = performance.now();
  await run(command, args, { maxBuffer: 1 << 24 });
  return (performance.now() - started) / 1000;
}

/** The arguments of the ffmpeg that streambox convert starts for a file: the bare command is to do the same work. */
async function argumentsFor(path, out) {
  const child = spawn(streambox, ["convert", path, "--out", out], { stdio: "ignore" });
  const ended = once(child, "exit");
  const args = await until("streambox to start ffmpeg", () => {
    for (const pid of family(child.pid)) {
      const line = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").slice(0, -1);
      if (/ffmpeg$/.test(line[0]) && line.includes("mpegts")) return line.slice(1);
    }
    return null;
  }, { seconds: 30, every: 20 });
  child.kill("SIGINT");
  await ended;
  return args;
}

/** The picture and sound options of a conversion are ours; what plays as it is is copied. */
async function pictureAndSound(name, path, out) {
  if (name === "big-direct") return ["-map", "0:v:0", "-map", "0:a:0", "-c", "copy"]; // by the packager, without ffmpeg
  const args = await argumentsFor(path, out);
  return args.slice(args.indexOf("-map"), args.indexOf("-f", args.indexOf("-map")));
}

/** The same, written as HLS by ffmpeg itself. */
function bareCommand(mine, path, out) {
  const hls = ["-f", "hls", "-hls_time", "4", "-hls_list_size", "0", "-hls_playlist_type", "vod", join(out, "index.m3u8")];
  return ["-nostdin", "-v", "error", "-i", path, ...mine, ...hls];
}

async function compare(name, what, rounds) {
  const [clip] = await clips("big", { only: name });
  const work = await mkdtemp(join(tmpdir(), "streambox-bench-"));
  try {
    await run("cat", [clip.path], { maxBuffer: 0 }).catch(() => {}); // into the page cache, as far as it goes
    const mine = await pictureAndSound(name, clip.path, join(work, "probe"));
    const [ours, bare, synced] = [[], [], []];
    for (let i = 0; i < rounds; i++) {
      for (const [list, once] of [
        [ours, (out) => timed(streambox, ["convert", clip.path, "--out", out])],
        [bare, (out) => timed("ffmpeg", bareCommand(mine, clip.path, out))],
      ]) {
        const out = join(work, `${i}`);
        await mkdir(out);
        await run("sync");
        const wall = await once(out);
        list.push(wall);
        // What is still in memory only: ours has synced every segment before it ends.
        const flush = await timed("sync", ["-f", out]);
        if (list === bare) synced.push(wall + flush);
        await rm(out, { recursive: true });
      }
    }
    const [o, b, s] = [median(ours), median(bare), median(synced)];
    record({ what: `${what} of 1.27 GB, wall, median of ${rounds}`, ours: seconds(ours), reference: `${seconds(bare)} (bare ffmpeg to HLS)`, ratio: o / b, bar: `≤ 1.05 + 0.3 s = ${(1.05 + 0.3 / b).toFixed(3)}` });
    record({ what: `${what} of 1.27 GB, wall with all on the disk, median of ${rounds}`, ours: seconds(ours), reference: `${seconds(synced)} (bare ffmpeg to HLS, then sync)`, ratio: o / s, bar: `≤ 1.05 + 0.3 s = ${(1.05 + 0.3 / s).toFixed(3)}` });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

export const remux = () => compare("big-direct", "remux", 5);
export const convert = () => compare("big-convert", "conversion", 3);

export async function firstSegment() {
  const [clip] = await clips("big", { only: "big-direct" });
  const times = [];
  for (let i = 0; i < 5; i++) {
    const box = await newBox({ logLevel: "info" });
    try {
      await box.start();
      await until("the empty stick to be read", async () => (await box.get("/api/v1/box")).sticks?.[0]?.state === "empty", { seconds: 20 });
      await put(box.stick, clip);
      const started = performance.now();
      const answer = await fetch(`${box.url}/api/v1/rescan`, { method: "POST" });
      if (answer.status !== 202) throw new Error(`rescan: ${answer.status}`);
      await until("the first segment", async () => {
        const [title] = await box.titles();
        if (!title?.playable) return false;
        const segment = await fetch(new URL("seg00000.ts", box.url + title.playlist));
        return segment.ok && (await segment.arrayBuffer()).byteLength > 0;
      }, { seconds: 60, every: 20 });
      times.push((performance.now() - started) / 1000);
    } finally {
      await box.remove();
    }
  }
  record({ what: "first segment of a remux of 1.27 GB in hand after POST rescan, median of 5", ours: seconds(times), bar: "≤ 2 s" });
}

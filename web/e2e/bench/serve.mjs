// Serving segments over loopback: StreamBox, a bare http.FileServer and nginx in turns, on the same files; then memory.
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { newBox } from "../lib/box.mjs";
import { clips, put } from "../lib/clips.mjs";
import { streambox } from "../lib/places.mjs";
import { median, record } from "./figures.mjs";
import { build, family, fileServer, nginx } from "./servers.mjs";

const run = promisify(execFile);
const rounds = 8;
const readers = 16;
const secondsEach = 3;

export const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;

/**
 * A box with the film of 2.5 MB segments ready, and a folder with the same segments for the others to serve. The box has
 * that folder on its stick, or (packaged) the film itself, whose segments it makes when they are asked for.
 */
export async function boxWithSegments({ packaged = false } = {}) {
  const [clip] = await clips("big", { only: "segments" });
  const box = await newBox({ logLevel: "info" });
  const out = packaged ? join(box.folder, "beside") : box.stick;
  await run(streambox, ["convert", clip.path, "--out", out]);
  if (packaged) await put(box.stick, clip);
  await box.start();
  const folder = (await readdir(out))[0];
  const title = await box.ready(packaged ? clip.file : folder, 120);
  const [, , id, rendition] = title.playlist.split("/");
  const dir = join(out, folder);
  const segments = (await readdir(dir)).filter((name) => name.endsWith(".ts")).sort();
  return { box, title, dir, segments, prefix: `/stream/${id}/${rendition}` };
}

export async function load(program, work, { url, pids, paths, duration, count = readers, rate = 0 }) {
  const list = join(work, "paths");
  await writeFile(list, paths.join("\n"));
  const args = ["-base", url, "-paths", list, "-pids", pids.join(","), "-readers", String(count), "-duration", `${duration}s`, "-rate", String(rate)];
  const result = JSON.parse((await run(program, args)).stdout);
  if (result.failed) throw new Error(`${result.failed} requests to ${url} failed: ${result.firstError}`);
  return result;
}

export async function serve() {
  const work = await mkdtemp(join(tmpdir(), "streambox-bench-"));
  const { box, dir, segments, prefix } = await boxWithSegments();
  const others = [await fileServer(await build("fileserver", work), dir), await nginx(dir)];
  try {
    const program = await build("load", work);
    const names = ["StreamBox", "http.FileServer", "nginx"];
    const targets = [
      { url: box.url, pids: () => family(box.child.pid), paths: segments.map((name) => `${prefix}/${name}`) },
      ...others.map((other) => ({ ...other, paths: segments.map((name) => `/${name}`) })),
    ];
    const results = targets.map(() => []);
    for (let round = 0; round <= rounds; round++) {
      // There and back in turns: who comes after whom must not count.
      for (const i of round % 2 ? [2, 1, 0] : [0, 1, 2]) {
        const target = targets[i];
        const result = await load(program, work, { ...target, pids: target.pids(), duration: secondsEach });
        if (round > 0) results[i].push(result); // the first round warms up
      }
    }
    const speed = results.map((list) => median(list.map((r) => r.requestsPerSecond)));
    const cpu = results.map((list) => median(list.map((r) => r.cpuSecondsPerGB)));
    const what = `serving ${segments.length} segments of 2.5 MB over loopback, ${readers} readers, median of ${rounds}`;
    for (const i of [1, 2]) {
      const bar = i === 1 ? "≥ 0.95" : "–";
      record({ what: `${what}: requests/s beside ${names[i]}`, ours: speed[0].toFixed(0), reference: speed[i].toFixed(0), ratio: speed[0] / speed[i], bar });
      record({ what: `${what}: GB per CPU second beside ${names[i]}`, ours: (1 / cpu[0]).toFixed(2), reference: (1 / cpu[i]).toFixed(2), ratio: cpu[i] / cpu[0], bar });
    }
  } finally {
    for (const other of others) await other.stop();
    await box.remove();
    await rm(work, { recursive: true, force: true });
  }
}

export const rss = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]) * 1024;

export async function memory() {
  const work = await mkdtemp(join(tmpdir(), "streambox-bench-"));
  const { box, segments, prefix } = await boxWithSegments();
  try {
    await box.stop(); // a box that has come up to a stick it knows: what it needs when nobody watches
    await box.start();
    await delay(10_000);
    const idle = rss(box.child.pid);
    record({ what: "resident memory, idle", ours: megabytes(idle), bar: "≤ 25 MB" });
    const program = await build("load", work);
    const result = await load(program, work, {
      url: box.url, pids: [box.child.pid], paths: segments.map((name) => `${prefix}/${name}`), duration: 20, count: 200, rate: 625_000,
    });
    record({
      what: `resident memory, most seen with 200 readers of 5 Mbit/s each (${megabytes(result.bytes / result.seconds)} a second)`,
      ours: megabytes(result.maxRssBytes),
      bar: "≤ 60 MB",
    });
  } finally {
    await box.remove();
    await rm(work, { recursive: true, force: true });
  }
}

// Films that are played from the stick as they are: what opening, making and serving them costs.
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { cp, mkdtemp, readdir, rm, stat, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { newBox } from "../lib/box.mjs";
import { clips, put } from "../lib/clips.mjs";
import { clipsFolder, root } from "../lib/places.mjs";
import { median, record } from "./figures.mjs";
import { benchmark } from "./gobench.mjs";
import { boxWithSegments, load, megabytes } from "./serve.mjs";
import { build, family, nginx } from "./servers.mjs";

const run = promisify(execFile);

export async function jit() {
  await making();
  await thumbnail();
  await served();
  await many();
  await written();
  await opening();
}

/** Muxing a segment beside hashing the same bytes, and its memory. */
async function making() {
  const rows = await benchmark("./transcode/packager", "^Benchmark(Segment|SHA256)$", ["-benchtime", "100x"]);
  const hash = rows.SHA256["MB/s"];
  for (const kind of ["MP4", "Matroska"]) {
    const row = rows[`Segment/${kind}`];
    record({
      what: `making a segment of 2.5 MB of ${kind} beside SHA-256 over the same bytes, median of 5`,
      ours: `${row["MB/s"].toFixed(0)} MB/s`, reference: `${hash.toFixed(0)} MB/s`, ratio: hash / row["MB/s"], bar: "≤ 4 × its time",
    });
    const size = (row["MB/s"] * 1e6 * row["ns/op"]) / 1e9;
    record({ what: `memory for a segment of 2.5 MB of ${kind}`, ours: megabytes(row["B/op"]), reference: megabytes(size), ratio: row["B/op"] / size, bar: "≤ 2.2 (2 copies)" });
  }
}

async function thumbnail() {
  const rows = await benchmark("./transcode", "^BenchmarkThumbnail$", ["-benchtime", "10x"]);
  const [ours, plain] = [rows["Thumbnail/ours"]["ns/op"], rows["Thumbnail/plain"]["ns/op"]];
  record({ what: "thumbnail beside the plain ffmpeg command for one frame, median of 5", ours: `${(ours / 1e6).toFixed(0)} ms`, reference: `${(plain / 1e6).toFixed(0)} ms`, ratio: ours / plain, bar: "≤ 1.2" });
}

/** Segments that are in memory already, beside nginx with the same ones as files. */
async function served() {
  const work = await mkdtemp(join(tmpdir(), "streambox-bench-"));
  const { box, dir, segments, prefix } = await boxWithSegments({ packaged: true });
  const other = await nginx(dir);
  try {
    const program = await build("load", work);
    const some = segments.slice(0, 20); // 50 MB: all of them fit into the cache
    const targets = [
      { url: box.url, pids: () => family(box.child.pid), paths: some.map((name) => `${prefix}/${name}`) },
      { ...other, paths: some.map((name) => `/${name}`) },
    ];
    const cpu = [[], []];
    for (let round = 0; round <= 5; round++) {
      for (const [i, target] of targets.entries()) {
        const result = await load(program, work, { ...target, pids: target.pids(), duration: 4 });
        if (round > 0) cpu[i].push(result.cpuSecondsPerGB); // the first round makes them
      }
    }
    const [ours, theirs] = cpu.map(median);
    record({
      what: "segments of a packaged film from the memory cache, 16 readers, median of 5: CPU seconds per GB beside nginx",
      ours: ours.toFixed(3), reference: theirs.toFixed(3), ratio: ours / theirs, bar: "≤ 1.5",
    });
  } finally {
    await other.stop();
    await box.remove();
    await rm(work, { recursive: true, force: true });
  }
}

/** Another film each time: bytes behind its end. */
async function copies(folder, clip, count) {
  for (let n = 0; n < count; n++) {
    const name = join(folder, `Film ${String(n).padStart(3, "0")}${clip.file.slice(-4)}`);
    await cp(clip.path, name);
    await truncate(name, (await stat(name)).size + 1 + n);
  }
}

const segmentNames = async (url) => (await (await fetch(url)).text()).split("\n").filter((line) => line && !line.startsWith("#"));

/** 30 viewers of 30 films. */
async function many() {
  const viewers = 30;
  const work = await mkdtemp(join(tmpdir(), "streambox-bench-"));
  const box = await newBox({ logLevel: "info" });
  try {
    const [clip] = await clips("big", { only: "segments" });
    await copies(box.stick, clip, viewers);
    await box.start();
    const lists = [];
    for (let n = 0; n < viewers; n++) {
      const title = await box.ready(`Film ${String(n).padStart(3, "0")}${clip.file.slice(-4)}`, 300);
      const names = await segmentNames(box.url + title.playlist);
      lists.push(names.map((name) => title.playlist.replace("index.m3u8", name)));
    }
    await box.stop(); // what probing and pictures needed is not what viewers cost
    await box.start();
    const last = lists.at(-1)[0].split("/")[2];
    await box.ready(last, 60);
    const program = await build("load", work);
    const inTurn = lists[0].flatMap((_, n) => lists.map((list) => list[n]));
    const result = await load(program, work, { url: box.url, pids: [box.child.pid], paths: inTurn, duration: 60, count: viewers, rate: 900_000 });
    record({
      what: `resident memory, most seen with ${viewers} viewers of ${viewers} films of 5 Mbit/s (${megabytes(result.bytes / result.seconds)} a second)`,
      ours: megabytes(result.maxRssBytes), bar: "≤ 160 MB",
    });
  } finally {
    await box.remove();
    await rm(work, { recursive: true, force: true });
  }
}

/** What a film that was played to its end has left in the library, by kind of file. */
async function written() {
  const box = await newBox({ logLevel: "info" });
  try {
    const films = [...(await clips("long", { only: "long-h264" })), ...(await clips("twelve", { only: "h264-ac3" }))];
    await put(box.stick, ...films);
    await box.start();
    for (const film of films) {
      const title = await box.ready(film.file, 300);
      for (const name of await segmentNames(box.url + title.playlist)) {
        const answer = await fetch(box.url + title.playlist.replace("index.m3u8", name));
        if (!answer.ok) throw new Error(`${name}: ${answer.status}`);
        await answer.arrayBuffer();
      }
      const folder = join(box.data, "library", title.id);
      const hours = film.durationSeconds / 3600;
      const kinds = {};
      for (const file of await readdir(folder, { recursive: true, withFileTypes: true })) {
        if (!file.isFile()) continue;
        kinds[file.name] = (kinds[file.name] ?? 0) + (await stat(join(file.parentPath, file.name))).size;
      }
      const list = Object.entries(kinds).map(([name, bytes]) => `${name} ${(bytes / 1000).toFixed(1)} KB`).join(", ");
      const grows = Object.entries(kinds).filter(([name]) => !/\.(json|jpg)$/.test(name) || name === "sound.json"); // with its length
      record({
        what: `written to the library by a film (${film.rung}) that was played to its end, an hour of it beside JSON and a picture (of ${film.durationSeconds} s in all: ${list})`,
        ours: `${(grows.reduce((sum, [, bytes]) => sum + bytes, 0) / hours / 1e6).toFixed(2)} MB`, bar: film.rung === "direct" ? "none" : "≤ 80 MB",
      });
    }
  } finally {
    await box.remove();
  }
}

const rchar = (pid) => Number(/rchar: (\d+)/.exec(readFileSync(`/proc/${pid}/io`, "utf8"))[1]);

/** The playlist of a film of two hours and 4 GB, whose index nobody has read since the box began. */
async function opening() {
  const films = await clips("hours");
  const box = await newBox({ logLevel: "info" });
  try {
    await put(box.stick, ...films);
    await box.start();
    for (const film of films) await box.ready(film.file, 300);
    const times = films.map(() => []);
    const shares = films.map(() => []);
    for (let round = 0; round < 6; round++) {
      await box.stop();
      await box.start();
      for (const [i, film] of films.entries()) {
        const title = await box.ready(film.file, 60);
        const before = rchar(box.child.pid);
        const began = performance.now();
        const list = await (await fetch(box.url + title.playlist)).text();
        const took = performance.now() - began;
        if (!list.includes("ENDLIST")) throw new Error(list);
        if (round > 0) {
          times[i].push(took);
          shares[i].push((100 * (rchar(box.child.pid) - before)) / (await stat(film.path)).size);
        }
      }
    }
    for (const [i, film] of films.entries()) {
      const size = megabytes((await stat(film.path)).size);
      record({ what: `playlist of ${film.file}, ${size}, the first one after a start, file in memory, median of 5`, ours: `${median(times[i]).toFixed(0)} ms`, bar: "≤ 100 ms" });
      record({ what: `read of ${film.file} for its playlist, of the file`, ours: `${median(shares[i]).toFixed(3)} %`, bar: "≤ 1 %" });
    }
  } finally {
    await box.remove();
    await rm(join(clipsFolder, "hours"), { recursive: true, force: true }); // 8 GB
  }
}


// `make bench-p2p`: several viewers of one film, with StreamBox and with p2p-media-loader, the same film, the same limit
// of what the server can send, one after the other in the same run.
//   p2p.mjs [2] [4] [6] [apart] [together] [long] [ours] [reference] [--dry] [--mbit 100] [--json FILE] [--trace FOLDER]
// --dry prints and does not record. --trace keeps what each of our pages heard and did, for make replay. Numbers choose how many viewers; apart, together and long what they do.
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { newBox } from "../lib/box.mjs";
import { clips, put } from "../lib/clips.mjs";
import { missingNetwork, newNetwork } from "../lib/netns.mjs";
import { missing } from "../lib/places.mjs";
import { audience } from "./audience.mjs";
import { median, record } from "./figures.mjs";
import { reference, version } from "./reference.mjs";
import { bytesUntil, farthest, windowSeconds } from "./window.mjs";

if (missing || missingNetwork) throw new Error(missing || missingNetwork);

const argv = process.argv.slice(2);
const option = (name, usual) => {
  const at = argv.indexOf(name);
  return at < 0 ? usual : argv.splice(at, 2)[1];
};
const mbit = Number(option("--mbit", "100"));
const json = option("--json", "");
const traces = option("--trace", "");
const dry = argv.includes("--dry");
const words = argv.filter((word) => word !== "--dry");
const known = ["apart", "together", "long", "ours", "reference"];
for (const word of words) if (!known.includes(word) && !(Number(word) >= 1)) throw new Error(`no part ${word}; there are numbers, ${known.join(", ")}`);
const chosen = (list) => (words.some((word) => list.includes(word)) ? list.filter((word) => words.includes(word)) : list);
const counts = words.filter((word) => Number(word)).map(Number);
const scenes = chosen(["apart", "together", "long"]);
const sides = chosen(["ours", "reference"]);

const gapSeconds = 8;
const bars = { apart: { 2: 47, 4: 72, 6: 80 }, together: { 2: 45, 4: 70, 6: 80 } };
const megabytes = (bytes) => (bytes / 1e6).toFixed(1);

/** A box with the film ready, a folder with copies of its playlist and segments, and these: [{seconds, bytes}] in order. */
async function boxOf(name, network) {
  const [clip] = await clips("swarm", { only: name });
  const box = await newBox({ station: network.box, logLevel: "info" });
  await put(box.stick, clip);
  await box.start();
  const title = await box.ready(clip.file, 180);
  const dir = join(box.folder, "copies");
  mkdirSync(dir);
  const get = async (path) => Buffer.from(await (await fetch(box.url + path)).arrayBuffer());
  const playlist = await get(title.playlist);
  writeFileSync(join(dir, "index.m3u8"), playlist);
  const lines = playlist.toString().split("\n");
  const segments = [];
  for (const [i, line] of lines.entries()) {
    if (!line.startsWith("#EXTINF:")) continue;
    const data = await get(join(title.playlist, "..", lines[i + 1]));
    writeFileSync(join(dir, lines[i + 1]), data);
    segments.push({ seconds: parseFloat(line.slice(8)), bytes: data.length });
  }
  await box.stop(); // nobody has asked it for anything yet, as far as it knows
  return { box, title, dir, segments };
}

/** Keeps what our pages heard and did. */
async function keepTraces(pages, scene) {
  mkdirSync(traces, { recursive: true });
  for (const [i, page] of pages.entries()) {
    const text = await page.evaluate(() => window.streambox.swarm()?.trace?.()?.text());
    if (text) writeFileSync(join(traces, `${scene}-${i + 1}.jsonl`), text);
  }
}

/** One scene of one system. */
async function measure(side, { film, count, gap, stopAfter }) {
  const network = newNetwork();
  const station = network.station();
  let server;
  const made = await boxOf(film, network);
  try {
    const length = made.segments.reduce((sum, segment) => sum + segment.seconds, 0);
    let place = { url: `${made.box.url}/`, button: `.card[data-id="${made.title.id}"]` };
    let look;
    if (side === "ours") {
      if (traces) {
        place.url += "?debug=swarm";
        look = (pages) => keepTraces(pages, `${count}-${gap ? "apart" : "together"}`);
      }
      await made.box.start();
      await made.box.ready(made.title.id, 60);
    } else {
      server = await reference(network.box, made.dir);
      place = { url: server.url, button: "button" };
    }
    network.shape(mbit);
    const sentBefore = network.sentBytes();
    const { viewers, ...rest } = await audience({ station, ...place, count, gapSeconds: gap, stopAfter: stopAfter ?? length, length, look });
    const sentBytes = network.sentBytes() - sentBefore;
    const watched = viewers.map((one) => bytesUntil(made.segments, one.watchedSeconds));
    const sum = (list) => list.reduce((a, b) => a + b, 0);
    const http = sum(viewers.map((one) => one.httpBytes));
    const result = {
      side, film, count, gap, viewers, ...rest, sentBytes, watchedBytes: sum(watched), httpBytes: http,
      offload: 100 * (1 - http / sum(watched)),
      delivered: sum(viewers.map((one) => one.httpBytes + one.channelBytes)) / sum(watched),
      farthest: farthest(made.segments, viewers),
      firstFrames: viewers.map((one) => one.firstFrame),
      freezes: sum(viewers.map((one) => one.freezes)),
      frozenMilliseconds: sum(viewers.map((one) => one.frozenMilliseconds)),
    };
    if (json) appendFileSync(json, `${JSON.stringify(result)}\n`);
    console.log(`${side} ${count} × ${film}${gap ? `, ${gap} s apart` : ", together"}: offload ${result.offload.toFixed(1)} %, delivered ÷ watched ${result.delivered.toFixed(3)}, ` +
      `first frames ${result.firstFrames.map((ms) => ms.toFixed(0)).join(" ")} ms, freezes ${result.freezes} (${result.frozenMilliseconds.toFixed(0)} ms), ` +
      `browser CPU ${result.cpuSeconds.toFixed(1)} s, box sent ${megabytes(result.httpBytes)} MB of media (${megabytes(sentBytes)} MB in all)`);
    if (process.env.E2E_VERBOSE) for (const one of viewers) console.log(JSON.stringify(one));
    return result;
  } finally {
    await server?.stop();
    await made.box.remove();
    await network.remove();
  }
}

const note = (row) => (dry ? undefined : record(row));

function notePair(scene, count, results) {
  const { ours, reference: theirs } = results;
  const how = scene === "apart" ? `${count} viewers ${gapSeconds} s apart` : `${count} viewers together`;
  const what = (text) => `swarm, ${how}, 120 s of 720p, box at ${mbit} Mbit/s, one Chromium: ${text}`;
  const both = (text, of, { unit = "", digits = 1, bar, later } = {}) => {
    const value = (result) => (result ? `${of(result).toFixed(digits)}${unit}` : "–");
    const ratio = ours && theirs && of(theirs) ? of(ours) / of(theirs) : undefined;
    note({ what: what(text), ours: value(ours), reference: later ?? value(theirs), ratio, bar });
  };
  const ceiling = (100 * (1 - 1 / count)).toFixed(1);
  both(`offload (ceiling ${ceiling} %)`, (r) => r.offload, { unit: " %", bar: bars[scene][count] ? `≥ ${bars[scene][count]} %` : undefined });
  both("bytes delivered ÷ watched", (r) => r.delivered, { digits: 3, bar: "≤ 1.02" });
  const late = (r) => median(scene === "apart" && count > 1 ? r.firstFrames.slice(1) : r.firstFrames);
  both(scene === "apart" ? "click to first frame of the later viewers, median" : "click to first frame, median", late, { unit: " ms", digits: 0, bar: "≤ 1" });
  both("freezes", (r) => r.freezes, { digits: 0, bar: "no more" });
  both("browser CPU", (r) => r.cpuSeconds, { unit: " s", bar: "≤ 1" });
}

for (const scene of scenes.filter((name) => name !== "long")) {
  for (const count of counts.length ? counts : [2, 4, 6]) {
    const results = {};
    for (const side of sides) results[side] = await measure(side, { film: "swarm", count, gap: scene === "apart" ? gapSeconds : 0 });
    notePair(scene, count, results);
  }
}
if (scenes.includes("long")) {
  const results = {};
  for (const side of sides) results[side] = await measure(side, { film: "swarm-long", count: 2, gap: gapSeconds, stopAfter: 80 });
  // Counted with the film's bytes: 28 of each slice of 64 KiB, and some hundred of each response's header.
  const fetched = (r) => {
    if (!r) return "–";
    const { viewer, fetched: bytes, allowed } = r.farthest;
    return `${megabytes(bytes)} MB by viewer ${viewer}, who may have ${megabytes(allowed)} MB (box sent ${megabytes(r.httpBytes)} MB to both)`;
  };
  note({ what: "swarm, 600 s film (197 MB), 2 viewers: fetched when the first has watched 80 s, by who went farthest beyond", ours: fetched(results.ours), reference: fetched(results.reference), bar: `≤ what it watched + ${windowSeconds} s, by the film's own segments` });
}
console.log(`Reference: p2p-media-loader-hlsjs ${version()}`);

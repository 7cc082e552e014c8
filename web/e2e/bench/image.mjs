// `make bench-image`: what the SD card weighs, of what `make image` left; and what it costs when it runs, of what
// TestFigures of image/cardtest found a moment ago in a virtual machine.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { root } from "../lib/places.mjs";
import { median, record } from "./figures.mjs";

const base = process.argv[2] ?? "debian";
const work = join(root, ".cache", "card", base);
const megabytes = (/** @type {number} */ bytes) => `${(bytes / 1e6).toFixed(1)} MB`;

/** The newest image of this base. */
function image() {
  const dist = join(root, "dist");
  const all = readdirSync(dist).filter((name) => name.endsWith(`_${base}.img.xz`));
  const newest = all.map((name) => join(dist, name)).sort((a, b) => statSync(a).mtimeMs - statSync(b).mtimeMs).pop();
  if (!newest) throw new Error(`there is no image of ${base} in dist: make image`);
  return newest;
}

// A card may be older than the tree that measures it.
const newest = image();
const label = `card image (${base}, ${basename(newest).split("_")[1]?.match(/[0-9a-f]{12}.*$/)?.[0] ?? "a release"})`;

// Each file once, as a card would hold it unpacked: hard links have no size of their own in the tar.
const listing = execFileSync("tar", ["-t", "-v", "-f", join(work, "parts", "root.tar")], { encoding: "utf8", maxBuffer: 1 << 28 });
const unpacked = listing.split("\n").reduce((sum, line) => sum + (line.startsWith("-") ? Number(line.trim().split(/\s+/)[2]) : 0), 0);

record({ what: `${label}, compressed`, ours: megabytes(statSync(newest).size), bar: "≤ 230 MB" });
record({ what: `${label}, root unpacked`, ours: megabytes(unpacked), bar: "≤ 600 MB" });
record({ what: `${label}, root as it lies on the card`, ours: megabytes(statSync(join(work, "root.squashfs")).size), bar: "≤ 470 MB, its partition" });

const file = join(root, ".cache", "cardtest", "figures.json");
if (existsSync(file)) running(JSON.parse(readFileSync(file, "utf8")));
else console.log("nothing is said of the running card: TestFigures has left no figures");

/** @param {any} seen figures of image/cardtest/figures_test.go */
function running(seen) {
  const card = `${label} in QEMU, load ${seen.load} before`;
  const hourOf = (/** @type {{bytes: number, seconds: number}} */ w) => (w.bytes * 3600) / w.seconds;
  const taken = (/** @type {{bytes: number, seconds: number}} */ w) => `${w.bytes} bytes in ${Math.round(w.seconds)} s`;
  const seconds = (/** @type {number[]} */ list) => list.map((one) => one.toFixed(1)).join(", ");
  // A service that is started for each piece of work (its name has an @) is one, however often it ran.
  /** @type {Map<string, number>} */
  const runs = new Map();
  for (const full of seen.services) {
    const name = full.replace(/@.*/, "@").replace(/\.service$/, "");
    runs.set(name, (runs.get(name) ?? 0) + 1);
  }
  const names = [...runs].map(([name, times]) => (name.endsWith("@") ? `${name} (${times} runs)` : name)).join(" ");
  record({ what: `${card}: services of ours started at boot (${names}; beside ${seen.others} of the system)`, ours: String(runs.size), bar: "≤ 8" });
  const [ready, reference] = [median(seen.readySeconds), median(seen.referenceSeconds)];
  record({
    what: `${card}: userspace to READY beside the same card with streambox.service masked to multi-user.target, medians of starts by turns (${seconds(seen.readySeconds)}; ${seconds(seen.referenceSeconds)} s)`,
    ours: `${ready.toFixed(1)} s`, reference: `${reference.toFixed(1)} s`, ratio: ready / reference, bar: "≤ 1.15×",
  });
  const { usedMB, freeUsedMB, sharedMB } = seen.memory;
  record({
    what: `${card}: memory used with a stick in and no viewer (MemTotal−MemFree−Buffers−Cached−SReclaimable; files in memory ${sharedMB.toFixed(1)} MB are not in it; free's "used", which counts the kernel's watermark, ${freeUsedMB.toFixed(1)} MB)`,
    ours: `${usedMB.toFixed(1)} MB`, bar: "≤ 120 MB",
  });
  record({ what: `${card}: written to the card in an idle hour (scaled from ${taken(seen.idle)})`, ours: megabytes(hourOf(seen.idle)), bar: "none" });
  const opening = seen.opened.bytes;
  record({
    what: `${card}: written to the card while a direct title is played for an hour (its first minute ${taken(seen.opened)}, then scaled from ${taken(seen.played)}; segments alone)`,
    ours: megabytes(opening + hourOf(seen.played)), bar: "< 1 MB",
  });
  record({
    what: `${card}: the same with its place told every 10 s, as the page does (scaled from ${taken(seen.watched)})`,
    ours: megabytes(opening + hourOf(seen.watched)), bar: "< 1 MB",
  });
}

// `make bench-image`: what the SD card weighs, of what `make image` left.
import { execFileSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { root } from "../lib/places.mjs";
import { record } from "./figures.mjs";

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

// Each file once, as a card would hold it unpacked: hard links have no size of their own in the tar.
const listing = execFileSync("tar", ["-t", "-v", "-f", join(work, "parts", "root.tar")], { encoding: "utf8", maxBuffer: 1 << 28 });
const unpacked = listing.split("\n").reduce((sum, line) => sum + (line.startsWith("-") ? Number(line.trim().split(/\s+/)[2]) : 0), 0);

record({ what: `card image (${base}), compressed`, ours: megabytes(statSync(image()).size), bar: "≤ 230 MB" });
record({ what: `card image (${base}), root unpacked`, ours: megabytes(unpacked), bar: "≤ 600 MB" });
record({ what: `card image (${base}), root as it lies on the card`, ours: megabytes(statSync(join(work, "root.squashfs")).size), bar: "≤ 470 MB, its partition" });

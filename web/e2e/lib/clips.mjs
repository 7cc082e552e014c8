// The test videos (transcode/clips), made when they are not there, and sticks to put them on.
import { execFile } from "node:child_process";
import { cp, link, mkdir, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { clipsFolder, root } from "./places.mjs";

const run = promisify(execFile);

/**
 * @typedef {{name: string, file: string, rung: string, durationSeconds: number, width: number, height: number, hdr?: boolean, pattern?: boolean, path: string}} Clip
 * @param {string} set
 * @param {{only?: string, seconds?: number}} [options]
 * @returns {Promise<Clip[]>} path is where the file is
 */
export async function clips(set, { only = "", seconds = 0 } = {}) {
  const dir = join(clipsFolder, [set, only.replaceAll(",", "+"), seconds || ""].filter(Boolean).join("-"));
  const args = ["run", "./transcode/clips/makeclips", "-quiet", "-out", dir, "-set", set];
  if (only) args.push("-only", only);
  if (seconds) args.push("-seconds", String(seconds));
  await run("go", args, { cwd: root, timeout: 300_000, maxBuffer: 1 << 24 });
  const table = JSON.parse(await readFile(join(dir, "expect.json"), "utf8"));
  return table.map((clip) => ({ ...clip, path: join(dir, clip.file) }));
}

/** Puts files on a stick: hard links where it can be, so that their times are old and nobody seems to be writing them. */
export async function put(stick, ...all) {
  for (const clip of all) {
    const target = join(stick, clip.file);
    await mkdir(dirname(target), { recursive: true });
    await link(clip.path, target).catch(() => cp(clip.path, target, { preserveTimestamps: true }));
  }
}

/** Puts a whole set on a stick, with all its file names, also those that are not UTF-8. */
export async function putSet(stick, set) {
  await clips(set);
  await run("cp", ["-a", "--", `${join(clipsFolder, set)}/.`, stick], { timeout: 60_000 });
  await rm(join(stick, "expect.json"));
}

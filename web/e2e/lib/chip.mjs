// A box whose ffmpeg finds the video encoder of a Raspberry Pi: the unmodified one, with the simulated device of
// transcode/v4l2sim preloaded, confined as ever. Where it cannot be made `noChip` says why.
import { execFile, execFileSync } from "node:child_process";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { root } from "./places.mjs";

const run = promisify(execFile);

/** @returns {string} why there can be no simulated encoder here; "" when there can */
export function noChip() {
  try {
    execFileSync("cc", ["-E", "-include", "x264.h", "-x", "c", "/dev/null"], { stdio: "ignore" });
    return "";
  } catch {
    return "cc or libx264's header is missing (apt-get install gcc libc6-dev libx264-dev)";
  }
}

/**
 * @param {string} dir a folder of its own
 * @param {Record<string, string | number>} [told] what the device is told (transcode/v4l2sim/README.md)
 * @returns {Promise<NodeJS.ProcessEnv>} environment of such a box
 */
export async function chip(dir, told = {}) {
  await run("go", ["run", "./transcode/v4l2sim/chip", dir, ...Object.entries(told).map(([name, value]) => `${name}=${value}`)], { cwd: root, timeout: 120_000 });
  return { PATH: `${join(dir, "bin")}:${process.env.PATH}` };
}

/**
 * By whom a title was converted: libx264 signs what it makes, the chip does not.
 * @returns {Promise<"software" | "chip" | "both" | "nobody">}
 */
export async function convertedBy(box, id) {
  const title = join(box.data, "library", id);
  const by = new Set();
  for (const name of await readdir(title, { recursive: true })) {
    if (!/(^|\/)video-[0-9a-f]{8}\/seg\d{5}\.ts$/.test(name)) continue;
    by.add((await readFile(join(title, name))).includes("x264 - core") ? "software" : "chip");
  }
  return by.size > 1 ? "both" : ([...by][0] ?? "nobody");
}

/** Whether there is a finished conversion of a title, which may be beside the film as it is (that has codecs). */
export const isConverted = (title) => (title.renditions ?? [title]).some((one) => one.state === "ready" && !one.codecs);

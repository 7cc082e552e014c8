// Where things are, and what this machine lacks. The browser driver is a dependency of the client's package, so that
// the repository has one lock file: it is resolved from there.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

export const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..");
/** The program under test; `make build` makes it. */
export const streambox = process.env.STREAMBOX_BIN ?? join(root, "bin", "streambox");
export const chromium = process.env.CHROMIUM ?? "/usr/bin/chromium";
/** Test videos are made once and kept. */
export const clipsFolder = process.env.STREAMBOX_CLIPS ?? join(root, ".cache", "clips");

const fromClient = createRequire(join(root, "web", "client", "package.json"));

export async function playwright() {
  const module = await import(pathToFileURL(fromClient.resolve("playwright-core")).href);
  return module.default ?? module;
}

/** @param {string} command @param {string[]} args */
function runs(command, ...args) {
  try {
    execFileSync(command, args, { stdio: "ignore", timeout: 20_000 });
    return true;
  } catch {
    return false;
  }
}

/** @type {[string, () => boolean, string][]} what, is it there, what brings it */
const wanted = [
  ["ffmpeg", () => runs("ffmpeg", "-version"), "apt-get install ffmpeg"],
  ["chromium", () => existsSync(chromium), "apt-get install chromium"],
  ["playwright-core", () => existsSync(join(root, "web", "client", "node_modules", "playwright-core")), "make client"],
  ["bin/streambox", () => existsSync(streambox), "make build"],
];

/** Why the tests cannot run here, for node:test's skip; false when they can. Where all must run it is an error. */
export const missing = (() => {
  const first = wanted.find(([, isThere]) => !isThere());
  if (!first) return false;
  const sentence = `not run here: ${first[0]} is missing (${first[2]})`;
  if (process.env.STREAMBOX_STRICT === "1") throw new Error(sentence);
  return sentence;
})();

// Figures: one file that every run of `make bench` appends to.
import { execFileSync } from "node:child_process";
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg, release, totalmem } from "node:os";
import { join } from "node:path";
import { root } from "../lib/places.mjs";

const file = join(root, ".ci", "figures.md");

const head = `# Figures

Appended by \`make bench\`, newest last. Ratio is ours ÷ reference of the same run on the same machine; the bar is what was asked for.
A dash: there is nothing to compare with.

| date | commit | machine | what | ours | reference | ratio | bar |
|---|---|---|---|---|---|---|---|
`;

/** @param {string[]} args @returns {string} */
const git = (...args) => execFileSync("git", args, { cwd: root, encoding: "utf8" }).trim();

// A busy machine measures itself: the load that others made before we began belongs to the figure.
const loadBefore = (loadavg()[0] ?? 0).toFixed(1);

const machine = () => {
  const model = cpus()[0]?.model.replace(/\s+/g, " ").trim() ?? "unknown CPU";
  return `${cpus().length} × ${model}, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release().split("-")[0]}, load ${loadBefore} before`;
};

/** @param {{what: string, ours: string, reference?: string, ratio?: number, bar?: string}} row */
export function record({ what, ours, reference = "–", ratio, bar = "–" }) {
  if (!existsSync(file)) writeFileSync(file, head);
  const dirty = git("status", "--porcelain", "--untracked-files=no") ? "+" : "";
  const commit = git("rev-parse", "--short", "HEAD") + dirty;
  const day = new Date().toISOString().slice(0, 10);
  const cells = [day, commit, machine(), what, ours, reference, ratio === undefined ? "–" : ratio.toFixed(3), bar];
  const text = readFileSync(file, "utf8");
  appendFileSync(file, `${text.endsWith("\n") ? "" : "\n"}| ${cells.join(" | ")} |\n`);
  console.log(`${what}: ${ours}; reference ${reference}; ratio ${cells[6]}; bar ${bar}`);
}

/** @param {number[]} list not empty @returns {number} */
export const median = (list) => {
  const sorted = [...list].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
};

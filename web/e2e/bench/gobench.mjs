// Go benchmarks, for figures.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { root } from "../lib/places.mjs";
import { median } from "./figures.mjs";

const run = promisify(execFile);

/**
 * What Go benchmarks say: name → unit → median of so many runs.
 * @param {string} folder @param {string} pattern @param {string[]} more flags of go test @param {number} [count]
 * @returns {Promise<Record<string, Record<string, number>>>}
 */
export async function benchmark(folder, pattern, more, count = 5) {
  const flags = ["-run", "^$", "-bench", pattern, "-benchmem", "-count", String(count), ...more];
  const { stdout } = await run("go", ["test", ...flags, folder], { cwd: root, timeout: 300_000 });
  const rows = {};
  for (const line of stdout.split("\n")) {
    const [name, , ...figures] = line.trim().split(/\s+/);
    if (!name?.startsWith("Benchmark")) continue;
    const row = (rows[name.replace(/^Benchmark|-\d+$/g, "")] ??= {});
    for (let i = 0; i + 1 < figures.length; i += 2) (row[figures[i + 1]] ??= []).push(Number(figures[i]));
  }
  for (const row of Object.values(rows)) for (const unit of Object.keys(row)) row[unit] = median(row[unit]);
  return rows;
}

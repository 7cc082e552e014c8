// Runs a trace once more and prints the first decision that differs, or that none does (make replay TRACE=file).
// A page's trace goes through the scheduler, a box's through the director. Exit status 1: something differs.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { build } from "./director.js";
import { replay } from "./replay.js";

const name = process.argv[2] ?? "";
if (name === "") {
  console.error("Which trace? make replay TRACE=file");
  process.exit(2);
}
const file = resolve(process.env["INIT_CWD"] ?? "", name);
const text = readFileSync(file, "utf8");
/** The box's begins with its snapshot (web/swarm, Recorder). */
const kind = text.startsWith('{"trace":"page"') ? "page" : /^\{"(trace":"box"|t":\d)/.test(text) ? "box" : "";
if (kind === "box") {
  process.exit(spawnSync(build(), ["-replay", file], { stdio: "inherit" }).status ?? 1);
} else if (kind === "page") {
  const { events, different } = replay(text);
  if (different) {
    const { line, t, event, recorded, now } = different;
    console.log(`line ${line}, ${t} ms: ${JSON.stringify(event)}`);
    console.log(`  recorded: ${JSON.stringify(recorded)}`);
    console.log(`  now:      ${JSON.stringify(now)}`);
    process.exit(1);
  }
  console.log(`${events} events, every decision as recorded`);
} else {
  console.error(`${name} is no trace: it begins like neither a page's nor a box's`);
  process.exit(2);
}

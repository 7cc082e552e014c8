// Runs `go test -json` with the arguments given and prints what a person wants
// to see: a line per package, the whole output of what failed, and the tests
// that were not run here with their reason.
//   node .ci/gotest.mjs [--tally FILE] [--ignore-skips] -- <go test arguments>
// --tally appends "passed failed" and the skip reasons for the list at the end of `make test`.
import { spawn } from "node:child_process";
import { appendFileSync } from "node:fs";
import { createInterface } from "node:readline";

const argv = process.argv.slice(2);
const split = argv.indexOf("--");
const own = argv.slice(0, split);
const tallyFile = own.includes("--tally") ? own[own.indexOf("--tally") + 1] : "";
const ignoreSkips = own.includes("--ignore-skips");

const child = spawn("go", ["test", "-json", ...argv.slice(split + 1)], { stdio: ["ignore", "pipe", "pipe"] });
/** @type {Map<string, string[]>} output of a test (or package) until it is known to have passed */
const output = new Map();
/** @type {Map<string, number>} */
const passedIn = new Map();
let passed = 0;
let failed = 0;
/** @type {Map<string, number>} */
const skips = new Map();
const key = (e) => `${e.Package ?? e.ImportPath ?? ""} ${e.Test ?? ""}`;

const print = (text) => process.stdout.write(text);
createInterface({ input: child.stderr }).on("line", (line) => print(`${line}\n`));
createInterface({ input: child.stdout }).on("line", (line) => {
  let e;
  try {
    e = JSON.parse(line);
  } catch {
    print(`${line}\n`);
    return;
  }
  const k = key(e);
  if (e.Action === "build-output") print(e.Output);
  if (e.Action === "output") {
    if (!output.has(k)) output.set(k, []);
    output.get(k).push(e.Output);
  }
  if (!["pass", "fail", "skip"].includes(e.Action)) return;
  const text = (output.get(k) ?? []).join("");
  output.delete(k);
  if (!e.Test) {
    const count = passedIn.get(e.Package) ?? 0;
    if (e.Action === "pass") print(`ok    ${e.Package}  ${count} tests  ${e.Elapsed.toFixed(1)} s\n`);
    if (e.Action === "fail") {
      failed += count === 0 || /panic:|DATA RACE|build failed/.test(text) ? 1 : 0;
      print(`${text}FAIL  ${e.Package}  ${e.Elapsed.toFixed(1)} s\n`);
    }
    return;
  }
  if (e.Action === "pass") {
    passed++;
    passedIn.set(e.Package, (passedIn.get(e.Package) ?? 0) + 1);
  } else if (e.Action === "fail") {
    failed++;
    print(text);
  } else {
    const reason = /not run here: (.*)/.exec(text)?.[1] ?? `${e.Test} gives no reason: ${text.trim().split("\n").at(-2) ?? ""}`;
    skips.set(reason, (skips.get(reason) ?? 0) + 1);
  }
});
child.on("close", (code) => {
  print(`Go: ${passed} passed, ${failed} failed, ${[...skips.values()].reduce((a, b) => a + b, 0)} skipped\n`);
  if (tallyFile) {
    appendFileSync(tallyFile, `count ${passed} ${failed}\n`);
    if (!ignoreSkips) for (const [reason, n] of skips) appendFileSync(tallyFile, `skip ${n} × ${reason}\n`);
  }
  process.exitCode = code ?? 1;
});

// Runs node's own test runner on the files given, shows its report, and adds
// what it counted to the tally (see gotest.mjs).
//   node .ci/nodetest.mjs [--tally FILE] [--serial] FILE…
import { appendFileSync } from "node:fs";
import { run } from "node:test";
import { spec } from "node:test/reporters";

const argv = process.argv.slice(2);
const at = argv.indexOf("--tally");
const tallyFile = at >= 0 ? argv.splice(at, 2)[1] : "";
const serial = argv.includes("--serial");
const files = argv.filter((a) => !a.startsWith("--")).map((f) => new URL(f, `file://${process.cwd()}/`).pathname);

let passed = 0;
let failed = 0;
const stream = run({ files, concurrency: serial ? 1 : true });
stream.on("test:pass", (e) => {
  if (e.skip !== undefined) {
    const reason = typeof e.skip === "string" ? e.skip : `${e.name} gives no reason`;
    if (tallyFile) appendFileSync(tallyFile, `skip 1 × ${reason.replace(/^not run here: /, "")}\n`);
  } else if (e.details?.type !== "suite") passed++;
});
stream.on("test:fail", (e) => {
  if (e.details?.type !== "suite") failed++;
  process.exitCode = 1;
});
stream.on("end", () => {
  if (tallyFile) appendFileSync(tallyFile, `count ${passed} ${failed}\n`);
});
stream.compose(spec).pipe(process.stdout);

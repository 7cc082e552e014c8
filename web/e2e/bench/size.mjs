// Size of the program for a Raspberry Pi, built as `make cross` builds it.
import { execFile } from "node:child_process";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { root } from "../lib/places.mjs";
import { record } from "./figures.mjs";

const run = promisify(execFile);

export async function size() {
  const work = await mkdtemp(join(tmpdir(), "streambox-bench-"));
  try {
    const out = join(work, "streambox");
    const env = { ...process.env, GOOS: "linux", GOARCH: "arm64", CGO_ENABLED: "0" };
    await run("go", ["build", "-trimpath", "-ldflags", "-s -w", "-o", out, "./cmd/streambox"], { cwd: root, env });
    record({ what: "program for linux/arm64", ours: `${((await stat(out)).size / 1e6).toFixed(1)} MB`, bar: "≤ 16 MB" });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

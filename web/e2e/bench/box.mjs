// The appliance: from power to READY beside the least that a service can be, the button, the name, the idle box, and a
// thousand sticks in and out.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { newBox } from "../lib/box.mjs";
import { clips, put } from "../lib/clips.mjs";
import { root, streambox } from "../lib/places.mjs";
import { until } from "../lib/until.mjs";
import { median, record } from "./figures.mjs";
import { build, freePort } from "./servers.mjs";

const run = promisify(execFile);
const rounds = 9;
const idleSeconds = 60;
const cycles = 1000;
const ticksPerSecond = 100; // USER_HZ is 100 on every Linux there is

/** What measures the box's own parts, and so may import them. */
const parts = "./cmd/streambox/bench";

const ms = (n) => `${n.toFixed(0)} ms`;

export async function box() {
  await start();
  await press();
  await name();
  await idle();
  await growth();
}

/** Start to READY, as systemd would hear it, for this machine and as arm64 under emulation. */
async function start() {
  const work = await mkdtemp(join(tmpdir(), "streambox-bench-"));
  try {
    const tool = await build("startup", work);
    const env = { ...process.env, CGO_ENABLED: "0" };
    for (const [arch, emulator] of [["", ""], ["arm64", "qemu-aarch64-static "]]) {
      const ours = join(work, `streambox${arch}`);
      const bare = join(work, `bareserver${arch}`);
      for (const [out, from] of [[ours, "./cmd/streambox"], [bare, "./web/e2e/bench/bareserver"]])
        await run("go", ["build", "-trimpath", "-ldflags", "-s -w", "-o", out, from], { cwd: root, env: arch ? { ...env, GOARCH: arch } : env });
      const commands = [`${emulator}${ours} serve --media {} --data ${work}/data${arch} --listen 127.0.0.1:0`, `${emulator}${bare}`];
      const { stdout } = await run(tool, ["-rounds", String(rounds), ...commands]);
      const [mine, theirs] = JSON.parse(stdout).map(median);
      const where = arch ? `as ${arch} under qemu-user` : "on this machine";
      record({
        what: `start to READY ${where}, median of ${rounds}, beside a bare net/http server that tells systemd`,
        ours: ms(mine), reference: ms(theirs), ratio: mine / theirs, bar: arch ? "≤ 3" : "–",
      });
    }
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function press() {
  const work = await mkdtemp(join(tmpdir(), "streambox-bench-"));
  try {
    const { pressToLED, releaseToScan } = JSON.parse((await run(await build("press", work, parts), ["-rounds", "5"])).stdout);
    record({ what: "press of the button to the LED's answer, most of 5 (pins are fakes; 20 ms of it are debouncing)", ours: ms(Math.max(...pressToLED)), bar: "≤ 100 ms" });
    record({ what: "button let go to the stick read again, most of 5 (pins are fakes; 20 ms of it are debouncing)", ours: ms(Math.max(...releaseToScan)), bar: "≤ 200 ms" });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** From READY, which is when the web server answers, until the name is the box's on the network, by its log. */
async function name() {
  const work = await mkdtemp(join(tmpdir(), "streambox-bench-"));
  try {
    const args = ["serve", "--media", work, "--data", join(work, "data"), "--listen", `:${await freePort()}`, "--name", "streambox-bench", "--log-format", "json"];
    const child = spawn(streambox, args, { stdio: ["ignore", "ignore", "pipe"] });
    let log = "";
    child.stderr.on("data", (data) => (log += data));
    const at = (message) => {
      const line = log.split("\n").find((l) => l.includes(`"msg":"${message}"`));
      return line && Date.parse(JSON.parse(line).time);
    };
    try {
      const called = await until("the box to have its name", () => at("The box has a name on the network"), { seconds: 20, every: 50 });
      record({ what: "name owned and announced after the web server runs (RFC 6762 asks for 750 ms of probing)", ours: ms(called - at("StreamBox is running")), bar: "≤ 2 s" });
    } finally {
      const gone = once(child, "exit");
      child.kill("SIGTERM");
      await gone;
    }
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** CPU ticks that a process has used. */
async function ticks(pid) {
  const fields = (await readFile(`/proc/${pid}/stat`, "utf8")).split(") ")[1].split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

async function idle() {
  const [clip] = await clips("twelve", { only: "h264-aac" });
  const one = await newBox({ logLevel: "info" });
  try {
    await put(one.stick, clip);
    await one.start();
    await one.ready(clip.file, 120);
    await until("the box to rest", async () => (await one.get("/api/v1/box")).state === "ready", { seconds: 60, every: 200 });
    await delay(5000);
    const before = await ticks(one.child.pid);
    await delay(idleSeconds * 1000);
    const used = (await ticks(one.child.pid)) - before;
    record({
      what: `CPU of a box with a stick and no viewers, ${idleSeconds} s, of one core`,
      ours: `${((100 * used) / ticksPerSecond / idleSeconds).toFixed(2)} %`, bar: "< 0.5 %",
    });
  } finally {
    await one.remove();
  }
}

/** The way from a plugged stick to a playable film, a thousand times. */
async function growth() {
  const work = await mkdtemp(join(tmpdir(), "streambox-bench-"));
  try {
    const [clip] = await clips("twelve", { only: "h264-aac" });
    await put(work, clip);
    const tool = await build("plugs", work.concat("-tools"), parts);
    const { seconds, before, after } = JSON.parse((await run(tool, ["-stick", work, "-cycles", String(cycles)])).stdout);
    const kib = (after.heapBytes - before.heapBytes) / 1024;
    record({
      what: `grown by ${cycles} plugs and pulls, each until its film could be played and was gone (${seconds.toFixed(0)} s)`,
      ours: `${after.goroutines - before.goroutines} goroutines, ${after.descriptors - before.descriptors} descriptors, ${kib.toFixed(0)} KiB of heap`,
      bar: "none (heap: ≤ 64 KiB)",
    });
  } finally {
    await rm(work, { recursive: true, force: true });
    await rm(work.concat("-tools"), { recursive: true, force: true });
  }
}

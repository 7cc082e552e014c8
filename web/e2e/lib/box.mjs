// A StreamBox of its own for a test: the real program, on a free loopback port, with sticks and data in a temporary
// folder. Only processes started here are ended, by their id.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { streambox } from "./places.mjs";
import { until } from "./until.mjs";

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/** @typedef {{sticks?: string[], env?: NodeJS.ProcessEnv, args?: string[], logLevel?: string, keys?: boolean, station?: import("./netns.mjs").Station, inside?: (...words: string[]) => string[]}} Options station: where it runs, at port 80; inside: by what it is started; keys: in a terminal of its own, at which `type` types */

export class Box {
  /** @param {string} folder @param {number} port @param {Options} options */
  constructor(folder, port, options) {
    this.folder = folder;
    this.port = port;
    this.options = options;
    this.address = options.station?.address ?? "127.0.0.1";
    this.url = `http://${this.address}${port === 80 ? "" : `:${port}`}`;
    this.data = join(folder, "data");
    this.logFile = join(folder, "log.txt");
    this.sticks = (options.sticks ?? ["stick"]).map((name) => join(folder, "sticks", name));
    this.child = null;
  }

  /** The first stick's folder. */
  get stick() {
    return this.sticks[0];
  }

  async start() {
    const media = this.sticks.flatMap((path) => ["--media", path]);
    const args = ["serve", ...media, "--data", this.data, "--listen", `${this.options.station ? "" : this.address}:${this.port}`];
    args.push("--log-level", this.options.logLevel ?? "debug", ...(this.options.args ?? []));
    const [program, ...all] = this.options.inside?.(streambox, ...args) ?? this.options.station?.inside(streambox, ...args) ?? [streambox, ...args];
    const { keys = false } = this.options;
    // script(1) of util-linux is the terminal.
    const quoted = [program, ...all].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
    const [run, ...words] = keys ? ["script", "-qefc", `exec ${quoted}`, "/dev/null"] : [program, ...all];
    this.child = spawn(run, words, { stdio: [keys ? "pipe" : "ignore", "pipe", "pipe"], env: { ...process.env, ...this.options.env } });
    const log = createWriteStream(this.logFile, { flags: "a" });
    for (const stream of [this.child.stdout, this.child.stderr]) stream.pipe(log, { end: false });
    const child = this.child;
    await until("the box to answer /healthz", async () => {
      if (child.exitCode !== null) throw new Error(`it ended with status ${child.exitCode}:\n${await this.log()}`);
      return (await fetch(`${this.url}/healthz`)).ok;
    }, { seconds: 20, every: 50 });
    return this;
  }

  /** Ends the program and waits for it; with SIGKILL after a time. */
  async stop(signal = "SIGTERM") {
    const child = this.child;
    this.child = null;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    if (this.options.keys) child.stdin.write("\x03"); // script would leave the box behind
    else child.kill(signal);
    const limit = new AbortController();
    await Promise.race([gone, delay(15_000, null, { signal: limit.signal }).then(() => child.kill("SIGKILL"), () => {})]);
    limit.abort();
    await gone;
  }

  /** Types at the box's terminal. */
  type(keys) {
    this.child.stdin.write(keys);
  }

  /** The last lines of the log, without the requests that went well. */
  async log(lines = 30) {
    const text = await readFile(this.logFile, "utf8").catch(() => "");
    return text.split("\n").filter((line) => !/msg=Request .*status=[23]/.test(line)).slice(-lines).join("\n");
  }

  /** Ends the box and removes its folder. */
  async remove() {
    await this.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  async get(path) {
    const response = await fetch(this.url + path);
    if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`);
    return response.json();
  }

  /** Every title, over all pages. */
  async titles() {
    const all = [];
    for (let after = ""; ; ) {
      const page = await this.get(`/api/v1/titles?limit=200${after && `&after=${encodeURIComponent(after)}`}`);
      all.push(...page.titles);
      if (!page.next) return all;
      after = page.next;
    }
  }

  /** The title with this id, or made from a file of this name (which it only has while its stick is there). */
  async title(which) {
    return (await this.titles()).find((t) => t.id === which || t.sources.some((s) => s.file === which));
  }

  /** Waits until a title, by id or file name, satisfies a condition; returns it. */
  until(which, what, condition, seconds = 60) {
    return until(`“${which}” to be ${what}`, async () => {
      const title = await this.title(which);
      return title && condition(title) && title;
    }, { seconds, every: 200, seen: async () => (await this.title(which)) ?? (await this.titles()).map((t) => t.title) });
  }

  ready(which, seconds) {
    return this.until(which, "ready", (t) => t.state === "ready", seconds);
  }
}

/**
 * A box with its folders, not yet started: put files on its sticks first.
 * @param {Options} [options]
 */
export async function newBox(options = {}) {
  const folder = await mkdtemp(join(tmpdir(), "streambox-e2e-"));
  const box = new Box(folder, options.station ? 80 : await freePort(), options);
  for (const path of [box.data, ...box.sticks]) await mkdir(path, { recursive: true });
  return box;
}

// The real director, as a subprocess: one line of JSON in per quantum, one line out (see web/swarm/lines/main.go).

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** @typedef {{peer?: string, do: string, m?: object, segment?: {sha256: string, bytes: number}}} Call */
/** next: ms, Infinity for never. @typedef {{sends: {to: string, type: string, m: any}[], errors: string[], next: number, stats?: any}} Answer */

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/** Builds the program once. @returns {string} its path */
export function build() {
  const folder = join(ROOT, ".cache", "sim");
  mkdirSync(folder, { recursive: true });
  const program = join(folder, "lines");
  execFileSync("go", ["build", "-o", program, "./web/swarm/lines"], {
    cwd: ROOT,
    stdio: ["ignore", "inherit", "inherit"],
  });
  return program;
}

export class Director {
  /** @type {{resolve: (a: Answer) => void, reject: (e: Error) => void}[]} */
  #waiting = [];
  /** @type {string[]} */
  #begun = [];

  /** @param {string} program @param {number} seed */
  constructor(program, seed) {
    this.process = spawn(program, ["-seed", String(seed), "-p2p", "on"], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.process.stdout.setEncoding("utf8");
    this.process.stdout.on("data", (/** @type {string} */ text) => this.#read(text));
    this.process.on("error", (e) => this.#fail(e));
    this.process.on("exit", (code) => this.#fail(new Error(`the director ended with ${code}`)));
  }

  /** @param {number} now ms @param {Call[]} calls @returns {Promise<Answer>} */
  ask(now, calls) {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.process.stdin.write(`${JSON.stringify({ t: now, in: calls })}\n`);
    });
  }

  /** @param {string} text */
  #read(text) {
    let from = 0;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", from)) {
      this.#begun.push(text.slice(from, end));
      const { out, errors, next } = JSON.parse(this.#begun.join(""));
      this.#begun = [];
      from = end + 1;
      const told = (errors ?? []).map((/** @type {any} */ e) => `${e.peer}: ${e.error}`);
      this.#waiting.shift()?.resolve({ sends: out, errors: told, next: next < 0 ? Infinity : next });
    }
    if (from < text.length) this.#begun.push(text.slice(from));
  }

  /** @param {Error} error */
  #fail(error) {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }

  async close() {
    this.process.stdin.end();
    await once(this.process, "close");
  }
}

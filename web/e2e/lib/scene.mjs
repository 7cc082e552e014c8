// Tests of a box: skipped where a tool is missing, and with the box's log in hand when they fail.
import { test } from "node:test";
import { missing } from "./places.mjs";

/**
 * @param {string} name a sentence: what must be true
 * @param {() => (import("./box.mjs").Box | undefined)} boxOf
 * @param {(t: import("node:test").TestContext) => Promise<void>} run
 * @param {{timeout?: number, concurrency?: number}} [options]
 */
export function scene(name, boxOf, run, { timeout = 120_000, ...options } = {}) {
  return test(name, { skip: missing, timeout, ...options }, withLog(boxOf, run));
}

/** Adds the end of the box's log to whatever goes wrong in run. */
export function withLog(boxOf, run) {
  return async (t) => {
    try {
      await run(t);
    } catch (error) {
      const log = (await boxOf()?.log()) ?? "no box was started";
      throw new Error(`${error.message}\n— the box's log ends:\n${log}`, { cause: error });
    }
  };
}

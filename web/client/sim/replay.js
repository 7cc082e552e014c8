// A page's trace (app/swarm/trace.js) once more through the scheduler.

import { isDeepStrictEqual } from "node:util";
import { Scheduler } from "../app/swarm/scheduler.js";

/** @typedef {{line: number, t: number, event: any, recorded: any[], now: any[]}} Difference */

/**
 * @param {string} text JSON lines
 * @returns {{events: number, different: Difference | null}} the first decision that is not the recorded one
 */
export function replay(text) {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const head = JSON.parse(lines[0] ?? "{}");
  if (head.trace !== "page" || head.version !== 1) throw new Error("this is no page's trace of version 1");
  const scheduler = Scheduler.restore(head.snapshot);
  for (let i = 1; i < lines.length; i++) {
    const { t, event, actions } = JSON.parse(lines[i] ?? "");
    // As in the file: what JSON does not keep (undefined) is no difference.
    const now = JSON.parse(JSON.stringify(scheduler.handle(event, t)));
    if (!isDeepStrictEqual(now, actions)) {
      return { events: i, different: { line: i + 1, t, event, recorded: actions, now } };
    }
  }
  return { events: lines.length - 1, different: null };
}

// A page that has begun, for tests of the scheduler.

import { Scheduler } from "../app/swarm/scheduler.js";

/** @typedef {import("../app/swarm/types.d.ts").SwarmEvent} SwarmEvent */
/** @typedef {import("../app/swarm/types.d.ts").Action} Action */

export const SEGMENT = 1_000_000;

/** @param {number} count segments of 4 s */
export const starts = (count) => Array.from({ length: count + 1 }, (_, n) => 4 * n);

export class Rig {
  /** @param {{budgetBytes?: number, segments?: number, seed?: number}} [options] */
  constructor({ budgetBytes = 100 * SEGMENT, segments = 100, seed = 1 } = {}) {
    this.now = 1000;
    this.scheduler = new Scheduler({ seed });
    this.hear({ type: "open", starts: starts(segments), budgetBytes, at: 0 });
  }

  /** @param {SwarmEvent} event @returns {Action[]} */
  hear(event) {
    return this.scheduler.handle(event, this.now);
  }

  /** Online, told how to take part, the first segment here and playing from it. */
  share() {
    this.hear({ type: "online", on: true });
    this.hear({ type: "config", on: true, lookAheadSeconds: 30, keep: { mode: "rarest" } });
    this.hear({ type: "need", n: 0 });
    this.now += 200;
    this.got(0);
    return this.playhead(0, 4);
  }

  /** @param {number} at @param {number} bufferedTo @param {boolean} [paused] */
  playhead(at, bufferedTo, paused = false) {
    return this.hear({ type: "playhead", at, bufferedTo, paused });
  }

  /** @param {number} n @param {string} [from] @param {number} [bytes] */
  got(n, from = "http", bytes = SEGMENT) {
    return this.hear({ type: "got", n, from, bytes });
  }

  /** @param {number} n @param {"http" | "peers" | "wait"} how @param {string[]} [peers] @param {number} [ms] @param {string} [why] */
  grant(n, how, peers = [], ms = 2000, why = how) {
    const id = this.scheduler.state.flights.get(n)?.id ?? 0;
    return this.hear({ type: "grant", id, n, how, peers, ms, sha256: "d", bytes: SEGMENT, why });
  }

  /** Lets the clock go, with the ticks that the scheduler asks for. @param {number} milliseconds @returns {Action[]} */
  pass(milliseconds) {
    const until = this.now + milliseconds;
    const out = [];
    for (let guard = 0; this.scheduler.nextTick <= until; guard++) {
      if (guard > 1000) throw new Error("ticks without end");
      this.now = Math.max(this.now, this.scheduler.nextTick);
      out.push(...this.hear({ type: "tick" }));
    }
    this.now = until;
    return out;
  }
}

/** As words: "http 3", "want 4", "evict 0". @param {Action[]} actions */
export const words = (actions) =>
  actions.map((a) => [a.do, "n" in a ? a.n : "", "peer" in a ? a.peer : ""].join(" ").trim());

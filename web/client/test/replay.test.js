import assert from "node:assert/strict";
import { test } from "node:test";
import { Scheduler } from "../app/swarm/scheduler.js";
import { Trace } from "../app/swarm/trace.js";
import { replay } from "../sim/replay.js";
import { SEGMENT, starts } from "./scheduler-help.js";

/** A page that plays for so many seconds, everything by HTTP as granted. @param {number} seconds */
function recorded(seconds) {
  const scheduler = new Scheduler({ seed: 4 });
  const trace = new Trace();
  trace.begin(scheduler.save());
  let now = 0;
  const hear = (/** @type {import("../app/swarm/types.d.ts").SwarmEvent} */ event) => {
    const actions = scheduler.handle(event, now);
    trace.add(event, now, actions, () => scheduler.save());
    for (const a of actions) {
      if (a.do === "http") hear({ type: "got", n: a.n, from: "http", bytes: SEGMENT + a.n });
      if (a.do === "want")
        hear({ type: "grant", id: a.id, n: a.n, how: "http", ms: 2000, sha256: "d", why: "lease" });
    }
  };
  hear({ type: "open", starts: starts(2000), budgetBytes: 20 * SEGMENT, at: 0 });
  hear({ type: "online", on: true });
  hear({ type: "config", on: true, lookAheadSeconds: 30, keep: { mode: "rarest" } });
  for (; now < seconds * 1000; now += 250) {
    const at = now / 1000;
    hear({ type: "playhead", at, bufferedTo: 4 * Math.ceil((at + 8) / 4), paused: false });
  }
  return trace.text();
}

test("a page's trace decides once more as it did", () => {
  const { events, different } = replay(recorded(60));
  assert.equal(different, null);
  assert.ok(events > 200);
});

test("the ring holds the last 5,000 events and more, and still begins with a snapshot", () => {
  const text = recorded(3000);
  const { events, different } = replay(text);
  assert.equal(different, null);
  assert.ok(events >= 5000 && events < 6001, `${events} events`);
  assert.ok(JSON.parse(text.split("\n")[1] ?? "").t > 0, "the first events have gone");
});

test("the first decision that differs is named, with what was recorded", () => {
  const lines = recorded(60).split("\n");
  const at = lines.findIndex((line, i) => i > 0 && line.includes('"do":"want"'));
  const line = JSON.parse(lines[at] ?? "");
  line.actions[0].in += 1;
  lines[at] = JSON.stringify(line);
  const { different } = replay(lines.join("\n"));
  assert.equal(different?.line, at + 1);
  assert.deepEqual(different?.recorded[0].in, (different?.now[0].in ?? 0) + 1);
});

test("what is no trace is refused", () => {
  assert.throws(() => replay('{"trace":"box","version":1}\n'), /no page's trace/);
  assert.throws(() => replay("<html>\n"));
});

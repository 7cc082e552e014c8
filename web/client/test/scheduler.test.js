import assert from "node:assert/strict";
import { test } from "node:test";
import { Scheduler } from "../app/swarm/scheduler.js";
import { Rig, SEGMENT, starts, words } from "./scheduler-help.js";

test("before the box has said anything the loader is served by plain HTTP, and nothing else is fetched", () => {
  const rig = new Rig();
  rig.hear({ type: "online", on: true });
  assert.deepEqual(words(rig.hear({ type: "need", n: 0 })), ["http 0"]);
  assert.deepEqual(words(rig.got(0)), ["deliver 0"]);
});

for (const [how, events] of /** @type {[string, import("../app/swarm/types.d.ts").SwarmEvent[]][]} */ ([
  ["off", [{ type: "config", on: false, lookAheadSeconds: 30, keep: { mode: "rarest" } }]],
  ["the WebSocket away", [{ type: "online", on: false }]],
])) {
  test(`with ${how}, waits become HTTP and what nobody waits for is stopped`, () => {
    const rig = new Rig();
    rig.share();
    rig.hear({ type: "need", n: 1 });
    rig.grant(1, "wait", [], 3000);
    rig.grant(2, "http");
    const done = events.flatMap((event) => words(rig.hear(event)));
    assert.ok(done.includes("http 1"), done.join());
    assert.ok(done.includes("stop 2"), done.join());
    assert.deepEqual(words(rig.playhead(1, 4)).concat(words(rig.pass(5000))), []);
  });
}

test("loader and prefetch share one flight: it is fetched once and delivered when it is here", () => {
  const rig = new Rig();
  assert.ok(words(rig.share()).includes("want 1"));
  assert.deepEqual(
    words(rig.hear({ type: "need", n: 1 })).filter((w) => w.endsWith(" 1")),
    [],
  );
  rig.hear({ type: "peer", peer: "a", open: true });
  assert.ok(words(rig.grant(1, "peers", ["a"])).includes("ask 1 a"));
  assert.equal(words(rig.got(1, "a"))[0], "deliver 1");
});

test("what is held is delivered at once, and nobody is asked", () => {
  const rig = new Rig();
  rig.share();
  rig.grant(1, "http");
  rig.got(1);
  assert.equal(words(rig.hear({ type: "need", n: 1 }))[0], "deliver 1");
});

test("of three transfers one is the loader's; what is granted beyond waits", () => {
  const rig = new Rig();
  rig.share();
  const { flights } = rig.scheduler.state;
  for (let round = 0; round < 8; round++)
    for (const f of flights.all()) if (f.stage === "asked") rig.grant(f.n, "wait");
  assert.equal(flights.waiting(), 6);
  for (const peer of ["a", "b"]) rig.hear({ type: "peer", peer, open: true });
  for (const f of flights.all()) rig.grant(f.n, "peers", ["a", "b"]);
  assert.equal(flights.transfers(), 3);
  // The loader wants the last of them: one that nobody waits for makes way.
  const last = flights
    .all()
    .filter((f) => f.stage === "granted")
    .pop();
  assert.ok(last);
  assert.ok(words(rig.hear({ type: "need", n: last.n })).includes(`ask ${last.n} a`));
  assert.equal(flights.transfers(), 3);
});

test("ahead of the loader never more than two are asked for or on their way, and never with two leases", () => {
  const rig = new Rig();
  rig.share();
  const { flights } = rig.scheduler.state;
  assert.equal(flights.occupied(), 2);
  const [first, second] = flights.all();
  assert.ok(first && second);
  rig.hear({ type: "need", n: first.n });
  rig.grant(first.n, "http");
  for (const f of flights.all()) if (f.stage === "asked") rig.grant(f.n, "http");
  assert.equal(flights.leases(), 2);
  assert.equal(flights.table.size, flights.leases(), "no want beyond two leases");
});

test("the look-ahead is a limit, and a page that is paused fetches nothing ahead", () => {
  const rig = new Rig();
  rig.share();
  const { flights } = rig.scheduler.state;
  for (let round = 0; round < 20; round++)
    for (const f of flights.all()) if (f.stage === "asked") rig.grant(f.n, "wait");
  assert.deepEqual(
    flights
      .all()
      .map((f) => f.n)
      .sort((a, b) => a - b),
    [1, 2, 3, 4, 5, 6],
  );
  const paused = new Rig();
  paused.hear({ type: "online", on: true });
  paused.hear({ type: "config", on: true, lookAheadSeconds: 30, keep: { mode: "rarest" } });
  assert.deepEqual(words(paused.playhead(0, 4, true)), []);
  assert.deepEqual(words(paused.pass(60_000)), []);
});

test("a need that is short of time does not wait for a slow box longer than 150 ms", () => {
  const rig = new Rig();
  rig.share();
  // Nothing fetched ahead has been asked for: the want is the loader's, 1.6 s before it is needed.
  rig.grant(1, "http");
  rig.grant(2, "http");
  rig.hear({ type: "failed", n: 1, from: "http", why: "network" });
  rig.playhead(2.4, 4);
  assert.ok(words(rig.hear({ type: "need", n: 1 })).includes("want 1"));
  assert.deepEqual(words(rig.pass(149)), []);
  assert.ok(words(rig.pass(2)).includes("http 1"));
});

/** Ms that are left before segment 1 is needed, from 4 s before, when HTTP begins. @param {Rig} rig */
function leftAtHttp(rig) {
  const at = rig.now;
  while (!words(rig.pass(20)).includes("http 1")) assert.ok(rig.now < at + 4000, "HTTP came too late");
  return 4000 - (rig.now - at);
}

test("a wait ends with HTTP early enough for the segment to be there", () => {
  const rig = new Rig();
  rig.share();
  rig.hear({ type: "need", n: 1 });
  rig.grant(1, "wait", [], 60_000);
  const left = leftAtHttp(rig);
  assert.ok(left >= 400, `${left} ms are left for what took 200 ms`);
});

test("a peer that stops near the deadline is replaced by HTTP before the picture stands", () => {
  const rig = new Rig();
  rig.share();
  rig.hear({ type: "need", n: 1 });
  rig.hear({ type: "peer", peer: "a", open: true });
  rig.grant(1, "wait", [], 60_000);
  const deadline = rig.now + 4000;
  rig.now += 2500;
  rig.grant(1, "peers", ["a"]);
  for (let slice = 1; slice <= 9; slice++) {
    rig.now += 50;
    rig.hear({ type: "progress", n: 1, bytes: (slice * SEGMENT) / 10, total: SEGMENT });
  }
  while (!words(rig.pass(20)).includes("http 1")) assert.ok(rig.now < deadline, "HTTP came too late");
  assert.ok(rig.now <= deadline - 200, `HTTP began ${deadline - rig.now} ms before the deadline`);
});

test("with time left another peer is asked, and the one that failed is named in not", () => {
  const rig = new Rig();
  rig.share();
  rig.hear({ type: "peer", peer: "a", open: true });
  rig.hear({ type: "peer", peer: "b", open: true });
  rig.grant(2, "peers", ["a", "b"]);
  const next = rig.hear({ type: "failed", n: 2, from: "a", why: "refused" });
  assert.deepEqual(words(next).slice(0, 2), ["tell 2 a", "ask 2 b"]);
  const again = rig.hear({ type: "failed", n: 2, from: "b", why: "busy" });
  const want = again.find((a) => a.do === "want" && a.n === 2);
  assert.deepEqual(want?.do === "want" && want.not, ["a", "b"]);
  assert.ok(words(again).includes("tell 2 b"), "the box keeps the books of who has a slot free");
});

test("a peer that sends other segments has not gone; one that sends nothing has", () => {
  const rig = new Rig();
  rig.share();
  const [first, second] = [1, 2]; // fetched ahead
  for (const n of [first, second]) rig.grant(n, "peers", ["p"]);
  rig.hear({ type: "peer", peer: "p", open: true });
  /** @param {import("../app/swarm/types.d.ts").Action[]} actions */
  const stopped = (actions) => actions.filter((a) => a.do === "stop").map((a) => a.n);
  for (let bytes = 100_000; bytes <= 300_000; bytes += 100_000) {
    assert.deepEqual(stopped(rig.pass(1500)), []);
    rig.hear({ type: "progress", n: first, bytes, total: SEGMENT });
  }
  assert.deepEqual(stopped(rig.pass(1400)), [], "four and a half seconds without a byte of its own");
  rig.hear({ type: "progress", n: first, bytes: 400_000, total: SEGMENT });
  assert.deepEqual(stopped(rig.pass(200)), [second], "no longer than six");
  assert.deepEqual(stopped(rig.pass(2000)), [first]);
});

test("a connection that closes ends its transfers and nobody else's", () => {
  const rig = new Rig();
  rig.share();
  for (const peer of ["a", "b"]) rig.hear({ type: "peer", peer, open: true });
  rig.grant(1, "peers", ["a"]);
  rig.grant(2, "peers", ["b"]);
  const done = words(rig.hear({ type: "peer", peer: "a", open: false }));
  assert.ok(done.includes("stop 1") && !done.includes("stop 2"), done.join());
});

test("a grant without a digest is HTTP, and one for an older want is nothing", () => {
  const rig = new Rig();
  rig.share();
  const id = rig.scheduler.state.flights.get(1)?.id ?? 0;
  assert.deepEqual(rig.hear({ type: "grant", id: id + 99, n: 1, how: "http", why: "old" }), []);
  const done = rig.hear({ type: "grant", id, n: 1, how: "peers", peers: ["a"], why: "held" });
  assert.ok(words(done).includes("http 1"));
});

for (const order of ["the playhead first", "the loader first"]) {
  test(`a seek drops what is stale at once and goes to the box without asking: ${order}`, () => {
    const rig = new Rig();
    rig.share();
    rig.grant(1, "http");
    rig.grant(2, "wait");
    rig.hear({ type: "need", n: 1 });
    const done = [];
    if (order === "the loader first") {
      done.push(
        ...rig.hear({ type: "unneed", n: 1 }),
        ...rig.hear({ type: "need", n: 50 }),
        ...rig.playhead(200, 200),
      );
    } else {
      done.push(
        ...rig.playhead(200, 200),
        ...rig.hear({ type: "unneed", n: 1 }),
        ...rig.hear({ type: "need", n: 50 }),
      );
    }
    for (const word of ["stop 1", "giveUp 1", "giveUp 2", "http 50"]) {
      assert.ok(words(done).includes(word), `${word} is not in ${words(done).join()}`);
    }
  });
}

test("what the loader asks for out of order is the target of a seek, also before the playhead says so", () => {
  const rig = new Rig();
  rig.share();
  rig.hear({ type: "unneed", n: 1 });
  assert.ok(words(rig.hear({ type: "need", n: 50 })).includes("http 50"));
});

test("another rendition stops and lets go everything of the one before", () => {
  const rig = new Rig();
  rig.share();
  rig.grant(1, "http");
  const done = words(rig.hear({ type: "open", starts: starts(9), budgetBytes: SEGMENT * 9, at: 0 }));
  assert.deepEqual(done, ["stop 1", "evict 0"]);
  assert.deepEqual(words(rig.hear({ type: "need", n: 0 })), ["http 0"]);
});

test("HTTP that fails is the loader's to know; ahead of it, it is tried again after a rest", () => {
  const rig = new Rig();
  rig.share();
  rig.grant(1, "http");
  rig.hear({ type: "need", n: 1 });
  const refused = rig.hear({ type: "failed", n: 1, from: "http", why: "status", status: 503 });
  assert.deepEqual(
    refused.find((a) => a.do === "refuse"),
    { do: "refuse", n: 1, status: 503, why: "status" },
  );
  rig.grant(2, "http");
  assert.ok(!words(rig.hear({ type: "failed", n: 2, from: "http", why: "network" })).includes("want 2"));
  assert.ok(words(rig.pass(6000)).includes("want 2"));
});

test("a growing playlist is fetched ahead as it grows", () => {
  const rig = new Rig({ segments: 2 });
  rig.share();
  rig.grant(1, "http");
  assert.ok(!words(rig.got(1)).includes("want 2"));
  assert.ok(words(rig.hear({ type: "timeline", starts: starts(3) })).includes("want 2"));
});

/** The box took 9 s for 4 s of film, and the picture stands. */
function slowBox() {
  const rig = new Rig();
  rig.hear({ type: "online", on: true });
  rig.hear({ type: "config", on: true, lookAheadSeconds: 30, keep: { mode: "rarest" } });
  rig.hear({ type: "need", n: 0 });
  rig.now += 9000;
  rig.got(0);
  rig.playhead(0, 4);
  rig.playhead(4, 4);
  return rig;
}

/** A peer sends so many bytes every 1.5 s. @param {Rig} rig @param {number} bytes @param {number} milliseconds @returns {string[]} */
function drips(rig, bytes, milliseconds) {
  const done = [];
  for (let i = 1; i * 1500 <= milliseconds; i++) {
    done.push(...words(rig.pass(1500)));
    done.push(
      ...words(rig.hear({ type: "progress", n: 1, bytes: Math.min(i * bytes, SEGMENT), total: SEGMENT })),
    );
  }
  return done;
}

test("a peer that drips is left for another where the box is slow too; one that is as fast as the box is not", () => {
  for (const [bytes, left] of /** @type {[number, boolean][]} */ ([
    [1, true],
    [SEGMENT / 20, true],
    [0.3 * SEGMENT, false],
  ])) {
    const rig = slowBox();
    rig.hear({ type: "peer", peer: "evil", open: true });
    rig.hear({ type: "need", n: 1 });
    assert.ok(words(rig.grant(1, "peers", ["evil"])).includes("ask 1 evil"));
    const done = drips(rig, bytes, 6000);
    assert.equal(done.includes("stop 1"), left, `${bytes} bytes each: ${done.join()}`);
    assert.equal(done.includes("want 1"), left);
    // This box answers nobody, so HTTP comes in the end; but it was asked who, first.
    const [want, http] = ["want 1", "http 1"].map((word) => done.indexOf(word));
    assert.ok(http === -1 || Number(want) < Number(http), done.join());
  }
});

test("what drips ahead of the loader is left when the loader wants it", () => {
  const rig = slowBox();
  rig.hear({ type: "peer", peer: "evil", open: true });
  rig.grant(1, "peers", ["evil"]);
  assert.ok(!drips(rig, 1, 4500).includes("stop 1"));
  rig.hear({ type: "need", n: 1 });
  assert.equal(rig.scheduler.state.flights.get(1)?.from, "");
});

test("a box slower than the film is asked and obeyed: everybody going to it is what made it slow", () => {
  const rig = slowBox();
  assert.ok(!words(rig.hear({ type: "need", n: 1 })).includes("http 1"));
  rig.grant(1, "wait", [], 5000, "crowded");
  assert.deepEqual(
    words(rig.pass(4900)).filter((w) => w === "http 1"),
    [],
  );
});

test("a wait that the box has ordered is in hand, however the picture stands; a box that says nothing is not", () => {
  const rig = slowBox();
  const inHand = () => rig.scheduler.inHand(1, rig.now);
  rig.hear({ type: "need", n: 1 });
  rig.grant(1, "wait", [], 5000, "crowded");
  rig.now += 5900;
  assert.ok(inHand());
  rig.now += 200;
  assert.ok(!inHand(), "nobody has looked after it since");
  rig.pass(0);
  assert.equal(rig.scheduler.state.flights.get(1)?.stage, "asked");
  assert.ok(inHand());
  rig.now += 2100;
  assert.ok(!inHand());
  assert.ok(!rig.scheduler.inHand(50, rig.now), "nobody knows of it");
});

test("the state goes on from where it was saved, draws included", () => {
  const rig = new Rig({ seed: 7 });
  rig.share();
  const other = Scheduler.restore(JSON.parse(JSON.stringify(rig.scheduler.save())));
  for (const n of [1, 2, 3, 4, 5, 6]) {
    const f = rig.scheduler.state.flights.get(n);
    if (!f) continue;
    /** @type {import("../app/swarm/types.d.ts").SwarmEvent} */
    const event = {
      type: "grant",
      id: f.id,
      n,
      how: "wait",
      ms: 900,
      sha256: "d",
      bytes: SEGMENT,
      why: "leased",
    };
    assert.deepEqual(other.handle(event, rig.now), rig.hear(event));
  }
  assert.deepEqual(other.save(), rig.scheduler.save());
});

import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { GATHER, HEARTBEAT, Signaling } from "../app/swarm/signaling.js";
import { FakeClock } from "./help.js";

const film = { title: "t", rendition: "video-1", starts: [0, 4, 8, 12] };
const config = {
  ...{ type: "config", title: "t", rendition: "video-1", tag: "0".repeat(16), on: true, why: "shared" },
  ...{ lookAheadSeconds: 30, keep: { mode: "assigned", of: 3, is: 1 }, uploads: 4 },
};

/** @type {FakeClock} */
let clock;
/** @type {any[]} */
let said;
/** @type {any[]} */
let heard;
/** @type {number[]} */
let inventory;
/** @type {any} */
let report;
/** @type {Signaling} */
let signaling;

beforeEach(() => {
  clock = new FakeClock();
  said = [];
  heard = [];
  inventory = [0, 1, 2];
  report = { at: 5, uploads: 0, p2pBytes: 100, rejected: 1, stalls: 0 };
  const hears =
    (/** @type {string} */ what) =>
    (/** @type {any[]} */ ...all) =>
      void heard.push([what, ...all]);
  const line = {
    send: (/** @type {any} */ message) => {
      said.push(message);
      return true;
    },
    announce: () => void said.push({ type: "open", ...signaling.opening("t") }),
  };
  const names = /** @type {const} */ ([
    "hello",
    "lost",
    "out",
    "config",
    "grant",
    "peers",
    "signal",
    "broke",
  ]);
  const events = /** @type {any} */ (Object.fromEntries(names.map((name) => [name, hears(name)])));
  signaling = new Signaling(
    line,
    { ...events, inventory: () => inventory, report: () => report },
    64_000_000,
    clock,
  );
});

/** A film is open, and the box has answered. */
function agreed() {
  signaling.hear({ type: "hello", stun: ["stun:10.0.0.1:3478", 7] });
  signaling.open(film);
  signaling.hear(config);
  const open = said.splice(0);
  heard = [];
  return open;
}

describe("open", () => {
  test("says all that this page has", () => {
    assert.deepEqual(agreed(), [
      {
        ...{ type: "open", rendition: "video-1", segments: 3, segmentSeconds: 4, have: [[0, 2]], at: 5 },
        budget: 64_000_000,
      },
    ]);
  });

  test("of another title than the film's: no more than the title", () => {
    agreed();
    assert.deepEqual(signaling.opening("another"), {});
  });

  test("nothing is said while the box is away; all of it when it is back", () => {
    agreed();
    signaling.connected(false);
    signaling.added(7, true);
    signaling.want({ id: 1, n: 2, in: 0, not: [], why: "play" });
    signaling.gone({ n: 1, why: "stale" });
    clock.pass(2 * HEARTBEAT);
    assert.deepEqual(said, []);
    inventory.push(7);
    signaling.hear({ type: "hello" });
    assert.deepEqual(/** @type {any} */ (signaling.opening("t")).have, [
      [0, 2],
      [7, 7],
    ]);
    signaling.hear(config);
    clock.pass(HEARTBEAT);
    assert.deepEqual(said, [{ type: "have", at: 5, p2p: 0, rejected: 0, stalls: 0 }]);
  });

  test("between it and the box's config, what comes belongs to another group", () => {
    agreed();
    signaling.open({ ...film, rendition: "video-2" });
    signaling.hear({ type: "peers", peers: [] });
    signaling.hear({ type: "grant", id: 1, n: 1, how: "http", why: "" });
    signaling.hear(config);
    signaling.hear({ type: "peers", peers: [] });
    assert.deepEqual(heard, []);
    signaling.hear({ ...config, rendition: "video-2" });
    signaling.hear({ type: "peers", peers: [] });
    assert.deepEqual(
      heard.map((/** @type {any[]} */ [what]) => what),
      ["config", "peers"],
    );
  });
});

describe("have", () => {
  test("changes are gathered, and each is told once", () => {
    agreed();
    for (const n of [5, 3, 4, 9]) signaling.added(n, false);
    signaling.dropped(0);
    clock.pass(GATHER - 1);
    assert.deepEqual(said, []);
    clock.pass(1);
    const rest = { at: 5, p2p: 0, rejected: 0, stalls: 0 };
    const add = [
      [3, 5],
      [9, 9],
    ];
    assert.deepEqual(said.splice(0), [{ type: "have", add, drop: [[0, 0]], ...rest }]);
    clock.pass(HEARTBEAT - 1);
    assert.deepEqual(said, []);
    clock.pass(1);
    assert.deepEqual(said, [{ type: "have", ...rest }]);
  });

  test("what others wait for is told at once", () => {
    agreed();
    signaling.added(5, true);
    assert.deepEqual(said[0].add, [[5, 5]]);
  });

  test("what came and went between is not told", () => {
    agreed();
    signaling.added(5, false);
    signaling.dropped(5);
    signaling.dropped(1);
    signaling.added(1, false);
    clock.pass(GATHER);
    assert.deepEqual([said[0].add, said[0].drop], [undefined, undefined]);
  });

  test("what was let go, wanted again and came before the box was told is told: the want said it is not here", () => {
    agreed();
    signaling.dropped(1);
    signaling.want({ id: 1, n: 1, in: 0, not: [], why: "play" });
    signaling.added(1, true);
    clock.pass(GATHER);
    const [want, have, ...more] = said;
    assert.equal(want.type, "want");
    assert.deepEqual([have.add, have.drop, more], [[[1, 1]], undefined, []]);
  });

  test("what was let go and wanted again, and does not come, needs no more words", () => {
    agreed();
    signaling.dropped(1);
    signaling.want({ id: 1, n: 1, in: 0, not: [], why: "play" });
    clock.pass(GATHER);
    assert.equal(said[1].drop, undefined);
  });

  test("counts begin with the WebSocket", () => {
    agreed();
    report = { ...report, p2pBytes: 150, rejected: 3, uploads: 2, stalls: 4 };
    signaling.moved();
    clock.pass(GATHER);
    assert.deepEqual(said, [{ type: "have", at: 5, up: 2, p2p: 50, rejected: 2, stalls: 4 }]);
  });

  test("a playlist that has grown is told once", () => {
    agreed();
    signaling.grown({ ...film, starts: [0, 4, 8, 12, 16] });
    clock.pass(GATHER);
    clock.pass(HEARTBEAT);
    assert.deepEqual(
      said.map((m) => m.segments),
      [4, undefined],
    );
  });

  test("silence never lasts 30 s", () => {
    agreed();
    clock.pass(60_000);
    assert.ok(said.length >= 6);
  });
});

describe("a place in the room", () => {
  const out = { ...config, rendition: "", on: false };

  test("put back: nothing is said of what the box does not count, and the rest of the page hears of it once", () => {
    agreed();
    signaling.added(5, false);
    signaling.hear(out);
    signaling.hear(out);
    signaling.want({ id: 1, n: 2, in: 0, not: [], why: "play" });
    signaling.gone({ n: 1, why: "stale" });
    signaling.signal("b", 7, { kind: "candidate", candidate: "c" });
    signaling.added(6, true);
    clock.pass(2 * HEARTBEAT);
    assert.deepEqual(said, []);
    assert.deepEqual(heard, [["out"]]);
  });

  test("let in again: all that is here is told once more, before anything is wanted, and then changes", () => {
    agreed();
    signaling.hear(out);
    inventory = [0, 1, 9];
    signaling.events.config = () => signaling.want({ id: 1, n: 2, in: 0, not: [], why: "play" });
    signaling.hear(config);
    const add = [
      [0, 1],
      [9, 9],
    ];
    const rest = { at: 5, p2p: 0, rejected: 0, stalls: 0 };
    assert.deepEqual(said.splice(0), [
      { type: "have", add, segments: 3, ...rest },
      { type: "want", id: 1, n: 2, in: 0, not: [], why: "play" },
    ]);
    signaling.hear(config); // a change of how, not of place
    assert.deepEqual(
      said.filter((m) => m.type === "have"),
      [],
    );
    signaling.added(10, true);
    assert.deepEqual(said.at(-1).add, [[10, 10]]);
  });

  test("no place from the beginning: what was told by open is told when there is one", () => {
    signaling.hear({ type: "hello", stun: [] });
    signaling.open(film);
    said = [];
    signaling.hear(out);
    signaling.hear(config);
    assert.deepEqual(said[0]?.add, [[0, 2]]);
  });

  test("the playlist grew before: its length is told again, for the box's is that of open", () => {
    agreed();
    signaling.grown({ ...film, starts: [0, 4, 8, 12, 16] });
    clock.pass(GATHER);
    signaling.hear(out);
    inventory.push(3);
    signaling.hear(config);
    assert.deepEqual([said.at(-1).segments, said.at(-1).add], [4, [[0, 3]]]);
  });

  test("put back, and the WebSocket lost: open tells it, not both", () => {
    agreed();
    signaling.hear(out);
    signaling.connected(false);
    signaling.hear({ type: "hello" });
    signaling.opening("t");
    signaling.hear(config);
    assert.deepEqual(said, []);
  });
});

describe("messages", () => {
  test("a want keeps to the box's bounds", () => {
    agreed();
    signaling.want({ id: 1, n: 2, in: Infinity, not: [..."abcdefghij"], why: "past" });
    signaling.want({ id: 2, n: 3, in: -3.4, not: [], why: "play" });
    assert.deepEqual(said, [
      { type: "want", id: 1, n: 2, in: 600_000, not: [..."cdefghij"], why: "past" },
      { type: "want", id: 2, n: 3, in: 0, not: [], why: "play" },
    ]);
  });

  test("signals go out with their kind, and come in with it", () => {
    agreed();
    signaling.signal("b", 7, { kind: "candidate", candidate: "c", mid: "0", mline: 0 });
    assert.deepEqual(said, [{ type: "candidate", to: "b", session: 7, candidate: "c", mid: "0", mline: 0 }]);
    signaling.hear({ type: "answer", from: "b", session: 7, sdp: "s" });
    assert.deepEqual(heard[0].slice(0, 3), ["signal", "b", 7]);
    assert.deepEqual([heard[0][3].kind, heard[0][3].sdp], ["answer", "s"]);
  });

  test("copies may come alone: then the peers are who they were; an empty list is nobody", () => {
    agreed();
    signaling.hear({ type: "peers", copies: [[0, 3, 2]] });
    signaling.hear({ type: "peers", peers: [] });
    assert.deepEqual(
      heard.map((/** @type {any[]} */ [, { peers, copies }]) => [peers, copies]),
      [
        [null, [[0, 3, 2]]],
        [[], []],
      ],
    );
  });

  test("only real addresses of STUN servers are taken", () => {
    signaling.hear({ type: "hello", stun: ["stun:10.0.0.1:3478", 7] });
    assert.deepEqual(heard, [["hello", ["stun:10.0.0.1:3478"]]]);
    signaling.hear({ type: "hello" });
    assert.deepEqual(heard[1], ["hello", []]);
  });

  test("a config without a sound tag is none", () => {
    agreed();
    signaling.hear({ ...config, tag: "xyz" });
    assert.deepEqual(heard, []);
  });
});

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { BUFFER_LIMIT, CONNECT_LIMIT } from "../app/swarm/peer-connection.js";
import { SILENCE } from "../app/swarm/peer-downloads.js";
import { INTRODUCTION_LIMIT } from "../app/swarm/peer-pool.js";
import { IDLE_AFTER } from "../app/swarm/peer.js";
import { STUCK, hasSlot } from "../app/swarm/peer-uploads.js";
import * as wire from "../app/swarm/wire.js";
import { sha256 } from "./fake-worker.js";
import { turn } from "./help.js";
import { Room, TAG, segmentOf } from "./pool-help.js";

/** @type {Room} */
let room;
beforeEach(() => (room = new Room()));
afterEach(() => room.end());
const settle = () => room.network.settle();
/** @param {import("./pool-help.js").Page} page */
const peer = (page) => [...page.pool.list()][0];
/** @param {import("./pool-help.js").Page} page */
const channel = (page) => /** @type {any} */ (peer(page)?.connection)?.send;

describe("connections", () => {
  test("candidates that come before the offer are kept", async () => {
    const [a, b] = [room.page("a"), room.page("b")];
    room.held = [];
    room.introduce(a, b);
    await settle();
    room.held.reverse().forEach((arrive) => arrive());
    room.held = null;
    await settle();
    assert.deepEqual([a.log, b.log], [["open b"], ["open a"]]);
  });

  test("signals that come before the introduction are kept", async () => {
    const [a, b] = [room.page("a"), room.page("b")];
    b.pool.introduce([{ id: "a", name: "a", session: 5, call: true }]);
    await settle();
    a.pool.introduce([{ id: "b", name: "b", session: 5, call: false }]);
    await settle();
    assert.deepEqual([a.log, b.log], [["open b"], ["open a"]]);
  });

  test("signals of another session change nothing", async () => {
    const { a } = await room.pair();
    a.pool.hear("b", 99, { kind: "offer", sdp: "c1" });
    await settle();
    assert.deepEqual(a.log, ["open b"]);
  });

  test("a description that is none, from another page: given up as ice", async () => {
    const a = room.page("a");
    a.pool.introduce([{ id: "x", name: "x", session: 1, call: false }]);
    a.pool.hear("x", 1, { kind: "offer", sdp: "rubbish" });
    await settle();
    assert.deepEqual(a.gone, [{ peer: "x", session: 1, why: "ice" }]);
  });

  test("no way between them: the box is told after 10 s, and what was asked for fails", async () => {
    room.network.blocked = true;
    const [a, b] = [room.page("a"), room.page("b")];
    room.introduce(a, b);
    const asked = b.ask("a", 1);
    await room.wait(CONNECT_LIMIT);
    assert.deepEqual(b.gone, [{ peer: "a", session: 1, why: "ice" }]);
    assert.deepEqual(b.log, ["closed a ice", "failed 1 closed"]);
    assert.deepEqual(asked.failed, ["closed"]);
  });

  test("ICE that fails is told at once", async () => {
    room.network.blocked = true;
    const [a, b] = [room.page("a"), room.page("b")];
    room.introduce(a, b);
    await settle();
    for (const connection of room.network.made.values()) connection.fails();
    assert.deepEqual(
      [...a.gone, ...b.gone].map((g) => g.why),
      ["ice", "ice"],
    );
  });

  test("a browser that refuses to make one: as if it could not be reached", async () => {
    const a = room.page("a");
    a.pool.parts.outside.connect = () => {
      throw new Error("UnknownError");
    };
    a.pool.introduce([{ id: "b", name: "b", session: 1, call: true }]);
    await settle();
    assert.deepEqual(a.gone, [{ peer: "b", session: 1, why: "ice" }]);
  });

  test("who is not in the list any more is let go, without a word to the box", async () => {
    const { a, b } = await room.pair();
    a.pool.introduce([]);
    await settle();
    assert.deepEqual([a.log.at(-1), a.gone], ["closed b left", []]);
    assert.deepEqual([b.log.at(-1), b.gone.length], ["closed a closed", 1]);
  });

  test("a session that ended is not begun again by an older list; a new one is", async () => {
    const { a, b } = await room.pair();
    b.pool.end();
    await settle();
    assert.equal(a.log.at(-1), "closed b closed");
    a.pool.introduce([{ id: "b", name: "b", session: 1, call: false }]);
    assert.equal([...a.pool.list()].length, 0);
    room.introduce(a, b, 2);
    await settle();
    assert.equal(a.log.at(-1), "open b");
  });

  test("the end of an old connection does not touch its successor", async () => {
    const { a, b } = await room.pair();
    const old = [...room.network.made.values()];
    room.introduce(a, b, 2);
    await settle();
    const log = [...a.log];
    for (const connection of old) {
      connection.fails();
      connection.channel?.onclose?.();
    }
    await settle();
    assert.deepEqual(a.log, log);
    const asked = a.ask("b", 1);
    b.cache.set(1, segmentOf(1));
    await settle();
    assert.ok(asked.got);
  });

  test("one that nobody uses is closed when both agree, and both say why", async () => {
    const { a, b } = await room.pair();
    await room.wait(IDLE_AFTER + 3000);
    assert.deepEqual([a.gone[0]?.why, b.gone[0]?.why], ["idle", "idle"]);
    assert.deepEqual([a.log.at(-1), b.log.at(-1)], ["closed b idle", "closed a idle"]);
  });

  test("one that is used is not closed, whichever side uses it", async () => {
    const { a, b } = await room.pair();
    a.cache.set(1, segmentOf(1));
    for (let i = 0; i < 6; i++) {
      await room.wait(IDLE_AFTER / 2);
      const asked = b.ask("a", 1);
      await settle();
      assert.ok(asked.got, `after ${i + 1} half minutes`);
    }
    assert.deepEqual([a.gone, b.gone], [[], []]);
  });
});

describe("asking", () => {
  test("a segment comes, is right, and is counted", async () => {
    const { a, b } = await room.pair();
    a.cache.set(7, segmentOf(7));
    const asked = b.ask("a", 7);
    await settle();
    assert.deepEqual(asked.got, segmentOf(7));
    assert.deepEqual([asked.progress, asked.failed, a.uploaded, b.wasted], [300_000, [], 300_000, 0]);
    assert.deepEqual([peer(a)?.upBytes, peer(b)?.downBytes], [300_000, 300_000]);
    assert.equal(a.cache.get(7)?.byteLength, 300_000, "what was sent is still held");
    assert.equal(a.pool.slots.taken, 0);
  });

  test("several at once on one connection, in both directions", async () => {
    const { a, b } = await room.pair();
    for (const n of [1, 2, 3]) a.cache.set(n, segmentOf(n));
    b.cache.set(4, segmentOf(4));
    const all = [b.ask("a", 1), b.ask("a", 2), b.ask("a", 3), a.ask("b", 4)];
    await settle();
    assert.deepEqual(
      all.map((asked) => asked.got && sha256(asked.got)),
      [1, 2, 3, 4].map((n) => sha256(segmentOf(n))),
    );
  });

  test("before the connection stands, and before the introduction", async () => {
    const [a, b] = [room.page("a"), room.page("b")];
    a.cache.set(1, segmentOf(1));
    const early = b.ask("a", 1);
    await room.wait(1000);
    room.introduce(a, b);
    const second = b.ask("a", 1);
    await settle();
    assert.ok(early.got && second.got);
  });

  test("of somebody who is never introduced: it fails", async () => {
    const b = room.page("b");
    const asked = b.ask("nobody", 1);
    await room.wait(INTRODUCTION_LIMIT);
    assert.deepEqual(asked.failed, ["closed"]);
  });

  test("what the other one does not hold is refused", async () => {
    const { b } = await room.pair();
    const asked = b.ask("a", 1);
    await settle();
    assert.deepEqual([asked.failed, b.log.at(-1)], [["refused"], "failed 1 refused"]);
  });

  test("another size than the box promised is refused", async () => {
    const { a, b } = await room.pair();
    a.cache.set(1, segmentOf(1, 200_000));
    const asked = b.ask("a", 1);
    await settle();
    assert.deepEqual(asked.failed, ["refused"]);
  });

  test("another title than the other one plays is refused", async () => {
    const { a, b } = await room.pair();
    a.cache.set(1, segmentOf(1));
    a.pool.tag = "f".repeat(16);
    const asked = b.ask("a", 1);
    await settle();
    assert.deepEqual(asked.failed, ["refused"]);
  });

  test("with all slots taken: busy; a slot is free when an upload ends", async () => {
    const { a, b } = await room.pair();
    a.pool.slots.limit = 2;
    for (const n of [1, 2, 3]) a.cache.set(n, segmentOf(n, 3_000_000));
    const promise = (/** @type {number} */ n) => ({
      bytes: 3_000_000,
      sha256: sha256(segmentOf(n, 3_000_000)),
    });
    const all = [1, 2, 3].map((n) => b.ask("a", n, promise(n)));
    await settle();
    await settle();
    assert.deepEqual(
      all.map((asked) => asked.failed),
      [[], [], ["busy"]],
    );
    assert.ok(all[0]?.got && all[1]?.got);
    const again = b.ask("a", 3, promise(3));
    await settle();
    assert.ok(again.got);
  });

  test("a stopped one ends on both sides, and the connection is still good", async () => {
    const { a, b } = await room.pair();
    a.cache.set(1, segmentOf(1, 8_000_000));
    a.cache.set(2, segmentOf(2));
    const asked = b.ask("a", 1, { bytes: 8_000_000, sha256: sha256(segmentOf(1, 8_000_000)) });
    while (asked.progress === 0) await turn();
    asked.stop();
    await settle();
    assert.equal(a.pool.slots.taken, 0);
    assert.ok(a.uploaded < 8_000_000, "it was sent to the end");
    assert.equal(b.wasted, a.uploaded);
    assert.deepEqual([asked.got, asked.failed, b.gone], [null, [], []]);
    const next = b.ask("a", 2);
    await settle();
    assert.ok(next.got);
  });

  test("the sender's buffer stays below its limit", async () => {
    const { a, b } = await room.pair();
    a.cache.set(1, segmentOf(1, 6_000_000));
    const asked = b.ask("a", 1, { bytes: 6_000_000, sha256: sha256(segmentOf(1, 6_000_000)) });
    for (let i = 0; i < 5; i++) await settle();
    assert.ok(asked.got);
    const peak = Math.max(...[...room.network.made.values()].map((c) => c.channel?.peak ?? 0));
    assert.ok(peak < BUFFER_LIMIT + wire.FRAME_BYTES, `${peak} bytes`);
    assert.ok(peak > BUFFER_LIMIT / 2, "it never filled: nothing was tested");
  });

  test("silence fails it, however much came before", async () => {
    const { a, b } = await room.pair();
    a.cache.set(1, segmentOf(1, 3_000_000));
    const asked = b.ask("a", 1, { bytes: 3_000_000, sha256: sha256(segmentOf(1, 3_000_000)) });
    while (asked.progress === 0) await turn();
    room.network.stuck = true;
    await room.wait(SILENCE - 500);
    assert.deepEqual(asked.failed, []);
    await room.wait(1000);
    assert.deepEqual(asked.failed, ["timeout"]);
    assert.ok(asked.progress > 0 && b.wasted === asked.progress);
  });

  test("a slow one that goes on is waited for", async () => {
    const { a, b } = await room.pair();
    const whole = segmentOf(1);
    const asked = b.ask("a", 1);
    const slicer = new wire.Slicer();
    const from = peer(a);
    assert.ok(from);
    from.uploads.hear = () => {};
    for (let offset = 0; offset < whole.byteLength; offset += wire.SLICE_BYTES) {
      await room.wait(SILENCE - 500);
      from.connection.send(slicer.slice(whole, { type: wire.DATA, tag: TAG, n: 1, request: 1 }, offset));
      await settle();
    }
    assert.deepEqual([asked.failed, asked.got !== null], [[], true]);
  });

  test("a connection that closes in mid-segment: first the peer is gone, then what it owed", async () => {
    const { a, b } = await room.pair();
    a.cache.set(1, segmentOf(1, 8_000_000));
    const asked = b.ask("a", 1, { bytes: 8_000_000, sha256: sha256(segmentOf(1, 8_000_000)) });
    while (asked.progress === 0) await turn();
    a.pool.end();
    await settle();
    assert.deepEqual(b.log, ["open a", "closed a closed", "failed 1 closed"]);
    assert.equal(a.pool.slots.taken, 0);
    assert.ok(b.wasted > 0 && b.wasted < 8_000_000);
  });

  test("one that reads slowly does not hold all slots: the others are served beside it", async () => {
    const [a, b, c] = [room.page("a"), room.page("b"), room.page("c")];
    const introduced = (/** @type {string} */ id, call = true) => ({ id, name: id, session: 1, call });
    a.pool.introduce([introduced("b", false), introduced("c", false)]);
    for (const page of [b, c]) page.pool.introduce([introduced("a")]);
    await room.network.settle();
    for (const n of [1, 2, 3, 4]) a.cache.set(n, segmentOf(n, 8_000_000));
    a.cache.set(5, segmentOf(5));
    const slow = [1, 2, 3, 4].map((n) => b.ask("a", n, { bytes: 8_000_000, sha256: "0".repeat(64) }));
    while (a.pool.slots.taken < 3) await turn();
    const asked = c.ask("a", 5);
    await room.network.settle();
    assert.ok(asked.got, asked.failed.join());
    assert.deepEqual(
      slow.map((s) => s.failed.includes("busy")),
      [false, false, false, true],
    );
  });

  test("of four slots one connection has three at most, and two where it would leave none", () => {
    const table = [0, 1, 2, 3].map((each) =>
      [0, 1, 2, 3].filter((others) => hasSlot(each, each + others, 4)),
    );
    assert.deepEqual(table, [[0, 1, 2, 3], [0, 1, 2], [0], []]);
  });

  test("a receiver that takes nothing more gives its slot back", async () => {
    const { a, b } = await room.pair();
    a.cache.set(1, segmentOf(1, 8_000_000));
    b.ask("a", 1, { bytes: 8_000_000, sha256: "0".repeat(64) });
    await turn();
    await turn();
    room.network.stuck = true;
    assert.equal(a.pool.slots.taken, 1);
    await room.wait(2 * STUCK);
    assert.equal(a.pool.slots.taken, 0);
  });

  test("an answer on a channel that has closed does not throw", async () => {
    const { a, b } = await room.pair();
    for (const connection of room.network.made.values())
      if (connection.channel) connection.channel.readyState = "closing";
    a.cache.set(1, segmentOf(1));
    const to = peer(a);
    assert.ok(to && channel(a));
    to.uploads.hear(
      /** @type {wire.Frame} */ (
        wire.parse(wire.frame({ type: wire.REQUEST, tag: TAG, n: 1, request: 1, total: 300_000 }))
      ),
    );
    to.uploads.hear(
      /** @type {wire.Frame} */ (
        wire.parse(wire.frame({ type: wire.REQUEST, tag: TAG, n: 9, request: 2, total: 300_000 }))
      ),
    );
    const asked = b.ask("a", 1);
    await room.wait(SILENCE + 500);
    assert.deepEqual(asked.failed, ["timeout"]);
  });
});

// What a page does to another one that sends what it should not.
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { SILENCE } from "../app/swarm/peer-downloads.js";
import { FRAMES_AT_ONCE } from "../app/swarm/peer.js";
import * as wire from "../app/swarm/wire.js";
import { turn } from "./help.js";
import { Room, TAG, segmentOf } from "./pool-help.js";

/** @typedef {import("./pool-help.js").Page} Page */
/** @typedef {(frame: ArrayBuffer | Uint8Array<ArrayBuffer>) => void} Say */

/** @type {Room} */
let room;
beforeEach(() => (room = new Room()));
afterEach(() => room.end());

/**
 * b asks a for segment 1, of 300,000 bytes; a answers by hand.
 * @param {(say: Say, request: number) => void} answer
 */
async function asking(answer) {
  const { a, b } = await room.pair();
  const from = [...a.pool.list()][0];
  assert.ok(from);
  from.uploads.hear = ({ type, request }) => {
    if (type === wire.REQUEST) answer((frame) => from.connection.send(/** @type {any} */ (frame)), request);
  };
  const asked = b.ask("a", 1);
  await room.network.settle();
  return { a, b, asked };
}

/**
 * Slices of a segment, with a lie.
 * @param {Say} say @param {number} request @param {ArrayBuffer} segment @param {Partial<wire.Header> & {at?: number}} [lie] at: which slice tells it; else each
 */
function slices(say, request, segment, { at, ...lie } = {}) {
  const slicer = new wire.Slicer();
  for (let offset = 0, i = 0; offset < segment.byteLength; offset += wire.SLICE_BYTES, i++) {
    const made = slicer.slice(segment, { type: wire.DATA, tag: TAG, n: 1, request }, offset).slice();
    if (at === undefined || at === i) {
      const read = /** @type {wire.Frame} */ (wire.parse(made.buffer));
      wire.writeHeader(new DataView(made.buffer), { ...read, ...lie });
    }
    say(made);
  }
}

/** @param {Page} b */
async function cutOff(b) {
  assert.deepEqual([...b.pool.list()], [], "it is still connected");
  assert.deepEqual(b.gone, [{ peer: "a", session: 1, why: "bad", n: b.gone[0]?.n }]);
  b.pool.introduce([{ id: "a", name: "a", session: 2, call: true }]);
  assert.deepEqual([...b.pool.list()], [], "it is connected to again");
  const again = b.ask("a", 2);
  await room.wait(500);
  assert.deepEqual(again.failed, ["closed"], "it is asked again");
}

describe("a lie ends the connection for good", () => {
  for (const [what, lie] of /** @type {[string, (say: Say, request: number) => void][]} */ ([
    [
      "one bit of the last slice is wrong",
      (say, request) => {
        const segment = segmentOf(1).slice(0);
        new DataView(segment).setUint8(299_999, new DataView(segment).getUint8(299_999) ^ 1);
        slices(say, request, segment);
      },
    ],
    ["another segment", (say, request) => slices(say, request, segmentOf(2))],
    ["slices out of order", (say, request) => slices(say, request, segmentOf(1), { at: 1, offset: 7 })],
    ["a slice twice", (say, request) => slices(say, request, segmentOf(1), { at: 1, offset: 0 })],
    ["another title", (say, request) => slices(say, request, segmentOf(1), { at: 2, tag: "f".repeat(16) })],
    ["another number", (say, request) => slices(say, request, segmentOf(1), { at: 2, n: 2 })],
    ["a larger segment than the box promised", (say, request) => slices(say, request, segmentOf(1, 400_000))],
    ["a smaller one", (say, request) => slices(say, request, segmentOf(1, 200_000))],
  ])) {
    test(what, async () => {
      const { b, asked } = await asking(lie);
      assert.deepEqual([asked.got, asked.failed], [null, ["bad"]]);
      assert.ok(b.wasted > 0);
      await cutOff(b);
    });
  }

  for (const [what, lie] of /** @type {[string, (say: Say, request: number) => void][]} */ ([
    ["slices that were never asked for", (say, request) => slices(say, request + 1, segmentOf(1))],
    ["slices of request 0", (say) => slices(say, 0, segmentOf(1))],
    [
      "more after the end",
      (say, request) => {
        slices(say, request, segmentOf(1));
        setImmediate(() => setImmediate(() => slices(say, request, segmentOf(1))));
      },
    ],
    [
      "a flood of frames that are none",
      (say) => {
        for (let i = 0; i < 200; i++) say(new Uint8Array(i % 40).fill(9));
      },
    ],
  ])) {
    test(what, async () => {
      const { b } = await asking(lie);
      await cutOff(b);
    });
  }

  for (const [what, floods] of /** @type {[string, (i: number) => wire.Header][]} */ ([
    ["requests for what is not here", (i) => ({ type: wire.REQUEST, tag: TAG, n: 9, request: i, total: 5 })],
    [
      "requests for it, each broken off",
      (i) => ({ type: i % 2 ? wire.CANCEL : wire.REQUEST, tag: TAG, n: 1, request: i >> 1, total: 300_000 }),
    ],
    ["refusals of nothing", (i) => ({ type: wire.REFUSE, tag: TAG, n: 1, request: i, reason: 1 })],
    ["offers to close", () => ({ type: wire.IDLE, tag: TAG })],
  ])) {
    test(`a flood of ${what}`, async () => {
      const { a, b } = await room.pair();
      a.cache.set(1, segmentOf(1));
      b.cache.set(1, segmentOf(1));
      await room.wait(35_000); // so long that it would agree to close
      const from = [...a.pool.list()][0];
      const to = [...b.pool.list()][0];
      assert.ok(from && to);
      let answers = 0;
      const send = to.connection.send.bind(to.connection);
      to.connection.send = (data) => {
        if (data.byteLength === wire.HEADER_BYTES) answers++;
        return send(data);
      };
      for (let i = 0; i < 20_000; i++) from.connection.send(wire.frame(floods(i)));
      await room.network.settle();
      await cutOff(b);
      assert.ok(answers <= FRAMES_AT_ONCE, `it was answered ${answers} times`);
      assert.equal(b.pool.slots.taken, 0);
    });
  }

  test("what it was asked for besides fails with it", async () => {
    const { b, asked } = await asking((say, request) => {
      if (request === 2) slices(say, request, segmentOf(5));
    });
    const second = b.ask("a", 2);
    await room.network.settle();
    assert.deepEqual([asked.failed, second.failed], [["closed"], ["bad"]]);
  });
});

describe("no lie, and no harm", () => {
  test("as many requests as the box lets a page have, for five minutes", async () => {
    const { a, b } = await room.pair();
    const from = [...a.pool.list()][0];
    let request = 0;
    const asks = (/** @type {number} */ times) => {
      for (let i = 0; i < times; i++) {
        request++;
        from?.connection.send(wire.frame({ type: wire.REQUEST, tag: TAG, n: 9, request, total: 5 }));
        from?.connection.send(wire.frame({ type: wire.CANCEL, tag: TAG, n: 9, request }));
      }
    };
    asks(160);
    await room.network.settle();
    for (let second = 0; second < 300; second++) {
      room.network.clock.pass(1000);
      asks(40);
      await turn();
    }
    await room.network.settle();
    assert.deepEqual([[...b.pool.list()].length, b.gone], [1, []]);
  });

  test("a segment cut short: nothing more comes, so it fails by silence", async () => {
    const { b, asked } = await asking((say, request) => {
      slices(
        (frame) => new DataView(new Uint8Array(frame).buffer).getUint32(20) < 200_000 && say(frame),
        request,
        segmentOf(1),
      );
    });
    assert.ok(asked.progress > 0);
    await room.wait(SILENCE + 500);
    assert.deepEqual([asked.failed, b.gone], [["timeout"], []]);
  });

  test("frames of a later version are ignored", async () => {
    const { asked } = await asking((say, request) => {
      for (let type = 6; type < 56; type++) {
        const later = wire.frame({ type: wire.IDLE, tag: TAG });
        new Uint8Array(later)[0] = type;
        say(later);
      }
      slices(say, request, segmentOf(1));
    });
    assert.ok(asked.got);
  });

  test("slices that were on their way when it was stopped", async () => {
    /** @type {() => void} */
    let late = () => {};
    const { b, asked } = await asking((say, request) => (late = () => slices(say, request, segmentOf(1))));
    asked.stop();
    late();
    await room.network.settle();
    assert.deepEqual([b.gone, b.wasted, asked.failed], [[], 300_000, []]);
  });

  test("a refusal of something else, or twice", async () => {
    const { b, asked } = await asking((say, request) => {
      const refuse = (/** @type {number} */ r) =>
        say(wire.frame({ type: wire.REFUSE, reason: 200, tag: TAG, n: 1, request: r }));
      refuse(77);
      refuse(request);
      refuse(request);
    });
    assert.deepEqual([asked.failed, b.gone], [["refused"], []]);
  });

  test("requests, cancels and idles at random move nothing but refusals", async () => {
    const { a, b } = await room.pair();
    const from = [...a.pool.list()][0];
    b.cache.set(3, segmentOf(3));
    for (let i = 0; i < 90; i++) {
      const type = [wire.REQUEST, wire.CANCEL, wire.IDLE, wire.REFUSE][i % 4];
      from?.connection.send(
        wire.frame({ type: type ?? 0, tag: TAG, n: i * 1000, request: i, total: 1 + i, reason: i }),
      );
    }
    await room.network.settle();
    assert.deepEqual([b.uploaded, b.pool.slots.taken, b.gone], [0, 0, []]);
  });
});

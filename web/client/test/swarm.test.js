import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { sha256 } from "./fake-worker.js";
import { BYTES, Box, content, film } from "./swarm-help.js";

/** @typedef {import("./swarm-help.js").SwarmPage} SwarmPage */

/** @type {Box} */
let box;
beforeEach(() => (box = new Box()));
afterEach(() => {
  for (const page of box.pages.values()) assert.deepEqual(page.errors, []);
  box.end();
});

/** A page that plays from the beginning. @param {string} id */
async function plays(id) {
  const page = box.page(id);
  page.connects();
  page.swarm.playhead(0, 0, false);
  page.swarm.open(film("video-1"), 0);
  page.swarm.playhead(0.1, 0, false);
  await box.settle();
  return page;
}

/** As hls.js does: one after another, each when the one before is buffered. @param {SwarmPage} page @param {number[]} numbers */
async function loads(page, numbers) {
  const list = [];
  for (const n of numbers) {
    page.swarm.playhead(Math.max(0, n * 4 - 8), n * 4, true);
    list.push(page.need(n));
    await box.settle(100);
  }
  return list;
}

/** @param {{got: ArrayBuffer | null}} wanted @param {number} n @param {string} [rendition] */
function isRight({ got }, n, rendition = "video-1") {
  assert.ok(got, `segment ${n} did not come`);
  assert.equal(sha256(got), sha256(content(film(rendition).urls[n] ?? "")));
}

describe("from whom", () => {
  test("alone: by HTTP, each once, and the box hears of it", async () => {
    const a = await plays("a");
    const list = await loads(a, [0, 1, 2]);
    list.forEach((wanted, n) => isRight(wanted, n));
    assert.deepEqual(box.fetched.filter((f) => /seg[012]\./.test(f)).sort(), [
      "a seg0.ts",
      "a seg1.ts",
      "a seg2.ts",
    ]);
    await box.settle(300);
    assert.ok([0, 1, 2].every((n) => a.has.has(n)));
    assert.equal(a.totals.httpBytes, box.fetched.length * BYTES);
  });

  test("a second page takes from the first, and nothing is wasted", async () => {
    const a = await plays("a");
    await loads(a, [0, 1, 2, 3]);
    await box.settle(300);
    const before = box.fetched.length;
    const b = await plays("b");
    const list = await loads(b, [0, 1, 2, 3]);
    list.forEach((wanted, n) => isRight(wanted, n));
    // The first one is wanted at once: it may come from wherever it is there soonest.
    const again = box.fetched.slice(before).filter((f) => /^b seg[123]\./.test(f));
    assert.deepEqual(again, []);
    assert.ok(b.totals.p2pBytes >= 3 * BYTES);
    assert.equal(a.totals.uploadedBytes, b.totals.p2pBytes);
    assert.deepEqual([a.totals.wastedBytes, b.totals.wastedBytes], [0, 0]);
    assert.equal(b.swarm.view.from(2), "A");
    assert.equal((b.swarm.view.cells[2] ?? 0) & 7, 3);
  });

  test("before the box has said how, the first segment is fetched at once", () => {
    const a = box.page("a");
    a.swarm.open(film("video-1"), 0);
    a.swarm.playhead(0, 0, true);
    a.need(0);
    assert.deepEqual(box.fetched, ["a seg0.ts"]);
  });

  test("what the player is given is its own: the cache is still whole when the player takes it away", async () => {
    const a = await plays("a");
    const [wanted] = await loads(a, [0]);
    assert.ok(wanted?.got);
    structuredClone(wanted.got, { transfer: [wanted.got] });
    assert.equal(a.swarm.store.get(0)?.byteLength, BYTES);
    const [again] = await loads(a, [0]);
    isRight(/** @type {any} */ (again), 0);
  });
});

describe("the first picture", () => {
  test("comes before anything is done for the others", async () => {
    await plays("a");
    const b = box.page("b");
    b.connects();
    b.swarm.open(film("video-1"), 0);
    await box.settle();
    assert.deepEqual([b.group, b.swarm.membership.peers()], ["video-1", []]);
    b.swarm.playhead(0.1, 4, false);
    await box.settle();
    assert.deepEqual(
      b.swarm.view.peers().map((peer) => peer.open),
      [true],
    );
  });

  test("is not waited for long: a player that was not allowed to begin helps the others", async () => {
    await plays("a");
    const b = box.page("b");
    b.connects();
    b.swarm.open(film("video-1"), 0);
    b.need(0);
    await box.settle(1000);
    assert.deepEqual(
      b.swarm.view.peers().map((peer) => peer.open),
      [true],
    );
  });
});

describe("a page that lies", () => {
  test("its segment is thrown away, it is cut off and told on, and HTTP delivers", async () => {
    const a = await plays("a");
    await loads(a, [0, 1]);
    await box.settle(300);
    for (const n of a.swarm.store.numbers()) {
      const view = new DataView(/** @type {ArrayBuffer} */ (a.swarm.store.get(n)));
      view.setUint8(BYTES - 1, view.getUint8(BYTES - 1) ^ 1);
    }
    const b = await plays("b");
    const list = await loads(b, [0, 1]);
    await box.settle(500);
    list.forEach((wanted, n) => isRight(wanted, n));
    assert.ok(b.totals.rejectedSegments >= 1);
    assert.equal(b.totals.p2pBytes, 0);
    assert.ok(b.totals.wastedBytes >= BYTES);
    assert.deepEqual(b.swarm.membership.peers(), []);
    const told = b.said.filter((m) => m.type === "gone" && m.peer === "a" && m.why === "bad");
    assert.ok(told.length >= 1);
    assert.deepEqual(b.swarm.view.rejected()[0]?.peer, "A");
    const lied = b.totals.rejectedSegments;
    box.introduce();
    await loads(b, [2, 3]);
    assert.equal(b.totals.rejectedSegments, lied, "it was asked again");
  });
});

describe("the box away", () => {
  test("what the player needs comes by HTTP, nothing else is fetched, and the inventory is told when it is back", async () => {
    const a = await plays("a");
    await loads(a, [0, 1]);
    a.loses();
    await box.settle();
    const before = box.fetched.length;
    isRight(/** @type {any} */ ((await loads(a, [9]))[0]), 9);
    assert.deepEqual(box.fetched.slice(before), ["a seg9.ts"]);
    assert.equal(a.swarm.membership.why, "away");
    a.said = [];
    a.connects();
    await box.settle();
    const open = a.said.find((m) => m.type === "open");
    assert.deepEqual(open.have, a.swarm.store.spans());
    assert.equal(a.swarm.membership.why, "shared");
  });

  test("a transfer from another page goes on", async () => {
    const a = await plays("a");
    await loads(a, [0]);
    await box.settle(300);
    const b = await plays("b");
    const wanted = b.need(0);
    while (b.swarm.running(0) !== "a" && !wanted.got) await box.settle(1);
    b.loses();
    await box.settle(100);
    isRight(wanted, 0);
  });
});

describe("taking no part", () => {
  test("the viewer's switch: told to the box, connections closed; on again: back with all it has", async () => {
    const a = await plays("a");
    await loads(a, [0, 1]);
    const b = await plays("b");
    await loads(b, [0]);
    assert.equal(a.swarm.view.peers().length, 1);
    b.swarm.view.share(false);
    await box.settle();
    assert.deepEqual([b.shares, b.group, b.swarm.view.sharing()], [false, "", { on: false, why: "userOff" }]);
    assert.deepEqual([a.swarm.view.peers(), b.swarm.view.peers()], [[], []]);
    assert.equal(b.swarm.active, false, "its loader goes past the swarm");
    b.swarm.view.share(true);
    await box.settle();
    assert.deepEqual(b.swarm.view.sharing(), { on: true, why: "shared" });
    assert.ok(b.has.has(0));
  });

  test("a browser without connections, or without workers, plays by HTTP", async () => {
    const none = box.page("none", { connect: null });
    const noWorker = box.page("slow", {
      worker: () => {
        throw new Error("SecurityError");
      },
    });
    for (const page of [none, noWorker]) {
      page.connects();
      page.swarm.open(film("video-1"), 0);
      page.swarm.playhead(0.1, 0, false);
      await box.settle();
      assert.deepEqual(page.swarm.view.sharing(), { on: false, why: "unsupported" });
      assert.equal(page.group, "");
    }
  });

  test("put back for want of a place: it asks the box for nothing; let in again, others take from it what it had", async () => {
    const a = await plays("a");
    await loads(a, [0, 1, 2]);
    const b = await plays("b");
    box.putsBack(a);
    await box.settle();
    assert.deepEqual([a.swarm.view.peers(), b.swarm.view.peers()], [[], []]);
    const before = a.said.length;
    const [wanted] = await loads(a, [3]);
    assert.ok(wanted);
    isRight(wanted, 3); // it plays on by HTTP, or is told by it that the air is full
    await box.settle(1000);
    assert.deepEqual(a.said.slice(before), []);
    assert.equal((await loads(b, [0])).length, 1);
    assert.equal(b.totals.p2pBytes, 0);
    box.letsIn(a);
    await box.settle();
    assert.deepEqual(a.swarm.view.sharing(), { on: true, why: "shared" });
    assert.ok([0, 1, 2, 3].every((n) => a.has.has(n)));
    const [taken] = await loads(b, [2]);
    assert.ok(taken);
    isRight(taken, 2);
    assert.ok(b.totals.p2pBytes >= BYTES);
  });

  test("put away: its connections close, and are there again when the box introduces it anew", async () => {
    const a = await plays("a");
    const b = await plays("b");
    assert.equal(a.swarm.view.peers().filter((p) => p.open).length, 1);
    b.swarm.hide();
    b.loses();
    await box.settle();
    assert.deepEqual(a.swarm.view.peers(), []);
    b.connects();
    await box.settle();
    assert.equal(a.swarm.view.peers().filter((p) => p.open).length, 1);
  });
});

describe("what the player is told", () => {
  for (const status of [410, 503, 404]) {
    test(`the box's ${status} reaches it`, async () => {
      const a = await plays("a");
      box.statuses.set(film("video-1").urls[5] ?? "", status);
      const [wanted] = await loads(a, [5]);
      assert.equal(wanted?.got, null);
      assert.equal(wanted?.failed[0]?.[0], status);
    });
  }

  test("what it gave up is not delivered", async () => {
    const a = await plays("a");
    box.slow = true;
    const wanted = a.need(0);
    wanted.giveUp();
    box.slow = false;
    await box.settle(100);
    assert.deepEqual([wanted.got, wanted.failed], [null, []]);
  });
});

describe("another rendition", () => {
  test("nothing of the one before is served, kept or delivered", async () => {
    const a = await plays("a");
    await loads(a, [0, 1]);
    const b = await plays("b");
    await box.settle(300);
    a.swarm.open(film("video-2"), 0);
    a.swarm.playhead(0.1, 0, false);
    await box.settle();
    assert.equal(a.swarm.store.size, 0);
    assert.equal(a.group, "video-2");
    isRight(/** @type {any} */ ((await loads(a, [2]))[0]), 2, "video-2");
    isRight(/** @type {any} */ ((await loads(b, [1]))[0]), 1);
    b.swarm.open(film("video-2"), 0);
    b.swarm.playhead(0.1, 0, false);
    await box.settle();
    isRight(/** @type {any} */ ((await loads(b, [2]))[0]), 2, "video-2");
    assert.ok(b.totals.p2pBytes >= BYTES);
    assert.deepEqual([a.totals.rejectedSegments, b.totals.rejectedSegments], [0, 0]);
  });

  test("a playlist that grows keeps what is here", async () => {
    const a = box.page("a");
    a.connects();
    a.swarm.open(film("video-1", 3), 0);
    await box.settle();
    await loads(a, [0, 1]);
    a.swarm.open(film("video-1", 6), 0);
    await box.settle(300);
    assert.equal(a.swarm.view.cells.length, 6);
    assert.ok(a.swarm.store.get(0));
    assert.equal(a.said.filter((m) => m.type === "have").at(-1).segments, 6);
    isRight(/** @type {any} */ ((await loads(a, [5]))[0]), 5);
  });

  test("closed: nothing is held and nobody is connected", async () => {
    const a = await plays("a");
    await plays("b");
    await loads(a, [0]);
    a.swarm.close();
    assert.deepEqual([a.swarm.store.bytes, a.swarm.view.peers(), a.swarm.view.cells.length], [0, [], 0]);
  });
});

describe("the memory", () => {
  test("stays in its budget, what is let go is told, and what was never played counts as waste", async () => {
    const a = await plays("a");
    for (let n = 0; n < 30; n++) {
      await loads(a, [n]);
      assert.ok(a.swarm.store.bytes <= 20 * BYTES, `${a.swarm.store.bytes} bytes`);
    }
    await box.settle(500);
    assert.deepEqual([...a.has].sort(), [...a.swarm.store.numbers()].sort());
    assert.equal(a.totals.wastedBytes, 0);
    assert.equal(a.swarm.view.cells.filter((cell) => cell === 4).length, 30 - a.swarm.store.size);
  });
});

describe("what is wrong inside", () => {
  test("ends it, and is said once", async () => {
    const a = await plays("a");
    a.swarm.scheduler.handle = () => {
      throw new Error("a mistake");
    };
    a.need(3);
    a.swarm.playhead(1, 2, false);
    assert.deepEqual(a.errors.map(String), ["Error: a mistake"]);
    assert.equal(a.swarm.active, false);
    a.errors = [];
  });

  test("messages of the box that make no sense harm nobody", async () => {
    const a = await plays("a");
    for (const message of [
      { type: "grant", id: 999, n: 0, how: "http" },
      { type: "grant" },
      { type: "peers", peers: "?" },
      { type: "offer", from: "x", session: 1, sdp: "?" },
      { type: "candidate" },
      { type: "config" },
      { type: "config", title: "t", rendition: "video-1", tag: "?" },
      { type: "something else" },
    ])
      a.hears(message);
    await box.settle(100);
    isRight(/** @type {any} */ ((await loads(a, [0]))[0]), 0);
  });
});

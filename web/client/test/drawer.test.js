// What the drawer decides without a screen: cells, speeds, lists, words.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { sharedWords } from "../app/header.js";
import { pillShare, since } from "../app/player/shared.js";
import { sharingWords } from "../app/sheet/words.js";
import {
  BOX,
  COMING,
  Changes,
  EMPTY,
  GONE,
  KEPT,
  PHONE,
  cellAt,
  grid,
  kindOf,
  moved,
  playingAt,
} from "../app/swarm/cells.js";
import { Meter, seat } from "../app/swarm/peers-view.js";
import { Recent, visibleRows } from "../app/swarm/recent.js";
import { SECONDS, Speed } from "../app/swarm/speed.js";
import {
  cellSentence,
  eventSentence,
  flowWords,
  initials,
  megabits,
  shareWords,
  sharingSentence,
} from "../app/swarm/words.js";
import { FakeSwarm } from "../dev/swarm-fake.mjs";
import { boxEnglish, drawerEnglish as words, english } from "./help.js";

describe("the chunk map", () => {
  test("30 segments are two rows of large cells, 2,700 a carpet that is as wide as the drawer", () => {
    assert.deepEqual(grid(30, 360, 230), { pitch: 20, columns: 18, rows: 2 });
    const many = grid(2700, 360, 230);
    assert.deepEqual(many, { pitch: 7, columns: 51, rows: 53 });
    for (const width of [256, 288, 360, 600])
      for (const count of [1, 30, 31, 450, 2700, 100_000]) {
        const { pitch, columns, rows } = grid(count, width, 230);
        assert.ok(columns * pitch <= width && columns * rows >= count && columns * (rows - 1) < count);
        assert.ok(pitch >= 7 && pitch <= 20);
      }
  });

  test("no width and no segments are no reason to fail", () => {
    assert.equal(grid(0, 360, 230).rows, 0);
    assert.equal(grid(30, 0, 230).rows, 0);
  });

  test("a point is a segment, and beside the map is none", () => {
    const layout = { pitch: 10, columns: 5 };
    assert.equal(cellAt(layout, 12, 0, 0), 0);
    assert.equal(cellAt(layout, 12, 49, 9), 4);
    assert.equal(cellAt(layout, 12, 11, 25), 11);
    assert.equal(cellAt(layout, 12, 21, 25), -1);
    assert.equal(cellAt(layout, 12, 51, 5), -1);
    assert.equal(cellAt(layout, 12, -1, 5), -1);
  });

  test("which segment plays", () => {
    const starts = [0, 4, 9, 12];
    assert.deepEqual(
      [0, 3.9, 4, 8, 9, 99, -1].map((at) => playingAt(starts, at)),
      [0, 0, 1, 1, 2, 2, 0],
    );
    assert.equal(playingAt([], 5), 0);
  });

  for (const [key, from, to] of /** @type {[string, number, number | null][]} */ ([
    ["ArrowRight", 0, 1],
    ["ArrowRight", 11, 11],
    ["ArrowLeft", 0, 0],
    ["ArrowDown", 3, 8],
    ["ArrowDown", 9, 9],
    ["ArrowUp", 3, 3],
    ["ArrowUp", 8, 3],
    ["PageDown", 3, 11],
    ["Home", 7, 0],
    ["End", 0, 11],
    ["Enter", 0, null],
  ]))
    test(`${key} leads from ${from} to ${to}`, () => assert.equal(moved(key, from, 5, 12), to));

  test("only what changed is drawn, and the counts are right all the time", () => {
    const changes = new Changes();
    const cells = Uint8Array.of(EMPTY, EMPTY, BOX, PHONE, GONE);
    changes.reset(cells);
    assert.deepEqual(changes.counts, { phone: 1, box: 1, kept: 0, coming: 0, empty: 2, gone: 1 });
    /** @type {[number, number][]} */
    const drawn = [];
    const draw = (/** @type {number} */ n, /** @type {number} */ cell) => drawn.push([n, cell]);
    cells[0] = COMING;
    cells[3] = PHONE | KEPT;
    assert.equal(changes.update(cells, draw), 2);
    assert.deepEqual(drawn, [
      [0, COMING],
      [3, PHONE | KEPT],
    ]);
    assert.equal(changes.update(cells, draw), 0);
    assert.deepEqual(changes.counts, { phone: 0, box: 1, kept: 1, coming: 1, empty: 1, gone: 1 });
  });

  test("a cell of a later version is an empty one", () => assert.equal(kindOf(7), "empty"));
});

describe("speed", () => {
  test("bytes become Mbit/s, by source", () => {
    const speed = new Speed();
    assert.equal(speed.sample(0, { p2pBytes: 5e6, httpBytes: 0 }), false);
    assert.equal(speed.sample(500, { p2pBytes: 6e6, httpBytes: 0 }), false);
    assert.equal(speed.sample(1000, { p2pBytes: 6e6, httpBytes: 5e5 }), true);
    assert.equal(speed.p2p[SECONDS - 1], 8);
    assert.equal(speed.http[SECONDS - 1], 4);
    assert.deepEqual(speed.now, { p2p: 8, http: 4 });
    assert.equal(speed.scale, 8);
  });

  test("before it was watched nothing is known", () => {
    const speed = new Speed();
    speed.sample(0, { p2pBytes: 0, httpBytes: 0 });
    speed.sample(1000, { p2pBytes: 0, httpBytes: 0 });
    assert.equal(speed.p2p[SECONDS - 2], -1);
    assert.equal(speed.p2p[SECONDS - 1], 0);
  });

  test("a page that slept shows the mean, and another film starts anew", () => {
    const speed = new Speed();
    speed.sample(0, { p2pBytes: 0, httpBytes: 0 });
    speed.sample(4000, { p2pBytes: 4e6, httpBytes: 0 });
    assert.deepEqual([...speed.p2p.slice(-5)], [-1, 8, 8, 8, 8]);
    assert.equal(speed.sample(5000, { p2pBytes: 100, httpBytes: 0 }), true);
    assert.deepEqual([...speed.p2p.slice(-2)], [8, 8]);
  });

  test("a meter of one phone comes to rest", () => {
    const meter = new Meter();
    for (let t = 0; t <= 4000; t += 250) meter.read(t, t * 125);
    assert.ok(meter.flows(4000) && meter.rate > 0.9 && meter.rate <= 1, String(meter.rate));
    for (let t = 4250; t <= 7000; t += 250) meter.read(t, 500_000);
    assert.ok(!meter.flows(7000));
    assert.equal(meter.rate, 0);
  });
});

test("eight seats: inside the picture, apart from each other, from the box and from this phone", () => {
  const seats = Array.from({ length: 8 }, (_unused, i) => seat(i));
  const all = [...seats, { x: 160, y: 84 }, { x: 160, y: 172 }];
  for (const [i, { x, y }] of seats.entries()) {
    assert.ok(x >= 18 && x <= 302 && y >= 18 && y <= 178, `${i}: ${x} ${y}`);
    for (const [j, other] of all.entries())
      assert.ok(i === j || Math.hypot(x - other.x, y - other.y) > 45, `${i} and ${j} stand apart`);
    // A straight line to this phone passes beside the box.
    for (let s = 0; s <= 1; s += 0.02) {
      const at = { x: x + s * (160 - x), y: y + s * (172 - y) };
      assert.ok(Math.abs(at.x - 160) > 29 || Math.abs(at.y - 84) > 21, `${i} crosses the box`);
    }
  }
});

describe("lists", () => {
  test("the last 200, the newest first", () => {
    const recent = new Recent(200);
    for (let i = 0; i < 450; i++) recent.add(i);
    assert.deepEqual(
      [recent.length, recent.added, recent.at(0), recent.at(199), recent.at(200)],
      [200, 450, 449, 250, undefined],
    );
  });

  test("a short one", () => {
    const recent = new Recent(200);
    assert.equal(recent.at(0), undefined);
    recent.add("a");
    recent.add("b");
    assert.deepEqual(
      [recent.at(0), recent.at(1), recent.at(2), recent.at(-1)],
      ["b", "a", undefined, undefined],
    );
  });

  test("rows are as many as can be seen, however long the list is", () => {
    assert.deepEqual(visibleRows({ top: 0, height: 264, row: 44, count: 200 }), { first: 0, end: 7 });
    assert.deepEqual(visibleRows({ top: 4410, height: 264, row: 44, count: 200 }), { first: 99, end: 108 });
    assert.deepEqual(visibleRows({ top: 0, height: 264, row: 44, count: 2 }), { first: 0, end: 2 });
  });
});

describe("words", () => {
  const fake = new FakeSwarm({ segments: 30, peers: 4, played: 3, now: () => 0 });
  fake.cells.set([EMPTY, COMING, BOX, PHONE, GONE, PHONE | KEPT, BOX | KEPT]);
  fake.origin.set([0, 2, 0, 1, 0, 3, 0]);

  for (const [n, expected] of /** @type {[number, string][]} */ ([
    [0, "Piece 1, 0:00–0:04 · Not here yet"],
    [1, "Piece 2, 0:04–0:08 · On its way from \u2068Mustafa\u2069"],
    [2, "Piece 3, 0:08–0:12 · From the box"],
    [3, "Piece 4, 0:12–0:16 · From \u2068Ada Byron\u2069"],
    [4, "Piece 5, 0:16–0:20 · Given up"],
    [5, "Piece 6, 0:20–0:24 · From \u2068Guest 12\u2069 · Kept for others"],
    [6, "Piece 7, 0:24–0:28 · From the box · Kept for others"],
    [99, ""],
    [-1, ""],
  ]))
    test(expected || `nothing about ${n}`, () =>
      assert.equal(cellSentence(words, fake, n, fake.cells[n] ?? EMPTY), expected),
    );

  for (const [event, expected] of /** @type {[object, string][]} */ ([
    [{ type: "grant", n: 4, how: "http", why: "due" }, "Piece 5: take it from the box: it is needed at once"],
    [{ type: "grant", n: 4, how: "wait", why: "somethingNew" }, "Piece 5: wait: somethingNew"],
    [{ type: "grant", n: 4, how: "peers" }, "Piece 5: take it from phones"],
    [
      { type: "got", n: 4, from: "Bo", bytes: 1.5e6, ms: 1234 },
      "Piece 5 came from \u2068Bo\u2069: 1.5 MB, 1.2 sec",
    ],
    [{ type: "got", n: 4, bytes: 1.5e6, ms: 12 }, "Piece 5 came from the box: 1.5 MB, 12 ms"],
    [
      { type: "failed", n: 0, from: "Bo", why: "bad" },
      "Piece 1 did not come from \u2068Bo\u2069: it was not what the box promised",
    ],
    [{ type: "failed", n: 0, why: "status" }, "Piece 1 did not come: the box refused it"],
    [{ type: "evict", n: 0 }, "Piece 1 given up"],
    [{ type: "peer", from: "Bo", how: "open" }, "Connected to \u2068Bo\u2069"],
    [
      { type: "peer", from: "Bo", how: "gone", why: "ice" },
      "\u2068Bo\u2069 is gone: no way to that phone was found",
    ],
  ]))
    test(expected, () =>
      assert.equal(eventSentence(words, { at: 0, .../** @type {any} */ (event) }), expected),
    );

  test("a reason that is new here is still a sentence", () => {
    assert.equal(sharingSentence(words, { on: true, why: "new" }), words.t("sharing.shared"));
    assert.equal(sharingSentence(words, { on: false, why: "new" }), words.t("sharing.off"));
    assert.equal(sharingSentence(words, { on: false, why: "penalty" }), words.t("sharing.penalty"));
  });

  test("initials", () => {
    const names = ["Ada Byron", "bo", "Guest 12", "Guest 107", "小林", "  ", "<b>x</b> y"];
    assert.deepEqual(names.map(initials), ["AB", "B", "12", "07", "小", "?", "<Y"]);
  });

  test("rates", () => {
    assert.deepEqual(
      [0, 0.01, 3.14, 20.4].map((rate) => megabits(words, rate)),
      ["0 Mbit/s", "0.1 Mbit/s", "3.1 Mbit/s", "20 Mbit/s"],
    );
    assert.equal(flowWords(words, 3, 0), "gives 3 Mbit/s");
    assert.equal(flowWords(words, 3, 1), "gives 3 Mbit/s · takes 1 Mbit/s");
    assert.equal(flowWords(words, 0, 0), "quiet");
  });

  test("100 % is not said while the box sent anything", () =>
    assert.deepEqual(
      [0, 0.333, 0.999, 1].map((share) => shareWords(words, share)),
      ["0%", "33%", "99%", "100%"],
    ));
});

describe("the pill", () => {
  for (const [
    sentence,
    on,
    why,
    p2pBytes,
    httpBytes,
    expected,
  ] of /** @type {[string, boolean, string, number, number, number | null][]} */ ([
    ["is quiet while nobody else watches", false, "alone", 0, 9, null],
    ["is quiet where the box has it off", false, "off", 0, 9, null],
    ["is quiet while the box is asked", false, "starting", 0, 0, null],
    ["says nothing yet as 0", true, "shared", 0, 0, 0],
    ["says what was spared", true, "shared", 3, 1, 0.75],
    ["still says it when the others have gone", false, "alone", 3, 1, 0.75],
  ]))
    test(sentence, () => assert.equal(pillShare({ on, why }, { p2pBytes, httpBytes }), expected));

  test("counts from where the film was opened", () => {
    const before = { httpBytes: 10, p2pBytes: 20, uploadedBytes: 1, wastedBytes: 0 };
    const now = { httpBytes: 15, p2pBytes: 29, uploadedBytes: 4, wastedBytes: 2 };
    assert.deepEqual(since(now, before), { httpBytes: 5, p2pBytes: 9, uploadedBytes: 3, wastedBytes: 2 });
  });
});

describe("the box", () => {
  /** @type {any} */
  const box = {
    swarm: { policy: "auto", why: "A sentence.", viewers: 5, httpBytes: 4e8, p2pBytes: 1.2e9 },
    room: { role: "client", places: 9, taken: 5, mbitPerSecond: 40 },
  };
  test("the header says who watches and what was spared", () => {
    assert.equal(sharedWords(english, box), "5 watching · 1.2 GB spared");
    assert.equal(
      sharedWords(english, { ...box, swarm: { ...box.swarm, p2pBytes: 900, viewers: 1 } }),
      "1 watching",
    );
    assert.equal(sharedWords(english, { ...box, swarm: undefined }), "");
  });
  test("the sheet says it in full", () => {
    assert.deepEqual(sharingWords(boxEnglish, box), [
      "5 watching.",
      boxEnglish.t("policy.auto"),
      "1.2 GB went from phone to phone and did not have to come from the box. The box sent 400 MB.",
      "5 of 9 places in the air are taken.",
    ]);
  });
  test("why, by what the box decided and where it stands", () => {
    const why = (/** @type {string} */ policy, /** @type {string} */ role) =>
      sharingWords(boxEnglish, {
        ...box,
        swarm: { policy, why: "A sentence.", viewers: 0, httpBytes: 0, p2pBytes: 0 },
        room: { role, taken: 0 },
      });
    assert.deepEqual(why("auto", "wired"), [boxEnglish.t("policy.auto")]);
    assert.deepEqual(why("auto", "accessPoint"), [boxEnglish.t("policy.accessPoint")]);
    assert.deepEqual(why("on", "accessPoint"), [boxEnglish.t("policy.on")]);
    assert.deepEqual(why("off", "client"), [boxEnglish.t("policy.off")]);
    assert.deepEqual(why("new", "client"), ["A sentence."]);
  });
  test("who waits", () =>
    assert.equal(
      sharingWords(boxEnglish, { ...box, room: { ...box.room, waiting: 2 } }).pop(),
      "2 phones wait for a place.",
    ));
  test("an older box", () => {
    assert.deepEqual(sharingWords(boxEnglish, { ...box, swarm: undefined }), []);
    const swarm = { ...box.swarm, viewers: 0, p2pBytes: 0 };
    assert.deepEqual(sharingWords(boxEnglish, { ...box, swarm, room: undefined }), [
      boxEnglish.t("policy.auto"),
    ]);
  });
});

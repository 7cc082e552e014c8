import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { clampSeek, keyAction, sliderKey } from "../app/player/keys.js";
import { findNext, nextEpisode, successor } from "../app/player/next.js";
import { PlaceKeeper, placeOf } from "../app/player/place.js";
import { SERIES, Series, decide, retryDelay } from "../app/player/recovery.js";
import { isDeleted, isOver, reaches, situation } from "../app/player/situation.js";
import { title } from "./help.js";

/** @typedef {import("../app/types.d.ts").SubtitleTrack} SubtitleTrack */

describe("a title that is prepared anew", () => {
  const anew = (/** @type {number} */ progress) =>
    title("a", { state: "converting", progress, durationSeconds: 600 });
  test("is not played before the viewer's place is ready", () => assert.equal(reaches(anew(0.1), 59), false));
  test("is played when it is, and some seconds more", () => assert.equal(reaches(anew(0.12), 59), true));
  test("is played at once from the beginning", () => assert.equal(reaches(anew(0.001), 0), true));
  test("is played wherever one was, when it is ready", () => assert.equal(reaches(title("a"), 5000), true));
});

describe("a film that is no longer here", () => {
  const box = (/** @type {string[]} */ ...ids) => /** @type {any} */ ({ sticks: ids.map((id) => ({ id })) });
  test("was deleted if its stick is plugged", () =>
    assert.equal(isDeleted(title("a"), box("sdb1", "sda1")), true));
  test("may come again with its stick", () => assert.equal(isDeleted(title("a"), box("sdb1")), false));
  test("may come again if nothing is known", () => {
    assert.equal(isDeleted(null, box("sda1")), false);
    assert.equal(isDeleted(title("a"), null), false);
    assert.equal(isDeleted(title("a", { sources: [] }), box("sda1")), false);
  });
  test("plays on by itself no more than one that cannot be played, and other than one that is waited for", () => {
    assert.deepEqual([isOver("gone"), isOver("failed")], [true, true]);
    assert.deepEqual(
      [isOver("unplugged"), isOver("away"), isOver("edge"), isOver("none")],
      [false, false, false, false],
    );
  });
});

describe("what is shown above the picture", () => {
  const playing = {
    title: title("a"),
    gone: false,
    failed: "",
    loaded: true,
    tapNeeded: false,
    ended: false,
    nextOffered: false,
    stalled: false,
    failingSeconds: 0,
    answers: false,
    started: true,
    atEdge: false,
    full: false,
  };
  const waiting = { ...playing, loaded: false };
  const converting = title("a", { state: "converting" });
  for (const [sentence, facts, expected] of /** @type {[string, object, string][]} */ ([
    ["nothing while it plays", {}, "none"],
    [
      "a spinner before the first frame, however little is prepared",
      { title: converting, stalled: true, atEdge: true, started: false },
      "spinner",
    ],
    ["a spinner when it waits", { stalled: true }, "spinner"],
    ["a play button where the browser wants a tap", { tapNeeded: true, stalled: true }, "tap"],
    ["nothing of a short failure while there is something to play", { failingSeconds: 2 }, "none"],
    ["the box is away when that lasts", { failingSeconds: 5 }, "away"],
    ["the box is away as soon as the picture stands", { failingSeconds: 0.5, stalled: true }, "away"],
    ["away is said before a tap is asked for", { failingSeconds: 5, tapNeeded: true }, "away"],
    [
      "the stick, when that is why",
      { failingSeconds: 5, title: title("a", { state: "unplugged" }) },
      "unplugged",
    ],
    [
      "nothing of a pulled stick while everything comes from the box",
      { title: title("a", { state: "unplugged" }) },
      "none",
    ],
    [
      "that it is prepared anew, when its stick is back and the box answers",
      { failingSeconds: 5, stalled: true, answers: true, title: converting },
      "edge",
    ],
    [
      "a spinner when a stick is just back: the box answers",
      { failingSeconds: 5, stalled: true, answers: true },
      "spinner",
    ],
    ["away, when that does not pass", { failingSeconds: 20, stalled: true, answers: true }, "away"],
    [
      "the box is away when nothing answers, whatever the title was last",
      { failingSeconds: 5, stalled: true, title: converting },
      "away",
    ],
    ["the air is full", { full: true, stalled: true, failingSeconds: 9 }, "airFull"],
    ["the air is full, before anything was loaded", { ...waiting, full: true }, "airFull"],
    ["the air is full, but there is something to play", { full: true }, "none"],
    [
      "the air is full, and the film is not ready anyway",
      { ...waiting, full: true, title: { ...converting, playable: false } },
      "prepare",
    ],
    ["the edge of what is prepared", { stalled: true, atEdge: true, title: converting }, "edge"],
    [
      "the edge of a film that waits for its turn",
      { stalled: true, atEdge: true, title: title("a", { state: "queued", progress: 0.4 }) },
      "edge",
    ],
    [
      "the edge of a film whose stick is gone",
      { stalled: true, atEdge: true, title: title("a", { state: "unplugged", progress: 0.4 }) },
      "unplugged",
    ],
    ["a spinner at the end of a finished film", { stalled: true, atEdge: true }, "spinner"],
    ["the end", { ended: true }, "ended"],
    ["the next title", { ended: true, nextOffered: true }, "next"],
    ["what cannot be mended comes first", { failed: "broken", ended: true, gone: true }, "failed"],
    ["gone from the box", { gone: true, stalled: true }, "gone"],
    ["nothing at first", { ...waiting, title: null }, "none"],
    ["a spinner when the title takes long", { ...waiting, title: null, stalled: true }, "spinner"],
    ["away when the title does not come", { ...waiting, title: null, failingSeconds: 0.1 }, "away"],
    ["a spinner while hls.js loads", { ...waiting, stalled: true }, "spinner"],
    ["prepared soon", { ...waiting, title: { ...converting, playable: false } }, "prepare"],
    ["queued", { ...waiting, title: title("a", { state: "queued", playable: false }) }, "prepare"],
    [
      "never playable",
      { ...waiting, title: title("a", { state: "unplayable", playable: false }) },
      "trouble",
    ],
    ["no room", { ...waiting, title: title("a", { state: "blocked", playable: false }) }, "trouble"],
    [
      "its stick is not here",
      { ...waiting, title: title("a", { state: "unplugged", playable: false }) },
      "unplugged",
    ],
  ])) {
    test(sentence, () => assert.equal(situation({ ...playing, ...facts }), expected));
  }
});

describe("errors", () => {
  for (const [
    sentence,
    type,
    fatal,
    status,
    earlier,
    expected,
  ] of /** @type {[string, any, boolean, number, number, string][]} */ ([
    ["hls.js is still repeating", "network", false, 503, 0, "ignore"],
    ["the box does not answer: patience", "network", true, 0, 99, "retry"],
    ["not made yet: patience", "network", true, 503, 99, "retry"],
    ["the rendition was replaced", "network", true, 410, 0, "refetch"],
    ["even before hls.js gives up", "network", false, 410, 0, "refetch"],
    ["the title may be gone", "network", true, 404, 0, "refetch"],
    ["a gap that hls.js jumps over", "media", false, 0, 0, "ignore"],
    ["a decoder is restarted", "media", true, 0, 0, "recover"],
    ["then with the other codec", "media", true, 0, 1, "swap"],
    ["then it is said", "media", true, 0, 2, "give-up"],
    ["anything else that is fatal is said", "other", true, 0, 0, "give-up"],
    ["anything else that is not, is not", "other", false, 0, 0, "ignore"],
  ])) {
    test(sentence, () => assert.equal(decide({ type, fatal, status }, earlier), expected));
  }

  test("media errors far apart are not a series", () => {
    const series = new Series();
    assert.deepEqual(
      [series.add(0), series.add(1000), series.add(2000 + SERIES), series.add(3000 + SERIES)],
      [0, 1, 0, 1],
    );
  });

  test("repeats slow down and never end", () => {
    assert.deepEqual([0, 1, 9, 999].map(retryDelay), [1000, 2000, 5000, 5000]);
  });
});

describe("keys", () => {
  const other = { on: /** @type {const} */ ("other") };
  for (const [key, expected] of Object.entries({
    " ": "toggle",
    k: "toggle",
    K: "toggle",
    ArrowLeft: "back",
    ArrowRight: "forward",
    ArrowUp: "louder",
    ArrowDown: "quieter",
    f: "full",
    m: "mute",
    c: "captions",
    Escape: "leave",
    Home: "start",
    x: null,
    Enter: null,
  })) {
    test(`${JSON.stringify(key)} is ${expected}`, () => assert.equal(keyAction({ key }, other), expected));
  }
  test("a button's own keys stay its own", () => {
    assert.equal(keyAction({ key: " " }, { on: "button" }), null);
    assert.equal(keyAction({ key: "f" }, { on: "button" }), "full");
  });
  test("arrows on a slider belong to the slider", () =>
    assert.equal(keyAction({ key: "ArrowLeft" }, { on: "slider" }), null));
  test("shortcuts of the browser are left alone", () =>
    assert.equal(keyAction({ key: "f", ctrlKey: true }, other), null));
  test("the time bar", () => {
    assert.equal(sliderKey("ArrowRight", 10, 100), 15);
    assert.equal(sliderKey("PageDown", 10, 100), 0);
    assert.equal(sliderKey("End", 10, 100), 100);
    assert.equal(sliderKey("x", 10, 100), null);
  });
});

test("a seek goes as far as the film is ready, and says when that is less than wanted", () => {
  assert.deepEqual(clampSeek(50, 100), { seconds: 50, clamped: false });
  assert.deepEqual(clampSeek(500, 100), { seconds: 98, clamped: true });
  assert.deepEqual(clampSeek(99, 100), { seconds: 98, clamped: false });
  assert.deepEqual(clampSeek(1e9, Infinity), { seconds: 1e9, clamped: false });
  assert.deepEqual(clampSeek(-5, 100), { seconds: 0, clamped: false });
  assert.deepEqual(clampSeek(5, 0), { seconds: 0, clamped: true });
});

describe("the next episode", () => {
  const first = title("a", { folder: "S1" });
  test("is the next that plays in the same folder", () => {
    const following = [
      title("b", { folder: "S1", playable: false }),
      title("x", { folder: "S1/Extras" }),
      title("c", { folder: "S1" }),
    ];
    assert.equal(nextEpisode(first, following)?.id, "c");
  });
  test("is not in the next folder", () =>
    assert.equal(nextEpisode(first, [title("b", { folder: "S2" })]), null));
  test("is asked of the box, and nothing when that fails", async () => {
    /** @type {any[]} */
    const asked = [];
    const api = {
      titles: async (/** @type {any[]} */ ...how) => (
        asked.push(how),
        { titles: [title("b", { folder: "S1" })] }
      ),
    };
    assert.equal((await findNext(/** @type {any} */ ({ api }), first))?.id, "b");
    assert.deepEqual(asked, [
      [
        { folder: "S1", q: "", sort: "folder" },
        { after: "a", limit: 10 },
      ],
    ]);
    const away = { titles: () => Promise.reject(new Error("away")) };
    assert.equal(await findNext(/** @type {any} */ ({ api: away }), first), null);
  });
});

test("a copied file is found again under its new id, by where it lies", () => {
  const copying = title("temporary", { folder: "a", file: "b.mkv" });
  const others = [
    title("x", { folder: "", file: "b.mkv" }),
    copying,
    title("real", { folder: "a", file: "b.mkv" }),
  ];
  assert.equal(successor(copying, others)?.id, "real");
  assert.equal(successor(copying, others.slice(0, 2)), null);
});

describe("the place in a film", () => {
  function place() {
    /** @type {any[]} */
    const saved = [];
    let now = 0;
    const context = {
      api: { saveResume: async (/** @type {any[]} */ ...how) => void saved.push(how) },
      seen: {
        note: () => {},
        fresh: (/** @type {string} */ id) => (id === "a" ? { seconds: 33 } : undefined),
      },
      noteSeen: () => {},
    };
    const keeper = new PlaceKeeper(/** @type {any} */ (context), () => now);
    return { keeper, saved, context, pass: (/** @type {number} */ ms) => (now += ms) };
  }
  const film = title("a");

  test("is saved every ten seconds", () => {
    const { keeper, saved, pass } = place();
    for (let s = 1; s <= 25; s++) {
      pass(1000);
      keeper.tick(film, s, 100);
    }
    assert.deepEqual(saved, [
      ["a", 10],
      ["a", 20],
    ]);
  });

  test("is not saved twice, nor when nothing has played", () => {
    const { keeper, saved } = place();
    keeper.save(film, 0.2, 100);
    keeper.save(film, NaN, 100);
    keeper.save(film, 12, 100);
    keeper.save(film, 12.1, 100);
    assert.deepEqual(saved, [["a", 12]]);
  });

  test("comes from this phone, else from the box when that answers soon", async () => {
    const { context } = place();
    const ask = (/** @type {string} */ id, /** @type {() => Promise<number>} */ resume) =>
      placeOf(/** @type {any} */ ({ ...context, api: { resume } }), id, 20);
    assert.equal(await ask("a", async () => 777), 33, "a box whose plug was pulled knows an older place");
    assert.equal(await ask("b", async () => 777), 777, "this phone has forgotten it");
    assert.equal(await ask("b", () => Promise.reject(new Error("away"))), 0);
    assert.equal(await ask("b", () => new Promise(() => {})), 0);
  });
});

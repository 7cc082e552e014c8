// Which subtitles a film begins with, what they are called, and that they stay with the picture.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Captions } from "../app/player/captions.js";
import { chapterAt, chapterName, chapterPlace } from "../app/player/chapters.js";
import { Times } from "../app/player/engine-hls.js";
import { firstSubtitle, playlistNames, remembered, subtitleLabels } from "../app/player/subtitles.js";
import { playerEnglish, title } from "./help.js";

/** @typedef {import("../app/types.d.ts").SubtitleTrack} SubtitleTrack */

const language = playerEnglish;

/** @param {number} n @param {string} tongue @param {Partial<SubtitleTrack>} [change] @returns {SubtitleTrack} */
const track = (n, tongue, change = {}) => ({
  n,
  language: tongue,
  name: "",
  kind: "full",
  default: false,
  url: `/stream/a/subtitles/${n}-00000000.vtt`,
  ...change,
});

describe("subtitles to begin with", () => {
  const tracks = [
    track(0, "en", { kind: "sdh" }),
    track(1, "en", { default: true }),
    track(2, "de"),
    track(3, "de", { kind: "forced" }),
    track(4, "fr", { kind: "forced" }),
    track(5, "pt-BR"),
    track(6, "es", { url: undefined }),
  ];
  /** @type {[string, {wanted: string, page: string, heard: string}, number | null][]} */
  const cases = [
    ["none where the page's language is heard", { wanted: "", page: "en", heard: "en" }, null],
    ["the page's language where another one is heard", { wanted: "", page: "en", heard: "ja" }, 1],
    ["none where nobody knows what is heard", { wanted: "", page: "en", heard: "" }, null],
    ["foreign parts of what is heard", { wanted: "", page: "de", heard: "de" }, 3],
    [
      "foreign parts also where there is nothing in the page's language",
      { wanted: "", page: "ar", heard: "fr-CA" },
      4,
    ],
    ["the language chosen last, whatever is heard", { wanted: "de", page: "en", heard: "de" }, 2],
    ["the whole text before one for the hard of hearing", { wanted: "en", page: "de", heard: "de" }, 1],
    ["a kind of the language chosen last", { wanted: "pt", page: "en", heard: "en" }, 5],
    ["off stays off, but for foreign parts", { wanted: "off", page: "en", heard: "de" }, 3],
    ["off stays off where another language is heard", { wanted: "off", page: "en", heard: "ja" }, null],
    ["none that cannot be shown", { wanted: "es", page: "en", heard: "en" }, null],
  ];
  for (const [name, of, want] of cases) test(name, () => assert.equal(firstSubtitle(tracks, of), want));
});

test("a track without a language is on again on the next load, where it is the only one", () => {
  const named = track(0, "de");
  const plain = track(1000, "");
  const begin = (/** @type {SubtitleTrack[]} */ tracks, /** @type {SubtitleTrack | undefined} */ chosen) =>
    firstSubtitle(tracks, { wanted: remembered(chosen), page: "en", heard: "en" });
  assert.equal(begin([named, plain], plain), 1000);
  assert.equal(begin([named, plain], named), 0);
  assert.equal(begin([named, plain], undefined), null);
  assert.equal(begin([plain, track(1001, "")], plain), null, "nobody knows which of several is meant");
  assert.equal(begin([track(1, "", { kind: "sdh" })], plain), null, "not a whole text");
});

test("the kind that was chosen comes back, and never more than that", () => {
  const tracks = [
    track(0, "de"),
    track(1, "de", { kind: "forced" }),
    track(2, "de", { kind: "sdh" }),
    track(3, "", { kind: "forced" }),
  ];
  const begin = (/** @type {SubtitleTrack[]} */ there, /** @type {number} */ chosen) =>
    firstSubtitle(there, { wanted: remembered(tracks[chosen]), page: "en", heard: "en" });
  assert.deepEqual(
    tracks.map((_, n) => begin(tracks, n)),
    [0, 1, 2, 3],
  );
  assert.equal(
    begin([track(7, "de-AT", { kind: "forced" }), track(8, "de-AT")], 1),
    7,
    "in another film too",
  );
  assert.equal(begin([track(7, "de")], 1), null, "a film without them shows none, not all of its words");
  assert.equal(begin([track(7, "de"), track(8, "de", { kind: "forced" })], 2), 7, "the whole text for sdh");
  assert.equal(begin([track(7, "de", { kind: "sdh" })], 0), 7, "and the other way round");
});

test("tracks are called by their language, and equals are told apart", () => {
  const tracks = [
    track(0, "de"),
    track(1, "de", { name: "Director" }),
    track(2, "de"),
    track(3, "", { name: "Signs" }),
    track(1000, "", {}),
    track(4, "en", { name: "English" }),
  ];
  assert.deepEqual(subtitleLabels(language, tracks), [
    "German",
    "German · Director",
    "German 2",
    "Signs",
    "Subtitles 5",
    "English",
  ]);
});

test("the playlist's names are those that the box gives", () => {
  const tracks = [
    track(0, "de"),
    track(1, "de", { kind: "forced" }),
    track(2, "de", { url: undefined }),
    track(3, "de"),
    track(4, "", { name: "Signs" }),
  ];
  assert.deepEqual(
    [...playlistNames(tracks)],
    [
      ["de", 0],
      ["de (forced)", 1],
      ["de 2", 3],
      ["Signs", 4],
    ],
  );
});

describe("the time between playlist and picture", () => {
  const fragment = (
    /** @type {any} */ sn,
    /** @type {number} */ duration,
    /** @type {number | null} */ at = null,
  ) => ({
    type: "main",
    sn,
    duration,
    elementaryStreams: { video: at === null ? null : { startPTS: at } },
  });
  test("is told by each segment, by the list as it was loaded first", () => {
    const times = new Times();
    times.listed([fragment(0, 4), fragment(1, 4.5)]);
    times.listed([fragment(0, 3.9), fragment(1, 4.6), fragment(2, 4)]); // corrected meanwhile, and longer
    assert.equal(times.late(fragment(0, 4, 0.023)), 0.023);
    assert.ok(Math.abs((times.late(fragment(2, 4, 8.523)) ?? 0) - 0.023) < 1e-9);
  });
  test("is not told by what is no picture or not in the list", () => {
    const times = new Times();
    times.listed([fragment(0, 4)]);
    assert.equal(times.late(fragment(0, 4)), null);
    assert.equal(times.late(fragment(7, 4, 1)), null);
    assert.equal(times.late(fragment("initSegment", 4, 1)), null);
    assert.equal(times.late({ ...fragment(0, 4, 1), type: "audio" }), null);
  });
});

describe("subtitles on the picture", () => {
  /** A video of which only its tracks count. @param {string[]} inBand labels */
  function video(inBand = []) {
    /** @type {any[]} */
    const elements = [];
    const textTracks = Object.assign(
      inBand.map((label) => ({ label, mode: "disabled" })),
      { addEventListener: () => {} },
    );
    return {
      elements,
      textTracks,
      querySelectorAll: () => [...elements],
      append: (/** @type {any} */ element) => elements.push(element),
      showing: () => elements.filter((e) => e.track.mode === "showing").map((e) => e.dataset.n),
    };
  }

  /** @param {{wanted?: string, heard?: string, inBand?: string[]}} [of] */
  function begun({ wanted = "", heard = "ja", inBand = [] } = {}) {
    const screen = video(inBand);
    const stored = { subtitles: wanted };
    globalThis.document = /** @type {any} */ ({
      createElement: () => {
        /** @type {any} */
        const element = { dataset: {}, track: { mode: "disabled", cues: null }, addEventListener: () => {} };
        element.getAttribute = () => element.src;
        element.remove = () => screen.elements.splice(screen.elements.indexOf(element), 1);
        return element;
      },
    });
    const settings = {
      get: () => stored.subtitles,
      set: (/** @type {string} */ _name, /** @type {string} */ value) => (stored.subtitles = value),
    };
    const captions = new Captions(
      /** @type {any} */ ({ settings, language }),
      /** @type {any} */ (screen),
      () => heard,
    );
    return { captions, screen, stored };
  }
  const film = (/** @type {SubtitleTrack[]} */ ...subtitles) => ({ ...title("a"), subtitles });

  test("those that come later are shown when they are wanted, and a choice stays", () => {
    const { captions, screen, stored } = begun();
    captions.begin(film(track(0, "en", { url: undefined })), false);
    assert.deepEqual(screen.showing(), []);
    captions.update(film(track(0, "en"), track(1, "de")));
    assert.deepEqual(screen.showing(), ["0"]);
    captions.choose(1);
    assert.equal(stored.subtitles, "de");
    captions.update(film(track(0, "en"), track(1, "de")));
    assert.deepEqual(screen.showing(), ["1"]);
    assert.equal(screen.elements.length, 2);
    captions.update(film(track(0, "en"), track(1, "de", { url: "/other" }))); // read again at a plug
    assert.deepEqual(screen.showing(), ["1"]);
    assert.deepEqual(
      screen.elements.map((e) => e.src),
      ["/stream/a/subtitles/0-00000000.vtt", "/other"],
    );
    captions.update(film(track(0, "en")));
    assert.deepEqual(screen.showing(), [], "German is wanted and has gone");
  });

  test("a file without a language, chosen once, is on after the page is loaded anew", () => {
    const subtitles = film(track(0, "fr"), track(1000, ""));
    const before = begun({ heard: "en" });
    before.captions.begin(subtitles, false);
    before.captions.choose(1000);
    const after = begun({ heard: "en", wanted: before.stored.subtitles });
    after.captions.begin(subtitles, false);
    assert.deepEqual(after.screen.showing(), ["1000"]);
  });

  test("a key turns them off and on", () => {
    const { captions, screen, stored } = begun({ heard: "en" });
    captions.begin(film(track(0, "de"), track(1, "en")), false);
    captions.toggle();
    assert.deepEqual(screen.showing(), ["1"]);
    captions.toggle();
    assert.deepEqual([screen.showing(), stored.subtitles], [[], "off"]);
  });

  test("cues move with the picture, once", () => {
    const { captions, screen } = begun();
    captions.begin(film(track(0, "en")), false);
    const [{ track: shown }] = screen.elements;
    const cue = { startTime: 1, endTime: 2 };
    captions.move(0.5); // before they are loaded
    shown.cues = [cue];
    captions.move(0.5004);
    captions.settle();
    assert.deepEqual(cue, { startTime: 1.5, endTime: 2.5 });
    captions.move(0.25);
    assert.deepEqual(cue, { startTime: 1.25, endTime: 2.25 });
  });

  test("those of the playlist are switched by their names; one that comes later is an element", () => {
    const { captions, screen } = begun({ inBand: ["en", "en (sdh)", "CC1"] });
    captions.begin(film(track(0, "en"), track(1, "en", { kind: "sdh" })), true);
    const modes = () => [...screen.textTracks].map((t) => t.mode);
    assert.deepEqual(modes(), ["showing", "disabled", "disabled"]);
    captions.choose(1);
    assert.deepEqual(modes(), ["disabled", "showing", "disabled"]);
    captions.update(film(track(0, "en"), track(1, "en", { kind: "sdh" }), track(2, "de")));
    captions.choose(2);
    assert.deepEqual(modes(), ["disabled", "disabled", "disabled"]);
    assert.deepEqual(screen.showing(), ["2"]);
  });
});

test("a chapter on a whole second is listed at it though the picture begins some frames late", () => {
  const places = [0, 7.977, 8, 8.04, 3599.98].map((startSeconds) =>
    chapterPlace({ startSeconds, title: "" }),
  );
  assert.deepEqual(places, ["0:00", "0:08", "0:08", "0:08", "1:00:00"]);
});

test("the chapter of a place, and its name", () => {
  const chapters = [
    { startSeconds: 5, title: "One" },
    { startSeconds: 60, title: "" },
  ];
  assert.deepEqual(
    [0, 4.7, 4.9, 59, 60, 1e9].map((s) => chapterAt(chapters, s)),
    [-1, -1, 0, 0, 1, 1],
  );
  assert.equal(chapterAt([], 3), -1);
  assert.deepEqual(
    chapters.map((c, i) => chapterName(language, c, i)),
    ["One", "Chapter 2"],
  );
});

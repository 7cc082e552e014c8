import assert from "node:assert/strict";
import { afterEach, describe, mock, test } from "node:test";
import { Sounds, firstSound, sameStreams, segmentAt, soundLabels } from "../app/player/sounds.js";
import { Settings } from "../app/core/settings.js";
import { playerEnglish as words, title, turn } from "./help.js";

/** @typedef {import("../app/types.d.ts").AudioTrack} AudioTrack */

/** @param {Partial<AudioTrack>} more @returns {AudioTrack} */
const track = (more) => ({ n: 0, language: "", name: "", default: false, ...more });
const english0 = track({ n: 0, language: "en", default: true });
const german1 = track({ n: 1, language: "de", playlist: "/stream/a/direct-1/index.m3u8" });
const brazil2 = track({ n: 2, language: "pt-BR", playlist: "/stream/a/direct-2/index.m3u8" });
const gone3 = track({ n: 3, language: "fr", reason: { code: "sound_no_decoder", text: "" } });
const comment4 = track({
  n: 4,
  language: "en",
  name: "Commentary",
  playlist: "/stream/a/direct-4/index.m3u8",
});

describe("the sound that a film begins with", () => {
  for (const [
    sentence,
    tracks,
    wanted,
    n,
  ] of /** @type {[string, AudioTrack[], string, number | null][]} */ ([
    ["is the film's default where nobody has ever chosen", [english0, german1], "", null],
    ["is of the language chosen last", [english0, german1, brazil2], "de", 1],
    ["is the film's default where it does not have that language", [english0, german1], "fi", null],
    ["is of the same language in another country, if there is no closer one", [english0, brazil2], "pt", 2],
    ["is the default of that language and not its commentary", [comment4, english0], "en", null],
    ["is none that cannot be had", [english0, gone3], "fr", null],
    [
      "is the default of a film whose tracks have no language",
      [track({ default: true }), track({ n: 1, playlist: "x" })],
      "de",
      null,
    ],
    ["is nothing of a film without sound", [], "de", null],
  ]))
    test(sentence, () => assert.equal(firstSound(tracks, wanted), n));
});

describe("what sound tracks are called", () => {
  const labels = (/** @type {Partial<AudioTrack>[]} */ ...list) =>
    soundLabels(
      words,
      list.map((one, n) => track({ n, ...one })),
    ).map(({ label, note }) => (note ? `${label} | ${note}` : label));
  test("by their language, in the page's words", () =>
    assert.deepEqual(labels({ language: "de" }, { language: "pt-BR" }), ["German", "Brazilian Portuguese"]));
  test("with the film's own words beside it", () =>
    assert.deepEqual(labels({ language: "en", name: "Director’s commentary" }), [
      "English | Director’s commentary",
    ]));
  test("once, where those are the language again", () =>
    assert.deepEqual(
      labels(
        { language: "de", name: "Deutsch" },
        { language: "de", name: "german" },
        { language: "fr", name: "fr" },
      ),
      ["German", "German | 2", "French"],
    ));
  test("by the film's words where it tells no language", () =>
    assert.deepEqual(labels({ name: "Original" }), ["Original"]));
  test("by their number where it tells nothing", () =>
    assert.deepEqual(labels({}, {}), ["Sound 1", "Sound 2"]));
  test("by a code that nobody knows", () =>
    assert.deepEqual(labels({ language: "qaa" }, { language: "not a code" }), ["qaa", "not a code"]));
  test("apart from each other", () =>
    assert.deepEqual(labels({ language: "en" }, { language: "en" }, { language: "en" }), [
      "English",
      "English | 2",
      "English | 3",
    ]));
  test("with more than two channels", () =>
    assert.deepEqual(labels({ language: "en", channels: 6 }, { language: "en", channels: 2 }), [
      "English | 5.1",
      "English",
    ]));
});

test("the segment of a place in a playlist", () => {
  const list = "#EXTM3U\n#EXTINF:4.000000,\nseg00000.ts\n#EXTINF:4.5,\nseg00001.ts\r\n#EXT-X-ENDLIST\n";
  const at = (/** @type {number} */ seconds) => segmentAt(list, "/stream/a/direct-1/index.m3u8", seconds);
  assert.equal(at(0), "/stream/a/direct-1/seg00000.ts");
  assert.equal(at(4), "/stream/a/direct-1/seg00001.ts");
  assert.equal(at(8.49), "/stream/a/direct-1/seg00001.ts");
  assert.equal(at(8.5), "");
});

test("a film is played anew when any of its addresses changed", () => {
  const before = title("a", { playlist: "p", audio: [english0, german1] });
  assert.ok(
    sameStreams(
      before,
      title("a", { playlist: "p", audio: [english0, { ...german1, reason: { code: "x", text: "" } }] }),
    ),
  );
  assert.ok(!sameStreams(before, title("a", { playlist: "q", audio: [english0, german1] })));
  assert.ok(
    !sameStreams(before, title("a", { playlist: "p", audio: [english0, { ...german1, playlist: "other" }] })),
  );
  assert.ok(!sameStreams(null, before));
});

describe("choosing a sound", () => {
  afterEach(() => mock.restoreAll());

  /** @param {{answers: (url: string) => {status: number, text?: string}}} box */
  function player({ answers }) {
    const film = title("a", {
      playlist: "p",
      audio: [english0, german1, { ...brazil2, reason: { code: "sound_when_chosen", text: "" } }, gone3],
    });
    /** @type {(number | null)[]} */ const selected = [];
    /** @type {string[]} */ const said = [];
    let kicks = 0;
    const store = new Map();
    const settings = new Settings({
      getItem: (key) => store.get(key) ?? null,
      setItem: (key, value) => store.set(key, value),
    });
    mock.method(globalThis, "fetch", async (/** @type {string} */ url) => {
      const { status, text = "" } = answers(url);
      return new Response(text, { status });
    });
    const engine = {
      choosesSound: () => true,
      selectSound: (/** @type {number | null} */ n) => selected.push(n),
      kick: () => kicks++,
    };
    const context = { settings, language: words, toast: (/** @type {string} */ text) => said.push(text) };
    const sounds = new Sounds(/** @type {any} */ (context), {
      title: () => film,
      engine: () => /** @type {any} */ (engine),
      now: () => 5,
      changed: () => {},
    });
    return { sounds, film, settings, selected, said, kicks: () => kicks };
  }
  const list = "#EXTINF:4,\nseg00000.ts\n#EXTINF:4,\nseg00001.ts\n";
  const there = (/** @type {string} */ url) => ({
    status: 200,
    text: url.endsWith(".m3u8") ? list : "sound",
  });
  const settle = async () => {
    for (let i = 0; i < 50; i++) await Promise.resolve();
    await turn();
  };

  test("is remembered by its language, and heard when its segment for this place has been fetched", async () => {
    /** @type {string[]} */ const asked = [];
    const { sounds, settings, selected } = player({ answers: (url) => (asked.push(url), there(url)) });
    sounds.choose(1);
    assert.equal(sounds.selected, 1);
    assert.deepEqual(selected, []);
    await settle();
    assert.deepEqual(selected, [1]);
    assert.deepEqual(asked, ["/stream/a/direct-1/index.m3u8", "/stream/a/direct-1/seg00001.ts"]);
    assert.equal(settings.get("sound"), "de");
    sounds.choose(0);
    assert.deepEqual(selected, [1, null]);
    assert.equal(settings.get("sound"), "en");
  });

  test("that is still to be prepared says so, and the film goes on until it is there", async () => {
    mock.timers.enable({ apis: ["setTimeout"] });
    let ready = false;
    const { sounds, said, selected } = player({
      answers: (url) => (ready || url.endsWith(".m3u8") ? there(url) : { status: 503 }),
    });
    sounds.choose(2);
    assert.deepEqual(said, ["This sound is being prepared. The film goes on until it is there."]);
    await settle();
    mock.timers.tick(700);
    await settle();
    assert.deepEqual(selected, []);
    ready = true;
    mock.timers.tick(700);
    await settle();
    assert.deepEqual(selected, [2]);
    mock.timers.reset();
  });

  test("another one meanwhile calls the first off", async () => {
    mock.timers.enable({ apis: ["setTimeout"] });
    let ready = false;
    const { sounds, selected } = player({ answers: (url) => (ready ? there(url) : { status: 503 }) });
    sounds.choose(1);
    await settle();
    sounds.choose(0);
    ready = true;
    mock.timers.tick(700);
    await settle();
    assert.deepEqual(selected, [null]);
    mock.timers.reset();
  });

  test("that cannot be had is no choice", () => {
    const { sounds, selected } = player({ answers: there });
    sounds.choose(3);
    assert.equal(sounds.selected, 0);
    assert.deepEqual(selected, []);
  });

  test("that fails for good leads back to the film's own", async () => {
    const { sounds, selected, said, kicks } = player({ answers: there });
    sounds.choose(1);
    await settle();
    const trouble = /** @type {const} */ ({ type: "network", fatal: true, status: 503, sound: true });
    assert.deepEqual(
      [sounds.trouble(trouble), sounds.trouble(trouble), sounds.trouble(trouble)],
      [false, false, true],
    );
    assert.deepEqual(selected, [1, null]);
    assert.equal(kicks(), 1);
    assert.equal(sounds.selected, 0);
    assert.deepEqual(said, ["This sound cannot be played at the moment: the film goes on with its own."]);
  });

  test("that was replaced is a matter of the link to the box", async () => {
    const { sounds } = player({ answers: there });
    sounds.choose(1);
    await settle();
    assert.equal(sounds.trouble({ type: "network", fatal: true, status: 410, sound: true }), false);
    assert.equal(sounds.selected, 1);
  });

  test("begins the next film, at once where it is ready", async () => {
    const { sounds, film, settings, selected } = player({ answers: there });
    settings.set("sound", "de");
    assert.equal(sounds.begin(film), 1);
    settings.set("sound", "pt");
    assert.equal(sounds.begin(film), null);
    await settle();
    assert.deepEqual(selected, [2]);
    assert.equal(sounds.again(title("a", { audio: [english0] })), null);
    assert.equal(sounds.selected, 0);
  });
});

// Everything that the box may explain has words in every language: the codes are read from the Go sources.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { describe, test } from "node:test";
import { detailSentence, stateSentence, warningSentence } from "../app/library/words.js";
import { subtitleNote } from "../app/player/subtitles.js";
import { LANGUAGES, Language } from "../app/text/language.js";
import { english, messages, playerEnglish, title } from "./help.js";

const root = new URL("../../../", import.meta.url);

/** @param {string} folder @param {RegExp} names @returns {string} their text, without comments */
const goFiles = (folder, names) =>
  readdirSync(new URL(folder, root))
    .filter((name) => names.test(name) && !name.endsWith("_test.go"))
    .map((name) => readFileSync(new URL(folder + name, root), "utf8").replace(/^\s*\/\/.*$/gm, ""))
    .join("\n");

/** Where codes are made: constants, and codes written where they are used. @type {[string, RegExp, RegExp[]][]} */
const SOURCES = [
  ["transcode/", /^reason\.go$/, [/\bCode[A-Z]\w*\s*=\s*"(\w+)"/g]],
  [
    "appliance/intake/",
    /\.go$/,
    [/\bCode[A-Z]\w*\s*=\s*"(\w+)"/g, /\breason\("(\w+)"/g, /\bCode:\s*"(\w+)"/g],
  ],
  ["appliance/library/", /\.go$/, [/\bReason[A-Z]\w*\s*=\s*"(\w+)"/g, /\bCode:\s*"(\w+)"/g]],
  ["web/", /\.go$/, [/\bcode:\s*"(\w+)"/g]],
  [
    "cmd/streambox/",
    /^(box|panelproblem|radiowords|settingsproblem)\.go$/,
    [/\bCode:\s*"(\w+)"/g, /\bcode[A-Z]\w*\s*=\s*"(\w+)"/g],
  ],
  ["appliance/update/", /\.go$/, [/\bCode[A-Z]\w*\s*=\s*"(\w+)"/g]],
  ["appliance/update/bundle/", /\.go$/, [/\bCode[A-Z]\w*\s*=\s*"(\w+)"/g]],
  ["appliance/network/wifi/", /^parse\.go$/, [/\bCode[A-Z]\w*\s*=\s*"(\w+)"/g]],
  ["appliance/network/hotspot/", /^state\.go$/, [/\bWhy\s*=\s*"(\w+)"/g]],
];

/** What keeps a reader of source text honest: one code of each kind that must be found. */
const SAMPLES = {
  "transcode/": ["as_is", "hdr", "ends_early"],
  "appliance/intake/": ["ffmpeg_missing", "no_room", "stick_silent", "too_many_films"],
  "appliance/library/": ["made_room"],
  "web/": ["not_found", "too_soon", "internal", "cannot_read"],
  "cmd/streambox/": ["other_port", "hotspot_failed", "panel_broken", "settings_wrong"],
  "appliance/update/": ["update_failed", "update_waiting"],
  "appliance/update/bundle/": ["update_unsigned", "update_same"],
  "appliance/network/wifi/": ["wifi_line"],
  "appliance/network/hotspot/": ["hotspot_away"],
};

/** @type {Map<string, string>} code → folder */
const codes = new Map();
for (const [folder, names, patterns] of SOURCES) {
  const text = goFiles(folder, names);
  for (const pattern of patterns) for (const [, code = ""] of text.matchAll(pattern)) codes.set(code, folder);
}

test("the codes are found in the Go sources", () => {
  for (const [folder, some] of Object.entries(SAMPLES))
    for (const code of some) assert.ok(codes.has(code), `${code} of ${folder}`);
});

/** With what only the sheet "What the box sees" says. @param {string} tag */
const all = (tag) => ({ ...messages(tag), ...messages(tag, "box/") });

for (const tag of Object.keys(LANGUAGES)) {
  test(`${tag}: words for every code that the box sends`, () => {
    const own = all(tag);
    const missing = [...codes].filter(([code]) => !(`reason.${code}` in own));
    assert.deepEqual(missing, [], "codes without words, and where they are made");
  });
}

test("values in the words have the names that Go gives them", () => {
  const go = SOURCES.map(([folder]) => goFiles(folder, /\.go$/)).join("\n");
  for (const [key, message] of Object.entries(all("en"))) {
    if (!key.startsWith("reason.")) continue;
    for (const [, name = ""] of JSON.stringify(message).matchAll(/\{(\w+)\}/g))
      assert.ok(go.includes(`"${name}"`), `${key}: {${name}}`);
  }
});

describe("a reason in words", () => {
  const early = {
    code: "ends_early",
    text: "the film ends early",
    parameters: { minutes: 12, seconds: 725 },
  };
  test("has lengths and sizes with their units", () => {
    assert.equal(
      english.reason(early),
      "The film ends early: its file is damaged, or was not copied whole, after 12 minutes.",
    );
    assert.equal(
      new Language("de", messages("de")).reason(early),
      "Der Film endet zu früh: Seine Datei ist nach 12 Minuten beschädigt oder nicht ganz kopiert.",
    );
  });
  test("does without a parameter that was not sent", () => {
    const text = "The box is full";
    assert.match(english.reason({ code: "no_room", text, parameters: { missingBytes: 3e9 } }), /3 GB/);
    assert.equal(english.reason({ code: "no_room", text }), "The box is full: some films wait for room.");
    assert.equal(english.reason({ code: "ends_early", text: "it ends early" }), "It ends early.");
  });

  test("is a warning on a title that plays, and only with a warning's code", () => {
    assert.match(stateSentence(english, title("a", { reason: early })), /ends early/);
    assert.match(warningSentence(english, title("a", { state: "converting", reason: early })), /ends early/);
    assert.equal(warningSentence(english, title("a", { playable: false, reason: early })), "");
    const codec = { code: "video_codec", text: "", parameters: { codec: "HEVC" } };
    assert.equal(stateSentence(english, title("a", { how: "convert", reason: codec })), "");
    assert.match(
      stateSentence(english, title("a", { state: "converting", reason: early })),
      /being prepared/,
    );
  });
  test("tells in the player how a title comes to be played", () => {
    const codec = { code: "video_codec", text: "", parameters: { codec: "HEVC (H.265)" } };
    const detail = (/** @type {object} */ change) => detailSentence(english, title("a", change));
    assert.equal(detail({}), "Plays as it is.");
    assert.equal(detail({ how: "audio" }), "The sound was converted, the picture is as it was.");
    assert.equal(
      detail({ how: "convert", reason: codec }),
      "Converted, because not every phone plays HEVC (H.265).",
    );
    assert.match(detail({ how: "convert", state: "unplugged", reason: codec }), /^Converted so that/);
    assert.equal(detail({ how: "none", playable: false, state: "unplayable" }), "");
  });
  test("stands beside subtitles that cannot be shown", () => {
    const track = { n: 0, language: "de", name: "", default: false, kind: /** @type {const} */ ("full") };
    const reason = { code: "subtitle_pictures", text: "" };
    assert.equal(subtitleNote(playerEnglish, { ...track, reason }), "Pictures, which phones cannot show.");
    assert.equal(
      subtitleNote(playerEnglish, { ...track, kind: "sdh", url: "/x.vtt" }),
      "for the hard of hearing",
    );
    assert.equal(subtitleNote(playerEnglish, { ...track, url: "/x.vtt" }), "");
  });
});

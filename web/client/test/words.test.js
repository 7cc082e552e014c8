import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { groups } from "../app/library/shelves.js";
import { cardWords, stateSentence } from "../app/library/words.js";
import { ignoredSentence, stickFacts, stickSentence, storageWords } from "../app/sheet/words.js";
import { boxEnglish, english, title } from "./help.js";

/** @typedef {import("../app/types.d.ts").Stick} Stick */

describe("a title says why it is not simply there", () => {
  const reason = { code: "x_unknown", text: "The file is encrypted." };
  for (const [change, expected] of /** @type {[object, string][]} */ ([
    [{}, ""],
    [{ state: "queued" }, "Waits to be prepared."],
    [
      { state: "converting", secondsLeft: 700 },
      "This film is being prepared, about 15 minutes. You can start watching now.",
    ],
    [
      { state: "converting", secondsLeft: 700, playable: false },
      "This film is being prepared, about 15 minutes.",
    ],
    [{ state: "converting" }, "This film is being prepared. You can start watching now."],
    [
      { state: "converting", playable: false, durationSeconds: 600, progress: 0.01 },
      "This film is being prepared. How long it takes will show soon.",
    ],
    [
      { state: "converting", playable: false, durationSeconds: 600, progress: 0.01, converted: true },
      "This film is being prepared for your phone. How long it takes will show soon.",
    ],
    [
      { state: "queued", playable: false, durationSeconds: 600, converted: true },
      "This film is being prepared for your phone.",
    ],
    [{ state: "converting", playable: false, durationSeconds: 0 }, "This film is being prepared."],
    [
      { state: "converting", playable: false, durationSeconds: 600, progress: 1 },
      "This film is being prepared.",
    ],
    [{ state: "unplayable", reason }, "The file is encrypted."],
    [{ state: "unplayable" }, "This film cannot be played."],
    [{ state: "blocked", reason }, "The file is encrypted."],
    [{ state: "unplugged" }, "Its stick was pulled out."],
    [
      { state: "unplugged", progress: 0.4 },
      "Its stick was pulled out. 40% of this film is prepared; the rest follows when the stick is back.",
    ],
    [
      { state: "queued", progress: 0.4 },
      "40% of this film is prepared; the rest follows when its turn comes.",
    ],
    [{ state: "unplugged", reason: { code: "file_removed" } }, "It is no longer on its stick."],
  ])) {
    test(JSON.stringify(change), () => assert.equal(stateSentence(english, title("a", change)), expected));
  }
});

test("a card being prepared has a ring and few words", () => {
  const words = cardWords(english, title("a", { state: "converting", progress: 0.421 }));
  assert.deepEqual(
    [words.ring, words.short, words.sentence, words.tone],
    [0.421, "42%", "Being prepared, plays already", "busy"],
  );
});

test("what was begun keeps its ring while it waits", () => {
  const words = cardWords(english, title("a", { state: "unplugged", progress: 0.4 }));
  assert.deepEqual([words.ring, words.short, words.tone], [0.4, "40%", "note"]);
  assert.match(words.sentence, /the rest follows when the stick is back/);
  assert.equal(cardWords(english, title("a", { state: "ready", progress: 1 })).ring, null);
});

test("a card that cannot be played is dimmed, one that still can is not", () => {
  const twice = [
    { stick: "s", folder: "", file: "a.avi" },
    { stick: "s", folder: "b", file: "c.avi" },
  ];
  /** @type {Partial<import("../app/types.d.ts").Title>} */
  const broken = { state: "unplayable", playable: false, sources: twice };
  assert.match(cardWords(english, title("a", broken)).sentence, /\. The same file lies in 2 places\.$/);
  assert.doesNotMatch(
    cardWords(english, title("a", { ...broken, sources: twice.slice(1) })).sentence,
    /places/,
  );
  assert.equal(cardWords(english, title("a", { state: "unplugged", playable: false })).dim, true);
  assert.equal(cardWords(english, title("a", { state: "unplugged", playable: true })).dim, false);
  assert.equal(cardWords(english, title("a", { state: "unplugged", playable: false })).tone, "trouble");
  assert.equal(cardWords(english, title("a", { state: "unplugged", playable: true })).tone, "note");
});

test("shelves are in the order of the list, each folder once", () => {
  const folders = { a: "", b: "x", c: "", d: "y", e: "x" };
  const made = groups(Object.keys(folders), (id) => folders[/** @type {"a"} */ (id)], true);
  assert.deepEqual(
    [...made],
    [
      ["", ["a", "c"]],
      ["x", ["b", "e"]],
      ["y", ["d"]],
    ],
  );
  assert.deepEqual([...groups(["a", "b"], () => "x", false)], [["", ["a", "b"]]]);
});

describe("sticks", () => {
  /** @type {Stick} */
  const stick = {
    id: "sda1",
    label: "A",
    fileSystem: "exFAT",
    sizeBytes: 64e9,
    state: "ready",
    titles: 1,
    ignoredFiles: {},
  };
  test("what they are", () => {
    assert.equal(stickFacts(boxEnglish, stick), "64 GB, exFAT");
    assert.equal(stickFacts(boxEnglish, { ...stick, sizeBytes: 0, fileSystem: "" }), "");
  });
  test("how they are", () => {
    assert.equal(stickSentence(boxEnglish, stick), "1 film");
    assert.equal(
      stickSentence(boxEnglish, { ...stick, state: "scanning", titles: 7 }),
      "Being looked through; 7 films so far.",
    );
    const reason = { code: "x_unknown", text: "It is encrypted." };
    assert.equal(stickSentence(boxEnglish, { ...stick, state: "unreadable", reason }), "It is encrypted.");
    assert.equal(stickSentence(boxEnglish, { ...stick, state: "unreadable" }), "The box cannot read it.");
  });
  test("what was left out, in words; kinds that are new here count as other", () => {
    assert.equal(ignoredSentence(boxEnglish, stick), "");
    const ignoredFiles = { audio: 12, picture: 0, shortClip: 1, somethingNew: 2, other: 3 };
    assert.equal(
      ignoredSentence(boxEnglish, { ...stick, ignoredFiles }),
      "Not shown: 12 music files, 1 very short clip, and 5 other files.",
    );
  });
});

test("how full the box is", () => {
  const storage = { totalBytes: 32e9, freeBytes: 8e9, libraryBytes: 12e9, reserveBytes: 3e9 };
  assert.deepEqual(storageWords(boxEnglish, storage), {
    sentence: "75% full, 12 GB of it prepared films. 5 GB are free for more.",
    share: 0.75,
  });
  assert.match(storageWords(boxEnglish, { ...storage, freeBytes: 2e9 })?.sentence ?? "", /no room/);
  assert.equal(storageWords(boxEnglish, undefined), null);
});

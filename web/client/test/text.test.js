import assert from "node:assert/strict";
import { test } from "node:test";
import { bytes, clock, languageName, length, percent, roughly } from "../app/text/format.js";
import { Language, choose, direction } from "../app/text/language.js";
import { disguise } from "../app/text/pseudo.js";
import { english, messages } from "./help.js";

for (const [seconds, text] of /** @type {[number, string][]} */ ([
  [0, "0:00"],
  [9.99, "0:09"],
  [65, "1:05"],
  [3599, "59:59"],
  [3725, "1:02:05"],
  [-3, "0:00"],
  [NaN, "0:00"],
  [Infinity, "0:00"],
])) {
  test(`a place of ${seconds} s reads ${text}`, () => assert.equal(clock(seconds), text));
}

test("lengths are rounded to what people say", () => {
  const read = [0, 0.2, 45, 60, 3600, 5519, 3629].map((s) => length(english, s));
  assert.deepEqual(read, ["", "1 sec", "45 sec", "1 min", "1 hr", "1 hr 32 min", "1 hr"]);
  assert.equal(length(english, 720, "long"), "12 minutes");
});

test("a remaining time does not pretend to be exact", () => {
  assert.deepEqual([3, 41, 89, 100, 700, 3601].map(roughly), [10, 50, 90, 120, 900, 3900]);
});

test("sizes, shares and languages", () => {
  assert.deepEqual(
    [0, 999, 1500, 64e9, 1.5e12, 9e15].map((n) => bytes(english, n)),
    ["0 bytes", "999 bytes", "2 kB", "64 GB", "1.5 TB", "9,000 TB"],
  );
  assert.equal(percent(english, 1.3), "100%");
  assert.equal(languageName(english, "de"), "German");
  assert.equal(languageName(english, "no such code"), "no such code");
});

test("the best language there is", () => {
  assert.equal(choose(["fr-CA", "de-AT", "en"]), "de");
  assert.equal(choose(["xx"]), "en");
  assert.equal(choose([]), "en");
  assert.equal(choose(["ar-XB"]), "ar-XB");
});

test("right to left", () => {
  assert.deepEqual(["ar", "ar-XB", "he-IL", "en", "de"].map(direction), ["rtl", "rtl", "rtl", "ltr", "ltr"]);
});

test("names are filled in, numbers as the language writes them, plurals by their rule", () => {
  const language = new Language("en", {
    a: "{n} of {name}, {missing}",
    p: { one: "{count} film", other: "{count} films" },
  });
  assert.equal(language.t("a", { n: 1234.56, name: "<b>" }), "1,234.6 of <b>, ");
  assert.equal(language.t("p", { count: 1 }), "1 film");
  assert.equal(language.t("p", { count: 2000 }), "2,000 films");
  assert.equal(language.t("constructor"), "constructor");
});

test("a reason is said in the page's words when it knows them and all their values, else in the server's", () => {
  const language = new Language("en", { "reason.no_room": "There is no room: {size} are missing." });
  const text = "Server's sentence.";
  assert.equal(
    language.reason({ code: "no_room", text, parameters: { size: "2 GB" } }),
    "There is no room: 2 GB are missing.",
  );
  assert.equal(language.reason({ code: "no_room", text }), text);
  assert.equal(language.reason({ code: "other", text }), text);
});

test("sizes in a reason are written for people, and half a sentence becomes one", () => {
  const language = new Language("en", { "reason.no_room": "{missingBytes} are missing." });
  assert.equal(
    language.reason({ code: "no_room", text: "", parameters: { missingBytes: 3.14e9 } }),
    "3.1 GB are missing.",
  );
  assert.equal(language.reason({ code: "other", text: "the file is odd" }), "The file is odd.");
});

test("pseudo-locales change every message and no {name}", () => {
  const plain = messages("en");
  for (const tag of ["en-XA", "ar-XB"]) {
    const changed = disguise(plain, tag);
    assert.deepEqual(Object.keys(changed), Object.keys(plain));
    for (const [key, message] of Object.entries(plain)) {
      assert.notDeepEqual(changed[key], message, key);
      assert.deepEqual(
        JSON.stringify(changed[key]).match(/\{\w+\}/g),
        JSON.stringify(message).match(/\{\w+\}/g),
        key,
      );
    }
  }
});

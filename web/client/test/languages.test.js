// All language files say the same things, and exactly what the page asks for.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { KINDS } from "../app/swarm/cells.js";
import { LANGUAGES } from "../app/text/language.js";
import { messages } from "./help.js";

/** @typedef {import("../app/text/language.js").Message} Message */

const client = fileURLToPath(new URL("..", import.meta.url));
/** "" = what comes with the page, the others with the part that needs them. */
const PARTS = ["", "box/", "drawer/", "player/"];
/** The pages without script, which the program makes; its own tests know which words it asks for. */
const SERVER = "portal/";
const files = readdirSync(join(client, "languages"))
  .filter((name) => name.endsWith(".json"))
  .map((name) => name.replace(".json", ""));
const english = Object.assign({}, ...PARTS.map((part) => messages("en", part)));
/** @param {Message} message */
const texts = (message) => (typeof message === "string" ? [message] : Object.values(message));
/** @param {string} text */
const placeholders = (text) => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort().join(" ");

test("the page offers the languages there are", () =>
  assert.deepEqual(Object.keys(LANGUAGES).sort(), [...files].sort()));

test("each part is there in every language, and no word stands in two", () => {
  const folders = readdirSync(join(client, "languages")).filter((name) => !name.endsWith(".json"));
  assert.deepEqual(
    folders
      .map((name) => `${name}/`)
      .concat("")
      .sort(),
    [...PARTS, SERVER].sort(),
  );
  for (const folder of folders)
    assert.deepEqual(
      readdirSync(join(client, "languages", folder)),
      files.map((tag) => `${tag}.json`),
    );
  const each = PARTS.flatMap((part) => Object.keys(messages("en", part)));
  assert.equal(new Set(each).size, each.length);
});

for (const tag of files) {
  const own = Object.assign({}, ...PARTS.map((part) => messages(tag, part)));
  test(`${tag}: the keys of English, in order`, () => {
    for (const part of [...PARTS, SERVER]) {
      const keys = Object.keys(messages(tag, part));
      assert.deepEqual(keys, Object.keys(messages("en", part)));
      assert.deepEqual(keys, [...keys].sort());
    }
  });
  test(`${tag}: the placeholders of English in every form`, () => {
    for (const [key, message] of Object.entries(english)) {
      const wanted = [...new Set(texts(message).map(placeholders))];
      for (const text of texts(own[key] ?? "")) {
        // A form for one or two may do without the number ("one film").
        const shown =
          typeof message === "object" && !text.includes("{count}")
            ? `${placeholders(text)} {count}`.trim()
            : placeholders(text);
        assert.ok(wanted.includes(shown.split(" ").sort().join(" ")), `${key}: ${text}`);
        assert.notEqual(text.trim(), "", key);
      }
    }
  });
  test(`${tag}: the plural forms that the language has`, () => {
    const forms = new Intl.PluralRules(tag).resolvedOptions().pluralCategories;
    for (const [key, message] of Object.entries(own)) {
      assert.equal(typeof message, typeof english[key], key);
      if (typeof message === "object") assert.deepEqual(Object.keys(message).sort(), [...forms].sort(), key);
    }
  });
}

/** Keys that are put together: the prefix stands in the code, the rest in a type. */
const BUILT = [
  "box.",
  "cell.",
  "event.",
  "how.",
  "ignored.",
  "policy.",
  "reason.",
  "sharing.",
  "sort.",
  "stick.",
  "subtitles.",
  "theme.",
  "title.",
  "why.",
];

test("every key that the page asks for exists, and every key is asked for", () => {
  const sources = readdirSync(join(client, "app"), { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".js"),
  );
  const code = sources.map((name) => readFileSync(join(client, "app", name), "utf8")).join("\n");
  const literal = new Set([...code.matchAll(/"([a-z]+\.[a-zA-Z0-9]+)"/g)].map((m) => m[1] ?? ""));
  const built = [...code.matchAll(/`([a-z]+\.)(\w*)\$\{/g)]
    .map((m) => m[1] ?? "")
    .filter((p) => p !== "streambox.");
  assert.deepEqual([...new Set(built)].sort(), BUILT, "prefixes of keys that are put together");
  const known = new Set(Object.keys(english).map((key) => key.split(".")[0]));
  for (const key of literal)
    if (known.has(key.split(".")[0])) assert.ok(key in english, `${key} is asked for and not there`);
  for (const key of Object.keys(english)) {
    assert.ok(
      literal.has(key) || BUILT.some((prefix) => key.startsWith(prefix)),
      `${key} is never asked for`,
    );
  }
});

test("every value of a state has its words", () => {
  const states = {
    box: ["starting", "ready", "working", "attention", "fault", "stopping", "away", "connecting"],
    stick: ["scanning", "ready", "empty", "unreadable", "ignored"],
    how: ["direct", "audio", "convert"],
    title: ["checking", "copying", "queued", "converting", "blocked", "unplayable", "unplugged"],
    sort: ["folder", "title", "added", "duration"],
    subtitles: ["forced", "sdh"],
    theme: ["system", "dark", "light"],
    cell: [...KINDS, "phoneFrom", "comingFrom"],
    event: ["http", "peers", "wait", "got", "gotFrom", "failed", "failedFrom", "evict", "open", "gone"],
    sharing:
      "shared alone off accessPoint failing penalty cannot starting userOff unsupported away broken".split(
        " ",
      ),
    policy: ["auto", "on", "off", "accessPoint"],
    why: (
      "alone bad busy cannot closed connecting deadline due failing full held ice idle lease leased leases need network " +
      "noDigest noHash off penalty prefetch refused slowBox status switch timeout turn"
    ).split(" "),
  };
  for (const [prefix, values] of Object.entries(states)) {
    for (const value of values) assert.ok(`${prefix}.${value}` in english, `${prefix}.${value}`);
  }
});

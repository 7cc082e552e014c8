// The air is full: who waits asks nothing, and is let in by a message.
import assert from "node:assert/strict";
import { test } from "node:test";
import { sync } from "../app/core/sync.js";
import { Link } from "../app/player/link.js";
import { messages, playerEnglish, title } from "./help.js";
import { Language } from "../app/text/language.js";

/** A link whose title is being played; full: what the box said last. */
function scene() {
  const film = title("a");
  const state = { full: false, kicks: 0, drawn: 0, asked: 0 };
  const context = /** @type {any} */ ({
    api: { title: async () => (state.asked++, film) },
  });
  const nothing = () => {};
  const link = new Link(context, {
    id: film.id,
    title: () => film,
    loaded: () => true,
    full: () => state.full,
    started: () => false,
    know: nothing,
    begin: nothing,
    reaches: () => true,
    reload: nothing,
    kick: () => state.kicks++,
    recover: nothing,
    otherwise: () => false,
    changed: () => state.drawn++,
  });
  return { link, state };
}

const refused = /** @type {const} */ ({ type: "network", fatal: true, status: 503 });

test("while the air is full nothing is asked again", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { link, state } = scene();
  state.full = true;
  link.trouble(refused);
  t.mock.timers.tick(60_000);
  assert.equal(state.kicks, 0);
  link.end();
});

test("who is let in starts at once, and the box is not said to be away", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { link, state } = scene();
  state.full = true;
  link.trouble(refused);
  link.room();
  assert.equal(state.kicks, 0, "told that it is still full");
  state.full = false;
  link.room();
  assert.equal(state.kicks, 1);
  assert.equal(link.failingSeconds, 0);
  link.end();
});

test("who plays is not disturbed by the news", () => {
  const { link, state } = scene();
  link.room();
  assert.equal(state.kicks, 0);
  assert.ok(state.drawn > 0);
  link.end();
});

test("without news (no WebSocket) it is asked again as after any failure", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { link, state } = scene();
  link.trouble(refused);
  t.mock.timers.tick(1000);
  assert.equal(state.kicks, 1);
  link.end();
});

test("the message goes to the page's memory and to the player", () => {
  let told = 0;
  const context = /** @type {any} */ ({ room: null });
  const parts = /** @type {any} */ ({ player: () => ({ room: () => told++ }) });
  sync(context, { type: "room", admitted: false, watching: 9, places: 9 }, parts);
  assert.equal(context.room.admitted, false);
  assert.equal(context.room.watching, 9);
  assert.equal(told, 1);
});

test("the sentence, in every language, for one phone and for many", () => {
  assert.equal(
    playerEnglish.t("player.airFull", { count: 9 }),
    "The air is full: 9 phones are watching. Wait, or join a friend's screen.",
  );
  assert.match(playerEnglish.t("player.airFull", { count: 1 }), /1 phone is watching/);
  const german = new Language("de", messages("de", "player/"));
  assert.match(german.t("player.airFull", { count: 1 }), /1 Telefon schaut zu/);
  assert.match(german.t("player.airFull", { count: 19 }), /19 Telefone schauen zu/);
  const arabic = new Language("ar", messages("ar", "player/"));
  const said = [1, 2, 3, 11, 100].map((count) => arabic.t("player.airFull", { count }));
  assert.equal(new Set(said).size, 5);
});

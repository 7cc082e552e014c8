import assert from "node:assert/strict";
import { test } from "node:test";
import { Looks, MOST_LOOKS } from "../app/library/looks.js";

/** A screen, a clock and a box, all in hand. */
function scene() {
  /** @type {any} */
  let seen = null;
  const at = { told: /** @type {string[][]} */ ([]), away: false, observed: new Set() };
  /** @type {{run: () => void, after: number}[]} */
  let due = [];
  const looks = new Looks({
    tell: (titles) => {
      if (!at.away) at.told.push(titles);
      return !at.away;
    },
    observer: (moved) => {
      seen = moved;
      return { observe: (card) => at.observed.add(card), unobserve: (card) => at.observed.delete(card) };
    },
    later: (run, after) => due.push({ run, after }),
  });
  const card = (/** @type {string} */ id) => /** @type {any} */ ({ dataset: { id } });
  const move = (/** @type {any[]} */ cards, isIntersecting = true) =>
    seen(cards.map((target) => ({ target, isIntersecting })));
  const pass = () => {
    const now = due;
    due = [];
    for (const { run } of now) run();
    return now.length;
  };
  return { looks, at, card, move, pass };
}

test("the box is told which cards without a picture are on the screen, once the scrolling rests", () => {
  const { looks, at, card, move, pass } = scene();
  const cards = ["a", "b", "c"].map(card);
  for (const one of cards) looks.card(one, false);
  move(cards.slice(0, 2));
  move(cards.slice(0, 1), false);
  move(cards.slice(2));
  assert.deepEqual(at.told, []);
  pass();
  assert.deepEqual(at.told, [["b", "c"]]);
  move(cards.slice(2));
  pass();
  assert.equal(at.told.length, 1, "the same is told once");
});

test("a card that has its picture is not looked at any more", () => {
  const { looks, at, card, move, pass } = scene();
  const [a, b] = ["a", "b"].map(card);
  looks.card(a, true);
  looks.card(b, false);
  assert.deepEqual([...at.observed], [b]);
  move([a, b]);
  looks.card(b, true);
  pass();
  assert.equal(at.observed.size, 0);
  assert.deepEqual(at.told, [], "nothing is missing on the screen");
});

test("a box that was away is told when it is back", () => {
  const { looks, at, card, move, pass } = scene();
  const a = card("a");
  looks.card(a, false);
  at.away = true;
  move([a]);
  pass();
  at.away = false;
  assert.equal(pass(), 1, "one more try is due");
  assert.deepEqual(at.told, [["a"]]);
  looks.again();
  pass();
  assert.deepEqual(at.told, [["a"], ["a"]], "it may be another box");
});

test("a wall of cards is no larger message than the box takes", () => {
  const { looks, at, card, move, pass } = scene();
  const cards = Array.from({ length: 500 }, (_, n) => card(`t${n}`));
  for (const one of cards) looks.card(one, false);
  move(cards);
  pass();
  assert.equal(at.told[0]?.length, MOST_LOOKS);
  assert.ok(MOST_LOOKS <= 64, "web/ws_look.go refuses more");
});

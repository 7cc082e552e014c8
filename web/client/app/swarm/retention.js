// What to let go when the cache is full. Pure.
//
// assigned (viewers in step): each holds its own share of the film, n % of === is, for who comes later; the rest goes
// first. rarest (viewers apart): what others hold goes first, most copies first; their copies are told every few
// seconds, so among equals each page draws its own order, else all would drop the same one.
// What only this page holds goes in the order of its next use, latest first: when the nearest viewer behind it gets
// there, or, with nobody behind, when somebody who has yet to come and starts at the beginning does (Belady, 1966,
// with the playheads of the room in the place of the future).

import { rarity } from "./score.js";

/** @typedef {import("./types.d.ts").Keep} Keep */
/** @typedef {import("./types.d.ts").Room} Room */

/** Seconds until the next viewer comes in, while nothing is known: later than any follower. */
const NEWCOMER_SECONDS = 600;
/** A viewer this close behind has the segment in its own look-ahead already. */
const FOLLOWER_SECONDS = 1;

/** @param {Room} room @param {number} n @returns {number} copies that others hold */
export const copiesOf = (room, n) => room.copies[n] ?? 0;

/** @param {Room} room @param {[number, number, number][]} changed @param {number} segments */
export function noteCopies(room, changed, segments) {
  for (let n = room.copies.length; n < segments; n++) room.copies.push(0);
  for (const [first, last, copies] of changed) {
    for (let n = first; n <= last && n < room.copies.length; n++) room.copies[n] = copies;
  }
}

/**
 * @param {number} seconds where the segment begins
 * @param {number[]} heads playheads of the others now, sorted upwards
 * @returns {number} seconds until somebody gets there
 */
export function nextUse(seconds, heads) {
  let nearest = -1;
  for (const head of heads) {
    if (head > seconds - FOLLOWER_SECONDS) break;
    nearest = head;
  }
  return nearest < 0 ? NEWCOMER_SECONDS + seconds : seconds - nearest;
}

/**
 * Orders segments that nobody on this page needs: what goes first is first.
 * @param {number[]} list
 * @param {{keep: Keep, room: Room, start: (n: number) => number, now: number, draw: () => number}} given draw: in [0, 1)
 * @returns {number[]}
 */
export function goFirst(list, { keep, room, start, now, draw }) {
  const on = (now - room.stamp) / 1000;
  const heads = room.heads.map((h) => h + on);
  const of = keep.mode === "assigned" ? (keep.of ?? 0) : 0;
  return list
    .map((n) => {
      const mine = of > 0 && n % of === (keep.is ?? 0);
      const copies = of > 0 ? (mine ? 0 : 1) : copiesOf(room, n);
      const wait = nextUse(start(n), heads);
      return { n, rarity: rarity(copies), order: of === 0 && copies > 0 ? draw() : wait };
    })
    .sort((a, b) => a.rarity - b.rarity || b.order - a.order || a.n - b.n)
    .map((c) => c.n);
}

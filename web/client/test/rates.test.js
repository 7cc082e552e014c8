// What a page knows of its own link, from the bytes that come: nothing else tells a slow box from it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Rates } from "../app/swarm/rates.js";

const SLICE = 64 * 1024;

/** Slices as they come at a rate. @param {Rates} rates @param {number} from ms @param {number} to ms @param {number} rate bytes per ms */
function come(rates, from, to, rate) {
  for (let now = from; now <= to; now += SLICE / rate) rates.came(SLICE, now);
}

test("the link is the most that has come at once, within a slice or two", () => {
  const rates = new Rates();
  come(rates, 0, 6000, 400);
  assert.ok(Math.abs(rates.link - 400) < 40, `${rates.link}`);
  come(rates, 6100, 12_000, 200);
  assert.ok(Math.abs(rates.link - 400) < 40, "a slower time takes nothing of it");
  assert.ok(Math.abs(rates.expectLink(400_000) - 1000) < 110, `${rates.expectLink(400_000)}`);
});

test("a pause is not the link's", () => {
  const rates = new Rates();
  for (let n = 0; n < 20; n++) come(rates, n * 3000, n * 3000 + 1000, 400);
  assert.equal(rates.link, 0, "never long enough at a time");
});

test("it is full while as much comes as it has carried, and not when less does, or nothing", () => {
  const rates = new Rates();
  assert.ok(!rates.isFull(0), "before anything is known");
  come(rates, 0, 6000, 400);
  assert.ok(rates.isFull(6000));
  assert.ok(!rates.isFull(6600), "nothing comes");
  come(rates, 7000, 10_000, 150);
  assert.ok(!rates.isFull(10_000), "somebody else is slow");
});

test("the box has been faster than all that came since: it is not the link that is full", () => {
  const rates = new Rates();
  rates.note("http", 1_000_000, 1000, 1, 0);
  come(rates, 0, 6000, 300);
  assert.ok(!rates.isFull(6000));
});

test("what was measured long ago gives way to what is", () => {
  const rates = new Rates();
  come(rates, 0, 6000, 800);
  come(rates, 200_000, 206_000, 300);
  assert.ok(Math.abs(rates.link - 300) < 40, `${rates.link}`);
});

test("it goes on from where it was saved", () => {
  const rates = new Rates();
  come(rates, 0, 5000, 400);
  const again = new Rates(JSON.parse(JSON.stringify(rates.save())));
  come(rates, 5100, 9000, 400);
  come(again, 5100, 9000, 400);
  assert.deepEqual(again.save(), rates.save());
});

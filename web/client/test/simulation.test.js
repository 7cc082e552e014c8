// The real director and the real schedulers on a virtual clock: what must hold in every run, whatever the others do.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { Random } from "../app/swarm/random.js";
import { build } from "../sim/director.js";
import { film } from "../sim/film.js";
import { Dripper, FalseHolder, Liar, Squatter } from "../sim/hostile.js";
import { every, offload, poisson, run } from "../sim/scenario.js";

/** @typedef {import("../sim/scenario.js").Viewer} Viewer */

const program = (() => {
  try {
    execFileSync("go", ["version"], { stdio: "ignore" });
  } catch {
    if (process.env["STREAMBOX_STRICT"]) throw new Error("Go is missing (https://go.dev/dl)");
    return "";
  }
  return build();
})();
const options = program ? {} : { skip: "not run here: Go is missing (https://go.dev/dl)" };

const FILM_SECONDS = 240;
const VIEWERS = 20;
/** Two quanta: what a page notices at the end of one, it does in the next. */
const BLINK_MILLISECONDS = 40;

/** A class that does everything a class does: seeks, leaves, lets phones sleep, sits far away. @param {number} seed */
function unruly(seed) {
  const random = new Random(seed * 1000 + 7);
  const arrivals = [every(VIEWERS, 0.3), every(VIEWERS, 8), poisson(1000, 8, seed)][seed % 3] ?? [];
  return arrivals.slice(0, VIEWERS).map((comes) => {
    /** @type {Viewer} */
    const viewer = { comes, upMbit: 8 + random.next() * 40, downMbit: 12 + random.next() * 40 };
    viewer.latency = 40 + random.below(80);
    const later = (/** @type {number} */ from, /** @type {number} */ within) =>
      comes + from + random.next() * within;
    if (random.next() < 0.3) {
      viewer.seeks = [
        { at: later(10, 60), to: random.next() * 200 },
        { at: later(80, 60), to: random.next() * 200 },
      ];
    }
    if (random.next() < 0.2) viewer.leaves = later(20, 100);
    if (random.next() < 0.15) viewer.sleeps = [{ at: later(20, 60), for: 10 + random.next() * 60 }];
    if (random.next() < 0.1) viewer.deaf = true;
    return viewer;
  });
}

/** Every tenth is a false holder, a liar, a squatter or a dripper, and one more in ten. @param {Viewer[]} viewers @param {number} seed */
const withHostile = (viewers, seed) =>
  viewers.map((viewer, i) => {
    if (i % 10 !== 3 && i % 10 !== 7) return viewer;
    const Kind = [FalseHolder, Liar, Squatter, Dripper][(i + seed) % 4] ?? Liar;
    return { ...viewer, make: /** @type {Viewer["make"]} */ ((world, given) => new Kind(world, given)) };
  });

/** The same viewers without a swarm; who means harm stays away. @param {Viewer[]} viewers @returns {Viewer[]} */
const plainly = (viewers) => viewers.map((v) => (v.make ? { ...v, make: undefined, comes: 1e6 } : v));

for (const seed of [1, 2, 3, 4, 5, 6]) {
  for (const hostile of [false, true]) {
    const who = hostile ? "20 viewers, four of whom mean harm" : "20 viewers";
    test(
      `seed ${seed}: ${who}: nobody stands who would not on plain HTTP, and every promise is kept`,
      options,
      async () => {
        const viewers = hostile ? withHostile(unruly(seed), seed) : unruly(seed);
        const shown = film({ seconds: FILM_SECONDS, mbit: 3, seed });
        const scenario = { seed, film: shown, viewers, seconds: 800, boxMbit: 150, loss: 0.01 };
        const swarm = await run(scenario, { program });
        const plain = await run({ ...scenario, viewers: plainly(viewers) }, { program, plain: true });
        assert.deepEqual(swarm.world.errors, []);
        swarm.pages.forEach((page, i) => {
          if (!page.honest) return;
          assert.deepEqual(page.tally.broken, [], page.id);
          const before = plain.pages[i]?.player.stallMilliseconds ?? 0;
          const stood = page.player.stallMilliseconds;
          assert.ok(
            stood <= before + BLINK_MILLISECONDS,
            `${page.id} stood ${stood} ms, on plain HTTP ${before} ms`,
          );
        });
        const honest = swarm.pages.filter((page) => page.honest);
        assert.ok(offload(honest) > 0.5, `only ${(100 * offload(honest)).toFixed(1)} % were spared`);
      },
    );
  }
}

for (const downMbit of [3.5, 4, 5, 6]) {
  const behind = `two phones with ${downMbit} Mbit/s of their own for a film of 3`;
  test(`${behind}: nobody stands who would not on plain HTTP`, options, async () => {
    for (const gap of [1, 8]) {
      const shown = film({ seconds: FILM_SECONDS, mbit: 3, seed: 1 });
      const viewers = every(10, gap).map((comes, i) => (i < 2 ? { comes, downMbit, upMbit: 30 } : { comes }));
      const scenario = { seed: 1, film: shown, viewers, seconds: 700, boxMbit: 100 };
      const swarm = await run(scenario, { program });
      const plain = await run(scenario, { program, plain: true });
      swarm.pages.forEach((page, i) => {
        const before = plain.pages[i]?.player.stallMilliseconds ?? 0;
        const stood = page.player.stallMilliseconds;
        assert.ok(stood <= before + BLINK_MILLISECONDS, `${page.id} stood ${stood} ms, not ${before} ms`);
      });
      // Nor does the swarm end at them.
      assert.ok(offload(swarm.pages) > 0.5, `only ${(100 * offload(swarm.pages)).toFixed(1)} % were spared`);
    }
  });
}

test("in a room that plain HTTP could not serve, it comes from phones", options, async () => {
  const shown = film({ seconds: FILM_SECONDS, mbit: 3, seed: 1 });
  const viewers = every(30, 0.2).map((comes) => ({ comes }));
  const { pages } = await run({ seed: 1, film: shown, viewers, seconds: 600, boxMbit: 25 }, { program });
  assert.ok(offload(pages) > 0.85, `only ${(100 * offload(pages)).toFixed(1)} % were spared`);
  for (const page of pages) {
    assert.ok(page.player.finished, `${page.id} did not see the end`);
    assert.ok(page.player.stalls <= 3, `${page.id} stood ${page.player.stalls} times`);
    assert.equal(page.rescue.count, 0, `${page.id} went to the box around the director`);
  }
});

test("in such a room drippers hold nobody up for long", options, async () => {
  const shown = film({ seconds: FILM_SECONDS, mbit: 3, seed: 1 });
  const viewers = every(30, 0.2).map((comes, i) => {
    /** @type {Viewer} */
    const viewer = { comes };
    if (i % 10 === 3) viewer.make = (world, given) => new Dripper(world, given);
    return viewer;
  });
  const { pages } = await run({ seed: 1, film: shown, viewers, seconds: 600, boxMbit: 25 }, { program });
  for (const page of pages) {
    if (!page.honest) continue;
    assert.ok(page.player.finished, `${page.id} did not see the end`);
    const stood = page.player.stallMilliseconds;
    assert.ok(stood <= 20_000, `${page.id} stood ${stood} ms`);
  }
});

for (const gap of [8, 0.05]) {
  for (const [count, most] of /** @type {[number, number][]} */ ([
    [2, 31],
    [4, 33],
    [6, 35],
  ])) {
    test(
      `${count} viewers ${gap} s apart: 30 segments leave the box ${most} times, the first once more for each`,
      options,
      async () => {
        const shown = film({ seconds: 120, mbit: 2.6, seed: 5 });
        const viewers = every(count, gap).map((comes) => ({
          comes,
          upMbit: 100,
          downMbit: 100,
          latency: 20,
        }));
        const scenario = { seed: 5, film: shown, viewers, seconds: 400, boxMbit: 100, quantum: 10 };
        const { pages } = await run(scenario, { program });
        const left = pages.reduce((sum, page) => sum + page.tally.httpSegments, 0);
        assert.ok(left <= most, `${left} left the box`);
        for (const page of pages) assert.equal(page.player.stalls, 0, page.id);
      },
    );
  }
}

test("the same seed gives the same run", options, async () => {
  const once = async () => {
    const shown = film({ seconds: 80, mbit: 3, seed: 9 });
    const scenario = { seed: 9, film: shown, viewers: unruly(9), seconds: 300, boxMbit: 60, loss: 0.02 };
    const { pages } = await run(scenario, { program });
    return pages.map(({ id, tally, player }) => [
      id,
      tally.requests,
      tally.httpBytes,
      player.stallMilliseconds,
    ]);
  };
  assert.deepEqual(await once(), await once());
});

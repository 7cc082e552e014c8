// The tables of the swarm: offload = 1 − media bytes from the box ÷ media bytes watched.
//   node sim/experiment.mjs [--record] [small] [thousand] [hostile] [synchronised] [latecomer] [60] [120] [300]     (all when none is named)
// SEED=n in the environment for another one. --record appends each line to .ci/figures.md.

import { record } from "../../e2e/bench/figures.mjs";
import { build } from "./director.js";
import { film } from "./film.js";
import { FalseHolder, Squatter } from "./hostile.js";
import { bound, policy } from "./omniscient.js";
import { every, offload, poisson, run } from "./scenario.js";

/** @typedef {import("./page.js").Page} Page */

const named = process.argv.slice(2).filter((a) => !a.startsWith("--"));
const wanted = (/** @type {string} */ name) => named.length === 0 || named.includes(name);
const recording = process.argv.includes("--record");
const program = build();
const SEED = Number(process.env["SEED"] ?? 5);

const percent = (/** @type {number} */ part) => `${(100 * part).toFixed(1)} %`;

/** @param {{what: string, ours: string, reference: string, ratio?: number, bar?: string}} line @param {boolean} good */
function report(line, good) {
  if (recording) record(line);
  else
    console.log(
      [line.what, line.ours, line.reference ?? "–", line.ratio?.toFixed(3) ?? "–", line.bar].join(" | "),
    );
  if (!good) {
    console.log("  MISSED");
    process.exitCode = 1;
  }
}

/** What everybody must have kept, in every run. @param {Awaited<ReturnType<typeof run>>} done */
function sound({ world, pages }) {
  for (const page of pages) for (const what of page.tally.broken) console.log(`  BROKEN ${page.id}: ${what}`);
  for (const error of world.errors.slice(0, 5)) console.log(`  ERROR ${error}`);
  const stalls = pages.reduce((sum, page) => sum + page.player.stalls, 0);
  if (stalls > 0) console.log(`  STALLS ${stalls}`);
  if (stalls > 0 || world.errors.length > 0 || pages.some((p) => p.tally.broken.length > 0))
    process.exitCode = 1;
}

/** @param {number} count @param {number} gap seconds @param {number} goal */
async function small(count, gap, goal) {
  const viewers = every(count, gap || 0.05).map((comes) => ({
    comes,
    upMbit: 100,
    downMbit: 100,
    latency: 20,
  }));
  const shown = film({ seconds: 120, mbit: 2.6, seed: SEED });
  const done = await run(
    { seed: SEED, film: shown, viewers, seconds: 400, boxMbit: 100, quantum: 10 },
    { program },
  );
  sound(done);
  const part = offload(done.pages);
  const when = gap ? `${gap} s apart` : "together";
  const what = `simulated swarm, seed ${SEED}: ${count} viewers ${when}, 120 s of 2.6 Mbit/s: offload`;
  report(
    {
      what,
      ours: percent(part),
      reference: `${percent(1 - 1 / count)} (ceiling)`,
      ratio: part / (1 - 1 / count),
      bar: `≥ ${percent(goal)}`,
    },
    part >= goal,
  );
}

/** 1,000 viewers of ten minutes: what the director and the schedulers themselves cost. */
async function thousand() {
  const viewers = every(1000, 0.01).map((comes) => ({ comes }));
  const shown = film({ seconds: 600, mbit: 3, seed: SEED });
  const done = await run(
    { seed: SEED, film: shown, viewers, seconds: 600, boxMbit: 1000, quantum: 50 },
    { program },
  );
  for (const page of done.pages)
    for (const what of page.tally.broken) console.log(`  BROKEN ${page.id}: ${what}`);
  const what = `simulated swarm, seed ${SEED}: 1,000 viewers within 10 s, ten minutes of 3 Mbit/s: time on this machine`;
  const reference = `offload ${percent(offload(done.pages))}`;
  report({ what, ours: `${done.seconds.toFixed(0)} s`, reference, bar: "≤ 60 s" }, done.seconds <= 60);
}

const T = 5400;
/** Segments of one size: the omniscient policy counts slots. */
const long = film({ seconds: T, mbit: 3, seed: SEED, spread: 0 });
const SEGMENT_BYTES = long.bytes(0);

/** @param {Page[]} pages */
function asked(pages) {
  const requests = pages.flatMap((page, viewer) => page.tally.requests.map(({ t, n }) => ({ t, viewer, n })));
  requests.sort((a, b) => a.t - b.t);
  const stays = pages.map((page) => ({ comes: page.begun, leaves: page.leftAt }));
  return { requests, stays };
}

/**
 * @param {string} who @param {number[]} comes @param {number} megabytes
 * @param {{goal?: number, ofReachable?: number, only?: number}} bars only: the viewer that is measured
 */
async function feature(who, comes, megabytes, { goal, ofReachable, only }) {
  const budgetBytes = megabytes * 1e6;
  const viewers = comes.map((at) => ({ comes: at, budgetBytes }));
  const seconds = Math.max(...comes) + T + 60;
  const done = await run(
    { seed: SEED, film: long, viewers, seconds, boxMbit: 100, quantum: 40 },
    { program },
  );
  sound(done);
  const { requests, stays } = asked(done.pages);
  const slots = Math.floor(budgetBytes / SEGMENT_BYTES);
  const counts = (/** @type {Set<number>} */ hits) => {
    let all = 0;
    let hit = 0;
    requests.forEach(({ viewer }, i) => {
      if (only !== undefined && viewer !== only) return;
      all++;
      if (hits.has(i)) hit++;
    });
    return hit / all;
  };
  const measured = only === undefined ? done.pages : done.pages.slice(only, only + 1);
  const part = offload(measured);
  const reachable = counts(policy(requests, stays, slots));
  const most = counts(bound(requests, stays, slots));
  const good =
    (goal === undefined || part >= goal) && (ofReachable === undefined || part >= ofReachable * reachable);
  const bar = goal === undefined ? `≥ ${ofReachable}` : `≥ ${percent(goal)}`;
  const reference = `${percent(reachable)} (omniscient retention; no retention more than ${percent(most)})`;
  report(
    {
      what: `simulated swarm, seed ${SEED}: ${who}, ${T} s of 3 Mbit/s, caches of ${megabytes} MB: offload`,
      ours: percent(part),
      reference,
      ratio: part / reachable,
      bar,
    },
    good,
  );
  console.log(`  (${done.seconds.toFixed(0)} s)`);
}

/**
 * 30 in step, of whom every tenth asks for what it never fetches, or says it holds what it has not. What that costs the
 * others, beside the same room without the three.
 * @param {number} boxMbit @param {string} [bar] none in a room that is too small for plain HTTP: there all stand at first
 */
async function hostile(boxMbit, bar) {
  const room = (/** @type {boolean} */ with3) =>
    every(30, 0.2).flatMap((comes, i) => {
      if (i % 10 !== 3) return [{ comes, budgetBytes: 100e6 }];
      const Kind = i === 13 ? FalseHolder : Squatter;
      /** @type {import("./scenario.js").Viewer["make"]} */
      const make = (world, given) => new Kind(world, given);
      return with3 ? [{ comes, budgetBytes: 100e6, make }] : [];
    });
  const shown = await Promise.all(
    [true, false].map((with3) =>
      run(
        { seed: SEED, film: long, viewers: room(with3), seconds: T + 60, boxMbit, quantum: 40 },
        { program },
      ),
    ),
  );
  const [harmed, alone] = shown.map(({ pages }) => {
    const honest = pages.filter((page) => page.honest);
    const stood = honest.reduce((sum, page) => sum + page.player.stallMilliseconds, 0);
    return {
      stalls: honest.reduce((sum, page) => sum + page.player.stalls, 0),
      stood,
      part: offload(honest),
    };
  });
  if (!harmed || !alone) throw new Error("two runs");
  const words = (/** @type {typeof harmed} */ { stalls, stood, part }) =>
    `${stalls} stalls (${stood.toFixed(0)} ms), offload ${percent(part)}`;
  report(
    {
      what: `simulated swarm, seed ${SEED}: 27 honest in step with 2 squatters and a false holder, ${T} s of 3 Mbit/s from a box of ${boxMbit} Mbit/s: the honest ones`,
      ours: words(harmed),
      reference: `${words(alone)} (without the three)`,
      ...(bar && { bar }),
    },
    !bar || harmed.stalls === 0,
  );
}

if (wanted("small")) {
  for (const [i, count] of [2, 4, 6].entries()) {
    await small(count, 8, [0.47, 0.72, 0.8][i] ?? 1);
    await small(count, 0, [0.45, 0.7, 0.8][i] ?? 1);
  }
}
if (wanted("thousand")) await thousand();
if (wanted("hostile")) {
  await hostile(100, "no stall");
  await hostile(25);
}
for (const megabytes of [100, 64]) {
  if (wanted("synchronised")) await feature("30 viewers in step", every(30, 0.2), megabytes, { goal: 0.96 });
  if (wanted("latecomer")) {
    const comes = [...every(29, 0.2), 600];
    await feature("one 600 s behind 29 in step (that one's)", comes, megabytes, {
      ofReachable: 0.95,
      only: 29,
    });
  }
  for (const gap of [60, 120, 300]) {
    if (!wanted(String(gap))) continue;
    const comes = poisson(2 * T, gap, SEED);
    await feature(`viewers come as a Poisson process, ${gap} s apart in the mean`, comes, megabytes, {
      ofReachable: 0.95,
    });
  }
}

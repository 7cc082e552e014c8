// One run: who comes when, over which links, and what came of it.

import { Random } from "../app/swarm/random.js";
import { Director } from "./director.js";
import { Page } from "./page.js";
import { World } from "./world.js";

/** @typedef {import("./world.js").Film} Film */
/** @typedef {import("./page.js").PageOptions} PageOptions */
/**
 * One viewer. comes, leaves, seeks, sleeps: seconds. make: another kind of page (hostile.js).
 * @typedef {Partial<PageOptions> & {comes: number, leaves?: number, seeks?: {at: number, to: number}[],
 *   sleeps?: {at: number, for: number}[], deaf?: boolean, make?: (world: World, options: PageOptions) => Page}} Viewer
 */
/**
 * @typedef {{seed: number, film: Film, viewers: Viewer[], seconds: number, boxMbit: number, quantum?: number, loss?: number}} Scenario
 */

const DEFAULTS = { budgetBytes: 64e6, upMbit: 30, downMbit: 50, latency: 40 };

/**
 * @param {Scenario} scenario @param {{program: string, plain?: boolean}} how program: the director's; plain: without a swarm
 * @returns {Promise<{world: World, pages: Page[], seconds: number}>} seconds: of this machine's time
 */
export async function run(scenario, { program, plain = false }) {
  const begun = performance.now();
  const director = plain ? null : new Director(program, scenario.seed);
  const world = new World({ ...scenario, director });
  /** @type {Page[]} */
  const pages = [];
  scenario.viewers.forEach((viewer, i) => {
    const options = {
      ...DEFAULTS,
      name: `v${i.toString(36)}`,
      seed: scenario.seed * 7919 + i,
      plain,
      ...viewer,
    };
    const page = viewer.make && !plain ? viewer.make(world, options) : new Page(world, options);
    pages.push(page);
    if (viewer.deaf) world.deaf.add(page.id);
    world.at(viewer.comes * 1000, () => world.add(page));
    if (viewer.leaves !== undefined) world.at(viewer.leaves * 1000, () => page.leave());
    for (const { at, to } of viewer.seeks ?? []) world.at(at * 1000, () => page.seek(to));
    for (const sleep of viewer.sleeps ?? []) {
      world.at(sleep.at * 1000, () => page.sleep());
      world.at((sleep.at + sleep.for) * 1000, () => page.wake());
    }
  });
  try {
    await world.run(scenario.seconds * 1000);
  } finally {
    await director?.close();
  }
  return { world, pages, seconds: (performance.now() - begun) / 1000 };
}

/** Seconds at which viewers come. @param {number} count @param {number} gap seconds */
export const every = (count, gap) => Array.from({ length: count }, (_, i) => i * gap);

/** As a Poisson process. @param {number} until seconds @param {number} meanGap seconds @param {number} seed */
export function poisson(until, meanGap, seed) {
  const random = new Random(seed);
  const list = [];
  for (let t = 0; ;) {
    t += -Math.log(1 - random.next()) * meanGap;
    if (t >= until) return list;
    list.push(t);
  }
}

/** @param {Page[]} pages what they watched, or began to, as bytes */
export function watchedBytes(pages) {
  let bytes = 0;
  for (const { tally, world } of pages) for (const n of tally.times.keys()) bytes += world.film.bytes(n);
  return bytes;
}

/** @param {Page[]} pages @returns {number} 1 − media bytes from the box ÷ bytes watched */
export function offload(pages) {
  let box = 0;
  for (const { tally } of pages) box += tally.httpBytes + tally.wastedHttpBytes;
  return 1 - box / watchedBytes(pages);
}

// Waiting for something to become true, with a limit and a sentence for when it does not.
import { setTimeout as delay } from "node:timers/promises";

/**
 * Asks again and again until the answer is truthy, and returns it. An error counts as "not yet"; the last one is told.
 * @template T
 * @param {string} what completes the sentence "waited in vain for …"
 * @param {() => Promise<T> | T} ask
 * @param {{seconds?: number, every?: number, seen?: () => unknown}} [options] seen: what to show when time is up
 * @returns {Promise<T>}
 */
export async function until(what, ask, { seconds = 30, every = 100, seen } = {}) {
  const limit = performance.now() + seconds * 1000;
  let last;
  for (;;) {
    try {
      const answer = await ask();
      if (answer) return answer;
      last = answer;
    } catch (error) {
      last = error;
    }
    if (performance.now() > limit) break;
    await delay(every);
  }
  let shown = seen ? await Promise.resolve(seen()).catch((error) => error) : last;
  if (!(shown instanceof Error)) shown = JSON.stringify(shown, null, 1);
  throw new Error(`waited ${seconds} s in vain for ${what}; last seen: ${shown}`);
}

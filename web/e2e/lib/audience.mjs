// Viewers who each watch a film of their own, in one real Chromium: what their pictures did.
import { desktop, viewer } from "./browser.mjs";
import { notes } from "./notes.mjs";
import { until } from "./until.mjs";

/** @typedef {{page: import("playwright-core").Page, context: import("playwright-core").BrowserContext, faults: string[]}} Watcher */

/**
 * Opens the library in a context of its own and clicks on a film.
 * @param {import("playwright-core").Browser} browser
 * @param {string} name of the film as it is searched for
 * @returns {Promise<Watcher>}
 */
export async function watches(browser, box, id, name) {
  const { context, page, faults } = await viewer(browser, desktop);
  await context.addInitScript(notes);
  await page.goto(`${box.url}/?q=${encodeURIComponent(name)}`);
  await page.locator(`.card[data-id="${id}"]`).first().click();
  return { page, context, faults };
}

/** What a viewer has seen by now. @param {Watcher} one */
export async function seen({ page }) {
  return page.evaluate(() => {
    const { clicked, shown, played, freezes, starved, frozenMilliseconds } = window.rig;
    return { firstFrame: shown && shown - clicked, played, freezes, starved, frozenMilliseconds };
  });
}

/** Waits until all have seen so many seconds. @param {Watcher[]} all */
export const haveSeen = (all, seconds, limit) =>
  until(`all to have seen ${seconds} s`, async () => (await Promise.all(all.map(seen))).every((one) => one.played >= seconds), {
    seconds: limit, every: 500, seen: () => Promise.all(all.map(seen)),
  });

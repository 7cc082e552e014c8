// Viewers of a room who share: what they do, and what they, the box and the rig say of it.
import { desktop } from "./browser.mjs";
import { notes } from "./notes.mjs";
import { card, video } from "./player.mjs";
import { until } from "./until.mjs";

/** @typedef {{page: any, station: import("./netns.mjs").Station, faults: string[], close: () => Promise<void>, name: string}} Watcher */

/**
 * A new viewer who opens the library and taps a title.
 * @param {import("./room.mjs").Room} room
 * @param {number} n station
 * @param {{title?: string, share?: boolean, lie?: boolean, name?: string}} [options] title: the clip's name
 * @returns {Promise<Watcher>}
 */
export async function watches(room, n, { title = "swarm-small", share = true, lie = false, name = `viewer ${n}` } = {}) {
  const { context, page, station, faults } = await room.viewer(n, desktop);
  await context.addInitScript(notes);
  await context.addInitScript(({ share, lie, name }) => {
    window.rig.lie = lie;
    localStorage.setItem("streambox.name", JSON.stringify(name));
    if (!share) localStorage.setItem("streambox.share", "false");
  }, { share, lie, name });
  await page.goto(`${room.box.url}/`);
  await card(page, room.titles[title].id).click();
  return { page, station, faults, name, close: () => context.close() };
}

/** The same in Firefox (lib/firefox.mjs). */
export async function watchesInFirefox(room, browser, station, { title = "swarm-small", name = "Firefox" } = {}) {
  const page = await browser.newPage();
  const faults = [];
  page.on("pageerror", (error) => faults.push(`error: ${error.message}`));
  await page.evaluateOnNewDocument(notes);
  await page.evaluateOnNewDocument((name) => {
    if (location.protocol !== "http:") return;
    localStorage.setItem("streambox.nameAsked", "true");
    localStorage.setItem("streambox.name", JSON.stringify(name));
  }, name);
  await page.goto(`${room.box.url}/`);
  const found = await page.waitForSelector(`.card[data-id="${room.titles[title].id}"]`);
  await found.click();
  return { page, station, faults, name, close: () => page.close() };
}

/** What the page says of itself (window.streambox.stats) and what was noted in it. @param {Watcher} watcher */
export const told = ({ page }) => page.evaluate(() => ({ ...window.rig, sockets: window.rig.sockets.length, ...window.streambox.stats() }));

/** Waits until what a viewer tells satisfies a condition. */
export function tells(watcher, what, condition, seconds = 30) {
  return until(`${watcher.name} to tell ${what}`, async () => {
    const now = await told(watcher);
    return condition(now) && now;
  }, { seconds, seen: async () => ({ told: await told(watcher), video: await video(watcher.page) }) });
}

/** Waits until somebody has read ahead as far as players do, so that nothing is missing for a while. */
export const isFull = (watcher, seconds = 25) => tells(watcher, `${seconds} s of film ahead`, (now) => now.bufferSeconds >= seconds, 40);

/** Waits until a viewer has played so many seconds more. */
export async function playsOn(watcher, more = 3) {
  const { seconds: from } = await video(watcher.page);
  await until(`${watcher.name} to play ${more} s on`, async () => (await video(watcher.page)).seconds > from + more, {
    seconds: 30, seen: async () => ({ told: await told(watcher), video: await video(watcher.page) }),
  });
}

/** What the box has counted of media. */
export async function counted(room) {
  const { swarm } = await room.box.get("/api/v1/box");
  return { httpBytes: swarm.httpBytes, p2pBytes: swarm.p2pBytes };
}

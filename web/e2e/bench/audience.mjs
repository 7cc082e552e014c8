// Viewers of one film in one Chromium, each in a context of its own, who join at given times; the same for every system
// that is measured. What they fetch is counted by the browser's own protocol (HTTP) and at the DataChannels (peers).
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { desktop, launch, viewer } from "../lib/browser.mjs";
import { notes } from "../lib/notes.mjs";
import { until } from "../lib/until.mjs";

/** Counts the media bytes that a page takes by HTTP, also of what it breaks off. @param {import("playwright-core").Page} page */
async function counting(page) {
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  const running = new Map();
  const counted = { bytes: 0, requests: 0, segments: new Map() };
  session.on("Network.requestWillBeSent", ({ requestId, request }) => {
    const name = /([^/]+\.(?:ts|m4s))$/.exec(new URL(request.url).pathname)?.[1];
    if (!name) return;
    running.set(requestId, 0);
    counted.requests++;
    counted.segments.set(name, (counted.segments.get(name) ?? 0) + 1);
  });
  const add = (requestId, bytes) => {
    if (!running.has(requestId)) return;
    running.set(requestId, running.get(requestId) + bytes);
    counted.bytes += bytes;
  };
  session.on("Network.dataReceived", ({ requestId, encodedDataLength }) => add(requestId, encodedDataLength));
  session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => add(requestId, encodedDataLength - (running.get(requestId) ?? 0)));
  return counted;
}

const ticksPerSecond = 100; // USER_HZ of every Linux that Chromium runs on

/** CPU seconds of all that ever ran at a station and of its children that have ended. @param {import("../lib/netns.mjs").Station} station */
function cpuSeconds(pids) {
  let ticks = 0;
  for (const pid of pids) {
    try {
      const fields = readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\) /, "").split(" ");
      for (const i of [11, 12, 13, 14]) ticks += Number(fields[i]);
    } catch {
      // it has just ended: its parent has its time
    }
  }
  return ticks / ticksPerSecond;
}

/**
 * @typedef {{httpBytes: number, channelBytes: number, watchedSeconds: number, firstFrame: number, freezes: number, frozenMilliseconds: number, requests: number, segments: string[], own?: any}} Seen
 * @param {{station: import("../lib/netns.mjs").Station, url: string, button: string, count: number, gapSeconds: number, stopAfter: number, length: number, look?: (pages: import("playwright-core").Page[]) => Promise<void>}} plan
 * stopAfter: seconds of film the first viewer watches; ≥ length: everybody watches it to its end
 * @returns {Promise<{viewers: Seen[], cpuSeconds: number, wallSeconds: number}>}
 */
export async function audience({ station, url, button, count, gapSeconds, stopAfter, length, look }) {
  const browser = await launch({ station });
  const began = performance.now();
  try {
    const all = [];
    const prepare = async () => {
      const { context, page, faults } = await viewer(browser, desktop);
      await context.addInitScript(notes);
      const counted = await counting(page);
      await page.goto(url);
      await page.locator(button).first().waitFor();
      return { page, counted, faults };
    };
    const join = async (one) => {
      await one.page.locator(button).first().click();
      all.push(one);
    };
    const seen = (one) => one.page.evaluate(() => ({ ...window.rig, sockets: 0, ended: document.querySelector("video")?.ended }));
    const more = (one) => one.page.evaluate(() => {
      const v = document.querySelector("video");
      return v && [v.currentTime, v.readyState, v.paused, v.error?.message, Array.from({ length: v.buffered.length }, (_, i) => [v.buffered.start(i), v.buffered.end(i)])];
    });
    if (gapSeconds === 0) {
      const prepared = [];
      for (let i = 0; i < count; i++) prepared.push(await prepare());
      await delay(2000);
      await Promise.all(prepared.map(join));
    }
    const first = performance.now();
    for (let i = 0; gapSeconds > 0 && i < count; i++) {
      // The page is open for 3 s before it is clicked; the first of them, as long before the others.
      const at = first + (i * gapSeconds + 3) * 1000;
      await delay(Math.max(0, at - 3000 - performance.now()));
      const one = await prepare();
      await delay(Math.max(0, at - performance.now()));
      await join(one);
    }
    await until("all to have seen their film", async () => {
      const now = await Promise.all(all.map(seen));
      return stopAfter >= length ? now.every((one) => one.ended) : now[0].played >= stopAfter;
    }, { seconds: length + count * gapSeconds + 90, every: 1000, seen: () => Promise.all(all.map(async (one) => ({ ...(await seen(one)), video: await more(one), faults: one.faults, http: one.counted.bytes }))) });
    const viewers = await Promise.all(all.map(async (one) => {
      const { clicked, shown, played, ended, ...rest } = await seen(one);
      const own = await one.page.evaluate(() => window.streambox?.stats?.());
      return {
        ...rest, own, httpBytes: one.counted.bytes, requests: one.counted.requests,
        segments: [...one.counted.segments].map(([name, n]) => (n > 1 ? `${name}×${n}` : name)),
        watchedSeconds: ended ? length : played, firstFrame: shown - clicked, faults: one.faults,
      };
    }));
    await look?.(all.map((one) => one.page));
    const pids = station.pids();
    return { viewers, cpuSeconds: cpuSeconds(pids), wallSeconds: (performance.now() - began) / 1000 };
  } finally {
    await browser.close();
  }
}

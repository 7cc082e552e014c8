// Viewers of one film in one Chromium, each in a context of its own, who join at given times; the same for every system
// that is measured. What they fetch is counted by the browser's own protocol (HTTP) and at the DataChannels (peers).
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { desktop, launch, viewer } from "../lib/browser.mjs";
import { until } from "../lib/until.mjs";

/** In the page, before anything else: notes the click, the first frame after it, freezes, and the bytes of DataChannels. */
function notes() {
  const bench = { clicked: 0, shown: 0, freezes: 0, frozenMilliseconds: 0, channelBytes: 0, played: 0 };
  window.bench = bench;
  const watch = (channel) => channel.addEventListener("message", ({ data }) => (bench.channelBytes += data.byteLength ?? data.size ?? data.length));
  const Native = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Native {
    constructor(...args) {
      super(...args);
      this.addEventListener("datachannel", ({ channel }) => watch(channel));
    }
    createDataChannel(...args) {
      const channel = super.createDataChannel(...args);
      watch(channel);
      return channel;
    }
  };
  // A freeze: the picture stands although it should not, for longer than one notices.
  const follow = (video) => {
    let standsSince = 0;
    video.addEventListener("waiting", () => {
      if (bench.shown && !video.ended && !video.seeking) standsSince ||= performance.now();
    });
    video.addEventListener("timeupdate", () => {
      bench.played = Math.max(bench.played, video.currentTime);
      const stood = standsSince && performance.now() - standsSince;
      standsSince = 0;
      if (stood < 200 || video.ended) return;
      bench.freezes++;
      bench.frozenMilliseconds += stood;
    });
  };
  addEventListener("click", () => {
    bench.clicked ||= performance.now();
    const look = () => {
      const video = document.querySelector("video");
      if (!video) return requestAnimationFrame(look);
      follow(video);
      video.requestVideoFrameCallback((now) => (bench.shown ||= now));
    };
    look();
  }, { capture: true, once: true });
}

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
    const seen = (one) => one.page.evaluate(() => ({ ...window.bench, ended: document.querySelector("video")?.ended }));
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
    }, { seconds: length + count * gapSeconds + 90, every: 1000, seen: () => Promise.all(all.map(seen)) });
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

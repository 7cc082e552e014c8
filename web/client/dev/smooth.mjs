// How smooth the drawer is on a slow phone: 2,700 segments, 20 events a second, the CPU slowed four times.
//   node dev/fixture.mjs &   node dev/smooth.mjs [http://127.0.0.1:3103] [seconds]
import { chromium } from "playwright-core";

const [base = "http://127.0.0.1:3103", length = "20"] = process.argv.slice(2);
const seconds = Number(length);
const root = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
const args = [
  ...root,
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
];
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args });

/** In the page: long tasks of so many milliseconds. @param {number} ms */
async function longTasks(ms) {
  /** @type {number[]} */
  const long = [];
  const add = (/** @type {PerformanceObserverEntryList} */ list) =>
    long.push(...list.getEntries().map((entry) => entry.duration));
  const observer = new PerformanceObserver(add);
  observer.observe({ type: "longtask" });
  await new Promise((done) => {
    setTimeout(done, ms);
  });
  observer.disconnect();
  return long;
}

/** In the page: frames that could have been drawn. Apart from the rest, for asking makes the page draw them. @param {number} ms */
async function frames(ms) {
  let [many, worst, last, going] = [0, 0, performance.now(), true];
  const frame = (/** @type {number} */ now) => {
    many++;
    worst = Math.max(worst, now - last);
    last = now;
    if (going) requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  await new Promise((done) => {
    setTimeout(done, ms);
  });
  going = false;
  return { many, worst, nodes: document.querySelectorAll("*").length };
}

try {
  const page = await browser.newPage({ viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 });
  const tools = await page.context().newCDPSession(page);
  // The thread's own time: what other programs do meanwhile does not count.
  await tools.send("Performance.enable", { timeDomain: "threadTicks" });
  const busy = async () => {
    const { metrics } = await tools.send("Performance.getMetrics");
    return metrics.find((m) => m.name === "TaskDuration")?.value ?? 0;
  };
  const run = async (/** @type {string} */ what, /** @type {string} */ query, /** @type {string} */ open) => {
    await page.goto(`${base}/dev/drawer?segments=2700&played=300&events=20&speed=8&${query}`);
    await page.waitForSelector(query === "closed" ? ".shared" : ".drawer");
    if (open) await page.evaluate(open);
    await page.waitForTimeout(2000);
    const before = await busy();
    await page.waitForTimeout(seconds * 1000);
    const share = ((await busy()) - before) / seconds;
    await tools.send("Emulation.setCPUThrottlingRate", { rate: 4 });
    const long = await page.evaluate(longTasks, seconds * 1000);
    const { many, worst, nodes } = await page.evaluate(frames, (seconds * 1000) / 2);
    await tools.send("Emulation.setCPUThrottlingRate", { rate: 1 });
    const longest = long.length ? `, the longest ${Math.round(Math.max(...long))} ms` : "";
    console.log(
      `${what}: main thread busy ${(100 * share).toFixed(1)} % (not slowed); slowed four times: ${long.length} tasks over ` +
        `50 ms${longest}, ${((2 * many) / seconds).toFixed(1)} frames/s, longest gap ${Math.round(worst)} ms; ${nodes} nodes`,
    );
  };
  const show = (/** @type {string} */ what) =>
    `const d = document.querySelector("${what}"); d.open = true; d.scrollIntoView()`;
  await run("closed", "closed", "");
  await run("open", "", "");
  await run("open, map in sight", "", show(".map"));
  await run("open, who shares in sight", "", show(".peers"));
  await run("open, log in sight", "", show("details"));
} finally {
  await browser.close();
}

// From the click on a title to its first frame, beside a bare page with nothing but hls.js on nginx: same segments, same
// browser, in turns, each time a viewer who was never there before.
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { desktop, launch, viewer } from "../lib/browser.mjs";
import { root } from "../lib/places.mjs";
import { until } from "../lib/until.mjs";
import { median, record } from "./figures.mjs";
import { boxWithSegments } from "./serve.mjs";
import { nginx } from "./servers.mjs";

const repetitions = 15;

// hls.js as its own front page shows it, with its worker, which is what our page has too.
const bare = `<!doctype html><meta charset="utf-8"><title>bare</title><video playsinline width="640"></video><button>play</button>
<script type="module">
  import Hls from "./hls.min.mjs";
  document.querySelector("button").onclick = () => {
    const video = document.querySelector("video");
    const hls = new Hls({ enableWorker: true, workerPath: "hls.worker.js" });
    hls.loadSource("film/index.m3u8");
    hls.attachMedia(video);
    hls.on(Hls.Events.MANIFEST_PARSED, () => video.play());
  };
</script>`;

/** Notes the time of the click and of the first frame that is presented after it. */
function stopwatch() {
  window.clicked = 0;
  window.shown = 0;
  addEventListener("click", () => {
    window.clicked ||= performance.now();
    const look = () => {
      const video = document.querySelector("video");
      if (video) video.requestVideoFrameCallback((now) => (window.shown ||= now));
      else requestAnimationFrame(look);
    };
    look();
  }, { capture: true });
}

/**
 * @param {{idle?: boolean}} [options] idle: the page has nothing more to load when it is tapped
 * @returns {Promise<number>} milliseconds from the click to the first frame
 */
export async function once(browser, url, button, { idle = true } = {}) {
  const { context, page } = await viewer(browser, desktop);
  await context.addInitScript(stopwatch);
  await page.goto(url);
  await page.locator(button).first().waitFor();
  if (idle) await page.waitForLoadState("networkidle");
  await delay(500); // a person looks before tapping
  await page.locator(button).first().click();
  const milliseconds = await until("the first frame", () => page.evaluate(() => window.shown && window.shown - window.clicked), { seconds: 20, every: 20 });
  await context.close();
  return milliseconds;
}

export async function click() {
  const work = await mkdtemp(join(tmpdir(), "streambox-bench-"));
  const { box, dir, title } = await boxWithSegments({ packaged: true });
  const browser = await launch();
  await writeFile(join(work, "index.html"), bare);
  await cp(dir, join(work, "film"), { recursive: true });
  for (const name of ["hls.min.mjs", "hls.worker.js"]) await cp(join(root, "web", "client", "node_modules", "hls.js", "dist", name), join(work, name));
  const reference = await nginx(work);
  try {
    const [ours, theirs] = [[], []];
    for (let i = 0; i <= repetitions; i++) {
      const a = await once(browser, `${box.url}/`, `.card[data-id="${title.id}"]`);
      const b = await once(browser, `${reference.url}/`, "button");
      if (i > 0) { // the first pair warms up
        ours.push(a);
        theirs.push(b);
      }
    }
    const pairs = ours.map((a, i) => a / theirs[i]);
    record({
      what: `click to first frame, new viewer, 5 Mbit/s film, median of ${repetitions} (median of the pairs' ratios ${median(pairs).toFixed(3)})`,
      ours: `${median(ours).toFixed(0)} ms`,
      reference: `${median(theirs).toFixed(0)} ms (bare hls.js page on nginx)`,
      ratio: median(ours) / median(theirs),
      bar: "≤ 1.15",
    });
  } finally {
    await browser.close();
    await reference.stop();
    await box.remove();
    await rm(work, { recursive: true, force: true });
  }
}

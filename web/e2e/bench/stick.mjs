// A stick of 200 films on a device as slow as cheap sticks are: how soon they are listed, and how soon one plays.
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, truncate, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { newBox } from "../lib/box.mjs";
import { launch } from "../lib/browser.mjs";
import { clips } from "../lib/clips.mjs";
import { noSlowStick, slowStick } from "../lib/slowstick.mjs";
import { until } from "../lib/until.mjs";
import { once } from "./click.mjs";
import { record } from "./figures.mjs";

const run = promisify(execFile);
const films = 200;
const limits = { bytesPerSecond: 35_000_000, readsPerSecond: 300 };
const device = "35 MB/s and 300 reads/s";

/** Every tenth film lasts half an hour, the others five minutes: what is read of a film to play it is its index. */
const isLong = (n) => n % 10 === 9;

const seconds = (ms) => `${(ms / 1000).toFixed(2)} s`;

export async function stick() {
  const why = await noSlowStick();
  if (why) {
    console.log(`not run here: ${why}`);
    return;
  }
  const work = await mkdtemp(join(tmpdir(), "streambox-bench-"));
  const folder = join(work, "films");
  await mkdir(folder);
  const [long] = await clips("long", { only: "long-h264" });
  const short = join(work, "short.mkv");
  await run("ffmpeg", ["-nostdin", "-v", "error", "-i", long.path, "-t", "300", "-c", "copy", short]);
  for (let n = 0; n < films; n++) { // the same film, of which each is another one: bytes behind its end
    const name = join(folder, `Film ${String(n).padStart(3, "0")}${isLong(n) ? ".mp4" : ".mkv"}`);
    await cp(isLong(n) ? long.path : short, name);
    await truncate(name, (await stat(name)).size + 1 + n);
  }
  const box = await newBox({ logLevel: "info", inside: (...words) => slow.inside(...words) });
  const slow = await slowStick(folder, box.stick, limits);
  await rm(folder, { recursive: true });
  const browser = await launch();
  try {
    await measure(box, slow, browser, "new");
    await until("all films to be known", async () => (await box.titles()).every((t) => t.state === "ready" || t.playable), { seconds: 900, every: 1000 });
    await box.stop();
    await slow.cold();
    await measure(box, slow, browser, "known");
  } finally {
    await browser.close();
    await box.stop();
    await slow.remove(); // it is mounted in the box's folder
    await box.remove();
    await rm(work, { recursive: true, force: true });
  }
}

/** From the box's start to the list, then clicks on some of the films. */
async function measure(box, slow, browser, how) {
  const began = performance.now();
  const reads = await slow.reads();
  await box.start();
  await until("all films to be listed", async () => (await box.titles()).length === films, { seconds: 120, every: 20 });
  record({
    what: `${films} ${how} films behind ${device}, cold: the box's start to all of them listed (${(await slow.reads()) - reads} reads)`,
    ours: seconds(performance.now() - began), bar: how === "known" ? "≤ 2 s" : "≤ 5 s",
  });
  const clicks = [];
  for (const n of [199, 73, 129, 4]) {
    const name = `Film ${String(n).padStart(3, "0")}`;
    const title = (await box.titles()).find((t) => t.title === name);
    clicks.push(await once(browser, `${box.url}/?q=${encodeURIComponent(name)}`, `.card[data-id="${title.id}"]`, { idle: false }));
  }
  record({
    what: `${films} ${how} films behind ${device}, cold: click to first frame, most of ${clicks.length} (${clicks.map((ms) => (ms / 1000).toFixed(1)).join(", ")} s)`,
    ours: seconds(Math.max(...clicks)), bar: "≤ 2 s",
  });
}

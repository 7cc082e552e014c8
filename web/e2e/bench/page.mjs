// What a phone fetches: the first visit up to the grid, with few titles and with 10,000, and up to the first frame.
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { newBox } from "../lib/box.mjs";
import { launch, viewer } from "../lib/browser.mjs";
import { clips, put } from "../lib/clips.mjs";
import { streambox } from "../lib/places.mjs";
import { playsBeyond } from "../lib/player.mjs";
import { until } from "../lib/until.mjs";
import { record } from "./figures.mjs";

const run = promisify(execFile);
const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} KB`;

/** Counts the bytes that come over the network, headers and all, by kind. @param {import("playwright-core").Page} page */
async function counting(page) {
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  const kinds = new Map();
  const counted = { page: 0, pictures: 0, media: 0 };
  session.on("Network.responseReceived", ({ requestId, response }) => {
    const { pathname } = new URL(response.url);
    kinds.set(requestId, /\.jpg$/.test(pathname) ? "pictures" : pathname.startsWith("/stream/") ? "media" : "page");
  });
  session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    counted[kinds.get(requestId) ?? "page"] += encodedDataLength;
  });
  return counted;
}

/** In the page: what had come when the first card was put in place; pictures come after it. */
function noteGrid() {
  new MutationObserver((_, observer) => {
    if (!document.querySelector(".card[data-id]")) return;
    observer.disconnect();
    const all = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
    window.gridBytes = all.reduce((sum, entry) => sum + entry.transferSize, 0); // compressed, and 300 for headers
    window.gridFiles = all.map((entry) => `${entry.transferSize} ${new URL(entry.name).pathname}`);
  }).observe(document, { childList: true, subtree: true });
}

async function grid(box, browser, locale = "en-US") {
  const { context, page } = await viewer(browser, { named: false, locale });
  const counted = await counting(page);
  await context.addInitScript(noteGrid);
  await page.goto(box.url);
  await page.locator(".card[data-id]").first().waitFor();
  const { gridBytes, gridFiles } = await page.evaluate(() => ({ gridBytes: window.gridBytes, gridFiles: window.gridFiles }));
  if (process.env.E2E_VERBOSE) console.log(gridFiles.join("\n"));
  await page.waitForLoadState("networkidle");
  return { context, page, counted, gridBytes };
}

export async function page() {
  const browser = await launch();
  const box = await newBox({ logLevel: "info" });
  try {
    const [clip] = await clips("twelve", { only: "h264-aac" });
    await put(box.stick, clip);
    await box.start();
    const title = await box.ready(clip.file);
    const { context, page, counted, gridBytes } = await grid(box, browser);
    record({ what: "page: bytes to the first grid, one title, compressed, with headers", ours: kilobytes(gridBytes) });
    await page.locator(`.card[data-id="${title.id}"]`).click();
    await playsBeyond(page, 0.1);
    await page.waitForLoadState("networkidle");
    record({ what: "page: first load with player and hls.js to the first frame, compressed, without media", ours: kilobytes(counted.page), bar: "≤ 350 KB" });
    await context.close();
  } finally {
    await box.remove();
  }
  await manyTitles(browser);
  await browser.close();
}

const films = 10_000;
const perStick = 5000;

/**
 * 10,000 real films: folders as `streambox convert` writes them, each with a segment that plays and differs from all
 * others (null packets, which players skip, carry its number).
 */
async function manyTitles(browser) {
  const box = await newBox({ sticks: ["one", "two"], logLevel: "info" });
  try {
    const [clip] = await clips("odd", { only: "ordinary" });
    await run(streambox, ["convert", clip.path, "--out", box.folder]);
    const made = join(box.folder, "ordinary");
    const name = (await readdir(made)).find((n) => n.endsWith(".ts"));
    const playlist = (await readFile(join(made, "index.m3u8"), "utf8")).split("\n");
    const first = playlist.indexOf(name);
    const single = [...playlist.slice(0, first + 1), "#EXT-X-ENDLIST", ""].join("\n");
    const media = await readFile(join(made, name));
    for (let i = 0; i < films; i++) {
      const folder = join(box.sticks[Math.floor(i / perStick)], `Shelf ${Math.floor(i / 50)}`, `A film with a name of usual length ${i}`);
      const extra = Buffer.alloc(188, 0xff);
      extra.writeUInt32BE(0x471fff10, 0);
      extra.writeUInt32BE(i, 4);
      const data = Buffer.concat([media, extra]);
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, name), data);
      await writeFile(join(folder, "index.m3u8"), single);
      const sha256 = createHash("sha256").update(data).digest("hex");
      await writeFile(join(folder, "hashes.json"), JSON.stringify({ schema: 1, segments: [{ name, sha256, bytes: data.length }] }));
    }
    await box.start();
    // All are listed within seconds; those that the first page shows are also ready, with all that is known of a film.
    await until("10,000 titles, the first of them ready", async () => {
      const { total, titles } = await box.get("/api/v1/titles?limit=100");
      return total === films && titles.every((t) => t.state === "ready");
    }, { seconds: 300, every: 1000, seen: () => box.get("/api/v1/box") });
    for (const locale of ["en-US", "de-DE", "ar-EG"]) {
      const { context, gridBytes } = await grid(box, browser, locale);
      record({ what: `page: bytes to the first grid with 10,000 titles, without pictures, ${locale}`, ours: kilobytes(gridBytes), bar: "≤ 40 KB" });
      await context.close();
    }
  } finally {
    await box.remove();
  }
}

// Takes pictures of the page as the fixture serves it, to look at.  node dev/shots.mjs OUT_FOLDER [http://127.0.0.1:3103]
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";

const [out = "shots", base = "http://127.0.0.1:3103"] = process.argv.slice(2);
mkdirSync(out, { recursive: true });
const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const root = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
const quiet = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"];
const args = [...root, ...quiet, "--disable-component-update", "--disable-sync"];
const browser = await chromium.launch({ executablePath, args });
const SIZES = { 320: [320, 640], 390: [390, 844], 1440: [1440, 900] };
try {
  for (const scheme of /** @type {const} */ (["dark", "light"])) {
    for (const [name, [width = 0, height = 0]] of Object.entries(SIZES)) {
      const page = await browser.newPage({ viewport: { width, height }, colorScheme: scheme, locale: "en" });
      page.on("pageerror", (error) => console.log(name, scheme, String(error)));
      page.on("console", (m) => m.type() === "error" && console.log(name, scheme, m.text()));
      const shot = (/** @type {string} */ what) =>
        page.screenshot({ path: join(out, `${what}-${name}-${scheme}.png`) });
      await page.goto(`${base}/`);
      await page.waitForSelector(".shelves .card");
      await page.waitForTimeout(900);
      await shot("library");
      await page.click(".box-button");
      await page.waitForSelector("dialog[open]");
      await page.waitForTimeout(300);
      await shot("sheet");
      await page.keyboard.press("Escape");
      if (scheme === "dark") {
        await page.click('.card[data-id="t000000000000003"]');
        await page.waitForFunction(() => (document.querySelector("video")?.currentTime ?? 0) > 1, null, {
          timeout: 15000,
        });
        await page.mouse.move(width / 2, height / 2);
        await shot("player");
        console.log(name, await page.evaluate("JSON.stringify(streambox.stats())"));
      }
      // The drawer with four phones that are made up: as it opens, and all of it.
      await page.goto(
        `${base}/dev/drawer?peers=4&segments=${width > 1000 ? 2700 : 30}&played=${width > 1000 ? 300 : 12}`,
      );
      await page.waitForSelector(".drawer");
      await page.waitForTimeout(5000);
      await shot("drawer");
      await page.evaluate(() => document.querySelector("details")?.setAttribute("open", ""));
      await page.setViewportSize({ width, height: width > 1000 ? 2000 : 3400 });
      await page.waitForTimeout(600);
      await shot("drawer-all");
      await page.close();
    }
  }
} finally {
  await browser.close();
}

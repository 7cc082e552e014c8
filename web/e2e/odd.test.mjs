// Stands for: sticks as they are, with damaged, disguised and hostile files between the films.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { rename, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import { after, before } from "node:test";
import { promisify } from "node:util";
import { newBox } from "./lib/box.mjs";
import { desktop, launch, viewer } from "./lib/browser.mjs";
import { clips, putSet } from "./lib/clips.mjs";
import { missing } from "./lib/places.mjs";
import { card, playsBeyond, tapTitle } from "./lib/player.mjs";
import { scene } from "./lib/scene.mjs";
import { until } from "./lib/until.mjs";
import { words } from "./lib/words.mjs";

const run = promisify(execFile);

let all = [];
let box;
let browser;

before(async () => {
  if (missing) return;
  all = await clips("odd");
  box = await newBox();
  await putSet(box.stick, "odd");
  await box.start();
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await box?.remove();
});

const plain = (name) => name.replace(/[\p{C}\uFFFD]+/gu, " ").replace(/\s+/g, " ");
const settled = (t) => ["ready", "unplayable", "blocked"].includes(t.state);

scene("every odd file comes to rest in a clear state, or is counted; the others go on", () => box, async () => {
  const { titles, sticks } = await until("all titles to have come to rest", async () => {
    const [list, status] = [await box.titles(), await box.get("/api/v1/box")];
    return list.length > 15 && list.every(settled) && status.state !== "starting" && status.sticks[0].state === "ready" &&
      { titles: list, sticks: status.sticks };
  }, { seconds: 120, seen: async () => (await box.titles()).map((t) => [t.title, t.state, t.reason?.text]) });

  for (const title of titles) {
    const told = JSON.stringify(title);
    if (title.state === "ready") assert.ok(title.playable && title.master, told);
    else {
      assert.ok(title.reason?.code && title.reason.text.length > 10, `a sentence for ${told}`);
      assert.ok(!title.reason.text.includes("/") && !/ffmpeg|ffprobe|exit status|errno/i.test(title.reason.text), `words for people in ${told}`);
      assert.equal(title.playable, false, told);
    }
  }
  const known = new Map(titles.flatMap((t) => t.sources.map((s) => [[s.folder, s.file].filter(Boolean).join("/"), t])));
  for (const clip of all.filter((c) => c.rung)) {
    // What cannot be shown in a line of text (control characters, what is not UTF-8) may be replaced, not more.
    const found = [...known].find(([file]) => plain(file) === plain(clip.file))?.[1];
    assert.ok(found, `${JSON.stringify(clip.file)} is listed; listed are ${JSON.stringify([...known.keys()])}`);
    assert.equal(found.how, clip.rung, JSON.stringify(found));
    assert.equal(found.state, clip.rung === "none" ? "unplayable" : "ready", JSON.stringify(found));
  }
  const counted = Object.values(sticks[0].ignoredFiles).reduce((sum, n) => sum + n, 0);
  assert.equal(titles.length + counted, all.length, `${titles.length} titles and ${counted} counted files of ${all.length}; ignored: ${JSON.stringify(sticks[0].ignoredFiles)}`);
}, { timeout: 180_000 });

// Stands for: stored cross-site scripting by file name, the oldest trick with a stick.
scene("names that are HTML are shown as text, and run nowhere", () => box, async () => {
  const { context, page, faults, origins } = await viewer(browser, desktop);
  await page.goto(`${box.url}/`);
  for (const title of await box.titles()) await card(page, title.id).waitFor();
  const seen = await page.evaluate(() => ({
    text: document.body.textContent,
    injected: document.querySelectorAll('img[src="x"], svg[onload], [onerror]').length,
    scripts: [...document.scripts].filter((s) => s.textContent.includes("alert")).length,
  }));
  assert.ok(seen.text.includes("<img src=x onerror=alert(1)>"), "the name is there, letter by letter");
  assert.equal(seen.injected, 0);
  assert.equal(seen.scripts, 0);
  const html = await box.until("<img src=x onerror=alert(1)>.mp4", "ready", settled);
  await tapTitle(page, box, html.id);
  await playsBeyond(page, 1);
  assert.equal(await page.locator('img[src="x"]').count(), 0);
  assert.deepEqual(faults, []);
  assert.deepEqual([...origins], [box.url]);
  await context.close();
});

scene("the lists for other players stay well-formed, whatever the names", () => box, async () => {
  const playable = (await box.titles()).filter((t) => t.playable);
  const lines = (await (await fetch(`${box.url}/titles.m3u`)).text()).split("\n").filter(Boolean);
  assert.equal(lines.filter((l) => l.startsWith("http://")).length, playable.length);
  assert.equal(lines.filter((l) => l.startsWith("#EXTINF")).length, playable.length);
  assert.equal(lines.filter((l) => !/^(http:\/\/127\.0\.0\.1:\d+\/stream\/|#EXT)/.test(l)).length, 0, lines.join("\n"));

  const { context, page, faults } = await viewer(browser, { ...desktop, javaScriptEnabled: false });
  await page.goto(`${box.url}/`);
  assert.equal(await page.locator('a[href$="/master.m3u8"]').count(), playable.length);
  assert.equal(await page.locator('img[src="x"], svg[onload], script:has-text("alert")').count(), 0);
  assert.deepEqual(faults, []);
  await context.close();
});

// Stands for: a copy or download that was broken off, of a format that plays as far as it goes.
scene("what is there of a film that was broken off plays, and card and player say that it is not all", () => box, async () => {
  const clip = (await clips("long")).find((c) => c.name === "long-h264");
  const file = join(box.folder, "broken off.mkv");
  await run("ffmpeg", ["-v", "error", "-t", "60", "-i", clip.path, "-c", "copy", file], { timeout: 30_000 });
  await truncate(file, (await stat(file)).size / 2);
  await rename(file, join(box.stick, "broken off.mkv"));
  assert.equal((await fetch(`${box.url}/api/v1/rescan`, { method: "POST" })).status, 202);
  const title = await box.ready("broken off.mkv", 60);
  assert.equal(title.reason?.code, "ends_early", JSON.stringify(title));
  const { context, page, faults } = await viewer(browser, desktop);
  await page.goto(`${box.url}/`);
  const sentence = words("reason.ends_early").replace(/\{.*/, "");
  await card(page, title.id).getByText(sentence).waitFor({ timeout: 10_000 });
  await tapTitle(page, box, title.id);
  await page.locator(".player").getByText(sentence).first().waitFor({ timeout: 10_000 });
  await playsBeyond(page, 1);
  assert.deepEqual(faults, []);
  await context.close();
});

// The drawer behind the "shared" pill, as people meet it: with a finger, with keys, in other languages. Stands for: a
// browser's own idea of focus, layout, canvas and touch. What two phones do with each other is swarm.test.mjs.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before } from "node:test";
import { newBox } from "./lib/box.mjs";
import { desktop, launch, phone, viewer } from "./lib/browser.mjs";
import { clips, put } from "./lib/clips.mjs";
import { missing } from "./lib/places.mjs";
import { card, playsBeyond, tapTitle, video } from "./lib/player.mjs";
import { scene } from "./lib/scene.mjs";
import { until } from "./lib/until.mjs";
import { words } from "./lib/words.mjs";

let box;
let browser;
let title;

before(async () => {
  if (missing) return;
  const clip = (await clips("sample", { seconds: 20 })).find(({ name }) => name === "evening");
  box = await newBox();
  await put(box.stick, clip);
  await box.start();
  title = await box.ready(clip.file.split("/").at(-1), 120);
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await box?.remove();
});

/** A viewer who watches the film; asked: what the page has loaded, by path. */
function watching(name, options, body, search = "") {
  scene(name, () => box, async () => {
    const { context, page: tab, faults } = await viewer(browser, options);
    const asked = [];
    tab.on("request", (request) => asked.push(new URL(request.url()).pathname));
    try {
      if (search) await tab.goto(`${box.url}/watch/${title.id}${search}`);
      else await tapTitle(tab, box, title.id);
      // A browser that was not touched wants a tap.
      if (search) await until("the film to begin", () => playing(tab), { seconds: 15, seen: () => video(tab) });
      await playsBeyond(tab, 0.3);
      await body(tab, asked);
      assert.deepEqual(faults, [], "errors, dialogs and violations of the content security policy");
    } finally {
      await context.close();
    }
  });
}

async function playing(tab) {
  const big = tab.locator(".big-play");
  if (await big.isVisible()) await big.click();
  const v = await video(tab);
  return v && !v.paused && v.seconds > 0;
}

const pill = (tab) => tab.locator("button.shared");
const drawer = (tab) => tab.locator(".drawer");
const ofDrawer = (path) => /stats-view|chunk-map|swarm\.css|languages\/drawer/.test(path);

/** Controls fade; whoever wants one moves the mouse or taps first. */
async function open(tab) {
  await tab.evaluate(() => document.querySelector(".player").removeAttribute("data-idle"));
  await pill(tab).click();
  await drawer(tab).waitFor();
}

const value = (tab) => tab.getByRole("slider", { name: words("swarm.mapLabel") }).getAttribute("aria-valuetext");

watching("nothing of the drawer is loaded before it is opened, and nothing runs when it is closed", desktop, async (tab, asked) => {
  assert.deepEqual(asked.filter(ofDrawer), []);
  await open(tab);
  assert.equal(asked.filter(ofDrawer).length, 4, asked.filter(ofDrawer).join());
  await until("the pieces to be counted", async () => /[1-9]/.test(await tab.locator(".map .legend").innerText()), { seconds: 5 });
  await tab.getByRole("button", { name: words("swarm.close") }).click();
  await drawer(tab).waitFor({ state: "detached" });
  assert.equal(await tab.evaluate(() => document.activeElement?.className.includes("shared")), true, "the focus is where one left");
  assert.equal(await tab.evaluate(() => document.querySelector(".player").classList.contains("with-drawer")), false);
  assert.equal(await pill(tab).getAttribute("aria-expanded"), "false");
});

watching("with keys: open, walk over the pieces, close; the film's own keys still work", desktop, async (tab) => {
  await pill(tab).focus();
  await tab.keyboard.press("Enter");
  await tab.getByRole("dialog", { name: words("swarm.title") }).waitFor();
  assert.equal(await tab.evaluate(() => document.activeElement?.id), "drawer-title", "what is read first");
  for (let i = 0; i < 10 && !(await tab.evaluate(() => document.activeElement?.classList.contains("map-board"))); i++) await tab.keyboard.press("Tab");
  const before = (await video(tab)).seconds;
  await tab.keyboard.press("Home");
  assert.match(await value(tab), /^Piece 1, 0:00–/);
  await tab.keyboard.press("ArrowRight");
  assert.match(await value(tab), /^Piece 2, /);
  assert.equal(await tab.locator(".map-tip").innerText(), await value(tab), "the tip says what the slider says");
  await tab.keyboard.press("End");
  assert.ok(!/^Piece [12],/.test(await value(tab)));
  assert.ok((await video(tab)).seconds - before < 5, "the film does not jump");
  await tab.keyboard.press("k");
  await until("a pause", async () => (await video(tab)).paused, { seconds: 5 });
  await tab.keyboard.press("Escape");
  assert.equal(await tab.locator(".map-tip").isVisible(), false, "first the tip goes");
  assert.equal(await drawer(tab).count(), 1);
  await tab.keyboard.press("Escape");
  await drawer(tab).waitFor({ state: "detached" });
  assert.equal(await tab.locator("video").count(), 1, "then the drawer, and the film stays");
  await tab.keyboard.press("Escape");
  await card(tab, title.id).waitFor();
});

watching("with a finger: a piece says what it is", phone, async (tab) => {
  await open(tab);
  const map = tab.locator(".map-canvas");
  await map.scrollIntoViewIfNeeded();
  const { x, y } = await map.boundingBox();
  await tab.touchscreen.tap(x + 8, y + 8);
  await tab.locator(".map-tip").getByText(/^Piece 1, 0:00–/).waitFor();
  await tab.touchscreen.tap(x + 30, y + 8);
  await tab.locator(".map-tip").getByText(/^Piece 2, /).waitFor();
});

watching("the switch is remembered", phone, async (tab) => {
  await open(tab);
  const share = tab.getByRole("switch");
  assert.equal(await share.isChecked(), true);
  await share.click();
  assert.equal(await tab.evaluate(() => localStorage.getItem("streambox.share")), "false");
  await tab.reload();
  await until("the film to be there again", () => playing(tab), { seconds: 15, seen: () => video(tab) });
  await open(tab);
  assert.equal(await tab.getByRole("switch").isChecked(), false);
});

watching("leaving the film takes the drawer along", desktop, async (tab) => {
  await open(tab);
  await tab.goBack();
  await card(tab, title.id).waitFor();
  assert.equal(await drawer(tab).count(), 0);
  await card(tab, title.id).click();
  await playsBeyond(tab, 0.2);
  assert.equal(await drawer(tab).count(), 0);
});

for (const language of ["en", "en-XA", "ar-XB"])
  for (const [width, height] of [[320, 640], [640, 320]])
    watching(`it fits ${width} × ${height} in ${language}, with targets that a finger hits`, { ...phone, viewport: { width, height } }, async (tab) => {
      await open(tab);
      await tab.locator(".drawer-fold summary").click();
      const found = await tab.evaluate(() => {
        const all = [...document.querySelectorAll(".drawer, .drawer *, .shared")];
        const seen = all.filter((e) => e.getClientRects().length > 0 && !e.closest(".peers-picture"));
        const name = (e) => `${e.tagName}.${e.className} ${Math.round(e.getBoundingClientRect().width)}×${Math.round(e.getBoundingClientRect().height)}`;
        return {
          page: document.documentElement.scrollWidth,
          inner: document.querySelector(".drawer").scrollWidth - document.querySelector(".drawer").clientWidth,
          wide: seen.filter((e) => e.getBoundingClientRect().right > innerWidth + 1 || e.getBoundingClientRect().left < -1).map(name),
          small: seen.filter((e) => e.matches("button, summary, label, .map-board") && e.getBoundingClientRect().height < 43.5).map(name),
          dir: document.documentElement.dir,
        };
      });
      assert.deepEqual(found, { page: width, inner: 0, wide: [], small: [], dir: language === "ar-XB" ? "rtl" : "ltr" });
    }, `?lang=${language}`);

// Stands for: somebody who is asked for "the file" after something went wrong.
watching("opened for debugging, the drawer hands out what the swarm did", desktop, async (tab) => {
  await open(tab);
  const button = tab.locator(".drawer-trace");
  await button.waitFor();
  const [download] = await Promise.all([tab.waitForEvent("download"), button.click()]);
  assert.equal(download.suggestedFilename(), "streambox-swarm.json");
  const lines = (await readFile(await download.path(), "utf8")).trim().split("\n").map((line) => JSON.parse(line));
  assert.ok(JSON.stringify(lines).includes('"open"'), "the first thing a page does is to say what it plays");
}, "?debug=swarm");

watching("elsewhere it does not", desktop, async (tab) => {
  await open(tab);
  assert.equal(await tab.locator(".drawer-trace").isVisible(), false);
});

// The page as people meet it: on a phone, with keys, in other languages, without script, day after day. Stands for: a
// browser's own idea of focus, layout, storage, autoplay and history, which no unit test has.
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { after, before } from "node:test";
import { newBox } from "./lib/box.mjs";
import { desktop, launch, phone, viewer } from "./lib/browser.mjs";
import { clips, put } from "./lib/clips.mjs";
import { missing } from "./lib/places.mjs";
import { card, pause, playsBeyond, seek, stage, tapTitle, video } from "./lib/player.mjs";
import { scene } from "./lib/scene.mjs";
import { until } from "./lib/until.mjs";
import { words } from "./lib/words.mjs";

let all = [];
let box;
let browser;
const byName = {};

before(async () => {
  if (missing) return;
  all = await clips("sample", { seconds: 20 });
  box = await newBox({ args: ["--name", "lobby"] });
  await put(box.stick, ...all);
  await box.start();
  for (const clip of all) byName[clip.name] = await box.ready(clip.file.split("/").at(-1), 120);
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await box?.remove();
});

/** A test with a viewer of its own, whose page must not have done anything forbidden. */
function page(name, options, body) {
  scene(name, () => box, async () => {
    const { context, page: tab, faults, origins } = await viewer(browser, options);
    try {
      await body(tab, context);
      assert.deepEqual(faults, [], "errors, dialogs and violations of the content security policy");
      assert.deepEqual([...origins], [box.url], "requests to anybody but the box");
    } finally {
      await context.close();
    }
  });
}

/** Names of the cards in the order of the screen. */
const names = (tab) => tab.locator(".shelves .card .name").allInnerTexts();

page("the name is asked for once, and may be skipped", { named: false }, async (tab) => {
  await tab.goto(box.url);
  await tab.getByText(words("name.question")).waitFor();
  await card(tab, byName.evening.id).waitFor(); // the question stands in nobody's way
  await tab.getByRole("button", { name: words("name.skip") }).click();
  await tab.getByText(words("name.question")).waitFor({ state: "detached" });
  await tab.reload();
  await card(tab, byName.evening.id).waitFor();
  assert.equal(await tab.getByText(words("name.question")).count(), 0);
});

page("folders are shelves, and 2 comes before 10; search and order work", {}, async (tab) => {
  await tab.goto(box.url);
  await card(tab, byName.evening.id).waitFor();
  await tab.getByRole("heading", { name: "Small worlds" }).waitFor();
  const shelf = tab.locator(".shelf", { has: tab.getByRole("heading", { name: "Small worlds" }) });
  assert.deepEqual(await shelf.locator(".card .name").allInnerTexts(), ["Episode 2", "Episode 10"]);

  await tab.getByRole("searchbox").fill("zÔom");
  await until("only the long zoom to be left", async () => (await names(tab)).join() === "The long zoom", { seconds: 5, seen: () => names(tab) });
  await tab.getByRole("searchbox").fill("nothing like it");
  await tab.locator(".empty").getByText("Nothing here matches").waitFor();
  await tab.getByRole("searchbox").fill("");
  await until("all to be back", async () => (await names(tab)).length === all.length, { seconds: 5, seen: () => names(tab) });
  await tab.getByLabel(words("sort.label")).selectOption("title");
  await until("the order of names", async () => (await names(tab)).join() === "Colours of the evening,Episode 2,Episode 10,The long zoom", { seconds: 5, seen: () => names(tab) });
  await tab.reload(); // what is asked for stands in the address
  await until("the same order after a reload", async () => (await names(tab)).join() === "Colours of the evening,Episode 2,Episode 10,The long zoom", { seconds: 5, seen: () => names(tab) });
});

page("a film goes on where it was left, also after a reload", desktop, async (tab) => {
  await tapTitle(tab, box, byName.evening.id);
  await playsBeyond(tab, 0.5);
  await seek(tab, 16.5);
  await playsBeyond(tab, 17);
  await tab.reload();
  await until("the film to be there again", async () => (await video(tab))?.ready >= 2 && (await video(tab)).seconds > 10, { seconds: 15, seen: () => video(tab) });
  // After a reload nobody has touched the page yet: the browser wants a tap where the film has sound.
  if ((await stage(tab)).kind === "tap") await tab.locator(".big-play").click();
  await tab.getByRole("button", { name: words("player.fromStart") }).waitFor({ timeout: 5000 });
  const v = await playsBeyond(tab, 15.5); // the shelf is for what is worth going back to
  assert.ok(v.seconds < 19, `it goes on at ${v.seconds} s`);
  await tab.goto(box.url);
  await tab.getByRole("heading", { name: words("shelf.continue") }).waitFor();
});

page("the next episode is announced, can be cancelled, and can be had at once", desktop, async (tab) => {
  const two = byName["episode-2"];
  await tapTitle(tab, box, two.id);
  await playsBeyond(tab, 0.3);
  await seek(tab, 19);
  await until("the next card", async () => (await stage(tab)).kind === "next", { seconds: 15, seen: () => stage(tab) });
  assert.match((await stage(tab)).text, /Episode 10/);
  await tab.getByRole("button", { name: words("player.cancel") }).click();
  await until("the end", async () => (await stage(tab)).kind === "ended", { seconds: 5, seen: () => stage(tab) });
  assert.ok(tab.url().endsWith(`/watch/${two.id}`), "it stays where it is");
  await tab.getByRole("button", { name: words("player.again") }).click();
  await playsBeyond(tab, 0.3);
  await seek(tab, 19);
  await until("the next card once more", async () => (await stage(tab)).kind === "next", { seconds: 15, seen: () => stage(tab) });
  await tab.getByRole("button", { name: words("player.playNow") }).click();
  await until("Episode 10 to play", async () => tab.url().endsWith(`/watch/${byName["episode-10"].id}`), { seconds: 5 });
  await playsBeyond(tab, 0.5);
  // And the way back from there is the library, not the film before.
  await tab.getByRole("button", { name: words("player.toLibrary") }).first().click();
  await card(tab, two.id).waitFor();
  await tab.locator(`.shelves [data-id="${two.id}"]`).getByText(words("card.watched")).waitFor();
});

// Stands for: a phone at the edge of the Wi-Fi, where a connection breaks.
for (const sheet of ["base", "library", "player-stage"]) {
  scene(`styles/${sheet}.css is lost on its way: it is asked for again, and comes`, () => box, async () => {
    const { context, page: tab } = await viewer(browser, phone);
    try {
      let asked = 0;
      await tab.route(`**/styles/${sheet}.css`, (route) => (++asked > 2 ? route.continue() : route.abort("connectionreset")));
      await tapTitle(tab, box, byName.evening.id);
      const loaded = () => tab.evaluate((name) => [...document.styleSheets].filter((s) => s.href?.endsWith(`/${name}.css`) && s.cssRules.length > 0).length, sheet);
      await until("the style sheet", async () => (await loaded()) === 1, { seconds: 20, seen: () => asked });
      const order = await tab.evaluate(() => [...document.styleSheets].map((s) => s.href.split("/").at(-1)).slice(0, 2));
      assert.deepEqual(order, ["base.css", "library.css"], "later rules overrule earlier ones, as ever");
    } finally {
      await context.close();
    }
  });
}

page("where the browser wants a tap, any tap on the picture is one", {}, async (tab) => {
  // As phones do it with sound. (To the browser itself each look of a test into the page is a gesture.)
  await tab.addInitScript(() => {
    const { play } = HTMLMediaElement.prototype;
    let tapped = false;
    addEventListener("pointerdown", () => (tapped = true), true);
    HTMLMediaElement.prototype.play = function () {
      return tapped ? play.call(this) : Promise.reject(new DOMException("no tap yet", "NotAllowedError"));
    };
  });
  await tab.goto(`${box.url}/watch/${byName.evening.id}`);
  await until("the big button", async () => (await stage(tab)).kind === "tap", { seconds: 15, seen: () => stage(tab) });
  await tab.touchscreen.tap(60, 300); // beside it
  await playsBeyond(tab, 0.3);
  assert.equal((await stage(tab)).kind, "none");
});

page("everything can be done with keys alone", desktop, async (tab) => {
  await tab.goto(box.url);
  await card(tab, byName.evening.id).waitFor();
  const focused = () => tab.evaluate(() => document.activeElement?.getAttribute("data-id") ?? "");
  for (let i = 0; i < 30 && (await focused()) !== byName.evening.id; i++) await tab.keyboard.press("Tab");
  assert.equal(await focused(), byName.evening.id, "a card can be reached by Tab");
  assert.notEqual(await tab.evaluate(() => getComputedStyle(document.activeElement).outlineStyle), "none", "and one sees where one is");
  await tab.keyboard.press("Enter");
  await playsBeyond(tab, 0.3);
  await tab.keyboard.press("k");
  await until("a pause", async () => (await video(tab)).paused, { seconds: 5 });
  const at = (await video(tab)).seconds;
  await tab.keyboard.press("ArrowRight");
  await until("a jump forward", async () => (await video(tab)).seconds > at + 4, { seconds: 5, seen: () => video(tab) });
  await tab.keyboard.press("ArrowLeft");
  await tab.keyboard.press("k");
  await playsBeyond(tab, 0.3);
  await tab.keyboard.press("m");
  await until("silence", () => tab.evaluate(() => document.querySelector("video").muted), { seconds: 5 });
  await tab.keyboard.press("m");
  await tab.keyboard.press("Escape");
  await card(tab, byName.evening.id).waitFor();
  await until("the player to be gone", async () => (await tab.locator("video").count()) === 0, { seconds: 5 });
  assert.equal(await focused(), byName.evening.id, "the focus is where one left");
  // The sheet takes the focus, keeps it, and gives it back.
  await tab.getByRole("button", { name: words("sheet.title") }).last().focus();
  await tab.keyboard.press("Enter");
  await tab.getByRole("dialog", { name: words("sheet.title") }).waitFor();
  await tab.keyboard.press("Escape");
  await tab.getByRole("dialog").waitFor({ state: "detached" });
});

for (const language of ["en", "en-XA", "ar-XB"]) {
  page(`nothing scrolls sideways at 320 px in ${language}`, { ...phone, viewport: { width: 320, height: 640 } }, async (tab) => {
    const fits = async (where) => {
      const wide = await tab.evaluate(() => ({
        page: document.documentElement.scrollWidth,
        screen: innerWidth,
        // Only what can be scrolled to counts: what is cut off by its own box does no harm.
        culprits: [...document.querySelectorAll("body *")]
          .filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest(".row"))
          .slice(0, 5)
          .map((e) => `${e.tagName}.${e.className}`),
      }));
      assert.ok(wide.page <= 320 && wide.screen === 320, `${where}: ${JSON.stringify(wide)}`);
    };
    await tab.goto(`${box.url}/?lang=${language}`);
    await card(tab, byName.evening.id).waitFor();
    assert.equal(await tab.evaluate(() => document.documentElement.dir), language === "ar-XB" ? "rtl" : "ltr");
    assert.equal(await tab.evaluate(() => document.documentElement.lang), language);
    await fits("the library");
    await tab.locator(".box-button").click();
    await tab.getByRole("dialog").waitFor();
    await fits("the sheet");
    await tab.keyboard.press("Escape");
    await card(tab, byName.evening.id).click();
    await playsBeyond(tab, 0.2);
    await pause(tab);
    await fits("the player");
  });
}

page("the sheet says in words what the box sees", {}, async (tab) => {
  await tab.goto(box.url);
  await tab.locator(".box-button").click();
  const sheet = tab.getByRole("dialog", { name: words("sheet.title") });
  await sheet.getByText(`${all.length} films`, { exact: false }).first().waitFor();
  await sheet.getByText("are free for more").waitFor();
  const said = await sheet.evaluate((s) => [s.textContent, ...[...s.querySelectorAll("[aria-label]")].map((e) => e.getAttribute("aria-label"))].join(" | "));
  assert.doesNotMatch(said, /\b(sheet|theme|language|host|stick|storage|policy|ignored|reason)\.[a-z]/, "a key where words belong");
  await until("the QR code", () => sheet.locator("img.qr").evaluate((img) => img.naturalWidth > 0), { seconds: 5 });
});

// Stands for: a stick that is filled while phones look at the page.
page("a new film appears by itself after “Look for new films”, and others see who watches", {}, async (tab) => {
  await tab.goto(box.url);
  await card(tab, byName.evening.id).waitFor();
  const [clip] = (await clips("twelve")).filter((c) => c.name === "no-audio");
  await put(box.stick, clip);
  await tab.getByRole("button", { name: words("rescan.label") }).click();
  const fresh = await box.ready(clip.file);
  await card(tab, fresh.id).waitFor();
  const other = await viewer(browser);
  await tapTitle(other.page, box, fresh.id);
  await playsBeyond(other.page, 0.3);
  await card(tab, fresh.id).getByText("1 watching").waitFor({ timeout: 10_000 });
  await other.context.close();
  await card(tab, fresh.id).getByText("1 watching").waitFor({ state: "hidden", timeout: 15_000 });
});

scene("a broken thumbnail hides nothing else", () => box, async () => {
  const { context, page: tab } = await viewer(browser);
  await tab.route("**/thumbnail.jpg*", (route) => route.abort());
  await tab.goto(box.url);
  await card(tab, byName.evening.id).waitFor();
  assert.equal((await names(tab)).length, (await box.titles()).length);
  await card(tab, byName.evening.id).click();
  await playsBeyond(tab, 0.3);
  await context.close();
});

page("without script there is a list with links to the films", { javaScriptEnabled: false }, async (tab) => {
  await tab.goto(box.url);
  for (const title of await box.titles()) {
    await tab.locator(`a[href$="${title.master}"]`).first().waitFor();
    await tab.getByText(title.title).first().waitFor();
  }
});

page("the numbers for tests and support are there", {}, async (tab) => {
  await tapTitle(tab, box, byName.evening.id);
  await playsBeyond(tab, 1);
  const stats = await tab.evaluate(() => window.streambox.stats());
  for (const key of ["httpBytes", "p2pBytes", "uploadedBytes", "wastedBytes", "rejectedSegments", "bufferSeconds", "peers", "startMilliseconds", "stalls"]) {
    assert.equal(typeof stats[key], "number", key);
  }
  assert.ok(stats.httpBytes > 1000 && stats.startMilliseconds > 0 && stats.bufferSeconds > 1, JSON.stringify(stats));
});

const folder = process.env.SCREENSHOTS;
if (folder) {
  scene("screenshots", () => box, async () => {
    await mkdir(folder, { recursive: true });
    for (const [device, options] of Object.entries({ phone, desktop })) {
      for (const colorScheme of ["dark", "light"]) {
        const { context, page: tab } = await viewer(browser, { ...options, colorScheme });
        const shot = (name) => tab.screenshot({ path: join(folder, `${device}-${colorScheme}-${name}.png`) });
        await tab.goto(box.url);
        await card(tab, byName.evening.id).waitFor();
        await until("pictures", () => tab.evaluate(() => [...document.querySelectorAll(".card img")].every((i) => i.hidden || i.naturalWidth > 0)), { seconds: 5 }).catch(() => {});
        await delay(700); // pictures fade in
        await shot("library");
        await tab.locator(".box-button").click();
        await tab.getByRole("dialog").waitFor();
        await shot("sheet");
        await tab.keyboard.press("Escape");
        await card(tab, byName["episode-2"].id).click();
        await playsBeyond(tab, 1);
        await pause(tab);
        await shot("player");
        await context.close();
      }
    }
  });
}

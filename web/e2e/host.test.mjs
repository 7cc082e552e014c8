// A hand on the box makes a host: the real button (a key of the box's own terminal), the real page. Stands for: who may
// change the box, from the press to its new name, and that nobody else may.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { newBox } from "./lib/box.mjs";
import { launch, phone, viewer } from "./lib/browser.mjs";
import { missing } from "./lib/places.mjs";
import { scene } from "./lib/scene.mjs";
import { until } from "./lib/until.mjs";
import { words } from "./lib/words.mjs";

let box;
let browser;

before(async () => {
  if (missing) return;
  box = await newBox({ keys: true, args: ["--panel", "terminal", "--qr", "never"] });
  await box.start();
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await box?.remove();
});

/** Opens the page with its sheet, at its end. */
async function sheetOf(options = {}) {
  const { context, page: tab } = await viewer(browser, options);
  await tab.goto(box.url);
  await tab.locator(".box-button").click();
  const sheet = tab.getByRole("dialog", { name: words("sheet.title") });
  await sheet.getByRole("heading", { name: words("host.title") }).waitFor();
  return { context, tab, sheet, button: (key) => sheet.getByRole("button", { name: words(key) }) };
}

scene("after a short press one page becomes host, names the box, and may switch it off; no other may", () => box, async () => {
  const ada = await sheetOf(phone);
  const ben = await sheetOf();
  await ada.sheet.getByText(words("host.hint")).waitFor();
  const refused = await ada.tab.evaluate(async () => (await fetch("/api/v1/host", { method: "POST" })).status);
  assert.equal(refused, 403, "without a press");

  box.type("b");
  await ben.button("host.become").waitFor(); // pushed: nobody loaded anything anew
  await ada.button("host.become").click();
  await ada.sheet.getByRole("textbox", { name: words("host.name") }).waitFor();
  await ben.sheet.getByText(words("host.hint")).waitFor();
  assert.equal(await ben.button("host.become").count(), 0, "one page for a press");

  const name = ada.sheet.getByRole("textbox", { name: words("host.name") });
  assert.equal(await name.inputValue(), "streambox");
  await until("the focus to be where it was useful", () => name.evaluate((field) => field === document.activeElement), { seconds: 5 });
  await name.fill("Kino Nord");
  await ada.button("name.save").nth(0).click();
  await ada.sheet.getByText(words("reason.wrong_name")).waitFor();
  assert.equal(await ada.tab.locator(".toast").count(), 0, "nothing lies over the field");
  assert.equal((await box.get("/api/v1/box")).name, "streambox");
  await name.fill("Kino-Nord.local");
  await name.press("Enter");
  await ben.tab.locator(".box-name", { hasText: "kino-nord" }).waitFor();
  assert.equal(await name.inputValue(), "kino-nord");
  await until("the tab to have the name too", async () => (await ada.tab.title()) === "kino-nord", { seconds: 5 });

  const forbidden = await ben.tab.evaluate(async () => {
    const put = await fetch("/api/v1/settings", { method: "PUT", body: '{"name":"mine"}' });
    const off = await fetch("/api/v1/poweroff", { method: "POST" });
    return [put.status, (await put.json()).code, off.status, (await off.json()).code];
  });
  assert.deepEqual(forbidden, [403, "host_only", 403, "host_only"]);

  // The box as it runs here is no service and cannot switch itself off: it is not offered.
  assert.equal(await ada.button("host.off").count(), 0);
  const off = await ada.tab.evaluate(async () => {
    const answer = await fetch("/api/v1/poweroff", { method: "POST" });
    return [answer.status, (await answer.json()).code];
  });
  assert.deepEqual(off, [503, "no_poweroff"]);
  // Where it is, it takes two taps; the first is harmless. What comes of it is said below the button.
  await ada.tab.route("**/api/v1/box", async (route) => {
    const answer = await route.fetch();
    const told = await answer.json();
    await route.fulfill({ response: answer, json: { ...told, host: { ...told.host, powerOff: true } } });
  });
  await ada.sheet.getByRole("button", { name: words("sheet.close") }).click();
  await ada.tab.locator(".box-button").click();
  await ada.button("host.off").click();
  await ada.button("player.cancel").click();
  await ada.button("host.off").click();
  await ada.button("host.offYes").click();
  await ada.sheet.getByText(words("reason.no_poweroff")).waitFor();
  assert.equal(await ada.tab.locator(".toast").count(), 0);

  const wide = await ada.tab.evaluate(() => document.querySelector("dialog.sheet").scrollWidth - document.querySelector("dialog.sheet").clientWidth);
  assert.equal(wide, 0, "nothing stands out of the sheet on a phone");
  if (process.env.SCREENSHOTS) await ada.sheet.locator(".host").screenshot({ path: `${process.env.SCREENSHOTS}/host.png` });
  await ada.context.close();
  await ben.context.close();
});

scene("the name outlives a restart; who was host does not; ten seconds and a tap forget the name", () => box, async () => {
  await box.stop();
  await box.start();
  assert.equal((await box.get("/api/v1/box")).name, "kino-nord");
  const { context, sheet } = await sheetOf();
  await sheet.getByText(words("host.hint")).waitFor();
  await context.close();

  // A key that is held. Should this machine stop for a moment, the button was let go, and is held anew.
  const says = async (text) => (await box.log()).includes(text);
  await until("ten seconds to be held", async () => {
    box.type("b");
    return says("let go: forget settings");
  }, { seconds: 60, every: 50 });
  await until("the box to wait for the confirmation", () => says("tap b within 5 s"), { seconds: 5, every: 50 });
  box.type("b");
  await until("the name to be forgotten", async () => (await box.get("/api/v1/box")).name === "streambox", { seconds: 10 });
});

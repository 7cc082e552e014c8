// `make pictures`: the pictures of the README, drawn from a box that runs, as text (SVG) that is light or dark as its
// reader is. The page is a real one in a real Chromium: its geometry, words, colours and pixels are read and written
// down; films become a mosaic. The case of the phone, and the window around the card's files, are ours.
//   node web/e2e/pictures.mjs [FOLDER]     else image/pictures
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { newBox } from "./lib/box.mjs";
import { launch, viewer } from "./lib/browser.mjs";
import { missing, root } from "./lib/places.mjs";
import { card, pause, playsBeyond, seek } from "./lib/player.mjs";
import { until } from "./lib/until.mjs";
import { cardPicture, files } from "./pictures/card.mjs";
import { lightPicture, listen, stretches } from "./pictures/light.mjs";
import { Colours, drawing, paint, phone } from "./pictures/paint.mjs";
import { shapes } from "./pictures/walk.mjs";

if (missing) throw new Error(missing);
delete process.env.STREAMBOX_BIN; // the box would take it for a setting, and ask for attention
const folder = process.argv[2] ?? join(root, "image", "pictures");
const most = 12_000; // bytes: they are kept in the tree
const name = "http://streambox.local"; // as phones call it: the browser is told where that is

const words = (/** @type {any} */ shape) => `${shape?.kind} ${shape?.text ?? ""} at ${shape?.x} ${shape?.y}`;
await mkdir(folder, { recursive: true });
// Trusted as a proxy, this browser may say by which name the box was called: so /join shows that and not a loopback address.
const box = await newBox({ keys: true, sticks: [], args: ["--panel", "terminal", "--qr", "never", "--trusted-proxies", "127.0.0.1", "--mdns", "off"] });
const plug = join(box.folder, "KINO");
box.options.args.push("--stick", plug);
let browser;
try {
  const starting = box.start();
  const drawn = listen(box.child.stdout);
  await starting;
  await until("the box to be ready", async () => (await box.get("/api/v1/box")).state === "ready", { seconds: 180, seen: () => box.get("/api/v1/box") });
  await delay(3500); // the light says so for a while
  await symlink(join(root, ".cache", "samples"), plug);
  // The fourth is converted meanwhile, and the page says how far it is.
  await until("the films that play as they are to be ready", async () => (await box.titles()).filter((t) => t.state === "ready").length >= 3, { seconds: 300, every: 500, seen: () => box.titles() });
  await delay(4000); // the light says that, too
  await keep("light", lightPicture(stretches(drawn)));

  browser = await launch({ more: [`--host-resolver-rules=MAP streambox.local 127.0.0.1:${box.port}`] });
  await onPhone("library", "The films of a stick, on a phone", { width: 390, height: 700 }, async (page) => {
    await page.goto(name, { waitUntil: "domcontentloaded" });
    const titles = await box.titles();
    for (const { id } of titles) await card(page, id).waitFor({ state: "attached" });
    await until("the small pictures", () => page.evaluate(() => [...document.querySelectorAll(".card img")].filter((i) => i.naturalWidth > 0).length >= 3), { seconds: 120 });
    await delay(700); // they fade in
  }, 1300);
  await onPhone("playing", "A film on a phone", { width: 760, height: 350 }, async (page) => {
    const film = (await box.titles()).find((t) => t.title.startsWith("Colours"));
    await page.goto(name, { waitUntil: "domcontentloaded" });
    await card(page, film.id).click();
    await playsBeyond(page, 1, 120);
    await pause(page);
    await seek(page, 12);
    await page.evaluate(() => document.querySelector("video").play());
    await playsBeyond(page, 13, 120);
    await page.mouse.move(300, 200); // the controls come back
    await delay(400);
  }, 7000, true);
  await onPage("join", "The page /join, for a projector: the code and the address", { width: 560, height: 480 }, async (page) => {
    await page.setExtraHTTPHeaders({ "X-Forwarded-For": "10.0.0.7" });
    await page.goto(`${name}/join`);
  });
} finally {
  await browser?.close();
  await box.remove();
}

const settings = files(join(root, ".cache", "card", "debian", "settings.img"));
if (settings) await keep("card", cardPicture(settings, (await readFile(join(root, "README.md"), "utf8")).match(/^ *network=.*\n *password=.*\n *country=.*$/m)[0].split("\n").map((line) => line.trim())));
else console.log("card.svg is as it was: no card has been built (make image)");

/** The same page in both themes. @param {(page: import("playwright-core").Page) => Promise<void>} prepare */
async function both(size, prepare, moving = false) {
  const { context, page } = await viewer(browser, { viewport: size, colorScheme: "light" });
  try {
    page.setDefaultTimeout(120_000);
    await prepare(page);
    if (moving) { // the player is dark in both, and its film goes on
      const seen = await shapes(page);
      return [seen, seen];
    }
    let light;
    let dark;
    // While a film is prepared its words change: both themes must be of one moment.
    await until("a page that stands still", async () => {
      const seen = async (/** @type {"light" | "dark"} */ colorScheme) => {
        await page.emulateMedia({ colorScheme });
        await delay(400);
        return shapes(page);
      };
      [light, dark] = [await seen("light"), await seen("dark")];
      return light.length === dark.length && light.every((shape, i) => shape.kind === dark[i].kind && shape.text === dark[i].text);
    }, { seconds: 40, seen: () => [light.length, dark.length, ...light.map((shape, i) => [words(shape), words(dark[i])]).find(([a, b]) => a !== b)] });
    return [light, dark];
  } finally {
    await context.close();
  }
}

async function onPhone(file, title, size, prepare, room, moving = false) {
  const [light, dark] = await both(size, prepare, moving);
  const colours = new Colours();
  await keep(file, phone(paint(light, dark, colours, room), { ...size, title, colours }));
}

async function onPage(file, title, size, prepare) {
  const [light, dark] = await both(size, prepare);
  const colours = new Colours();
  // A loopback address with a port that is another each time is of this machine, and of no card.
  const told = (/** @type {any} */ shape) => !shape.text?.includes("127.0.0.1");
  const inner = paint(light.filter(told), dark.filter(told), colours, 0);
  const framed = `<clipPath id="page"><rect width="${size.width}" height="${size.height}" rx="14"/></clipPath><g clip-path="url(#page)">${inner}</g>`;
  await keep(file, drawing(framed, { ...size, title, colours }));
}

async function keep(file, svg) {
  if (svg.length > most) throw new Error(`${file}.svg has ${svg.length} bytes, ${most} at most are kept`);
  await writeFile(join(folder, `${file}.svg`), svg);
  console.log(`${join(folder, file)}.svg  ${svg.length} bytes`);
}

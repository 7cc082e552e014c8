// A real Chromium, and pages that remember what they should not have done: requests to anybody but the box, violations
// of the content security policy, errors on the console, dialogs.
import { playwright, chromium as program } from "./places.mjs";

const flags = [
  "--no-sandbox", // tests may run as root, where Chromium's own sandbox refuses
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--mute-audio",
];

/**
 * @param {{station?: import("./netns.mjs").Station, more?: string[], keepPages?: boolean}} [options]
 * station: where it runs; more: arguments for Chromium; keepPages: for "back", which Playwright switches off
 */
export async function launch({ station, more = [], keepPages = false } = {}) {
  const { chromium } = await playwright();
  return chromium.launch({
    executablePath: station?.wrapper(program) ?? program,
    headless: true,
    args: [...flags, ...more],
    // Playwright's own arguments would let everything play without a tap; phones do not.
    ignoreDefaultArgs: ["--autoplay-policy=no-user-gesture-required", ...(keepPages ? ["--disable-back-forward-cache"] : [])],
  });
}

/** A phone of the width most have. */
export const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };
export const desktop = { viewport: { width: 1280, height: 800 } };

/**
 * A new viewer: a context of its own (cookie, storage) with one page.
 * @param {import("playwright-core").Browser} browser
 * @param {import("playwright-core").BrowserContextOptions & {named?: boolean}} [options] named: the name card was answered before
 */
export async function viewer(browser, { named = true, ...options } = {}) {
  const context = await browser.newContext({ ...phone, ...options });
  if (named) await context.addInitScript(() => localStorage.setItem("streambox.nameAsked", "true"));
  const page = await context.newPage();
  const faults = [];
  const origins = new Set();
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.protocol !== "blob:" && url.protocol !== "data:") origins.add(url.origin);
  });
  page.on("websocket", (socket) => origins.add(new URL(socket.url()).origin.replace(/^ws/, "http")));
  page.on("pageerror", (error) => faults.push(`error: ${error.stack ?? error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(`console: ${message.text()} (${message.location().url})`);
  });
  page.on("dialog", (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    dialog.dismiss().catch(() => {});
  });
  await context.addInitScript(() => {
    addEventListener("securitypolicyviolation", (event) => {
      console.error(`CSP: ${event.violatedDirective} forbids ${event.blockedURI} at ${event.sourceFile}:${event.lineNumber}`);
    });
  });
  return { context, page, faults, origins };
}

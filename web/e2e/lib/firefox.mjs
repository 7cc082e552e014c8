// A real Firefox at a station, driven by WebDriver BiDi (puppeteer-core): the other half of the phones and laptops.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { root } from "./places.mjs";
import { until } from "./until.mjs";

export const firefox = process.env.FIREFOX ?? ["/usr/bin/firefox-esr", "/usr/bin/firefox"].find((path) => existsSync(path)) ?? "";

/** Why there is no Firefox here, for node:test's skip. */
export const missingFirefox = (() => {
  if (firefox) return false;
  const sentence = "not run here: firefox-esr is missing (apt-get install firefox-esr)";
  if (process.env.STREAMBOX_STRICT === "1") throw new Error(sentence);
  return sentence;
})();

const port = 9222; // of both ends of forward.mjs

// What a fresh Firefox does on the internet, switched off; nothing of what is under test.
const preferences = {
  "app.normandy.enabled": false,
  "app.update.enabled": false,
  "browser.aboutwelcome.enabled": false,
  "browser.safebrowsing.malware.enabled": false,
  "browser.safebrowsing.phishing.enabled": false,
  "browser.shell.checkDefaultBrowser": false,
  "datareporting.policy.dataSubmissionEnabled": false,
  "dom.disable_beforeunload": true,
  "extensions.getAddons.cache.enabled": false,
  "media.gmp-manager.updateEnabled": false,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "services.settings.server": "data:,",
  "toolkit.telemetry.reportingpolicy.firstRun": false,
};

/** @param {import("./netns.mjs").Station} station */
export async function launchFirefox(station) {
  const profile = await mkdtemp(join(tmpdir(), "streambox-firefox-"));
  await writeFile(join(profile, "user.js"), Object.entries(preferences).map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`).join(""));
  const start = (program, ...args) => {
    const [command, ...all] = station.inside(program, ...args);
    return spawn(command, all, { stdio: "ignore", env: { ...process.env, HOME: profile, MOZ_CRASHREPORTER_DISABLE: "1" } });
  };
  const children = [
    start(firefox, "--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", String(port)),
    start(process.execPath, join(dirname(fileURLToPath(import.meta.url)), "forward.mjs"), station.address, String(port), String(port)),
  ];
  const stop = async () => {
    for (const child of children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    }
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const fromClient = createRequire(join(root, "web", "client", "package.json"));
    const puppeteer = await import(pathToFileURL(fromClient.resolve("puppeteer-core")).href);
    const browser = await until("Firefox to take its driver", () =>
      puppeteer.connect({
        browserWSEndpoint: `ws://${station.address}:${port}/session`,
        protocol: "webDriverBiDi",
        headers: { Host: `127.0.0.1:${port}` }, // Firefox answers to no other name
        defaultViewport: { width: 1280, height: 800 },
      }), { seconds: 60, every: 500 });
    return { browser, stop: async () => {
      await browser.close().catch(() => {});
      await stop();
    } };
  } catch (error) {
    await stop();
    throw error;
  }
}

// The drawer beside an empty picture, fed by a swarm that is not there (served by dev/fixture.mjs as /dev/drawer).
//   ?segments=30&peers=4&played=12&events=20&lang=ar&theme=light&closed&fast
import { Settings } from "../app/core/settings.js";
import { Stats } from "../app/core/stats.js";
import { el } from "../app/dom/el.js";
import { applyTheme } from "../app/dom/theme.js";
import { SharedPill } from "../app/player/shared.js";
import { direction, loadLanguage } from "../app/text/language.js";
import { FakeSwarm } from "./swarm-fake.mjs";

const ask = new URLSearchParams(location.search);
const number = (/** @type {string} */ name, /** @type {number} */ otherwise) =>
  Number(ask.get(name) ?? otherwise);
const tag = ask.get("lang") ?? "en";
document.documentElement.lang = tag;
document.documentElement.dir = direction(tag);
const theme = ask.get("theme");
applyTheme(theme === "light" || theme === "dark" ? theme : "");
const stats = new Stats();
stats.startMilliseconds = 412;
stats.bufferSeconds = () => 27.4;
/** @type {any} the part of the page's context that the drawer needs */
const context = {
  base: "/assets",
  language: await loadLanguage("/assets", tag),
  settings: new Settings(null),
  stats,
  toast: (/** @type {string} */ text) => (document.title = text),
};
const played = number("played", 12);
const fake = new FakeSwarm({
  segments: number("segments", 30),
  peers: number("peers", 4),
  played,
  now: () => performance.now(),
});
const video = el("video", { poster: "/stream/t000000000000003/thumbnail.svg" });
const began = performance.now();
Object.defineProperties(video, {
  currentTime: { get: () => played * 4 + ((performance.now() - began) / 1000) * number("speed", 1) },
  videoWidth: { value: 1280 },
  videoHeight: { value: 720 },
});
const pill = new SharedPill(context, { view: () => fake, video });
const heading = el(
  "div",
  { class: "player-heading" },
  el("h1", { class: "player-name", text: "Winter Travellers 8" }),
);
const player = el(
  "section",
  { class: "player" },
  video,
  el("div", { class: "player-top" }, heading, pill.root),
);
document.body.append(player);
setInterval(() => {
  fake.play(video.currentTime);
  fake.step(100, number("events", 20) / 10);
  pill.draw();
}, 100);
Object.assign(window, { fake, pill });
if (!ask.has("closed")) pill.toggle();

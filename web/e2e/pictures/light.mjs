// The green light, as the box's own terminal (--panel terminal) drew it from its start on.
import { Colours, drawing, escape } from "./paint.mjs";

/** @typedef {{at: number, lit: boolean, word: string}} Drawn seconds from the start */

/** Listens to what a box draws in its terminal. @param {import("node:stream").Readable} stream @returns {Drawn[]} grows */
export function listen(stream) {
  const began = performance.now();
  /** @type {Drawn[]} */
  const all = [];
  stream.on("data", (chunk) => {
    for (const [, led, word] of String(chunk).matchAll(/([●○]) (.+?) {3}\[b is the button\]/g)) all.push({ at: (performance.now() - began) / 1000, lit: led === "●", word });
  });
  return all;
}

/** The stretches of one word each. @param {Drawn[]} drawn */
export function stretches(drawn) {
  /** @type {{word: string, from: number, to: number, changes: {at: number, lit: boolean}[]}[]} */
  const all = [];
  for (const [i, { at, lit, word }] of drawn.entries()) {
    if (all.at(-1)?.word !== word) all.push({ word, from: at, to: at, changes: [] });
    const now = all.at(-1);
    if (now.changes.at(-1)?.lit !== lit) now.changes.push({ at: at - now.from, lit });
    now.to = drawn[i + 1]?.at ?? at + 3;
  }
  return all;
}

// appliance/panel/show.go: how it blinks while the box starts. Here that is over before the first change; a Pi needs a minute.
const fast = 0.125;
const means = { starting: "it starts: wait", ready: "open the page", working: "reads the stick, prepares films; what is ready plays", stopping: "goes off: then pull the plug" };
const width = 560;
const shown = 3; // seconds of each

/** @param {ReturnType<typeof stretches>} recorded */
export function lightPicture(recorded) {
  const all = recorded.filter((one) => one.word !== "starting" && one.to - one.from > 1)
    .filter((one, i, each) => each.findIndex((other) => other.word === one.word) === i);
  all.unshift({ word: "starting", from: 0, to: shown, changes: Array.from({ length: shown / fast }, (_, n) => ({ at: n * fast, lit: n % 2 === 0 })) });
  const colours = new Colours();
  const ink = colours.as("fill", "#241e17", "#f4ede3");
  const soft = colours.as("fill", "#675b4e", "#b8ab9b");
  const dark = colours.as("fill", "#dfd5c6", "#38322b");
  const row = 66;
  const per = 500 / shown;
  let keyframes = "";
  const rows = all.map(({ word, changes, from, to }, i) => {
    const y = 14 + i * row;
    const length = Math.min(shown, to - from);
    const lit = changes.map((c, n) => ({ ...c, end: Math.min(length, changes[n + 1]?.at ?? length) })).filter((c) => c.lit && c.end > c.at);
    const strip = lit.map((c) => `M${(46 + c.at * per).toFixed(1)} ${y + 36}h${((c.end - c.at) * per).toFixed(1)}v10h-${((c.end - c.at) * per).toFixed(1)}z`).join("");
    const ons = changes.filter((c) => c.lit).map((c) => c.at);
    let lamp = "l";
    if (ons.length > 2) {
      const period = (ons.at(-1) - ons[0]) / (ons.length - 1);
      const share = Math.round((100 * lit.slice(0, -1).reduce((sum, c) => sum + c.end - c.at, 0)) / Math.max(0.01, (lit.length - 1) * period));
      keyframes += `@keyframes k${i}{${Math.min(95, Math.max(5, share))}%{opacity:.12}}.k${i}{animation:k${i} ${period.toFixed(2)}s steps(1) infinite}`;
      lamp += ` k${i}`;
    }
    return `<circle class="${lamp}" cx="20" cy="${y + 20}" r="10"/>
<text x="46" y="${y + 25}" font-size="17" font-weight="650"${ink}>${escape(word)}</text>
<text x="540" y="${y + 25}" font-size="15" text-anchor="end"${soft}>${escape(means[word] ?? "")}</text>
<path d="M46 ${y + 36}h${(length * per).toFixed(1)}v10h-${(length * per).toFixed(1)}z"${dark}/><path class="l" d="${strip}"/>`;
  });
  const height = 14 + all.length * row + 22;
  const body = `<rect x=".5" y=".5" width="${width - 1}" height="${height - 1}" rx="14"${colours.pair(["#fffdf9", "#1d1a17"], ["#dfd5c6", "#4a4037"])}/>
${rows.join("\n")}
<text x="46" y="${height - 14}" font-size="13"${soft}>${shown} seconds of each; starting as on a Pi, the rest as recorded</text>`;
  const more = `.l{fill:#3f9b3a}@media (prefers-color-scheme:dark){.l{fill:#62d05a}}@media (prefers-reduced-motion:no-preference){${keyframes}}`;
  return drawing(body, { width, height, title: "The green light: blinks fast while the box starts, is on when it is ready, pulses slowly while it works", colours, more });
}

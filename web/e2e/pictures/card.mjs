// The disk STREAMBOX as a laptop shows it: the files of the card that was built last.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { Colours, drawing, escape } from "./paint.mjs";

const width = 560;

/** @param {string} image the first partition @returns {string[] | null} names; null where no card has been built */
export function files(image) {
  if (!existsSync(image)) return null;
  const listing = execFileSync("mdir", ["-b", "-i", image, "::"], { encoding: "utf8" });
  return listing.split("\n").map((line) => line.replace(/^::\//, "").trim()).filter(Boolean);
}

/** @param {string[]} names @param {string[]} wifi lines of the file for one's own Wi-Fi */
export function cardPicture(names, wifi) {
  const colours = new Colours();
  const ink = colours.as("fill", "#241e17", "#f4ede3");
  const soft = colours.as("fill", "#675b4e", "#b8ab9b");
  const paper = colours.pair(["#fffdf9", "#1d1a17"], ["#dfd5c6", "#4a4037"]);
  const bar = colours.as("fill", "#efe7da", "#2a2520");
  const accent = colours.as("stroke", "#8f5200", "#f2b35a");
  const line = 34;
  const listHeight = 52 + names.length * line + 8;
  const noteTop = listHeight + 14;
  const noteHeight = 66 + wifi.length * 24;
  const sheet = (/** @type {number} */ y, /** @type {string} */ marks) =>
    `<path d="M22 ${y}h10l5 5v15h-15z"${marks} stroke-width="1.6" stroke-linejoin="round" fill-opacity="0"/>`;
  const row = (/** @type {string} */ name, /** @type {number} */ i) => `${sheet(53 + i * line, colours.as("stroke", "#675b4e", "#b8ab9b"))}<text x="50" y="${69 + i * line}" font-size="16"${ink}>${escape(name)}</text>`;
  const text = (/** @type {string} */ words, /** @type {number} */ i) => `<text class="m ${/"(.*)"/.exec(ink)?.[1]}" x="22" y="${noteTop + 70 + i * 24}" font-size="16">${escape(words)}</text>`;
  const body = `<rect x=".5" y=".5" width="${width - 1}" height="${listHeight - 1}" rx="12"${paper}/>
<path d="M1 40V12.500a11 11 0 0 1 11-11H${width - 12}a11 11 0 0 1 11 11V40z"${bar}/>
<text x="20" y="27" font-size="16" font-weight="650"${ink}>STREAMBOX</text>
<text x="${width - 20}" y="27" font-size="14" text-anchor="end"${soft}>what a computer shows of the card</text>
${names.map(row).join("\n")}
<rect x="1" y="${noteTop}" width="${width - 2}" height="${noteHeight}" rx="12" fill-opacity="0" stroke-width="2" stroke-dasharray="7 5"${accent}/>
${sheet(noteTop + 14, accent)}
<text x="50" y="${noteTop + 30}" font-size="16" font-weight="650"${ink}>streambox-wifi.txt</text>
<text x="${width - 20}" y="${noteTop + 30}" font-size="14" text-anchor="end"${soft}>you write it, if there is no cable</text>
${wifi.map(text).join("\n")}`;
  return drawing(body, { width, height: noteTop + noteHeight + 2, title: `The disk STREAMBOX with ${names.join(", ")}; beside them streambox-wifi.txt, which you write`, colours, more: ".m{font-family:ui-monospace,Menlo,Consolas,monospace}" });
}

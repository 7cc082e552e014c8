// The page's own English, so that tests name what people read, and follow when it is worded better.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./places.mjs";

const read = (...path) => JSON.parse(readFileSync(join(root, "web", "client", "languages", ...path), "utf8"));
const parts = ["box", "drawer", "player"].map((part) => read(part, "en.json"));
const english = Object.assign(read("en.json"), ...parts);

/** @param {string} key @returns {string} */
export function words(key) {
  const text = english[key];
  if (typeof text !== "string") throw new Error(`no sentence ${key}`);
  return text;
}

// Pseudo-locales for tests: en-XA is English with accents and a third longer, ar-XB is English drawn right to left.
// What still looks like plain English on such a page did not come from a language file.

/** @typedef {import("./language.js").Messages} Messages */
/** @typedef {import("./language.js").Message} Message */

const PLAIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const ACCENTED = [..."åƀçðéƒĝĥîĵķļɱñöþǫŕšţûṽŵẋýžÅƁÇÐÉƑĜĤÎĴĶĻṀÑÖÞǪŔŠŢÛṼŴẊÝŽ"];

/** Applies to the words only, never to {names}. @param {string} text @param {(words: string) => string} change */
const words = (text, change) =>
  text
    .split(/(\{\w+\})/)
    .map((part) => (part.startsWith("{") ? part : change(part)))
    .join("");

/** @param {string} text */
function accented(text) {
  const changed = words(text, (part) => [...part].map((c) => ACCENTED[PLAIN.indexOf(c)] ?? c).join(""));
  return `[${changed}${"·".repeat(Math.ceil(text.length / 3))}]`;
}

/** @param {string} text */
const mirrored = (text) => words(text, (part) => (part.trim() ? `\u202e${part}\u202c` : part));

/** @param {Messages} messages @param {string} tag @returns {Messages} */
export function disguise(messages, tag) {
  const change = tag === "ar-XB" ? mirrored : accented;
  const one = (/** @type {Message} */ message) =>
    typeof message === "string"
      ? change(message)
      : Object.fromEntries(Object.entries(message).map(([form, text]) => [form, change(text)]));
  return Object.fromEntries(Object.entries(messages).map(([key, message]) => [key, one(message)]));
}

// The page's words. A message is a text with {names}, or an object of plural forms chosen by its {count}.
// Numbers in messages are written as the language writes them. No other magic.

import { bytes, length } from "./format.js";

/** @typedef {string | {[form: string]: string}} Message */
/** @typedef {{[key: string]: Message}} Messages */

/** Every file in languages/, in its own name; a test compares. @type {{[tag: string]: string}} */
export const LANGUAGES = { en: "English", ar: "العربية", de: "Deutsch" };

/** Made from English, for tests: longer words, and right to left. */
const PSEUDO = ["en-XA", "ar-XB"];

/**
 * The best language there is for what a person wants.
 * @param {readonly string[]} wanted tags, best first
 */
export function choose(wanted) {
  for (const tag of wanted) {
    if (PSEUDO.includes(tag) || tag in LANGUAGES) return tag;
    const short = tag.split("-")[0] ?? "";
    if (short in LANGUAGES) return short;
  }
  return "en";
}

/** @param {string} tag */
export const direction = (tag) => (/^(ar|fa|he|ur)\b/.test(tag) ? "rtl" : "ltr");

/** The server's words may be half a sentence. @param {string} text */
const sentence = (text) =>
  text && text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?…]$/.test(text) ? "" : ".");

export class Language {
  /** @type {Map<string, Promise<void>>} */
  #parts = new Map();

  /** @param {string} tag @param {Messages} messages */
  constructor(tag, messages) {
    this.tag = tag;
    this.messages = messages;
    // Pseudo-locales are English underneath. Latin digits in Arabic too: times like 1:02:09 stay one form everywhere.
    this.locale = PSEUDO.includes(tag) ? "en" : tag === "ar" ? "ar-u-nu-latn" : tag;
    this.plurals = new Intl.PluralRules(this.locale);
    this.numbers = new Intl.NumberFormat(this.locale, { maximumFractionDigits: 1 });
  }

  /** @param {string} key */
  has(key) {
    return Object.prototype.hasOwnProperty.call(this.messages, key);
  }

  /**
   * Loads words that only a part of the page needs (languages/<part>/<tag>.json), once; a failure is tried again.
   * @param {string} base URL prefix of the assets @param {string} part
   * @returns {Promise<void>}
   */
  more(base, part) {
    const known = this.#parts.get(part);
    if (known) return known;
    const loading = this.#load(base, part);
    this.#parts.set(part, loading);
    loading.catch(() => this.#parts.delete(part));
    return loading;
  }

  /** @param {string} base @param {string} part */
  async #load(base, part) {
    Object.assign(this.messages, await loadMessages(`${base}/languages/${part}`, this.tag));
  }

  /**
   * The text of a key; the key itself where there is none (a test sees to it that this never happens).
   * @param {string} key
   * @param {{[name: string]: unknown}} [values]
   */
  t(key, values = {}) {
    const message = this.has(key) ? this.messages[key] : key;
    const text = typeof message === "object" ? this.#form(message, Number(values.count)) : (message ?? key);
    return text.replace(/\{(\w+)\}/g, (_whole, /** @type {string} */ name) => this.#value(values[name]));
  }

  /**
   * Words for something the server explains: the page's own where its code is known, else the server's sentence.
   * Where a parameter is missing, "reason.<code>.bare" does without. ("seconds" and "…Bytes" are written with units.)
   * @param {{code: string, text: string, parameters?: {[name: string]: unknown}}} reason
   */
  reason({ code, text, parameters = {} }) {
    const key = `reason.${code}`;
    if (!this.has(key)) return sentence(text);
    const wanted = JSON.stringify(this.messages[key]).matchAll(/\{(\w+)\}/g);
    /** @type {{[name: string]: unknown}} */
    const values = {};
    for (const [, name = ""] of wanted) {
      const value = parameters[name];
      if (value === undefined) return this.has(`${key}.bare`) ? this.t(`${key}.bare`) : sentence(text);
      values[name] = this.#measured(name, value);
    }
    return this.t(key, values);
  }

  /** @param {string} name @param {unknown} value */
  #measured(name, value) {
    if (name.endsWith("Bytes")) return bytes(this, Number(value));
    return name === "seconds" ? length(this, Number(value), "long") : value;
  }

  /** @param {{[form: string]: string}} forms @param {number} count */
  #form(forms, count) {
    return forms[this.plurals.select(Number.isFinite(count) ? count : 0)] ?? forms.other ?? "";
  }

  /** @param {unknown} value */
  #value(value) {
    if (typeof value === "number") return this.numbers.format(value);
    return value === undefined || value === null ? "" : String(value);
  }
}

/**
 * @param {string} base URL prefix of the assets
 * @param {string} tag from choose()
 * @returns {Promise<Language>}
 */
export const loadLanguage = async (base, tag) =>
  new Language(tag, await loadMessages(`${base}/languages`, tag));

/** @param {string} folder URL @param {string} tag @returns {Promise<Messages>} */
async function loadMessages(folder, tag) {
  const pseudo = PSEUDO.includes(tag);
  const response = await fetch(`${folder}/${pseudo ? "en" : tag}.json`);
  const messages = await response.json();
  if (!pseudo) return messages;
  const { disguise } = await import("./pseudo.js");
  return disguise(messages, tag);
}

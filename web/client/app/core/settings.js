// What this phone remembers, in localStorage. A browser that refuses storage just forgets.

/** @typedef {{theme: "dark" | "light" | "", language: string, name: string, nameAsked: boolean, volume: number, muted: boolean, speed: number, subtitles: string, sound: string, share: boolean}} Values */

/** @type {Values} */
const DEFAULTS = {
  theme: "",
  language: "",
  name: "",
  nameAsked: false,
  volume: 1,
  muted: false,
  speed: 1,
  subtitles: "",
  sound: "",
  share: true,
};

export class Settings {
  /** @param {Pick<Storage, "getItem" | "setItem"> | null} storage */
  constructor(storage) {
    this.storage = storage;
  }

  /**
   * @template T
   * @param {string} name
   * @param {T} otherwise also when what is stored has another type
   * @returns {T}
   */
  read(name, otherwise) {
    try {
      const value = JSON.parse(this.storage?.getItem(`streambox.${name}`) ?? "null");
      return value !== null && typeof value === typeof otherwise ? value : otherwise;
    } catch (error) {
      return otherwise;
    }
  }

  /** @param {string} name @param {unknown} value */
  write(name, value) {
    try {
      this.storage?.setItem(`streambox.${name}`, JSON.stringify(value));
    } catch (error) {
      // Full or refused: it holds until the page goes.
    }
  }

  /** @template {keyof Values} K @param {K} name @returns {Values[K]} */
  get(name) {
    return this.read(name, DEFAULTS[name]);
  }

  /** @template {keyof Values} K @param {K} name @param {Values[K]} value */
  set(name, value) {
    this.write(name, value);
  }
}

/** localStorage, or null where even naming it throws. */
export function browserStorage() {
  try {
    return localStorage;
  } catch (error) {
    return null;
  }
}

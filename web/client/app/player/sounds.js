// Which sound track is heard. A film begins with what this device chose last, by its language, else with its own default.
// A track that is not in the picture's rendition is switched to when its sound for this place is here: until then the
// film goes on with the one before.
import { languageName } from "../text/format.js";

/** @typedef {import("../types.d.ts").AudioTrack} AudioTrack */
/** @typedef {import("../types.d.ts").Title} Title */
/** @typedef {import("../text/language.js").Language} Language */

/** Milliseconds between two looks whether a sound is there, and how long one is waited for. */
const LOOK = 700;
const PATIENCE = 60_000;

/** Can it be heard, now or in a moment? @param {AudioTrack} track */
export const isOffered = (track) => track.default || Boolean(track.playlist);

const base = (/** @type {string} */ tag) => tag.toLowerCase().split("-")[0];

/**
 * Which track to begin with: null is the film's default. Pure.
 * @param {AudioTrack[]} tracks @param {string} wanted language chosen last; "" = never chosen
 * @returns {number | null}
 */
export function firstSound(tracks, wanted) {
  const offered = tracks.filter(isOffered);
  // Of several in one language the film's default goes first: the others may be a commentary.
  offered.sort((a, b) => Number(b.default) - Number(a.default));
  const chosen =
    offered.find((t) => t.language && t.language.toLowerCase() === wanted.toLowerCase()) ??
    offered.find((t) => t.language && base(t.language) === base(wanted));
  return chosen && !chosen.default ? chosen.n : null;
}

/**
 * What the tracks are called: their language, beside it what the film calls them. Pure.
 * @param {Language} language @param {AudioTrack[]} tracks
 * @returns {{n: number, label: string, note: string}[]}
 */
export function soundLabels(language, tracks) {
  const list = tracks.map((track) => {
    const { n, channels = 0 } = track;
    const name = track.name.trim();
    const tongue = track.language ? languageName(language, track.language) : "";
    const label = tongue || name || language.t("sounds.number", { number: language.numbers.format(n + 1) });
    const notes = tongue && !saysOnly(name, track.language, tongue) ? [name] : [];
    if (channels === 6 || channels === 8) notes.push(channels === 6 ? "5.1" : "7.1");
    return { n, label, note: notes.join(" · ") };
  });
  /** @type {Map<string, number>} */
  const met = new Map();
  for (const one of list) {
    const key = JSON.stringify([one.label, one.note]);
    const count = (met.get(key) ?? 0) + 1;
    met.set(key, count);
    if (count > 1) one.note = [one.note, language.numbers.format(count)].filter(Boolean).join(" · ");
  }
  return list;
}

/** A name that is the language's, in this page's words, its own or in English. @param {string} name @param {string} code @param {string} tongue */
function saysOnly(name, code, tongue) {
  const known = [tongue, code];
  for (const locale of [code, "en"]) {
    try {
      known.push(new Intl.DisplayNames([locale], { type: "language" }).of(code) ?? "");
    } catch (error) {
      // A code that no browser knows.
    }
  }
  return !name || known.some((word) => word.toLowerCase() === name.toLowerCase());
}

/**
 * The address of the segment at some second of a media playlist; "" where it has none (yet). Pure.
 * @param {string} playlist @param {string} address of the playlist @param {number} seconds
 */
export function segmentAt(playlist, address, seconds) {
  let end = 0;
  for (const line of playlist.split("\n")) {
    if (line.startsWith("#EXTINF:")) end += parseFloat(line.slice(8)) || 0;
    else if (line && !line.startsWith("#") && end > seconds)
      return address.replace(/[^/]*$/, "") + line.trim();
  }
  return "";
}

/** Is it played from the same addresses? Pure. @param {Title | null} before @param {Title} title */
export function sameStreams(before, title) {
  const streams = (/** @type {Title | null} */ t) =>
    [t?.playlist, ...(t?.audio ?? []).map((a) => a.playlist)].join();
  return streams(before) === streams(title);
}

/**
 * @typedef {object} SoundParts
 * @property {() => Title | null} title last known
 * @property {() => import("./engine.js").Engine | null} engine
 * @property {() => number} now the playhead, seconds
 * @property {() => void} changed
 */

export class Sounds {
  /** What the viewer wants to hear; null = the film's default. @type {number | null} */
  #wanted = null;
  /** Counts the choices: what was begun for an earlier one is over. */
  #turn = 0;
  #failures = 0;

  /** @param {import("../app.js").Context} context @param {SoundParts} parts */
  constructor({ settings, language, toast }, parts) {
    this.settings = settings;
    this.language = language;
    this.toast = toast;
    this.parts = parts;
  }

  /** The sound to load a film with; null = its default. @param {Title} title @returns {number | null} */
  begin(title) {
    this.#turn++;
    this.#wanted = firstSound(title.audio, this.settings.get("sound"));
    return this.again(title);
  }

  /** The same with another playlist of the same film. @param {Title} title @returns {number | null} */
  again(title) {
    const track = title.audio.find((t) => t.n === this.#wanted);
    if (!track?.playlist) this.#wanted = null;
    else if (!track.reason) return track.n;
    else this.#when(track);
    return null;
  }

  /** The track that is chosen: heard, or about to be. */
  get selected() {
    return this.#wanted ?? this.#default()?.n ?? -1;
  }

  /** There is a choice, and this browser can make it. */
  get choosable() {
    const tracks = this.parts.title()?.audio ?? [];
    return tracks.length > 1 && this.parts.engine()?.choosesSound() === true;
  }

  /** The viewer's choice, which is remembered. @param {number} n */
  choose(n) {
    const track = this.parts.title()?.audio.find((t) => t.n === n);
    if (!track || !isOffered(track)) return;
    this.settings.set("sound", track.language);
    this.#wanted = track.default ? null : n;
    this.#failures = 0;
    if (track.default) {
      this.#turn++;
      this.parts.engine()?.selectSound(null);
    } else {
      if (track.reason) this.toast(this.language.t("sounds.preparing"));
      this.#when(track);
    }
    this.parts.changed();
  }

  /**
   * An error of the sound alone. @param {import("./recovery.js").Trouble} trouble
   * @returns {boolean} it is dealt with
   */
  trouble(trouble) {
    if (!trouble.fatal || this.#wanted === null || trouble.status === 410) return false;
    // The box may be away for a moment: that is not the sound's fault.
    if (trouble.type === "network" && ++this.#failures < 3) return false;
    this.#giveUp();
    this.parts.engine()?.kick();
    return true;
  }

  end() {
    this.#turn++;
  }

  #default() {
    return this.parts.title()?.audio.find((t) => t.default);
  }

  #giveUp() {
    this.#turn++;
    this.#wanted = null;
    this.#failures = 0;
    this.parts.engine()?.selectSound(null);
    this.toast(this.language.t("sounds.failed"));
    this.parts.changed();
  }

  /** Switches to a track when its sound for this place is here. @param {AudioTrack} track */
  async #when(track) {
    const turn = ++this.#turn;
    const until = performance.now() + PATIENCE;
    while (turn === this.#turn) {
      const there = await this.#fetch(track.playlist ?? "");
      if (turn !== this.#turn) return;
      if (there) {
        this.parts.engine()?.selectSound(track.n);
        this.parts.changed();
        return;
      }
      if (performance.now() > until) return this.#giveUp();
      await new Promise((resolve) => {
        setTimeout(resolve, LOOK);
      });
    }
  }

  /** Loads the segment at the playhead, which the browser then keeps for the player. @param {string} playlist */
  async #fetch(playlist) {
    try {
      const list = await fetch(playlist);
      if (!list.ok) return false;
      const address = segmentAt(await list.text(), playlist, this.parts.now());
      if (!address) return true; // the film is over
      const segment = await fetch(address);
      await segment.arrayBuffer();
      return segment.ok;
    } catch (error) {
      return false;
    }
  }
}

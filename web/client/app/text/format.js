// Lengths, places and sizes as people read them. Pure.

/** @typedef {import("./language.js").Language} Language */

const two = (/** @type {number} */ n) => String(n).padStart(2, "0");

/** A place in a film: 4:05, 1:02:09. @param {number} seconds */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(Number.isFinite(seconds) ? seconds : 0));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/**
 * A number with its unit, as the language abbreviates or spells it.
 * @param {Language} language @param {number} value @param {string} unit @param {"short" | "long"} style
 */
function measure(language, value, unit, style) {
  return new Intl.NumberFormat(language.locale, {
    style: "unit",
    unit,
    unitDisplay: style,
    maximumFractionDigits: 1,
  }).format(value);
}

/**
 * How long something is: "45 sec", "12 min", "1 hr 32 min"; spelt out for screen readers with style "long".
 * @param {Language} language @param {number} seconds @param {"short" | "long"} [style]
 */
export function length(language, seconds, style = "short") {
  if (!(seconds > 0)) return "";
  if (seconds < 60) return measure(language, Math.max(1, Math.round(seconds)), "second", style);
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return measure(language, minutes, "minute", style);
  const hours = measure(language, Math.floor(minutes / 60), "hour", style);
  return minutes % 60 ? `${hours} ${measure(language, minutes % 60, "minute", style)}` : hours;
}

/** Rounded so that a remaining time does not pretend to be exact. @param {number} seconds */
export function roughly(seconds) {
  if (seconds < 90) return Math.max(10, Math.ceil(seconds / 10) * 10);
  if (seconds < 600) return Math.ceil(seconds / 60) * 60;
  return Math.ceil(seconds / 300) * 300;
}

/** @param {Language} language @param {number} value */
export function bytes(language, value) {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];
  const power = Math.min(4, Math.max(0, Math.floor(Math.log10(Math.max(1, value)) / 3)));
  const scaled = value / 1000 ** power;
  const format = new Intl.NumberFormat(language.locale, {
    style: "unit",
    unit: units[power],
    // "0 byte" is no English; the others have signs.
    unitDisplay: power === 0 ? "long" : "short",
    maximumFractionDigits: power < 2 ? 0 : 1,
  });
  return format.format(scaled);
}

/** @param {Language} language @param {number} share 0…1 */
export const percent = (language, share) =>
  new Intl.NumberFormat(language.locale, { style: "percent" }).format(Math.min(1, Math.max(0, share)));

/** A language's name ("deu", "de" → German); the code itself where nobody knows it. @param {Language} language @param {string} code */
export function languageName(language, code) {
  try {
    return new Intl.DisplayNames([language.locale], { type: "language" }).of(code) ?? code;
  } catch (error) {
    return code;
  }
}

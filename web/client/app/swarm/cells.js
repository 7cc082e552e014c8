// The chunk map without its drawing: what a cell means, where it lies, what changed. Pure.

/** States of a segment (the low bits of a cell). */
export const EMPTY = 0;
export const COMING = 1;
export const BOX = 2;
export const PHONE = 3;
export const GONE = 4;
/** Added to BOX or PHONE: played already, and kept for others. */
export const KEPT = 8;

/** Kinds as the legend lists them; the names are the ends of keys. */
export const KINDS = /** @type {const} */ (["phone", "box", "kept", "coming", "empty", "gone"]);
/** @typedef {typeof KINDS[number]} Kind */

/** @param {number} cell @returns {Kind} */
export function kindOf(cell) {
  if (cell & KEPT) return "kept";
  return /** @type {const} */ (["empty", "coming", "box", "phone", "gone"])[cell & 7] ?? "empty";
}

/** Cells are no smaller than this (shapes must stay apart) and no larger, CSS pixels from one to the next. */
const SMALLEST = 7;
const LARGEST = 20;

/**
 * How many cells stand in a row, and how far apart: as large as fits into the height, so that 30 are a short row of
 * large ones and 2,700 a carpet.
 * @param {number} count @param {number} width CSS pixels @param {number} height wanted at most, where SMALLEST allows it
 * @returns {{pitch: number, columns: number, rows: number}}
 */
export function grid(count, width, height) {
  if (count <= 0 || width < SMALLEST) return { pitch: LARGEST, columns: 1, rows: 0 };
  let pitch = LARGEST;
  const rowsAt = (/** @type {number} */ p) => Math.ceil(count / Math.floor(width / p));
  while (pitch > SMALLEST && rowsAt(pitch) * pitch > height) pitch--;
  const columns = Math.max(1, Math.floor(width / pitch));
  return { pitch, columns, rows: Math.ceil(count / columns) };
}

/**
 * Which segment lies under a point; -1 = none.
 * @param {{pitch: number, columns: number}} layout @param {number} count @param {number} x @param {number} y
 */
export function cellAt({ pitch, columns }, count, x, y) {
  const column = Math.floor(x / pitch);
  if (x < 0 || y < 0 || column >= columns) return -1;
  const n = Math.floor(y / pitch) * columns + column;
  return n < count ? n : -1;
}

/** Which segment plays at a time. @param {ArrayLike<number>} starts seconds, with the end as last entry @param {number} at */
export function playingAt(starts, at) {
  let low = 0;
  let high = Math.max(0, starts.length - 2);
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= at) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Where a key moves to; null = not a key of the map. @param {string} key @param {number} n @param {number} columns @param {number} count */
export function moved(key, n, columns, count) {
  /** @type {{[key: string]: number}} */
  const to = {
    ArrowLeft: n - 1,
    ArrowRight: n + 1,
    ArrowUp: n - columns,
    ArrowDown: n + columns,
    PageUp: n - 10 * columns,
    PageDown: n + 10 * columns,
    Home: 0,
    End: count - 1,
  };
  const wanted = to[key];
  if (wanted === undefined) return null;
  const beyond = wanted < 0 || wanted >= count;
  // Up and down stay in their column; the others end at the ends.
  if (beyond && (key === "ArrowUp" || key === "ArrowDown")) return n;
  return Math.min(count - 1, Math.max(0, wanted));
}

/** Remembers what is drawn, and says what is not drawn yet. */
export class Changes {
  #shown = new Uint8Array(0);
  /** How many there are of each kind. @type {{[kind in Kind]: number}} */
  counts = { phone: 0, box: 0, kept: 0, coming: 0, empty: 0, gone: 0 };

  /** Nothing is drawn: all of it changes. @param {Uint8Array} cells */
  reset(cells) {
    this.#shown = cells.slice();
    for (const kind of KINDS) this.counts[kind] = 0;
    for (const cell of cells) this.counts[kindOf(cell)]++;
  }

  get length() {
    return this.#shown.length;
  }

  /** @param {number} n */
  cell(n) {
    return this.#shown[n] ?? EMPTY;
  }

  /**
   * @param {Uint8Array} cells as many as at reset() @param {(n: number, cell: number) => void} changed
   * @returns {number} how many
   */
  update(cells, changed) {
    const shown = this.#shown;
    let many = 0;
    for (let n = 0; n < shown.length; n++) {
      const cell = cells[n] ?? EMPTY;
      const before = shown[n] ?? EMPTY;
      if (cell === before) continue;
      shown[n] = cell;
      this.counts[kindOf(before)]--;
      this.counts[kindOf(cell)]++;
      changed(n, cell);
      many++;
    }
    return many;
  }
}

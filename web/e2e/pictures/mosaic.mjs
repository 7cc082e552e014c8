// A picture as a few flat colours in runs: text that is small enough to be kept, and still the picture.

/** @typedef {import("./walk.mjs").PictureShape} PictureShape */

/**
 * The most detailed drawing of a picture that has no more than so many characters.
 * @param {PictureShape} picture @param {number} most
 * @returns {string} paths, in a room of w × h
 */
export function mosaic(picture, most) {
  for (const [columns, colours] of [[96, 12], [80, 12], [64, 12], [56, 10], [48, 10], [40, 10], [32, 8], [28, 8], [24, 7], [20, 6], [16, 6], [12, 5]]) {
    const drawn = draw(picture, columns, colours);
    if (drawn.length <= most) return drawn;
  }
  return draw(picture, 8, 4);
}

/** @param {PictureShape} picture @param {number} columns @param {number} colours */
function draw({ w, h, columns: wide, rows: high, pixels }, columns, colours) {
  const rows = Math.max(1, Math.round((columns * h) / w));
  const cells = Array.from({ length: columns * rows }, (_, i) => average(pixels, wide, {
    left: Math.floor(((i % columns) * wide) / columns), right: Math.ceil((((i % columns) + 1) * wide) / columns),
    top: Math.floor((Math.floor(i / columns) * high) / rows), bottom: Math.ceil(((Math.floor(i / columns) + 1) * high) / rows),
  }));
  const palette = fewColours(cells, colours);
  const chosen = cells.map((cell) => nearest(palette, cell));
  // What most cells have lies below all.
  const ground = palette.map((_, n) => chosen.filter((c) => c === n).length).reduce((best, count, n, all) => (count > all[best] ? n : best), 0);
  const paths = palette.map((colour, n) => (n === ground ? "" : `<path fill="${hex(colour)}" d="${runs(chosen, columns, rows, n)}"/>`)).filter((p) => !p.includes('d=""'));
  const scale = `${trim(w / columns)} ${trim(h / rows)}`;
  return `<g transform="scale(${scale})" shape-rendering="crispEdges"><path fill="${hex(palette[ground])}" d="M0 0h${columns}v${rows}H0z"/>${paths.join("")}</g>`;
}

const trim = (/** @type {number} */ n) => String(Math.round(n * 1000) / 1000);

/** Rectangles of one colour: as wide as they go, then as high. */
function runs(/** @type {number[]} */ chosen, /** @type {number} */ columns, /** @type {number} */ rows, /** @type {number} */ n) {
  const left = chosen.map((c) => c === n);
  let path = "";
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      if (!left[y * columns + x]) continue;
      let wide = 1;
      while (x + wide < columns && left[y * columns + x + wide]) wide++;
      let high = 1;
      while (y + high < rows && left.slice((y + high) * columns + x, (y + high) * columns + x + wide).every(Boolean)) high++;
      for (let row = y; row < y + high; row++) left.fill(false, row * columns + x, row * columns + x + wide);
      path += `M${x} ${y}h${wide}v${high}h-${wide}z`;
    }
  }
  return path;
}

/** @param {number[]} pixels @param {number} wide @param {{left: number, right: number, top: number, bottom: number}} of */
function average(pixels, wide, { left, right, top, bottom }) {
  const sum = [0, 0, 0];
  for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) for (const c of [0, 1, 2]) sum[c] += pixels[(y * wide + x) * 3 + c];
  return sum.map((s) => s / ((right - left) * (bottom - top)));
}

/** Lloyd's method (k-means), begun with colours spread over the brightness. @param {number[][]} cells @param {number} count */
function fewColours(cells, count) {
  const light = (/** @type {number[]} */ c) => c[0] * 0.3 + c[1] * 0.6 + c[2] * 0.1;
  const sorted = [...cells].sort((a, b) => light(a) - light(b));
  let palette = Array.from({ length: count }, (_, n) => sorted[Math.floor(((n + 0.5) * sorted.length) / count)]);
  for (let round = 0; round < 12; round++) {
    const sums = palette.map(() => [0, 0, 0, 0]);
    for (const cell of cells) {
      const sum = sums[nearest(palette, cell)];
      for (const c of [0, 1, 2]) sum[c] += cell[c];
      sum[3]++;
    }
    palette = sums.map((sum, n) => (sum[3] ? sum.slice(0, 3).map((s) => s / sum[3]) : palette[n]));
  }
  return palette;
}

function nearest(/** @type {number[][]} */ palette, /** @type {number[]} */ cell) {
  let best = 0;
  let least = Infinity;
  for (const [n, p] of palette.entries()) {
    const far = (p[0] - cell[0]) ** 2 + (p[1] - cell[1]) ** 2 + (p[2] - cell[2]) ** 2;
    if (far < least) [best, least] = [n, far];
  }
  return best;
}

const hex = (/** @type {number[]} */ c) => `#${c.map((n) => Math.round(n / 17).toString(16)).join("")}`;

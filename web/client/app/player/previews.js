// Small pictures above the time bar. They lie on sheets (library/<id>/previews), of which one is fetched when somebody
// first points at a place that is on it, and shown when it is here: nobody waits for it. One that does not come is asked
// for again some seconds later: the box may have been away for a moment.

const retryMs = 5000;

/** @typedef {import("../types.d.ts").TitlePreviews} TitlePreviews */

/**
 * Where the picture of a time is. Pure.
 * @param {TitlePreviews} previews
 * @param {number} seconds
 * @returns {{url: string, x: number, y: number}} x and y: pixels from the sheet's corner
 */
export function pictureAt(previews, seconds) {
  const { everySeconds, count, columns, rows, width, height, sheets } = previews;
  const n = Math.min(count - 1, Math.max(0, Math.floor(seconds / everySeconds)));
  const place = n % (columns * rows);
  return {
    url: sheets[Math.floor(n / (columns * rows))] ?? "",
    x: (place % columns) * width,
    y: Math.floor(place / columns) * height,
  };
}

export class Previews {
  /** @type {TitlePreviews | undefined} */
  #previews;
  /** Sheets that are here (true) or on their way. @type {Map<string, boolean>} */
  #sheets = new Map();
  #seconds = 0;

  /**
   * @param {HTMLElement} root what shows the picture
   * @param {() => void} changed it came or went
   * @param {(url: string, here: () => void, lost: () => void) => void} [fetch]
   */
  constructor(root, changed, fetch = load) {
    this.root = root;
    this.changed = changed;
    this.fetch = fetch;
    root.hidden = true;
  }

  /** @param {TitlePreviews | undefined} previews those of the title; undefined: it has none (yet) */
  of(previews) {
    if (previews?.sheets.join() === this.#previews?.sheets.join()) return;
    this.#previews = previews;
    if (!previews) this.#draw("", 0, 0);
  }

  /** The time that somebody points at. @param {number} seconds */
  point(seconds) {
    this.#seconds = seconds;
    const previews = this.#previews;
    if (!previews) return;
    const { url, x, y } = pictureAt(previews, seconds);
    if (this.#sheets.get(url)) this.#draw(url, x, y);
    else {
      this.#draw("", 0, 0);
      if (url) this.#get(url);
    }
  }

  /** @param {string} url */
  #get(url) {
    if (this.#sheets.has(url)) return;
    this.#sheets.set(url, false);
    this.fetch(
      url,
      () => {
        this.#sheets.set(url, true);
        this.point(this.#seconds);
        this.changed();
      },
      () => this.#sheets.delete(url),
    );
  }

  /** @param {string} url "" = no picture @param {number} x @param {number} y */
  #draw(url, x, y) {
    const { style } = this.root;
    this.root.hidden = url === "";
    if (url === "" || !this.#previews) return;
    const { width, height, columns } = this.#previews;
    style.width = `${width}px`;
    style.height = `${height}px`;
    style.backgroundImage = `url("${url}")`;
    style.backgroundSize = `${columns * width}px auto`;
    style.backgroundPosition = `${-x}px ${-y}px`;
  }
}

/** @param {string} url @param {() => void} here @param {() => void} lost it may be asked for again */
function load(url, here, lost) {
  const image = document.createElement("img");
  image.onload = here;
  image.onerror = () => setTimeout(lost, retryMs);
  image.src = url;
}

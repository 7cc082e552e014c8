// Which titles without a picture are on the screen: the box makes pictures of those first. It is told when that has
// stood still for a moment, so that a long scroll is one message.

/** Most titles in one message: a phone shows a dozen, a wide screen some forty. */
export const MOST_LOOKS = 48;
const STILL_AFTER = 400;
const AWAY_RETRY = 3000;

/**
 * @typedef {object} LooksParts
 * @property {(titles: string[]) => boolean} tell false: the box is away
 * @property {(seen: IntersectionObserverCallback) => Pick<IntersectionObserver, "observe" | "unobserve">} [observer]
 * @property {(run: () => void, milliseconds: number) => any} [later]
 */

export class Looks {
  /** In the order in which they came to be seen. @type {Set<string>} */
  #seen = new Set();
  /** @type {Set<Element>} */
  #watched = new Set();
  #waits = false;
  #told = "";

  /** @param {LooksParts} parts */
  constructor({ tell, observer, later }) {
    this.tell = tell;
    this.later = later ?? ((/** @type {() => void} */ run, /** @type {number} */ ms) => setTimeout(run, ms));
    const make =
      observer ?? ((/** @type {IntersectionObserverCallback} */ seen) => new IntersectionObserver(seen));
    this.observer = make((entries) => this.#moved(entries));
  }

  /** A card has a picture, or has none. @param {HTMLElement} card with data-id @param {boolean} pictured */
  card(card, pictured) {
    if (pictured === !this.#watched.has(card)) return;
    if (pictured) this.drop(card);
    else {
      this.#watched.add(card);
      this.observer.observe(card);
    }
  }

  /** A card is no more. @param {HTMLElement} card */
  drop(card) {
    if (!this.#watched.delete(card)) return;
    this.observer.unobserve(card);
    this.#seen.delete(card.dataset.id ?? "");
  }

  /** The box is back, and may be another one: what is seen is told again. */
  again() {
    this.#told = "";
    this.#soon(STILL_AFTER);
  }

  /** @param {Pick<IntersectionObserverEntry, "target" | "isIntersecting">[]} entries */
  #moved(entries) {
    for (const { target, isIntersecting } of entries) {
      const id = /** @type {HTMLElement} */ (target).dataset.id ?? "";
      if (isIntersecting && this.#watched.has(target)) this.#seen.add(id);
      else this.#seen.delete(id);
    }
    this.#soon(STILL_AFTER);
  }

  /** @param {number} milliseconds */
  #soon(milliseconds) {
    if (this.#waits) return;
    this.#waits = true;
    this.later(() => {
      this.#waits = false;
      const titles = [...this.#seen].slice(0, MOST_LOOKS);
      const text = titles.join();
      if (text === this.#told || titles.length === 0) return;
      if (this.tell(titles)) this.#told = text;
      else this.#soon(AWAY_RETRY);
    }, milliseconds);
  }
}

// The first shelf: what this phone has begun and not finished, newest first.
import { el } from "../dom/el.js";
import { Card } from "./card.js";

const SHOWN = 8;
/** The most that the box lists at once. */
const LISTED = 200;

/**
 * Asks the box for what this phone has begun. What it did not know once is asked for by name: browsers write each
 * 404 to their console, and a list may be empty.
 * @param {{api: import("../core/api.js").Api, seen: import("../core/seen.js").SeenList}} context
 * @param {import("../types.d.ts").Seen} entry
 * @returns {Promise<import("../types.d.ts").Title | undefined>} undefined: not on the box now
 */
export async function recall({ api, seen }, { id, title, gone }) {
  if (gone) {
    const query = { folder: "", q: title, sort: /** @type {const} */ ("title") };
    return (await api.titles(query, { limit: LISTED })).titles.find((t) => t.id === id);
  }
  try {
    return await api.title(id);
  } catch (error) {
    if (/** @type {any} */ (error).status === 404) seen.gone(id);
    return undefined;
  }
}

export class ContinueShelf {
  /** @type {Map<string, Card>} */
  #cards = new Map();
  /** Not on the box now; asked for once a visit. @type {Set<string>} */
  #asked = new Set();

  /** @param {import("../app.js").Context} context */
  constructor(context) {
    this.context = context;
    this.row = el("div", { class: "row" });
    this.root = el("section", { class: "shelf continue", hidden: true });
    this.root.append(el("h2", { class: "shelf-name", text: context.language.t("shelf.continue") }), this.row);
  }

  /** @param {boolean} wanted not among search results */
  draw(wanted) {
    const { store, seen, language } = this.context;
    const list = wanted ? seen.unfinished(SHOWN) : [];
    /** @type {HTMLElement[]} */
    const nodes = [];
    for (const entry of list) {
      const title = store.titles.get(entry.id);
      if (!title) {
        this.#fetch(entry);
        continue;
      }
      const card = this.#cards.get(entry.id) ?? new Card(language, title, entry);
      this.#cards.set(entry.id, card);
      card.update(title);
      card.seen(entry);
      nodes.push(card.root);
    }
    const same =
      nodes.length === this.row.children.length && nodes.every((n, i) => n === this.row.children[i]);
    if (!same) this.row.replaceChildren(...nodes);
    this.root.hidden = nodes.length === 0;
  }

  /** @param {import("../types.d.ts").Seen} entry */
  async #fetch(entry) {
    if (this.#asked.has(entry.id)) return;
    this.#asked.add(entry.id);
    try {
      const title = await recall(this.context, entry);
      if (!title) return; // Its stick is elsewhere: the shelf goes without it.
      this.context.store.one(title);
      this.#asked.delete(entry.id);
    } catch (error) {
      // The box is away; the next visit asks.
    }
  }
}

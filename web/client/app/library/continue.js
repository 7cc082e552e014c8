// The first shelf: what this phone has begun and not finished, newest first.
import { el } from "../dom/el.js";
import { Card } from "./card.js";

const SHOWN = 8;

export class ContinueShelf {
  /** @type {Map<string, Card>} */
  #cards = new Map();
  /** Not on the box now; asked for once a visit. @type {Set<string>} */
  #gone = new Set();

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
        this.#fetch(entry.id);
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

  /** @param {string} id */
  async #fetch(id) {
    if (this.#gone.has(id)) return;
    this.#gone.add(id);
    try {
      this.context.store.one(await this.context.api.title(id));
      this.#gone.delete(id);
    } catch (error) {
      // Its stick is elsewhere: the shelf goes without it.
    }
  }
}

// The grid: titles in their order, a heading where the folder changes. Changes touch only the cards concerned; a list
// that grew or moved is walked once, and only cards that stand in the wrong place are moved.
import { el } from "../dom/el.js";
import { folderOf } from "../core/order.js";
import { Card } from "./card.js";
import { Looks } from "./looks.js";

/** @typedef {import("../types.d.ts").Title} Title */
/** @typedef {import("../types.d.ts").Query} Query */
/** @typedef {{root: HTMLElement, grid: HTMLElement}} Shelf */

/**
 * Which ids stand under which heading, in the order of the list. Pure.
 * @param {string[]} ids
 * @param {(id: string) => string} folder
 * @param {boolean} grouped false: one shelf without a heading
 * @returns {Map<string, string[]>}
 */
export function groups(ids, folder, grouped) {
  /** @type {Map<string, string[]>} */
  const out = new Map();
  for (const id of ids) {
    const key = grouped ? folder(id) : "";
    const list = out.get(key);
    if (list) list.push(id);
    else out.set(key, [id]);
  }
  return out;
}

export class Shelves {
  /** @type {Map<string, Shelf>} */
  #shelves = new Map();
  /** @type {Map<string, Card>} */
  #cards = new Map();

  /** @param {import("../app.js").Context} context */
  constructor(context) {
    this.context = context;
    this.root = el("div", { class: "shelves" });
    this.looks = new Looks({ tell: (titles) => context.socket.send({ type: "look", titles }) });
  }

  /** @param {string[]} ids @param {Query} query */
  list(ids, query) {
    const { store } = this.context;
    const folder = (/** @type {string} */ id) => folderOf(/** @type {Title} */ (store.titles.get(id)));
    const headed = query.sort === "folder" && query.q === "";
    const wanted = groups(ids, folder, headed);
    let cursor = this.root.firstElementChild;
    for (const [name, members] of wanted) {
      const shelf = this.#shelves.get(name) ?? this.#shelf(name);
      /** @type {HTMLElement} */ (shelf.root.firstElementChild).hidden = !headed;
      if (shelf.root === cursor) cursor = cursor.nextElementSibling;
      else this.root.insertBefore(shelf.root, cursor);
      this.#fill(shelf.grid, members);
    }
    for (const [name, shelf] of this.#shelves) if (!wanted.has(name)) this.#drop(name, shelf);
    const kept = new Set(ids);
    for (const [id, card] of this.#cards) {
      if (kept.has(id)) continue;
      this.looks.drop(card.root);
      card.root.remove();
      this.#cards.delete(id);
    }
  }

  /** @param {Iterable<string>} ids */
  update(ids) {
    for (const id of ids) {
      const title = this.context.store.titles.get(id);
      const card = this.#cards.get(id);
      if (!title || !card) continue;
      card.update(title);
      this.looks.card(card.root, Boolean(title.thumbnail));
    }
  }

  /** This phone's own marks changed. @param {string} id */
  seen(id) {
    this.#cards.get(id)?.seen(this.context.seen.get(id));
  }

  /** @param {HTMLElement} grid @param {string[]} ids */
  #fill(grid, ids) {
    let cursor = grid.firstElementChild;
    for (const id of ids) {
      const { root } = this.#card(id);
      if (root === cursor) cursor = cursor.nextElementSibling;
      else grid.insertBefore(root, cursor);
    }
  }

  /** @param {string} id */
  #card(id) {
    let card = this.#cards.get(id);
    if (!card) {
      const { language, store, seen } = this.context;
      const title = /** @type {Title} */ (store.titles.get(id));
      card = new Card(language, title, seen.get(id));
      this.#cards.set(id, card);
      this.looks.card(card.root, Boolean(title.thumbnail));
    }
    return card;
  }

  /** @param {string} folder */
  #shelf(folder) {
    const { language } = this.context;
    const names = folder.split("/");
    const link = el("a", { href: `/?${new URLSearchParams({ folder })}`, class: "shelf-link" });
    names.forEach((name, i) => {
      if (i > 0) link.append(el("span", { class: "slash", text: " › " }));
      link.append(el("bdi", { text: name }));
    });
    const heading = el("h2", { class: "shelf-name" }, folder === "" ? language.t("shelf.top") : link);
    const grid = el("div", { class: "grid" });
    const shelf = { root: el("section", { class: "shelf" }, heading, grid), grid };
    this.#shelves.set(folder, shelf);
    return shelf;
  }

  /** @param {string} name @param {Shelf} shelf */
  #drop(name, shelf) {
    shelf.root.remove();
    this.#shelves.delete(name);
  }
}

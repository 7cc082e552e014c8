// What the page knows of the titles. Two parts: all titles by id, and one view, the ids that the current query lists
// so far, in the server's order. Pages fill the view; pushes change titles where they stand, and a new title takes its
// place among those shown. Pages and pushes may cross on the way: the revision decides, an older page never overwrites
// a newer push. Pure: no DOM, no network.
import { comparison, matches } from "./order.js";
import { sameQuery } from "./router.js";

/** @typedef {import("../types.d.ts").Title} Title */
/** @typedef {import("../types.d.ts").Query} Query */
/** @typedef {import("../types.d.ts").TitlesPage} TitlesPage */
/**
 * What a listener must redraw. list: the view's ids changed (order, length); titles: ids whose content changed.
 * @typedef {{list: boolean, titles: Set<string>}} Change
 */

export class Store {
  /** @type {Map<string, Title>} */
  titles = new Map();
  /** Everything up to here is known; 0: nothing was loaded. */
  revision = 0;
  /** @type {{query: Query, ids: string[], total: number, more: boolean, loaded: boolean}} */
  view = { query: { folder: "", q: "", sort: "folder" }, ids: [], total: 0, more: false, loaded: false };
  /** Revision at which a title was last heard of, or was removed. @type {Map<string, number>} */
  #heard = new Map();
  /** @type {Set<(change: Change) => void>} */
  #listeners = new Set();

  /** @param {(change: Change) => void} listener @returns {() => void} ends it */
  listen(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** @param {Change} change */
  #tell(change) {
    if (change.list || change.titles.size) for (const listener of [...this.#listeners]) listener(change);
  }

  /** Takes a title unless something newer is known. @param {Title} title @param {number} revision */
  #take(title, revision) {
    if ((this.#heard.get(title.id) ?? -1) > revision) return this.titles.has(title.id);
    this.#heard.set(title.id, revision);
    this.titles.set(title.id, title);
    return true;
  }

  /** Starts another query; the old list stays visible until its first page comes. @param {Query} query */
  ask(query) {
    if (sameQuery(query, this.view.query) && this.view.loaded) return false;
    this.view = { ...this.view, query, loaded: false };
    return true;
  }

  /** What the next page's `after` must be. */
  get after() {
    return this.view.ids[this.view.ids.length - 1] ?? "";
  }

  /**
   * Takes the first page of a query (first) or one more. A page of another query than the current one is dropped.
   * @param {Query} query
   * @param {TitlesPage} page
   * @param {boolean} first
   */
  page(query, page, first) {
    if (!sameQuery(query, this.view.query)) return;
    const titles = new Set(page.titles.map((t) => t.id));
    const kept = page.titles.filter((t) => this.#take(t, page.revision)).map((t) => t.id);
    const before = first ? [] : this.view.ids;
    const known = new Set(before);
    this.view = {
      query,
      ids: [...before, ...kept.filter((id) => !known.has(id))],
      total: page.total,
      more: Boolean(page.next),
      loaded: true,
    };
    // A later page says nothing of what the earlier ones missed: only a first one moves the revision.
    if (first && this.revision === 0) this.revision = page.revision;
    this.#tell({ list: true, titles });
  }

  /** A title fetched on its own. @param {Title} title */
  one(title) {
    if (this.#take(title, this.revision)) this.#tell({ list: false, titles: new Set([title.id]) });
  }

  /**
   * Takes what changed, pushed or asked for by `since`.
   * @param {{revision: number, titles: Title[], removed: string[], reset?: boolean}} push
   * @returns {boolean} false: load everything anew (reset)
   */
  push(push) {
    if (push.reset) {
      this.revision = 0;
      this.#heard.clear();
      this.view = { ...this.view, loaded: false };
      return false;
    }
    const change = { list: false, titles: new Set(push.titles.map((t) => t.id)) };
    for (const id of push.removed) change.list = this.#remove(id, push.revision) || change.list;
    for (const title of push.titles) {
      const before = this.titles.get(title.id);
      if (this.#take(title, push.revision)) change.list = this.#place(title, before) || change.list;
    }
    this.revision = Math.max(this.revision, push.revision);
    this.#tell(change);
    return true;
  }

  /** @param {string} id @param {number} revision */
  #remove(id, revision) {
    if ((this.#heard.get(id) ?? -1) > revision) return false;
    this.#heard.set(id, revision);
    if (!this.titles.delete(id)) return false;
    return this.#unlist(id);
  }

  /** @param {string} id */
  #unlist(id) {
    const at = this.view.ids.indexOf(id);
    if (at >= 0) this.view.ids.splice(at, 1);
    if (at >= 0) this.view.total--;
    return at >= 0;
  }

  /** Puts a title where it belongs in the view. @param {Title} title @param {Title | undefined} before */
  #place(title, before) {
    const { query, ids } = this.view;
    const fits = matches(title, query);
    const order = comparison(query.sort);
    const listed = before !== undefined && ids.includes(title.id);
    if (listed && fits && (!order || order(before, title) === 0)) return false;
    const gone = listed && this.#unlist(title.id);
    if (!fits) return gone;
    const at = order
      ? lowerBound(ids, (id) => order(/** @type {Title} */ (this.titles.get(id)), title) < 0)
      : 0;
    // After the last one shown: its page will bring it, unless everything is shown.
    if (at === ids.length && this.view.more) {
      if (before === undefined) this.view.total++;
      return gone;
    }
    ids.splice(at, 0, title.id);
    this.view.total++;
    return true;
  }
}

/**
 * First index whose id is not before the wanted place.
 * @param {string[]} ids in order
 * @param {(id: string) => boolean} isBefore
 */
function lowerBound(ids, isBefore) {
  let low = 0;
  let high = ids.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBefore(/** @type {string} */ (ids[middle]))) low = middle + 1;
    else high = middle;
  }
  return low;
}

// The library page: tools, the name card, "Continue watching", shelves; loads a page of titles at a time.
import { el, icon, setText } from "../dom/el.js";
import { sameQuery } from "../core/router.js";
import { ContinueShelf } from "./continue.js";
import { Shelves } from "./shelves.js";
import { Tools } from "./tools.js";

/** @typedef {import("../types.d.ts").Query} Query */
/** @typedef {import("../core/store.js").Change} Change */

/** The first page is small, so that the first grid is there soon. */
export const FIRST_PAGE = 48;
const LATER_PAGES = 200;
const SKELETON_AFTER = 200;
const RETRY_AFTER = 3000;
/** A page that is not looked at draws nothing. */
const DRAWN_AT_LATEST = 500;

export class Library {
  #loading = false;
  #shown = false;
  /** @type {{query: Query, done: Promise<void>} | null} */
  #inFlight = null;
  /** @type {any} */
  #retry = null;
  /** @type {Change} */
  #pending = { list: false, titles: new Set() };
  #frame = 0;
  #isDrawn = () => {};
  /** Resolves when the first answer has been drawn, or a sentence instead. @type {Promise<void>} */
  drawn = new Promise((done) => {
    this.#isDrawn = done;
  });

  /** @param {import("../app.js").Context} context */
  constructor(context) {
    this.context = context;
    const { language } = context;
    this.tools = new Tools(context, (change) => this.#ask(change));
    this.continue = new ContinueShelf(context);
    this.shelves = new Shelves(context);
    this.crumb = el("p", { class: "crumb", hidden: true });
    this.cards = el("div", { class: "notices" });
    this.message = el("div", { class: "empty", hidden: true }, icon("film"), el("p"));
    this.skeleton = el("div", { class: "grid skeleton", hidden: true, "aria-hidden": "true" });
    for (let i = 0; i < 12; i++)
      this.skeleton.append(el("span", { class: "card" }, el("span", { class: "poster" })));
    this.sentinel = el("div", { class: "sentinel", "aria-hidden": "true" });
    this.root = el(
      "main",
      { class: "library", "aria-label": language.t("library.label") },
      el("h1", { class: "sr-only", text: language.t("library.label") }),
      this.tools.root,
      this.cards,
      this.continue.root,
      this.crumb,
      this.skeleton,
      this.shelves.root,
      this.message,
      this.sentinel,
    );
    this.root.addEventListener("click", (event) => this.#follow(event));
    const near = new IntersectionObserver(
      (entries) => entries.some((e) => e.isIntersecting) && this.#more(),
      {
        rootMargin: "1500px 0px",
      },
    );
    near.observe(this.sentinel);
    context.store.listen((change) => this.#changed(change));
  }

  /** Shows what a query lists. @param {Query} query */
  show(query) {
    const { store } = this.context;
    this.tools.show(query);
    this.#crumbs(query);
    const fresh = store.ask(query);
    if (fresh || !this.#shown) this.load();
    else this.continue.draw(query.q === "" && query.folder === "");
  }

  /** Loads the current query from its start, once at a time; the old list stays until the new one is there. */
  load() {
    const { query } = this.context.store.view;
    this.#shown = true;
    if (this.#inFlight && sameQuery(this.#inFlight.query, query)) return this.#inFlight.done;
    const mine = {
      query,
      done: this.#load(query).finally(() => this.#inFlight === mine && (this.#inFlight = null)),
    };
    this.#inFlight = mine;
    return mine.done;
  }

  /** @param {Query} query */
  async #load(query) {
    const { store, api } = this.context;
    clearTimeout(this.#retry);
    const skeleton = setTimeout(() => (this.skeleton.hidden = store.view.ids.length > 0), SKELETON_AFTER);
    try {
      const page = await (this.context.takeFirst(query) ?? api.titles(query, { limit: FIRST_PAGE }));
      store.page(query, page, true);
    } catch (error) {
      if (sameQuery(query, store.view.query)) {
        this.#say(this.context.language.t("library.away"));
        this.#retry = setTimeout(() => this.load(), RETRY_AFTER);
      }
    } finally {
      setTimeout(this.#isDrawn, DRAWN_AT_LATEST);
      clearTimeout(skeleton);
      this.skeleton.hidden = true;
    }
  }

  /** This phone's own marks changed. @param {string} id */
  seen(id) {
    this.shelves.seen(id);
  }

  /** The connection to the box is back. */
  connected() {
    this.shelves.looks.again();
  }

  /** Back from the player: where one was. @param {string} id */
  focus(id) {
    const link = this.root.querySelector(`.card[data-id="${CSS.escape(id)}"]`);
    if (link instanceof HTMLElement) link.focus({ preventScroll: true });
  }

  async #more() {
    const { store, api } = this.context;
    const { query, more, loaded } = store.view;
    if (this.#loading || !more || !loaded) return;
    this.#loading = true;
    try {
      store.page(query, await api.titles(query, { after: store.after, limit: LATER_PAGES }), false);
    } catch (error) {
      setTimeout(() => this.#more(), RETRY_AFTER);
    } finally {
      this.#loading = false;
    }
  }

  /** Many changes, one drawing. @param {Change} change */
  #changed(change) {
    this.#pending.list = this.#pending.list || change.list;
    for (const id of change.titles) this.#pending.titles.add(id);
    if (!this.#frame) this.#frame = requestAnimationFrame(() => this.#draw());
  }

  #draw() {
    this.#frame = 0;
    const { list, titles } = this.#pending;
    this.#pending = { list: false, titles: new Set() };
    const { view } = this.context.store;
    if (list) this.shelves.list(view.ids, view.query);
    this.shelves.update(titles);
    this.continue.draw(view.query.q === "" && view.query.folder === "");
    if (view.loaded) this.#count();
    if (list) this.#isDrawn();
    // A screen taller than a page, or a sentinel that never left it.
    if (list && this.sentinel.getBoundingClientRect().top < innerHeight + 1500)
      setTimeout(() => this.#more(), 0);
  }

  #count() {
    const { language, store, announce } = this.context;
    const { view } = store;
    if (view.ids.length > 0) {
      this.message.hidden = true;
      if (view.query.q) announce(language.t("library.found", { count: view.total }));
    } else
      this.#say(
        view.query.q ? language.t("library.nothing", { words: view.query.q }) : language.t("library.empty"),
      );
  }

  /** @param {string} sentence */
  #say(sentence) {
    if (this.context.store.view.ids.length > 0) return;
    setText(/** @type {Element} */ (this.message.lastElementChild), sentence);
    this.message.hidden = false;
    this.context.announce(sentence);
  }

  /** @param {Partial<Query>} change */
  #ask(change) {
    const query = { ...this.context.store.view.query, ...change };
    this.context.navigate({ view: "library", query }, { replace: change.q !== undefined });
  }

  /** @param {Query} query */
  #crumbs(query) {
    const { language } = this.context;
    this.crumb.hidden = query.folder === "";
    if (this.crumb.hidden) return;
    const all = el("a", { href: "/", class: "shelf-link", text: language.t("library.all") });
    this.crumb.replaceChildren(
      all,
      el("span", { class: "slash", text: " › " }),
      el("bdi", { text: query.folder }),
    );
  }

  /** Links inside the page do not load it anew. @param {MouseEvent} event */
  #follow(event) {
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    if (!link || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey)
      return;
    event.preventDefault();
    this.context.open(link);
  }
}

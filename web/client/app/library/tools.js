// Search and order.
import { el, icon } from "../dom/el.js";
import { SORTS } from "../core/router.js";

/** @typedef {import("../types.d.ts").Query} Query */

const TYPING_PAUSE = 200;

export class Tools {
  /**
   * @param {import("../app.js").Context} context
   * @param {(change: Partial<Query>) => void} ask
   */
  constructor(context, ask) {
    const { language } = context;
    /** @type {any} */
    let timer;
    this.search = el("input", {
      type: "search",
      class: "field",
      placeholder: language.t("search.hint"),
      "aria-label": language.t("search.hint"),
      autocomplete: "off",
      spellcheck: "false",
      enterkeyhint: "search",
      maxlength: 100,
      oninput: () => {
        clearTimeout(timer);
        timer = setTimeout(() => ask({ q: this.search.value.trim() }), TYPING_PAUSE);
      },
      onkeydown: (/** @type {KeyboardEvent} */ event) => {
        if (event.key === "Enter") this.search.blur();
      },
    });
    this.sort = el("select", {
      class: "field sort",
      "aria-label": language.t("sort.label"),
      onchange: () => ask({ sort: SORTS.find((s) => s === this.sort.value) ?? "folder" }),
    });
    for (const sort of SORTS)
      this.sort.append(el("option", { value: sort, text: language.t(`sort.${sort}`) }));
    this.root = el(
      "form",
      { class: "tools", role: "search", onsubmit: (/** @type {Event} */ event) => event.preventDefault() },
      el("label", { class: "search" }, icon("search"), this.search),
      this.sort,
    );
  }

  /** @param {Query} query */
  show(query) {
    // What a person types is theirs: the address follows the field, not the other way round.
    if (document.activeElement !== this.search) this.search.value = query.q;
    this.sort.value = query.sort;
  }
}

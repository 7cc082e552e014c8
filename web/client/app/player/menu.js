// A button that opens a short list of choices.
import { el, icon, iconButton } from "../dom/el.js";

/** @typedef {{label: string, selected: boolean, choose: () => void, note?: string, disabled?: boolean}} Choice */

export class Menu {
  /** @param {string} drawing @param {string} label @param {() => Choice[]} choices asked each time it opens */
  constructor(drawing, label, choices) {
    this.choices = choices;
    this.button = iconButton(drawing, label, () => (this.isOpen ? this.close() : this.open()));
    this.button.setAttribute("aria-haspopup", "menu");
    this.button.setAttribute("aria-expanded", "false");
    this.list = el("div", { class: "menu", role: "menu", "aria-label": label, hidden: true });
    this.list.addEventListener("keydown", (event) => this.#key(event));
    this.root = el("span", { class: "menu-place" }, this.button, this.list);
    this.root.addEventListener("focusout", (event) => {
      const to = event.relatedTarget;
      if (this.isOpen && !(to instanceof Node && this.root.contains(to))) this.close(false);
    });
  }

  get isOpen() {
    return !this.list.hidden;
  }

  open() {
    this.list.replaceChildren(...this.choices().map((choice) => this.#item(choice)));
    this.list.hidden = false;
    this.button.setAttribute("aria-expanded", "true");
    const checked = this.list.querySelector('[aria-checked="true"]') ?? this.list.firstElementChild;
    if (checked instanceof HTMLElement) checked.focus();
  }

  close(refocus = true) {
    this.list.hidden = true;
    this.button.setAttribute("aria-expanded", "false");
    if (refocus) this.button.focus();
  }

  /** @param {Choice} choice */
  #item({ label, selected, choose, note, disabled = false }) {
    // One that cannot be chosen stays reachable, so that its note can be read.
    const onclick = () => {
      if (disabled) return;
      choose();
      this.close();
    };
    return el(
      "button",
      {
        type: "button",
        role: "menuitemradio",
        "aria-checked": String(selected),
        "aria-disabled": disabled ? "true" : null,
        class: "menu-item",
        onclick,
      },
      icon("done"),
      el(
        "span",
        {},
        el("span", { text: label, dir: "auto" }),
        note ? el("span", { class: "menu-note", text: note, dir: "auto" }) : null,
      ),
    );
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const items = [...this.list.children];
    const at = items.indexOf(/** @type {Element} */ (document.activeElement));
    const to = { ArrowDown: at + 1, ArrowUp: at - 1 + items.length, Home: 0, End: items.length - 1 }[
      event.key
    ];
    if (event.key === "Escape") this.close();
    else if (to !== undefined) /** @type {HTMLElement} */ (items[to % items.length]).focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

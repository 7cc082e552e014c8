// Who is host may name the box and switch it off. One becomes it here, within a minute of a short press of the box's
// button. A quiet place: without a button nothing is shown.
import { el, setText } from "../dom/el.js";

/** @typedef {import("../app.js").Context} Context */
/** @typedef {import("../types.d.ts").Box} Box */
/** @typedef {"none" | "hint" | "open" | "host"} Mode */

/**
 * What there is to show; null: what the box told all pages does not say whether this one is host. Pure.
 * @param {Box} box @returns {Mode | null}
 */
export function hostMode({ host, hardware }) {
  if (!host) return "none";
  if (host.you === undefined) return null;
  if (host.you) return "host";
  if (host.open) return "open";
  return hardware?.["button"] === "present" ? "hint" : "none";
}

/**
 * Is it to be said that another page has become host? From when that is pushed until this one is host again. Pure.
 * @param {Mode} mode @param {boolean} said so far @param {Box} box
 */
export const isLost = (mode, said, { host }) => mode !== "host" && (said || Boolean(host?.lost));

export class HostPart {
  root = el("div");
  /** Drawn now. A form is not drawn anew below the fingers that fill it. @type {Mode} */
  #mode = "none";
  /** Was the minute open when the box was asked last? */
  #open = false;
  /** Another page has become host instead of this one, and that is said. */
  #lost = false;
  /** So many places for words were made. */
  #places = 0;

  /** @param {Context} context */
  constructor(context) {
    this.context = context;
  }

  /** @param {Box} box as asked for, or as pushed */
  update(box) {
    const mode = hostMode(box);
    const open = Boolean(box.host?.open);
    if (mode === null) {
      if (open !== this.#open) this.#ask();
      return;
    }
    this.#open = open;
    this.#show(mode, box, isLost(mode, this.#lost, box));
  }

  async #ask() {
    try {
      this.update(await this.context.api.box());
    } catch (error) {
      // The next push asks again.
    }
  }

  /** @param {Mode} mode @param {Box} box @param {boolean} lost */
  #show(mode, box, lost) {
    if (mode === this.#mode && lost === this.#lost) return;
    const focused = this.root.contains(document.activeElement);
    this.#mode = mode;
    this.#lost = lost;
    this.root.replaceChildren(...this.#parts(mode, box));
    // Whoever pressed what has gone stays where they were.
    if (focused) /** @type {HTMLElement | null} */ (this.root.querySelector("input, button"))?.focus();
  }

  /** @param {Mode} mode @param {Box} box @returns {Node[]} */
  #parts(mode, box) {
    const t = (/** @type {string} */ key) => this.context.language.t(key);
    const lost = this.#lost ? [el("p", { text: t("host.lost") })] : [];
    if (mode === "none") return lost.length > 0 ? [this.#part(...lost)] : [];
    if (mode === "hint") return [this.#part(...lost, el("p", { class: "quiet-text", text: t("host.hint") }))];
    if (mode === "open") {
      const said = this.#said();
      const become = this.#button(t("host.become"), () => this.#become(said), "");
      return [this.#part(...lost, el("p", { text: t("host.open") }), become, said)];
    }
    const off = box.host?.powerOff ? [this.#off()] : [];
    return [this.#part(el("p", { role: "status", text: t("host.you") }), ...this.#name(box), ...off)];
  }

  /** @param {...Node} children */
  #part(...children) {
    return el(
      "section",
      { class: "part host" },
      el("h3", { text: this.context.language.t("host.title") }),
      ...children,
    );
  }

  /** @param {string} text @param {() => void} onclick @param {string} [look] */
  #button(text, onclick, look = "quiet") {
    return el("button", { type: "button", class: `button ${look}`, text, onclick });
  }

  /** Where it is told how an act went: below what was pressed, since a toast would lie over it. */
  #said() {
    return el("p", { class: "host-said", id: `host-said-${++this.#places}`, role: "status" });
  }

  /**
   * Does something on the box; how it went is told, and the box asked how things are.
   * @param {HTMLElement} said @param {() => Promise<unknown>} act @param {() => string} done
   * @returns {Promise<boolean>} was it done?
   */
  async #act(said, act, done) {
    setText(said, "");
    let ok = true;
    try {
      await act();
    } catch (error) {
      ok = false;
      setText(said, this.context.errorSentence(error));
    }
    if (ok) setText(said, done());
    said.classList.toggle("trouble", !ok);
    said.scrollIntoView({ block: "nearest" });
    await this.#ask();
    return ok;
  }

  /** @param {HTMLElement} said */
  #become(said) {
    const { api, language } = this.context;
    return this.#act(
      said,
      () => api.becomeHost(),
      () => language.t("host.you"),
    );
  }

  /** @param {Box} box */
  #name({ name }) {
    const { api, language } = this.context;
    const field = el("input", {
      class: "field",
      name: "box-name",
      maxlength: 63,
      autocomplete: "off",
      autocapitalize: "none",
      spellcheck: "false",
      dir: "ltr",
    });
    field.value = name;
    const said = this.#said();
    field.setAttribute("aria-describedby", said.id);
    const form = el(
      "form",
      {
        class: "setting",
        onsubmit: async (/** @type {Event} */ event) => {
          event.preventDefault();
          const ok = await this.#act(
            said,
            async () => {
              field.value = await api.nameBox(field.value);
            },
            () => language.t("host.named", { name: field.value }),
          );
          field.setAttribute("aria-invalid", String(!ok));
        },
      },
      el("label", { class: "host-name" }, el("span", { text: language.t("host.name") }), field),
      el("button", { type: "submit", class: "button", text: language.t("name.save") }),
    );
    return [form, said];
  }

  /** Switching off takes two taps. */
  #off() {
    const { api, language } = this.context;
    const place = el("div", { class: "host-off" });
    const said = this.#said();
    const first = () => {
      place.replaceChildren(this.#button(language.t("host.off"), sure));
    };
    const sure = () => {
      const stay = this.#button(language.t("host.stay"), () => {
        first();
        /** @type {HTMLElement} */ (place.firstElementChild).focus();
      });
      const go = this.#button(language.t("host.offYes"), () => {
        first();
        this.#act(
          said,
          () => api.powerOff(),
          () => language.t("host.offDone"),
        );
      });
      place.replaceChildren(
        el("p", { role: "alert", text: language.t("host.offSure") }),
        el("div", { class: "host-buttons" }, go, stay),
      );
      stay.focus();
    };
    first();
    return el("div", {}, place, said);
  }
}

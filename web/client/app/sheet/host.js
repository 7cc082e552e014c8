// Who is host may name the box and switch it off. One becomes it here, within a minute of a short press of the box's
// button. A quiet place: without a button nothing is shown.
import { el } from "../dom/el.js";

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
    if (mode === "open")
      return [
        this.#part(
          ...lost,
          el("p", { text: t("host.open") }),
          this.#button(t("host.become"), () => this.#become(), ""),
        ),
      ];
    return [this.#part(el("p", { text: t("host.you") }), this.#name(box), this.#off())];
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

  /** Does something on the box; a refusal is told, and the box asked how things are. @param {() => Promise<unknown>} act @param {() => string} done */
  async #act(act, done) {
    const { toast, errorSentence } = this.context;
    try {
      await act();
      toast(done());
    } catch (error) {
      toast(errorSentence(error));
    }
    await this.#ask();
  }

  #become() {
    const { api, language } = this.context;
    return this.#act(
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
    return el(
      "form",
      {
        class: "setting",
        onsubmit: (/** @type {Event} */ event) => {
          event.preventDefault();
          this.#act(
            async () => {
              field.value = await api.nameBox(field.value);
            },
            () => language.t("host.named", { name: field.value }),
          );
        },
      },
      el("label", { class: "host-name" }, el("span", { text: language.t("host.name") }), field),
      el("button", { type: "submit", class: "button", text: language.t("name.save") }),
    );
  }

  /** Switching off takes two taps. */
  #off() {
    const { api, language } = this.context;
    const place = el("div", { class: "host-off" });
    const first = () => {
      place.replaceChildren(this.#button(language.t("host.off"), sure));
    };
    const sure = () => {
      const stay = this.#button(language.t("player.cancel"), () => {
        first();
        /** @type {HTMLElement} */ (place.firstElementChild).focus();
      });
      const go = this.#button(language.t("host.offYes"), () => {
        first();
        this.#act(
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
    return place;
  }
}

// Asks once what to call this phone. A card among the others: it never stands in the way of playing.
import { el, iconButton } from "./dom/el.js";

/**
 * @param {import("./app.js").Context} context
 * @returns {HTMLElement | null} null when there is nothing to ask
 */
export function nameCard(context) {
  const { settings, language, socket } = context;
  if (settings.get("nameAsked") || settings.get("name")) return null;
  const input = el("input", {
    class: "field",
    name: "name",
    maxlength: 24,
    autocomplete: "nickname",
    "aria-label": language.t("name.label"),
    placeholder: language.t("name.hint"),
  });
  const done = () => {
    settings.set("nameAsked", true);
    card.remove();
  };
  const card = el(
    "form",
    {
      class: "notice",
      onsubmit: (/** @type {Event} */ event) => {
        event.preventDefault();
        settings.set("name", cleanName(input.value));
        socket.renamed();
        done();
      },
    },
    el("p", { text: language.t("name.question") }),
    input,
    el("button", { type: "submit", class: "button", text: language.t("name.save") }),
    iconButton("close", language.t("name.skip"), done),
  );
  return card;
}

/** At most 24 characters (not code units), no control characters. @param {string} text */
export const cleanName = (text) =>
  [
    ...text
      .replace(/\p{Cc}+/gu, " ")
      .trim()
      .replace(/\s+/g, " "),
  ]
    .slice(0, 24)
    .join("")
    .trim();

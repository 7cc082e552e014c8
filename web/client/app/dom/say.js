// Saying things: to screen readers, and on the screen for a moment.
import { el, setText } from "./el.js";
import { ApiError } from "../core/api.js";

const SHOWN = 5000;

/** @param {string} text */
export function announce(text) {
  const polite = document.getElementById("polite");
  if (polite) setText(polite, text);
}

/** @param {string} text */
export function toast(text) {
  for (const old of document.querySelectorAll(".toast")) old.remove();
  const node = el("div", { class: "toast", text });
  // Over a dialog or a player (full screen or not) nothing outside of it is visible.
  (document.querySelector("dialog[open]") ?? document.querySelector(".player") ?? document.body).append(node);
  announce(text);
  setTimeout(() => node.remove(), SHOWN);
}

/** @param {import("../text/language.js").Language} language @param {unknown} error */
export function errorSentence(language, error) {
  if (!(error instanceof ApiError)) return language.t("reason.away");
  const { code, message: text, parameters } = error;
  return language.reason({ code, text, parameters });
}

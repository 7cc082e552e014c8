// "What the box sees": sticks, problems, room, how to come here, and this phone's own settings.
import { el, icon, iconButton, loadStyle } from "../dom/el.js";
import { applyTheme } from "../dom/theme.js";
import { cleanName } from "../name.js";
import { LANGUAGES } from "../text/language.js";
import { HostPart } from "./host.js";
import { ignoredSentence, sharingWords, stickFacts, stickSentence, storageWords } from "./words.js";

/** @typedef {import("../app.js").Context} Context */
/** @typedef {import("../types.d.ts").Box} Box */

let opening = false;

/** @param {Context} context */
export async function openSheet(context) {
  if (opening || document.querySelector("dialog.sheet")) return;
  opening = true;
  try {
    // What only this sheet says; without these words there is no box to say it.
    await Promise.all([
      loadStyle(`${context.base}/styles/sheet.css`),
      context.language.more(context.base, "box"),
    ]);
  } catch (error) {
    return context.toast(context.language.t("reason.away"));
  } finally {
    opening = false;
  }
  await showSheet(context);
}

/** @param {Context} context */
async function showSheet(context) {
  const { language, api } = context;
  const seen = el("div", { class: "sheet-box" });
  const host = new HostPart(context);
  const dialog = el(
    "dialog",
    { class: "sheet", "aria-labelledby": "sheet-title" },
    el(
      "div",
      { class: "sheet-head" },
      el("h2", { id: "sheet-title", text: language.t("sheet.title") }),
      iconButton("close", language.t("sheet.close"), () => dialog.close()),
    ),
    seen,
    phone(context),
    host.root,
  );
  const draw = () => {
    if (context.box) host.update(context.box);
    if (context.box) seen.replaceChildren(...boxParts(context, context.box));
    else seen.replaceChildren(el("p", { text: language.t("reason.away") }));
  };
  document.addEventListener("streambox:box", draw);
  dialog.addEventListener("close", () => {
    document.removeEventListener("streambox:box", draw);
    dialog.remove();
  });
  // A tap beside the sheet closes it.
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  if (context.box) draw();
  document.body.append(dialog);
  dialog.showModal();
  try {
    context.box = await api.box();
  } catch (error) {
    // What was known last is shown.
  }
  draw();
}

/** @param {Context} context @param {Box} box */
function boxParts({ language }, box) {
  return [
    problems(language, box),
    sticks(language, box),
    storage(language, box),
    sharing(language, box),
    addresses(language, box),
    about(language, box),
  ].filter((node) => node !== null);
}

/** @typedef {import("../text/language.js").Language} Language */

/** @param {string} heading @param {...(Node | null)} children */
const part = (heading, ...children) =>
  el("section", { class: "part" }, el("h3", { text: heading }), ...children);

/** @param {Language} language @param {Box} box */
function problems(language, { problems: list = [] }) {
  if (list.length === 0) return null;
  const items = list.map((p) =>
    el("li", {}, icon("alert"), el("span", { text: language.reason(p), dir: "auto" })),
  );
  return part(language.t("sheet.problems"), el("ul", { class: "problems" }, ...items));
}

/** @param {Language} language @param {Box} box */
function sticks(language, { sticks: list = [] }) {
  if (list.length === 0)
    return part(language.t("sheet.sticks"), el("p", { text: language.t("sheet.noSticks") }));
  const items = list.map((stick) => {
    const ignored = ignoredSentence(language, stick);
    return el(
      "li",
      {},
      el(
        "p",
        { class: "stick-name" },
        el("bdi", { text: stick.label || stick.id }),
        el("span", { class: "quiet-text", text: stickFacts(language, stick) }),
      ),
      el("p", { class: stick.state === "unreadable" ? "trouble" : "", text: stickSentence(language, stick) }),
      ignored ? el("p", { class: "quiet-text", text: ignored }) : null,
    );
  });
  return part(language.t("sheet.sticks"), el("ul", { class: "sticks" }, ...items));
}

/** @param {Language} language @param {Box} box */
function storage(language, box) {
  const words = storageWords(language, box.storage);
  if (!words) return null;
  const fill = el("span", {});
  fill.style.inlineSize = `${Math.min(100, words.share * 100)}%`;
  return part(
    language.t("sheet.storage"),
    el("span", { class: "full-bar", "aria-hidden": "true" }, fill),
    el("p", { text: words.sentence }),
  );
}

/** @param {Language} language @param {Box} box */
function sharing(language, box) {
  const sentences = sharingWords(language, box);
  if (sentences.length === 0) return null;
  return part(language.t("sheet.sharing"), ...sentences.map((text) => el("p", { text, dir: "auto" })));
}

/** @param {Language} language @param {Box} box */
function addresses(language, { urls = [], notes = [] }) {
  if (urls.length === 0) return null;
  const items = urls.map((url) => el("li", {}, el("code", { text: url, dir: "ltr" })));
  const code = el("img", {
    class: "qr",
    src: "/qr.svg?for=url",
    alt: language.t("sheet.qr"),
    width: 176,
    height: 176,
  });
  code.addEventListener("error", () => code.remove());
  const said = notes.filter((note) => !isUpdate(note)).map((note) => quiet(language, note));
  return part(
    language.t("sheet.addresses"),
    el("div", { class: "addresses" }, code, el("ul", {}, ...items)),
    ...said,
  );
}

/** Which version the box runs, and how an update goes. @param {Language} language @param {Box} box */
function about(language, { version = "", notes = [] }) {
  const news = notes.filter(isUpdate).map((note) => quiet(language, note));
  return el(
    "div",
    {},
    ...news,
    el("p", { class: "quiet-text", text: language.t("sheet.version", { version }) }),
  );
}

/** @typedef {NonNullable<Box["notes"]>[number]} Note */

/** @param {Note} note */
const isUpdate = ({ code }) => code.startsWith("update_");

/** @param {Language} language @param {Note} note */
const quiet = (language, note) => el("p", { class: "quiet-text", text: language.reason(note), dir: "auto" });

/** This phone's settings. @param {Context} context */
function phone({ language, settings, socket }) {
  const name = el("input", {
    class: "field",
    maxlength: 24,
    autocomplete: "nickname",
    placeholder: language.t("name.hint"),
    onchange: () => {
      settings.set("name", cleanName(name.value));
      settings.set("nameAsked", true);
      socket.renamed();
    },
  });
  name.value = settings.get("name");
  const theme = el("select", {
    class: "field",
    onchange: () => {
      const value = theme.value === "dark" || theme.value === "light" ? theme.value : "";
      settings.set("theme", value);
      applyTheme(value);
    },
  });
  for (const value of ["", "dark", "light"])
    theme.append(el("option", { value, text: language.t(`theme.${value || "system"}`) }));
  theme.value = settings.get("theme");
  const tongue = el("select", {
    class: "field",
    onchange: () => {
      settings.set("language", tongue.value);
      location.reload();
    },
  });
  tongue.append(el("option", { value: "", text: language.t("language.system") }));
  for (const [tag, own] of Object.entries(LANGUAGES))
    tongue.append(el("option", { value: tag, text: own, lang: tag }));
  tongue.value = settings.get("language");
  const row = (/** @type {string} */ key, /** @type {HTMLElement} */ field) =>
    el("label", { class: "setting" }, el("span", { text: language.t(key) }), field);
  return part(
    language.t("sheet.phone"),
    row("name.label", name),
    row("theme.label", theme),
    row("language.label", tongue),
  );
}

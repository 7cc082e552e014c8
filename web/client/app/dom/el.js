// Making elements. Text only ever goes in as text.

const SVG = "http://www.w3.org/2000/svg";

/** @typedef {{[name: string]: string | number | boolean | ((event: any) => void) | null | undefined}} Properties */

/**
 * An element. `text` is its text, `onclick` and the like are listeners, true is an empty attribute, and false, null
 * and undefined leave the attribute out.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Properties} [properties]
 * @param {...(Node | string | null | undefined | false)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === "function") node.addEventListener(name.slice(2), value);
    else if (name === "text") node.textContent = String(value ?? "");
    else setAttribute(node, name, value);
  }
  for (const child of children) if (child) node.append(child);
  return node;
}

/** @param {Element} node @param {string} name @param {string | number | boolean | null | undefined} value */
export function setAttribute(node, name, value) {
  if (value === false || value === null || value === undefined) node.removeAttribute(name);
  else node.setAttribute(name, value === true ? "" : String(value));
}

/** Sets the text only when it differs, so that nothing is drawn or read aloud anew. @param {Element} node @param {string} text */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** @type {{[name: string]: string}} paths in a box of 24 × 24 */
const ICONS = {
  play: "M7 4.5v15l12-7.5z",
  pause: "M6.5 5h4v14h-4zM13.5 5h4v14h-4z",
  back: "M15 5l-7 7 7 7",
  rewind: "M4 12a8 8 0 1 0 2.6-5.9M4 4v4.5h4.5",
  forward: "M20 12a8 8 0 1 1-2.6-5.9M20 4v4.5h-4.5",
  full: "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5",
  small: "M9 4v5H4M20 9h-5V4M15 20v-5h5M4 15h5v5",
  sound: "M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM15.5 9a4 4 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11",
  mute: "M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM16 9.5l5 5M21 9.5l-5 5",
  words: "M3.5 5.5h17v13h-17zM7 11h3M7 14.5h6M13 11h4M15.5 14.5H17",
  chapters: "M9 6h11M9 12h11M9 18h11M4 6h1.5M4 12h1.5M4 18h1.5",
  voices:
    "M9 18V6l10-2v12M9 18a2.5 2.5 0 1 1-2.5-2.5A2.5 2.5 0 0 1 9 18zM19 16a2.5 2.5 0 1 1-2.5-2.5A2.5 2.5 0 0 1 19 16z",
  speed: "M4.5 17a8.5 8.5 0 1 1 15 0M12 14l4-5",
  next: "M5 5v14l9-7zM17.5 5v14",
  again: "M19.5 12a7.5 7.5 0 1 1-2.2-5.3M19.5 3.5v4h-4",
  close: "M6 6l12 12M18 6L6 18",
  search: "M11 4.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM16 16l4.5 4.5",
  done: "M5 12.5l4.5 4.5L19 7.5",
  eye: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6z",
  alert: "M12 4L2.5 20h19zM12 10v5M12 17.3v.4",
  phones: "M3.5 4h7v13h-7zM13.5 7h7v13h-7zM6.5 14.2h1M16.5 17.2h1",
  film: "M4 5h16v14H4zM8.5 5v14M15.5 5v14M4 9.5h4.5M4 14.5h4.5M15.5 9.5H20M15.5 14.5H20",
};

const FILLED = ["play", "pause"];

/** A drawing for the eye only; what it means stands in a label. @param {string} name @returns {SVGSVGElement} */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", FILLED.includes(name) ? "icon filled" : "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name] ?? "");
  svg.append(path);
  return svg;
}

/**
 * A button that is only a drawing, with its name for those who do not see it.
 * @param {string} drawing @param {string} label @param {() => void} onclick @param {string} [className]
 */
export function iconButton(drawing, label, onclick, className = "") {
  return el(
    "button",
    { type: "button", class: `icon-button ${className}`, "aria-label": label, title: label, onclick },
    icon(drawing),
  );
}

/** Changes drawing and name of an iconButton. @param {HTMLElement} button @param {string} drawing @param {string} label */
export function relabel(button, drawing, label) {
  if (button.getAttribute("aria-label") === label) return;
  button.setAttribute("aria-label", label);
  button.title = label;
  button.replaceChildren(icon(drawing));
}

/**
 * Loads a style sheet once; a failure is no reason to show nothing. boot.js asks again for what was lost.
 * @param {string} url @returns {Promise<void>}
 */
export async function loadStyle(url) {
  /** @type {HTMLLinkElement | null} */
  const known = document.head.querySelector(`link[href="${CSS.escape(url)}"]`);
  const link = known ?? el("link", { rel: "stylesheet", href: url });
  const { lost } = link.dataset; // Chromium has an empty sheet for it
  if (link.sheet && !lost) return;
  delete link.dataset.lost;
  await new Promise((done) => {
    link.addEventListener("load", done);
    link.addEventListener("error", done);
    // One that is waited for after a loss comes at once, not when its wait is over.
    if (link !== known || lost) document.head.insertBefore(link, link.nextSibling);
  });
}

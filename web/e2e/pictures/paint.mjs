// Shapes as an SVG of our own that is light or dark as its reader is: colours that differ between the themes are classes.
import { mosaic } from "./mosaic.mjs";

/** @typedef {import("./walk.mjs").Shape} Shape */

export const escape = (/** @type {string} */ text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");

/** Colours of the two themes, and the classes that stand for them. */
export class Colours {
  /** @type {Map<string, string>} */
  #names = new Map();

  /** An attribute for a colour. @param {"fill" | "stroke"} what @param {string} light @param {string} [dark] */
  as(what, light, dark = light) {
    if (light === dark) return light === "none" && what === "stroke" ? "" : ` ${what}="${short(light)}"`;
    const key = `${what}:${short(light)}|${short(dark)}`;
    if (!this.#names.has(key)) this.#names.set(key, `c${this.#names.size}`);
    return ` class="${this.#names.get(key)}"`;
  }

  /** Two at once: there is one class attribute. */
  pair(fill, stroke) {
    const both = [this.as("fill", ...fill), this.as("stroke", ...stroke)];
    const classes = both.flatMap((one) => /^ class="(.*)"$/.exec(one)?.[1] ?? []);
    return both.filter((one) => !one.startsWith(" class")).join("") + (classes.length ? ` class="${classes.join(" ")}"` : "");
  }

  get style() {
    const rules = (/** @type {0 | 1} */ n) => [...this.#names].map(([key, name]) => {
      const [what, colours] = [key.slice(0, key.indexOf(":")), key.slice(key.indexOf(":") + 1)];
      return `.${name}{${what}:${colours.split("|")[n]}}`;
    }).join("");
    return this.#names.size ? `${rules(0)}@media (prefers-color-scheme:dark){${rules(1)}}` : "";
  }
}

/** rgb(18, 16, 14) → #12100e; with a share of transparency as it is. @param {string} colour */
function short(colour) {
  const plain = /^rgb\((\d+), (\d+), (\d+)\)$/.exec(colour);
  return plain ? `#${plain.slice(1).map((n) => Number(n).toString(16).padStart(2, "0")).join("")}` : colour.replaceAll(", ", ",");
}

/**
 * @param {Shape[]} light the page in the light theme @param {Shape[]} dark the same page in the dark one
 * @param {Colours} colours @param {number} room characters for each picture in it
 */
export function paint(light, dark, colours, room) {
  if (light.length !== dark.length || light.some((s, i) => s.kind !== dark[i].kind)) throw new Error(`the themes show different pages: ${light.length} and ${dark.length} shapes`);
  let shades = 0;
  return light.map((shape, i) => one(shape, dark[i], colours, room, () => `s${shades++}`)).join("\n");
}

function one(/** @type {any} */ s, /** @type {any} */ d, /** @type {Colours} */ colours, /** @type {number} */ room, /** @type {() => string} */ name) {
  switch (s.kind) {
    case "box": {
      const rim = s.strokeWidth / 2;
      const round = s.r > 0 ? ` rx="${s.r}"` : "";
      const width = s.strokeWidth > 1 ? ` stroke-width="${s.strokeWidth}"` : "";
      return `<rect x="${tenth(s.x + rim)}" y="${tenth(s.y + rim)}" width="${tenth(s.w - 2 * rim)}" height="${tenth(s.h - 2 * rim)}"${round}${colours.pair([s.fill, d.fill], [s.stroke, d.stroke])}${width}/>`;
    }
    case "shade": {
      const id = name();
      const stop = (/** @type {number} */ at, /** @type {string} */ colour) => `<stop offset="${at}" stop-color="${short(colour)}"/>`;
      return `<linearGradient id="${id}" x2="0" y2="1">${stop(0, s.from)}${stop(1, s.to)}</linearGradient><rect x="${s.x}" y="${s.y}" width="${s.w}" height="${s.h}" fill="url(#${id})"/>`;
    }
    case "text": {
      const weight = s.weight === "400" ? "" : ` font-weight="${s.weight}"`;
      const anchor = s.anchor === "start" ? "" : ` text-anchor="${s.anchor}"`;
      return `<text x="${s.x}" y="${s.y}" font-size="${tenth(s.size)}"${weight}${anchor}${colours.as("fill", s.fill, d.fill)}>${escape(s.text)}</text>`;
    }
    case "icon":
      return `<g transform="translate(${s.x} ${s.y})${s.scale === 1 ? "" : ` scale(${s.scale})`}" stroke-width="${s.strokeWidth}" stroke-linecap="round" stroke-linejoin="round"${colours.pair([s.fill, d.fill], [s.stroke, d.stroke])}>${s.inner}</g>`;
    case "code":
      return `<rect x="${s.x}" y="${s.y}" width="${s.w}" height="${s.w}" rx="${s.r}" fill="#fff"/><path transform="translate(${s.x} ${s.y}) scale(${Math.round((s.w / s.units) * 1000) / 1000})" shape-rendering="crispEdges" d="${s.path}"/>`;
    case "ring": {
      const length = 2 * Math.PI * (s.r - 2);
      const circle = (/** @type {string} */ colour, /** @type {string} */ more) => `<circle cx="${s.x}" cy="${s.y}" r="${tenth(s.r - 2)}" fill="none" stroke-width="4" stroke="${short(colour)}"${more}/>`;
      return circle(s.rest, "") + circle(s.done, ` stroke-dasharray="${tenth(length * s.share)} ${tenth(length)}" transform="rotate(-90 ${s.x} ${s.y})"`);
    }
    case "picture": {
      const id = name();
      return `<clipPath id="${id}"><rect width="${s.w}" height="${s.h}" rx="${s.r}"/></clipPath><g transform="translate(${s.x} ${s.y})" clip-path="url(#${id})"${s.opacity < 0.95 ? ` opacity="${s.opacity}"` : ""}>${mosaic(s, room)}</g>`;
    }
    default:
      throw new Error(`what is a ${s.kind}?`);
  }
}

const tenth = (/** @type {number} */ n) => Math.round(n * 10) / 10;

/** A phone around a page: the case is ours, what is on its screen is the page's. */
export function phone(inner, { width, height, title, colours }) {
  const edge = 12;
  const body = `<rect x="1" y="1" width="${width + 2 * edge - 2}" height="${height + 2 * edge - 2}" rx="34" fill="#0b0a09"${colours.as("stroke", "#cfc4b2", "#5a4f44")}/>
<clipPath id="screen"><rect width="${width}" height="${height}" rx="23"/></clipPath>
<g transform="translate(${edge} ${edge})" clip-path="url(#screen)">
${inner}
</g>`;
  return drawing(body, { width: width + 2 * edge, height: height + 2 * edge, title, colours });
}

/** @param {string} body @param {{width: number, height: number, title: string, colours: Colours, more?: string}} of more: rules of its own */
export function drawing(body, { width, height, title, colours, more = "" }) {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="t">
<title id="t">${escape(title)}</title>
<style>text{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}${more}${colours.style}</style>
${body}
</svg>
`;
}

// What a page shows, as a list of simple shapes: read from the live page's own geometry, styles and pixels.

/**
 * @typedef {{kind: "box", x: number, y: number, w: number, h: number, r: number, fill: string, stroke: string, strokeWidth: number}} BoxShape
 * @typedef {{kind: "shade", x: number, y: number, w: number, h: number, from: string, to: string}} ShadeShape
 * @typedef {{kind: "text", x: number, y: number, w: number, size: number, weight: string, anchor: string, fill: string, text: string}} TextShape
 * @typedef {{kind: "icon", x: number, y: number, scale: number, fill: string, stroke: string, strokeWidth: string, inner: string}} IconShape
 * @typedef {{kind: "code", x: number, y: number, w: number, r: number, units: number, path: string}} CodeShape
 * @typedef {{kind: "picture", x: number, y: number, w: number, h: number, r: number, columns: number, rows: number, pixels: number[], opacity: number}} PictureShape
 * @typedef {{kind: "ring", x: number, y: number, r: number, share: number, done: string, rest: string}} RingShape
 * @typedef {BoxShape | ShadeShape | TextShape | IconShape | CodeShape | PictureShape | RingShape} Shape
 */

/** @param {import("playwright-core").Page} page @returns {Promise<Shape[]>} in the order in which they are painted */
export const shapes = (page) => page.evaluate(read);

/* Runs in the page: nothing of this module can be used in it. */
async function read() {
  /** @type {any[]} */
  const all = [];
  const painter = document.createElement("canvas").getContext("2d");
  const round = (/** @type {number} */ n) => Math.round(n * 10) / 10;
  const clear = (/** @type {string} */ colour) => colour === "transparent" || /^rgba\(.*, 0\)$/.test(colour);
  const radius = (/** @type {CSSStyleDeclaration} */ style, /** @type {DOMRect} */ at) => {
    const said = style.borderTopLeftRadius;
    const r = said.endsWith("%") ? (parseFloat(said) / 100) * at.width : parseFloat(said);
    return round(Math.min(r, at.width / 2, at.height / 2));
  };

  function background(element, style, at) {
    const place = { x: round(at.x), y: round(at.y), w: round(at.width), h: round(at.height) };
    const rim = style.borderTopStyle === "solid" && parseFloat(style.borderTopWidth) > 0 && !clear(style.borderTopColor) && style.borderTopColor;
    const inset = /^(rgba?\([^)]*\)) 0px 0px 0px (\d+)px inset$/.exec(style.boxShadow);
    const stroke = rim || inset?.[1] || "none";
    if (!clear(style.backgroundColor) || stroke !== "none") {
      const fill = clear(style.backgroundColor) ? "none" : style.backgroundColor;
      all.push({ kind: "box", ...place, r: radius(style, at), fill, stroke, strokeWidth: stroke === "none" ? 0 : parseFloat(rim ? style.borderTopWidth : inset[2]) });
    }
    const ring = /^conic-gradient\((rgba?\([^)]*\)) ([\d.]+)%, (rgba?\([^)]*\)) 0/.exec(style.backgroundImage);
    if (ring) all.push({ kind: "ring", x: round(at.x + at.width / 2), y: round(at.y + at.height / 2), r: round(at.width / 2), share: Number(ring[2]) / 100, done: ring[1], rest: ring[3] });
    const shade = /^linear-gradient\((rgba?\([^)]*\)), (rgba?\([^)]*\))\)$/.exec(style.backgroundImage);
    if (shade) all.push({ kind: "shade", ...place, from: shade[1], to: shade[2] });
  }

  function words(node, style) {
    const text = node.textContent ?? "";
    /** @type {Map<number, {left: number, right: number, top: number, height: number, words: string[]}>} */
    const lines = new Map();
    for (const { index, 0: word } of text.matchAll(/\S+/g)) {
      const range = document.createRange();
      range.setStart(node, index);
      range.setEnd(node, index + word.length);
      const at = range.getBoundingClientRect();
      if (at.width === 0) continue;
      const key = Math.round(at.top);
      const line = lines.get(key) ?? { left: at.left, right: at.right, top: at.top, height: at.height, words: [] };
      line.left = Math.min(line.left, at.left);
      line.right = Math.max(line.right, at.right);
      line.words.push(word);
      lines.set(key, line);
    }
    for (const line of lines.values()) write(line.words.join(" "), line, style);
  }

  function write(text, { left, right, top, height }, style) {
    painter.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
    const { fontBoundingBoxAscent: ascent, fontBoundingBoxDescent: descent } = painter.measureText(text);
    const centred = style.textAlign === "center" || /^(inline-)?(flex|grid)$/.test(style.display);
    all.push({
      kind: "text", x: round(centred ? (left + right) / 2 : left), y: round(top + (height - ascent - descent) / 2 + ascent), w: round(right - left),
      size: parseFloat(style.fontSize), weight: style.fontWeight, anchor: centred ? "middle" : "start", fill: style.color, text,
    });
  }

  function field(element, style, at) {
    const text = element.localName === "select" ? element.selectedOptions[0]?.text : element.value || element.placeholder;
    if (!text) return;
    const left = at.left + parseFloat(style.paddingLeft) + parseFloat(style.borderLeftWidth);
    const ink = element.localName === "input" && !element.value ? getComputedStyle(element, "::placeholder").color : style.color;
    write(text, { left, right: at.right, top: at.top, height: at.height }, { ...plain(style), color: ink });
    if (element.localName === "select") {
      const inner = `<path d="M${at.right - 24} ${at.top + at.height / 2 - 2}l5 5 5-5"/>`;
      all.push({ kind: "icon", x: 0, y: 0, scale: 1, fill: "none", stroke: style.color, strokeWidth: "1.6", inner });
    }
  }
  const plain = (style) => ({ fontWeight: style.fontWeight, fontSize: style.fontSize, fontFamily: style.fontFamily, textAlign: "start", display: "block" });

  function icon(element, style, at) {
    const box = element.viewBox.baseVal;
    all.push({
      kind: "icon", x: round(at.x), y: round(at.y), scale: Math.round((at.width / (box.width || at.width)) * 1000) / 1000,
      fill: style.fill, stroke: style.stroke, strokeWidth: parseFloat(style.strokeWidth).toString(), inner: element.innerHTML,
    });
  }

  async function code(element, style, at) {
    const drawing = new DOMParser().parseFromString(await (await fetch(element.src)).text(), "image/svg+xml").documentElement;
    all.push({
      kind: "code", x: round(at.x), y: round(at.y), w: round(at.width), r: radius(style, at),
      units: drawing.viewBox.baseVal.width, path: drawing.lastElementChild.getAttribute("d"),
    });
  }

  // As it lies in its box: contained (a film) or covering it (a small picture).
  function picture(element, style, at) {
    const [width, height] = element.localName === "video" ? [element.videoWidth, element.videoHeight] : [element.naturalWidth, element.naturalHeight];
    if (!width || Number(style.opacity) < 0.3) return;
    const fit = style.objectFit === "cover" ? Math.max : Math.min;
    const scale = fit(at.width / width, at.height / height);
    const shown = { w: Math.min(at.width, width * scale), h: Math.min(at.height, height * scale) };
    const columns = 128;
    const rows = Math.max(1, Math.round((columns * shown.h) / shown.w));
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [columns, rows];
    const pen = canvas.getContext("2d");
    pen.imageSmoothingQuality = "high";
    pen.drawImage(element, (width - shown.w / scale) / 2, (height - shown.h / scale) / 2, shown.w / scale, shown.h / scale, 0, 0, columns, rows);
    all.push({
      kind: "picture", x: round(at.x + (at.width - shown.w) / 2), y: round(at.y + (at.height - shown.h) / 2), w: round(shown.w), h: round(shown.h),
      opacity: Number(style.opacity), r: radius(getComputedStyle(element.localName === "video" ? element : element.parentElement), at), columns, rows,
      pixels: [...pen.getImageData(0, 0, columns, rows).data].filter((_, i) => i % 4 < 3),
    });
  }

  async function visit(element) {
    const style = getComputedStyle(element);
    if (style.display === "none" || style.visibility === "hidden" && element.children.length === 0 || Number(style.opacity) < 0.1 || style.clipPath.includes("inset(50%)")) return;
    const at = element.getBoundingClientRect();
    const seen = at.width > 1 && at.height > 0 && at.bottom > 0 && at.right > 0 && at.top < innerHeight && at.left < innerWidth;
    if (style.visibility !== "hidden" && seen) {
      background(element, style, at);
      if (element instanceof SVGSVGElement) return icon(element, style, at);
      if (element.localName === "video") picture(element, style, at);
      if (element.localName === "img") return element.src.includes("/qr.svg") ? code(element, style, at) : picture(element, style, at);
      if (element.localName === "input" || element.localName === "select") return field(element, style, at);
    }
    // What is positioned is painted over what is not.
    const over = (/** @type {Node} */ child) => child instanceof SVGSVGElement && getComputedStyle(child).position === "absolute";
    for (const child of [...element.childNodes].sort((a, b) => Number(over(a)) - Number(over(b)))) {
      if (child.nodeType === Node.ELEMENT_NODE) await visit(child);
      else if (child.nodeType === Node.TEXT_NODE && seen && style.visibility !== "hidden") words(child, style);
    }
  }
  all.push({ kind: "box", x: 0, y: 0, w: innerWidth, h: innerHeight, r: 0, fill: [getComputedStyle(document.body), getComputedStyle(document.documentElement)].map((s) => s.backgroundColor).find((c) => !clear(c)), stroke: "none", strokeWidth: 0 });
  await visit(document.body);
  return all;
}

// The order of titles, as the server has it: natural (2 before 10), case and accents do not matter. Pure.
// The server pages; this order only says where a title that is pushed later belongs among those already shown.

/** @typedef {import("../types.d.ts").Title} Title */
/** @typedef {import("../types.d.ts").Query} Query */

const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

/** @param {string} a @param {string} b */
export const natural = (a, b) => collator.compare(a, b) || (a < b ? -1 : a > b ? 1 : 0);

/** @param {string} a slash-separated @param {string} b */
export function naturalPath(a, b) {
  const left = a.split("/");
  const right = b.split("/");
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const order = natural(left[i] ?? "", right[i] ?? "");
    if (order) return order;
  }
  return left.length - right.length;
}

/** @param {Title} title the folder of its first source; "" = top */
export const folderOf = (title) => title.sources[0]?.folder ?? "";

/** @param {Title} a @param {Title} b */
function byFolder(a, b) {
  const left = a.sources[0];
  const right = b.sources[0];
  return (
    naturalPath(left?.folder ?? "", right?.folder ?? "") ||
    natural(left?.file ?? a.title, right?.file ?? b.title)
  );
}

/**
 * The comparison for a sort, or null where only the server knows ("added").
 * @param {Query["sort"]} sort
 * @returns {((a: Title, b: Title) => number) | null}
 */
export function comparison(sort) {
  const last = (/** @type {Title} */ a, /** @type {Title} */ b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
  switch (sort) {
    case "folder":
      return (a, b) => byFolder(a, b) || last(a, b);
    case "title":
      return (a, b) => natural(a.title, b.title) || last(a, b);
    case "duration":
      // Unknown lengths come after all that are known.
      return (a, b) => (a.durationSeconds || 1e9) - (b.durationSeconds || 1e9) || last(a, b);
    default:
      return null;
  }
}

/** @param {string} text */
const plain = (text) =>
  text
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .toLowerCase();

/**
 * Would the server list this title for the query?
 * @param {Title} title
 * @param {Query} query
 */
export function matches(title, query) {
  const inside = (/** @type {string} */ folder) =>
    query.folder === "" || folder === query.folder || folder.startsWith(`${query.folder}/`);
  if (query.folder !== "" && !title.sources.some((s) => inside(s.folder))) return false;
  const words = plain(query.q).split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const text = plain([title.title, ...title.sources.map((s) => s.folder)].join(" "));
  return words.every((w) => text.includes(w));
}

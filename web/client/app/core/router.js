// Which view a URL asks for, and the URL of a view. Pure.

/** @typedef {import("../types.d.ts").Query} Query */
/** @typedef {{view: "library", query: Query} | {view: "watch", id: string}} Route */

/** @type {readonly Query["sort"][]} */
export const SORTS = ["folder", "title", "added", "duration"];

/**
 * Never fails: what it does not know is the library.
 * @param {string} path pathname of the location
 * @param {string} [search] with its question mark
 * @returns {Route}
 */
export function parseRoute(path, search = "") {
  const watch = /^\/watch\/([a-z0-9]{1,64})\/?$/.exec(path);
  if (watch) return { view: "watch", id: /** @type {string} */ (watch[1]) };
  const given = new URLSearchParams(search);
  const sort = SORTS.find((s) => s === given.get("sort")) ?? "folder";
  return { view: "library", query: { folder: given.get("folder") ?? "", q: given.get("q") ?? "", sort } };
}

/**
 * @param {Route} route
 * @returns {string} path with search; only what differs from the plain library is named
 */
export function formatRoute(route) {
  if (route.view === "watch") return `/watch/${encodeURIComponent(route.id)}`;
  const out = new URLSearchParams();
  const { folder, q, sort } = route.query;
  if (folder) out.set("folder", folder);
  if (q) out.set("q", q);
  if (sort !== "folder") out.set("sort", sort);
  const text = out.toString();
  return text ? `/?${text}` : "/";
}

/** @param {Query} a @param {Query} b */
export const sameQuery = (a, b) => a.folder === b.folder && a.q === b.q && a.sort === b.sort;

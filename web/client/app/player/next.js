// The next episode: the title after this one in the same folder.
import { folderOf } from "../core/order.js";

/** @typedef {import("../types.d.ts").Title} Title */

/**
 * @param {Title} current
 * @param {Title[]} following titles after it, in the order of the folder
 * @returns {Title | null} the first that plays, not one of a folder below
 */
export function nextEpisode(current, following) {
  const folder = folderOf(current);
  const can = (/** @type {Title} */ t) =>
    t.id !== current.id && t.playable && t.sources.some((s) => s.folder === folder);
  return following.find(can) ?? null;
}

/** Asks the box. @param {import("../app.js").Context} context @param {Title} current */
export async function findNext({ api }, current) {
  try {
    const query = { folder: folderOf(current), q: "", sort: /** @type {const} */ ("folder") };
    const page = await api.titles(query, { after: current.id, limit: 10 });
    return nextEpisode(current, page.titles);
  } catch (error) {
    return null;
  }
}

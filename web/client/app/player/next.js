// Titles beside a title: the next episode in its folder, and the one that took its place.
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

/**
 * The title that now stands where another stood: a file that is still being copied has no content to be known by, so
 * it gets another id when it is complete.
 * @param {Title} old
 * @param {Title[]} candidates
 * @returns {Title | null}
 */
export function successor(old, candidates) {
  const places = old.sources.map((s) => `${s.stick}/${s.folder}/${s.file}`);
  const same = (/** @type {Title} */ t) =>
    t.sources.some((s) => places.includes(`${s.stick}/${s.folder}/${s.file}`));
  return candidates.find((t) => t.id !== old.id && same(t)) ?? null;
}

/** Asks the box. @param {import("../app.js").Context} context @param {Title} old */
export async function findSuccessor({ api }, old) {
  try {
    const query = { folder: folderOf(old), q: old.title, sort: /** @type {const} */ ("folder") };
    return successor(old, (await api.titles(query, { limit: 50 })).titles);
  } catch (error) {
    return null;
  }
}

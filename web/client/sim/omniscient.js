// How much could have come from other pages if retention knew the future. Input is what the run itself asked for: who
// fetched which segment when, who was there when, and how many segments a cache holds. Not changed by either: the order
// and the times of the requests.
//
// policy: reaches what it says. Of each segment one copy is kept, by somebody who has fetched it and will still be there
//   when it is asked for next; whenever it passes to one more viewer, the one of the two who keeps less takes it on. What
//   nobody will ask for is not kept at all. A viewer with more to keep than room lets go what will be asked for latest
//   (Belady, 1966). All leaving times and requests to come are known. It is a good policy, not proved to be the best.
// bound: reached by nobody. One pool as large as the caches of those present together, in which every segment may lie
//   wherever there is room, also with viewers who have never fetched it, and which forgets nothing when a viewer leaves
//   but what no longer fits. With segments of one size, letting go what is asked for latest is the best rule there
//   (Belady), so no retention by the viewers themselves can reach more than this.
// Both give the whole cache to retention: no look-ahead takes room, no segment is fetched twice for want of time.

/** @typedef {{t: number, viewer: number, n: number}} Request in the order of t */
/** @typedef {{comes: number, leaves: number}} Stay ms */

/**
 * When each segment is asked for, as places in the list of requests: many have the same time.
 * @param {Request[]} requests @returns {(n: number, after: number) => number} the next place after that one, or Infinity
 */
function future(requests) {
  /** @type {number[][]} */
  const places = [];
  requests.forEach(({ n }, i) => (places[n] ??= []).push(i));
  return (n, after) => {
    const list = places[n] ?? [];
    let low = 0;
    let high = list.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (/** @type {number} */ (list[middle]) > after) high = middle;
      else low = middle + 1;
    }
    return list[low] ?? Infinity;
  };
}

/**
 * @param {Request[]} requests @param {Stay[]} stays by viewer @param {number} slots segments that a cache holds
 * @returns {Set<number>} places in the list of requests that somebody present serves
 */
export function policy(requests, stays, slots) {
  const next = future(requests);
  const leaves = (/** @type {number} */ v) => stays[v]?.leaves ?? 0;
  /** What each viewer keeps. @type {Set<number>[]} */
  const keeps = stays.map(() => new Set());
  const kept = (/** @type {number} */ v) => keeps[v] ?? new Set();
  /** Who keeps each segment. @type {Map<number, number>} */
  const keeper = new Map();
  /** @type {Set<number>} */
  const hits = new Set();
  const letGo = (/** @type {number} */ n) => {
    kept(keeper.get(n) ?? -1).delete(n);
    keeper.delete(n);
  };
  requests.forEach(({ viewer, n }, i) => {
    const before = keeper.get(n);
    if (before !== undefined) hits.add(i);
    letGo(n);
    const again = requests[next(n, i)];
    // Both have it now: one of them who is there when it is asked for again keeps it, the one who keeps less.
    const able = [viewer, ...(before === undefined ? [] : [before])].filter(
      (v) => again && leaves(v) > again.t,
    );
    const [who] = able.sort((a, b) => kept(a).size - kept(b).size);
    if (who === undefined) return;
    keeper.set(n, who);
    kept(who).add(n);
    if (kept(who).size <= slots) return;
    let go = n;
    for (const other of kept(who)) if (next(other, i) > next(go, i)) go = other;
    letGo(go);
  });
  return hits;
}

/**
 * @param {Request[]} requests @param {Stay[]} stays @param {number} slots
 * @returns {Set<number>}
 */
export function bound(requests, stays, slots) {
  const next = future(requests);
  const turns = stays.flatMap(({ comes, leaves }) => [
    { t: comes, by: slots },
    { t: leaves, by: -slots },
  ]);
  turns.sort((a, b) => a.t - b.t);
  /** @type {Set<number>} */
  const pool = new Set();
  let room = 0;
  let turn = 0;
  /** @type {Set<number>} */
  const hits = new Set();
  const shrink = (/** @type {number} */ i) => {
    while (pool.size > Math.max(0, room)) {
      let latest = -1;
      let go = -1;
      for (const n of pool) {
        const at = next(n, i);
        if (at > latest) [latest, go] = [at, n];
        if (at === Infinity) break;
      }
      pool.delete(go);
    }
  };
  requests.forEach(({ t, n }, i) => {
    for (let change = turns[turn]; change && change.t <= t; change = turns[++turn]) {
      room += change.by;
      shrink(i);
    }
    if (pool.has(n)) hits.add(i);
    pool.add(n);
    shrink(i);
  });
  return hits;
}

// How much could have come from other pages if retention knew the future. Input is what the run itself asked for: who
// fetched which segment when, who was there when, and how many segments a cache holds. Not changed by either: the order
// and the times of the requests.
//
// policy: reaches what it says. Every viewer holds what it has fetched; when its cache is full it lets go, of all it
//   holds, what will be asked for latest, and first of all what nobody will ask for while this viewer is there, or what
//   another one holds who stays until it is asked for. All leaving times and all requests to come are known. This is
//   Belady's rule (1966) per cache with the redundancy known; it is not proved to be the best one.
// bound: reached by nobody. One pool as large as the caches of those present together, in which every segment may lie
//   wherever there is room, also with viewers who have never fetched it, and which forgets nothing when a viewer leaves
//   but what no longer fits. With segments of one size, letting go what is asked for latest is the best rule there
//   (Belady), so no retention by the viewers themselves can reach more than this.
// Both give the whole cache to retention: no look-ahead takes room, no segment is fetched twice for want of time.

/** @typedef {{t: number, viewer: number, n: number}} Request in the order of t */
/** @typedef {{comes: number, leaves: number}} Stay ms */

/**
 * When each segment is asked for.
 * @param {Request[]} requests @returns {(n: number, after: number) => number} the next time later than that, or Infinity
 */
function future(requests) {
  /** @type {number[][]} */
  const times = [];
  for (const { t, n } of requests) (times[n] ??= []).push(t);
  return (n, after) => {
    const list = times[n] ?? [];
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
 * @returns {Set<number>} places in the list of requests that somebody present could have served
 */
export function policy(requests, stays, slots) {
  const next = future(requests);
  /** @type {Set<number>[]} */
  const holds = stays.map(() => new Set());
  /** @type {Set<number>[]} */
  const holders = [];
  const leaves = (/** @type {number} */ v) => stays[v]?.leaves ?? 0;
  /** When the copy is used; Infinity: never, or somebody else has one. @param {number} v @param {number} n @param {number} t */
  const use = (v, n, t) => {
    const at = next(n, t);
    if (at >= leaves(v)) return Infinity;
    for (const other of holders[n] ?? []) if (other !== v && leaves(other) > at) return Infinity;
    return at;
  };
  /** @type {Set<number>} */
  const hits = new Set();
  requests.forEach(({ t, viewer, n }, i) => {
    const others = (holders[n] ??= new Set());
    for (const other of others) if (leaves(other) <= t) others.delete(other);
    if ([...others].some((other) => other !== viewer)) hits.add(i);
    const mine = holds[viewer] ?? new Set();
    mine.add(n);
    others.add(viewer);
    if (mine.size <= slots) return;
    let latest = -1;
    let go = n;
    for (const held of mine) {
      const at = use(viewer, held, t);
      if (at > latest) {
        latest = at;
        go = held;
      }
      if (at === Infinity) break;
    }
    mine.delete(go);
    holders[go]?.delete(viewer);
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
  const shrink = (/** @type {number} */ t) => {
    while (pool.size > Math.max(0, room)) {
      let latest = -1;
      let go = -1;
      for (const n of pool) {
        const at = next(n, t);
        if (at > latest) [latest, go] = [at, n];
        if (at === Infinity) break;
      }
      pool.delete(go);
    }
  };
  requests.forEach(({ t, n }, i) => {
    for (let change = turns[turn]; change && change.t <= t; change = turns[++turn]) {
      room += change.by;
      shrink(t);
    }
    if (pool.has(n)) hits.add(i);
    pool.add(n);
    shrink(t);
  });
  return hits;
}

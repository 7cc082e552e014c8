// What one viewer cost and noticed, and whether the page kept its promises. A broken promise is noted with its time.

/** @typedef {import("./page.js").Page} Page */

export class Tally {
  httpBytes = 0;
  p2pBytes = 0;
  /** Of transfers that were broken off or thrown away. */
  wastedBytes = 0;
  wastedHttpBytes = 0;
  seeks = 0;
  /** @type {string[]} */
  broken = [];
  /** Times each segment came whole. @type {Map<number, number>} */
  times = new Map();
  /** Those whose transfer failed or was stopped. @type {Set<number>} */
  again = new Set();
  mostBytes = 0;
  /** Segments as they came. @type {{t: number, n: number}[]} */
  requests = [];
  httpSegments = 0;

  /** @param {Page} page */
  constructor(page) {
    this.page = page;
  }

  /** A transfer begins. @param {number} n */
  asked(n) {
    const { page } = this;
    const { player, options, world } = page;
    player.play(world.now);
    if (page.store.has(n) || page.downloads.has(n))
      this.#breaks(`segment ${n} is fetched though it is here or on its way`);
    const wanted = player.asked === n;
    const ahead = (player.starts[wanted ? n : n + 1] ?? 0) - player.at;
    if (ahead > 30.001) this.#breaks(`segment ${n} is fetched ${ahead.toFixed(1)} s ahead`);
    const before = this.times.get(n) ?? 0;
    if (before > 0 && this.seeks === 0) this.#breaks(`segment ${n} is fetched though it has been here`);
    this.#memory(options.budgetBytes);
  }

  /** @param {number} n @param {string} from @param {number} bytes */
  got(n, from, bytes) {
    this.times.set(n, (this.times.get(n) ?? 0) + 1);
    this.requests.push({ t: this.page.world.now, n });
    if (from === "http") {
      this.httpBytes += bytes;
      this.httpSegments++;
    } else this.p2pBytes += bytes;
  }

  /** @param {number} n */
  failed(n) {
    this.again.add(n);
  }

  /** @param {number} bytes @param {string} from */
  wasted(bytes, from) {
    this.wastedBytes += bytes;
    if (from === "http") this.wastedHttpBytes += bytes;
  }

  check() {
    this.#memory(this.page.options.budgetBytes);
  }

  /** Held and on the way, whole. @param {number} budget */
  #memory(budget) {
    let bytes = 0;
    for (const b of this.page.store.values()) bytes += b;
    for (const d of this.page.downloads.values()) bytes += d.bytes;
    this.mostBytes = Math.max(this.mostBytes, bytes);
    if (bytes > budget) this.#breaks(`${bytes} bytes are held or on their way`);
  }

  /** @param {string} what */
  #breaks(what) {
    if (this.broken.length < 5) this.broken.push(`${(this.page.world.now / 1000).toFixed(2)} s: ${what}`);
  }
}

// One segment on its way from one page to another.

/** @typedef {import("./page.js").Page} Page */

/** Often enough that nobody takes it for gone. */
const DRIP_MILLISECONDS = 1500;

export class Serving {
  over = false;
  /** @type {Page | null} */
  other = null;
  /** @type {import("./network.js").Transfer | null} */
  transfer = null;

  /** @param {Page} page who asks @param {number} n @param {string} peer @param {number} bytes */
  constructor(page, n, peer, bytes) {
    Object.assign(this, { page, n, peer, bytes });
    this.page = page;
    this.n = n;
    this.peer = peer;
    this.bytes = bytes;
  }

  /** @param {Page} other @param {() => boolean} connected the other's end of the connection still stands */
  request(other, connected) {
    const { page, n } = this;
    const { world } = page;
    const way = Math.max(page.latency, other.latency);
    world.at(world.now + way, () => {
      if (this.over || !connected()) return;
      const answer = other.serves(n, page.id);
      if (answer === "no") world.at(world.now + way, () => this.failed("refused"));
      if (answer === "busy") world.at(world.now + way, () => this.failed("busy"));
      if (answer === "drip") this.#drip(1);
      if (answer === "yes") this.#begin(other, way);
    });
  }

  /** @param {number} done bytes */
  #drip(done) {
    const { page, n, bytes } = this;
    const { world } = page;
    world.at(world.now + DRIP_MILLISECONDS, () => {
      if (this.over || page.gone) return;
      page.hear({ type: "progress", n, bytes: done, total: bytes });
      this.#drip(done + 1);
    });
  }

  /** @param {Page} other @param {number} way ms */
  #begin(other, way) {
    const { page, n, bytes } = this;
    other.uploading(page.id, 1);
    this.other = other;
    const events = {
      progress: (/** @type {number} */ done) => page.hear({ type: "progress", n, bytes: done, total: bytes }),
      done: () => this.#done(other),
      // A wireless link that has gone silent tells nobody.
      broken: () => {},
    };
    const { network, now } = page.world;
    this.transfer = network.begin(other.node, page.node, bytes, now + way, events, true);
  }

  /** @param {Page} other */
  #done(other) {
    const { page, n, peer, bytes } = this;
    if (other.honest) {
      this.#finish();
      page.got(n, peer, bytes);
      return;
    }
    page.tally.wasted(bytes, peer);
    this.failed("bad");
  }

  /** @returns {boolean} it was not over yet */
  #finish() {
    if (this.over) return false;
    this.over = true;
    this.other?.uploading(this.page.id, -1);
    return true;
  }

  /** @param {string} why */
  failed(why) {
    if (this.#finish()) this.page.failed(this.n, this.peer, why);
  }

  /** The asker wants it no more. */
  end() {
    if (!this.#finish() || !this.transfer) return;
    this.page.tally.wasted(this.transfer.done, this.peer);
    this.page.world.network.cancel(this.transfer);
  }
}

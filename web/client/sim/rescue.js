// What a page's loader does when its picture stands and the swarm has nothing in hand (app/swarm/p2p-loader.js): it
// fetches the segment from the box around the scheduler, as app/swarm/door.js lets it.

import { STARVING } from "../app/swarm/door.js";
import { STARVING_LIMIT, STARVING_LOOK } from "../app/swarm/p2p-loader.js";

/** @typedef {import("./page.js").Page} Page */

export class Rescue {
  /** Times that it was needed. */
  count = 0;
  /** The segment on its way, -1: none. */
  n = -1;
  /** The scheduler has come to fetch it too: it is told of this transfer. */
  followed = false;
  #asked = 0;
  /** @type {import("./network.js").Transfer | null} */
  #transfer = null;

  /** @param {Page} page */
  constructor(page) {
    this.page = page;
  }

  /** The loader has asked the swarm for a segment. @param {number} n */
  watch(n) {
    this.#look(n, ++this.#asked, STARVING_LIMIT);
  }

  /** @param {number} n @param {number} asked @param {number} after ms */
  #look(n, asked, after) {
    const { page } = this;
    const { world, player } = page;
    world.at(world.now + after, () => {
      if (page.gone || player.asked !== n || this.#asked !== asked || this.n === n) return;
      if (!page.asleep) player.play(world.now);
      const starving = player.bufferedTo - player.at < STARVING;
      const idle = !page.downloads.has(n) && !page.scheduler.inHand(n, world.now);
      if (!page.asleep && starving && idle) this.#fetch(n);
      else this.#look(n, asked, STARVING_LOOK);
    });
  }

  /** @param {number} n */
  #fetch(n) {
    const { page } = this;
    const { world } = page;
    this.count++;
    this.n = n;
    page.hear({ type: "unneed", n });
    const bytes = world.film.bytes(n);
    this.#transfer = world.network.begin(world.box, page.node, bytes, world.now + 2 * page.latency, {
      progress: (done) => {
        if (this.followed) page.hear({ type: "progress", n, bytes: done, total: bytes });
      },
      done: () => {
        this.#forget();
        page.player.has(n, world.now);
        page.got(n, "http", bytes);
        page.pump();
      },
      broken: () => {},
    });
  }

  #forget() {
    this.n = -1;
    this.followed = false;
    this.#transfer = null;
  }

  /** The loader wants it no more, or the phone sleeps. */
  end() {
    if (!this.#transfer) return;
    const { page, n, followed } = this;
    page.tally.wasted(this.#transfer.done, "http");
    page.world.network.cancel(this.#transfer);
    this.#forget();
    if (page.player.asked === n) page.player.asked = -1;
    if (followed) page.failed(n, "http", "network");
  }
}

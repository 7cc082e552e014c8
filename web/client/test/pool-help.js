// Pages with pools on one fake network, joined by a box that only passes signals on.
import assert from "node:assert/strict";
import { Integrity } from "../app/swarm/integrity.js";
import { PeerPool } from "../app/swarm/peer-pool.js";
import { FakeNetwork } from "./fake-rtc.js";
import { fakeWorker, sha256 } from "./fake-worker.js";
import { turn } from "./help.js";

export const TAG = "0123456789abcdef";

/** @param {number} n @param {number} [bytes] */
export const segmentOf = (n, bytes = 300_000) =>
  Uint8Array.from({ length: bytes }, (_, i) => (i * 7 + n * 13 + (i >> 9)) & 255).buffer;

export class Page {
  /** @type {Map<number, ArrayBuffer>} */
  cache = new Map();
  /** @type {string[]} "open b", "closed b left", … in order */
  log = [];
  /** @type {any[]} */
  gone = [];
  wasted = 0;
  uploaded = 0;

  /** @param {Room} room @param {string} id */
  constructor(room, id) {
    this.room = room;
    this.id = id;
    this.integrity = new Integrity(fakeWorker, () => {});
    this.integrity.start();
    this.pool = new PeerPool({
      outside: room.network.outside(),
      stun: () => [],
      integrity: this.integrity,
      segment: (n) => this.cache.get(n) ?? null,
      signal: (to, session, signal) => room.pass(this.id, to, session, signal),
      changed: (peer, open, why) => this.log.push(open ? `open ${peer}` : `closed ${peer} ${why}`),
      gone: (peer, session, why, n) => this.gone.push({ peer, session, why, ...(n !== undefined && { n }) }),
      wasted: (bytes) => (this.wasted += bytes),
      uploaded: (bytes) => (this.uploaded += bytes),
    });
    this.pool.tag = TAG;
  }

  /** @param {string} peer @param {number} n @param {{bytes?: number, sha256?: string}} [promise] of the box; else the truth */
  ask(peer, n, { bytes = 300_000, sha256: digest = sha256(segmentOf(n)) } = {}) {
    const wish = {
      n,
      tag: this.pool.tag,
      bytes,
      sha256: digest,
      progress: (/** @type {number} */ b) => (asked.progress = b),
      got: (/** @type {ArrayBuffer} */ data) => (asked.got = data),
      failed: (/** @type {string} */ why) => {
        asked.failed.push(why);
        this.log.push(`failed ${n} ${why}`);
      },
    };
    const asked = {
      progress: 0,
      got: /** @type {ArrayBuffer | null} */ (null),
      failed: /** @type {string[]} */ ([]),
      stop: this.pool.ask(peer, wish),
    };
    return asked;
  }
}

export class Room {
  network = new FakeNetwork();
  /** @type {Map<string, Page>} */
  pages = new Map();
  /** Signals in the order in which they are to arrive; null: at once. @type {(() => void)[] | null} */
  held = null;

  /** @param {string} id */
  page(id) {
    const page = new Page(this, id);
    this.pages.set(id, page);
    return page;
  }

  /** @param {string} from @param {string} to @param {number} session @param {any} signal */
  pass(from, to, session, signal) {
    const arrive = () => this.pages.get(to)?.pool.hear(from, session, signal);
    if (this.held) this.held.push(arrive);
    else setImmediate(arrive);
  }

  /** Both are told of each other, the second one calls. @param {Page} one @param {Page} two @param {number} [session] */
  introduce(one, two, session = 1) {
    one.pool.introduce([{ id: two.id, name: two.id, session, call: false }]);
    two.pool.introduce([{ id: one.id, name: one.id, session, call: true }]);
  }

  /** Two pages whose connection stands. */
  async pair() {
    const [a, b] = [this.page("a"), this.page("b")];
    this.introduce(a, b);
    await this.network.settle();
    assert.deepEqual([a.log, b.log], [["open b"], ["open a"]]);
    return { a, b };
  }

  /** Time passes in steps, and what is on its way arrives between. @param {number} milliseconds */
  async wait(milliseconds) {
    for (let left = milliseconds; left > 0; left -= 500) {
      this.network.clock.pass(Math.min(500, left));
      await turn();
    }
    await this.network.settle();
  }

  end() {
    for (const page of this.pages.values()) {
      page.pool.end();
      page.integrity.end();
    }
  }
}

// A box and pages with the real swarm in them, on one fake network and one clock. The box is a stand-in for the
// director: it knows what each page holds, names holders, and otherwise lets the page fetch.
import { FakeNetwork } from "./fake-rtc.js";
import { fakeWorker, sha256 } from "./fake-worker.js";
import { turn } from "./help.js";
import { segmentOf } from "./pool-help.js";
import { Swarm } from "../app/swarm/swarm.js";

export const BYTES = 300_000;
const TAGS = /** @type {{[rendition: string]: string}} */ ({
  "video-1": "1".repeat(16),
  "video-2": "2".repeat(16),
});

/** @param {string} rendition @param {number} [segments] @returns {import("../app/swarm/swarm.js").Film} */
export const film = (rendition, segments = 30) => ({
  title: "t",
  rendition,
  starts: Array.from({ length: segments + 1 }, (_, n) => n * 4),
  urls: Array.from({ length: segments }, (_, n) => `http://box/stream/t/${rendition}/seg${n}.ts`),
});

/** What lies at an address. @param {string} url */
export const content = (url) => {
  const [, rendition, n] = /(video-\d)\/seg(\d+)/.exec(url) ?? [];
  return segmentOf(Number(n) + (rendition === "video-2" ? 100 : 0), BYTES);
};

export class Box {
  network = new FakeNetwork();
  /** @type {Map<string, SwarmPage>} */
  pages = new Map();
  /** Addresses asked for by HTTP, in order. @type {string[]} */
  fetched = [];
  /** Answers other than the segment. @type {Map<string, number>} */
  statuses = new Map();
  /** HTTP answers nothing while this is set. */
  slow = false;
  #session = 0;

  /** @param {string} id @param {Partial<import("../app/swarm/swarm.js").Outside>} [outside] */
  page(id, outside = {}) {
    const page = new SwarmPage(this, id, outside);
    this.pages.set(id, page);
    return page;
  }

  /** All that is on its way arrives, and a little time passes. @param {number} [milliseconds] */
  async settle(milliseconds = 0) {
    for (let left = milliseconds; left > 0; left -= 50) {
      this.network.clock.pass(Math.min(50, left));
      await turn();
    }
    await this.network.settle();
  }

  /** @param {SwarmPage} page @param {any} message */
  hears(page, message) {
    page.said.push(message);
    const reply = (/** @type {any} */ answer) => setImmediate(() => page.hears(answer));
    switch (message.type) {
      case "open":
        page.group = message.rendition ?? "";
        page.has = new Set((message.have ?? []).flatMap(run));
        if (page.group)
          reply({ ...config, type: "config", title: "t", rendition: page.group, tag: TAGS[page.group] });
        this.introduce();
        break;
      case "have":
        for (const n of (message.add ?? []).flatMap(run)) page.has.add(n);
        for (const n of (message.drop ?? []).flatMap(run)) page.has.delete(n);
        break;
      case "want": {
        const url = film(page.group).urls[message.n] ?? "";
        const holders = [...this.pages.values()].filter(
          (p) => p !== page && p.group === page.group && p.has.has(message.n) && !message.not.includes(p.id),
        );
        const from = holders.length
          ? { how: "peers", peers: holders.map((p) => p.id) }
          : { how: "http", ms: 3000 };
        const digest = { sha256: sha256(content(url)), bytes: BYTES };
        reply({ type: "grant", id: message.id, n: message.n, why: "test", ...from, ...digest });
        break;
      }
      case "offer":
      case "answer":
      case "candidate": {
        const { to, ...rest } = message;
        setImmediate(() => this.pages.get(to)?.hears({ ...rest, from: page.id }));
      }
    }
  }

  /** There is no room for it (any more). @param {SwarmPage} page */
  putsBack(page) {
    page.group = "";
    page.has.clear();
    page.hears({ ...config, type: "config", title: "t", rendition: "", tag: TAGS["video-1"], on: false });
    this.introduce();
  }

  /** @param {SwarmPage} page */
  letsIn(page) {
    page.group = "video-1";
    page.hears({ ...config, type: "config", title: "t", rendition: page.group, tag: TAGS[page.group] });
    this.introduce();
  }

  /** Everybody of a group knows everybody; who came later calls. */
  introduce() {
    const list = [...this.pages.values()];
    const session = ++this.#session;
    for (const [i, page] of list.entries()) {
      const others = list.filter((p) => p !== page && p.group && p.group === page.group && p.connected);
      for (const id of page.sessions.keys()) if (!others.some((p) => p.id === id)) page.sessions.delete(id);
      for (const other of others) {
        const known = page.sessions.get(other.id) ?? other.sessions.get(page.id) ?? session;
        page.sessions.set(other.id, known);
        other.sessions.set(page.id, known);
      }
      const peers = others.map((p) => ({
        ...{
          id: p.id,
          name: p.id.toUpperCase(),
          session: page.sessions.get(p.id),
          call: i > list.indexOf(p),
        },
      }));
      if (page.connected) setImmediate(() => page.hears({ type: "peers", peers }));
    }
  }

  end() {
    for (const page of this.pages.values()) page.swarm.end();
  }
}

const config = { on: true, why: "shared", lookAheadSeconds: 30, keep: { mode: "rarest" }, uploads: 4 };
/** @param {[number, number]} span */
const run = ([first, last]) => Array.from({ length: last - first + 1 }, (_, i) => first + i);

export class SwarmPage {
  connected = false;
  group = "";
  /** @type {Set<number>} as the box knows it */
  has = new Set();
  /** @type {Map<string, number>} */
  sessions = new Map();
  /** What the box heard. @type {any[]} */
  said = [];
  /** @type {unknown[]} */
  errors = [];
  shares = true;
  stalls = 0;
  totals = { httpBytes: 0, p2pBytes: 0, uploadedBytes: 0, wastedBytes: 0, rejectedSegments: 0 };

  /** @param {Box} box @param {string} id @param {Partial<import("../app/swarm/swarm.js").Outside>} outside */
  constructor(box, id, outside) {
    this.box = box;
    this.id = id;
    this.swarm = new Swarm({
      line: {
        send: (message) => {
          if (this.connected) setImmediate(() => box.hears(this, message));
          return this.connected;
        },
        announce: () => this.announce(),
      },
      outside: {
        ...box.network.outside(),
        worker: fakeWorker,
        fetch: (_n, url, events) => {
          box.fetched.push(`${id} ${url.slice(url.lastIndexOf("/") + 1)}`);
          let stopped = false;
          setImmediate(() => {
            if (stopped || box.slow) return;
            const status = box.statuses.get(url);
            if (status) events.failed("status", status);
            else events.done(content(url));
          });
          return () => (stopped = true);
        },
        ...outside,
      },
      totals: this.totals,
      stalls: () => this.stalls,
      share: { get: () => this.shares, set: (on) => (this.shares = on) },
      budgetBytes: 20 * BYTES,
      seed: 1,
      trace: null,
      broke: (error) => this.errors.push(error),
    });
  }

  /** As core/socket.js does. */
  announce() {
    if (!this.connected) return;
    const message = { type: "open", title: "t", ...this.swarm.signaling.opening("t") };
    setImmediate(() => this.box.hears(this, message));
  }

  /** @param {any} message */
  hears(message) {
    if (this.connected) this.swarm.signaling.hear(message);
  }

  connects() {
    this.connected = true;
    this.swarm.signaling.hear({ type: "hello", you: this.id, stun: [] });
    this.announce();
  }

  loses() {
    this.connected = false;
    this.group = "";
    this.sessions.clear();
    this.swarm.signaling.connected(false);
    this.box.introduce();
  }

  /** @param {number} n */
  need(n) {
    const wanted = {
      got: /** @type {ArrayBuffer | null} */ (null),
      failed: /** @type {[number, string][]} */ ([]),
      giveUp: () => {},
    };
    wanted.giveUp = this.swarm.need(n, {
      got: (segment) => (wanted.got = segment),
      failed: (status, why) => wanted.failed.push([status, why]),
    });
    return wanted;
  }
}

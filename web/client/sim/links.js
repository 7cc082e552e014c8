// A page's connections to others: introduced by the box, opened by the one of the two that calls; offer and answer go
// by way of the box.

import { Serving } from "./serving.js";

/** @typedef {import("./page.js").Page} Page */
/** @typedef {{session: number, open: boolean, waiting: (() => void)[]}} Link */

/** Candidates, DTLS and SCTP: so many times the way between the two, and the crypto of two phones. */
const HANDSHAKE_WAYS = 4;
const HANDSHAKE_MILLISECONDS = 50;
/** A call that finds nobody is given up. */
const ICE_MILLISECONDS = 5000;

export class Links {
  /** @param {Page} page */
  constructor(page) {
    this.page = page;
    /** @type {Map<string, Link>} */
    this.table = new Map();
  }

  /** @param {string} peer @returns {{peer: string, session: number}} as the box knows the introduction */
  name(peer) {
    return { peer, session: this.table.get(peer)?.session ?? 0 };
  }

  /** All that this page is introduced to. @param {{id: string, session: number, call: boolean}[]} peers */
  introduce(peers) {
    const named = new Map(peers.map((p) => [p.id, p]));
    for (const [id, link] of [...this.table]) {
      if (named.get(id)?.session !== link.session) this.#close(id, link);
    }
    for (const { id, session, call } of peers) {
      if (this.table.has(id)) continue;
      this.table.set(id, { session, open: false, waiting: [] });
      if (!call) continue;
      this.page.say("offer", { to: id, session, sdp: "o" });
      const { world } = this.page;
      world.at(world.now + ICE_MILLISECONDS, () => this.#giveUp(id, session));
    }
  }

  /** @param {string} id @param {Link} link */
  #close(id, link) {
    this.table.delete(id);
    if (link.open) this.page.hear({ type: "peer", peer: id, open: false });
  }

  /** @param {string} id @param {number} session */
  #giveUp(id, session) {
    const link = this.table.get(id);
    if (!link || link.session !== session || link.open || this.page.asleep) return;
    this.page.say("gone", { peer: id, session, why: "ice" });
  }

  /** @param {string} kind @param {{from: string, session: number}} m */
  signal(kind, { from, session }) {
    const { page } = this;
    const link = this.table.get(from);
    if (!link || link.session !== session) return;
    if (kind === "offer") page.say("answer", { to: from, session, sdp: "a" });
    if (kind === "answer") this.#connect(from, link);
  }

  /** @param {string} id @param {Link} mine */
  #connect(id, mine) {
    const { page } = this;
    const { world } = page;
    const other = world.pages.get(id);
    if (!other || world.deaf.has(id) || world.deaf.has(page.id)) return;
    const takes = HANDSHAKE_MILLISECONDS + HANDSHAKE_WAYS * Math.max(page.latency, other.latency);
    world.at(world.now + takes, () => {
      const theirs = other.links.table.get(page.id);
      if (this.table.get(id) !== mine || theirs?.session !== mine.session) return;
      if (page.gone || page.asleep || other.gone || other.asleep) return;
      other.links.#opened(page.id, theirs);
      this.#opened(id, mine);
    });
  }

  /** @param {string} id @param {Link} link */
  #opened(id, link) {
    link.open = true;
    this.page.hear({ type: "peer", peer: id, open: true });
    for (const run of link.waiting.splice(0)) run();
  }

  /** After a sleep: nothing of it is there any more. */
  closeAll() {
    for (const [id, link] of [...this.table]) this.#close(id, link);
  }

  /** @param {number} n @param {string} peer @param {number} bytes */
  ask(n, peer, bytes) {
    const { page } = this;
    const link = this.table.get(peer);
    const other = page.world.pages.get(peer);
    const serving = new Serving(page, n, peer, bytes);
    page.downloads.set(n, { from: peer, bytes, end: () => serving.end() });
    const request = () => {
      if (link && other)
        serving.request(other, () => other.links.table.get(page.id)?.session === link.session);
    };
    if (!link || !other) page.world.at(page.world.now + 1, () => serving.failed("closed"));
    else if (link.open) request();
    else link.waiting.push(request);
  }
}

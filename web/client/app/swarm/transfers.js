// How a flight goes from one stage to the next, and the actions that this takes. Pure: it changes the state and
// writes down what is to be done.

import { CONNECT_MILLISECONDS, MOST_TRIED, isSlow, margin } from "./flight-rules.js";
import { isTransfer } from "./flights.js";

/** @typedef {import("./types.d.ts").Action} Action */
/** @typedef {import("./types.d.ts").Flight} Flight */
/** @typedef {import("./scheduler-state.js").State} State */

const MOST_TRANSFERS = 3;
/** The box does not give more; nor are more taken. */
export const MOST_LEASES = 2;
/** A transfer of which so much has come is not worth stopping. */
const ALMOST = 0.7;
/** Not fetched ahead again so soon after it failed. */
const REST_MILLISECONDS = 5000;

export class Transfers {
  /** @param {State} state @param {Action[]} out */
  constructor(state, out) {
    this.state = state;
    this.out = out;
  }

  /** @param {Flight} f @param {string} why @param {number} now */
  want(f, why, now) {
    const { state } = this;
    state.cache.release(f.n);
    state.lastId++;
    const id = state.lastId;
    Object.assign(f, { stage: "asked", id, since: now, from: "", lease: false, done: 0, peers: [] });
    const until = Math.round(state.timeline.until(f.n, now));
    const zone = state.timeline.zone(f.n, now);
    this.out.push({ do: "want", id, n: f.n, in: until, not: f.tried.slice(-8), zone, why });
  }

  /** @param {Flight} f @param {string} why @param {number} now */
  http(f, why, now) {
    const { flights, needs } = this.state;
    if (f.stage === "peer") this.stop(f, why);
    f.stage = "granted";
    if (needs.has(f.n)) this.clear(f, now);
    if (!this.#book(f, now) && !needs.has(f.n)) return this.drop(f, "full");
    Object.assign(f, {
      stage: "http",
      from: "http",
      since: now,
      moved: now,
      done: 0,
      beside: flights.transfers(),
    });
    this.out.push({ do: "http", n: f.n, why });
  }

  /** What nobody waits for leaves the link to a need that is late. @param {Flight} need @param {number} now */
  clear(need, now) {
    const it = this.state.caseOf(need, now);
    if (it.until > it.httpMilliseconds || isSlow(it)) return;
    for (const f of this.state.flights.all()) {
      const almost = f.done > ALMOST * this.state.bytesOf(f);
      if (isTransfer(f) && !this.state.needs.has(f.n) && !almost) this.drop(f, "late");
    }
  }

  /** Those that the box has said from whom to take, the loader's first, as transfers become free. @param {number} now */
  startGranted(now) {
    const { flights, needs, timeline } = this.state;
    const granted = flights.all().filter((f) => f.stage === "granted");
    const rank = (/** @type {Flight} */ f) => (needs.has(f.n) ? 0 : 1e12) + timeline.until(f.n, now);
    granted.sort((a, b) => rank(a) - rank(b) || a.n - b.n);
    for (const f of granted) {
      const need = needs.has(f.n);
      if (flights.transfers() >= MOST_TRANSFERS && !(need && this.#preempt())) return;
      if (!need && f.lease && flights.leases() > MOST_LEASES) this.rest(f, "leases", now);
      else if (need || !this.state.isShort(now, f.n)) this.#start(f, now);
      // Others wait for a lease: it is given back at once.
      else if (f.lease) this.rest(f, "late", now);
    }
  }

  /** A transfer that nobody waits for makes way. @returns {boolean} there was one */
  #preempt() {
    const { flights, needs } = this.state;
    const others = flights.all().filter((f) => isTransfer(f) && !needs.has(f.n));
    const least = others.sort((a, b) => a.done - b.done || b.n - a.n)[0];
    if (least) this.drop(least, "preempted");
    return least !== undefined;
  }

  /** @param {Flight} f granted @param {number} now */
  #start(f, now) {
    const { state } = this;
    if (f.peers.length === 0) return this.http(f, f.why, now);
    const open = f.peers.find((p) => state.open.has(p));
    const peer = open ?? f.peers[0] ?? "";
    const need = state.needs.has(f.n);
    if (!open && need) {
      const { until, httpMilliseconds } = state.caseOf(f, now);
      if (until < margin(httpMilliseconds) + CONNECT_MILLISECONDS / 4)
        return this.http(f, "noConnection", now);
    }
    if (!this.#book(f, now) && !need) return this.drop(f, "full");
    f.peers = f.peers.filter((p) => p !== peer);
    const beside = state.flights.transfers();
    Object.assign(f, { stage: "peer", from: peer, since: now, moved: now, done: 0, rate: 0, beside });
    this.out.push({ do: "ask", n: f.n, peer, sha256: f.sha256, bytes: f.bytes, why: f.why });
  }

  /** A peer did not deliver: who is next? @param {Flight} f @param {string} why @param {number} now */
  next(f, why, now) {
    const { state } = this;
    const peer = f.from;
    // Of this page's own worker the box has nothing to learn.
    if (why !== "noHash") this.out.push({ do: "tell", peer, n: f.n, why });
    state.cache.release(f.n);
    f.tried.push(peer);
    Object.assign(f, { stage: "granted", since: now, from: "", done: 0 });
    if (f.peers.length > 0) return;
    const more = f.tried.length < MOST_TRIED;
    if (more && state.sharing()) this.want(f, why, now);
    else if (state.needs.has(f.n)) this.http(f, "peersFailed", now);
    else this.rest(f, "peersFailed", now);
  }

  /** The box did not deliver. @param {Flight} f @param {string} why @param {number} status @param {number} now */
  failed(f, why, status, now) {
    if (!this.state.needs.delete(f.n)) return this.rest(f, why, now);
    this.out.push({ do: "refuse", n: f.n, status, why });
    this.end(f, why);
  }

  /** @param {Flight} f @param {string} why @param {number} now */
  rest(f, why, now) {
    this.state.rests.set(f.n, now + REST_MILLISECONDS);
    this.end(f, why);
  }

  /** @param {Flight} f @param {string} why */
  stop(f, why) {
    this.out.push({ do: "stop", n: f.n, from: f.from, why });
  }

  /** @param {Flight} f @param {string} why */
  drop(f, why) {
    if (isTransfer(f)) this.stop(f, why);
    this.end(f, why);
  }

  /** The box is told, where it still counts on this page. @param {Flight} f @param {string} why */
  end(f, why) {
    this.state.flights.end(f.n);
    this.state.cache.release(f.n);
    if (this.state.online && f.id > 0) this.out.push({ do: "giveUp", n: f.n, why });
  }

  /** Makes room for a transfer and books it. @param {Flight} f @param {number} now @returns {boolean} it fits */
  #book(f, now) {
    const { state } = this;
    state.cache.release(f.n);
    const fits = this.makeRoom(state.bytesOf(f), state.needs.has(f.n) ? "need" : "prefetch", now);
    state.cache.reserve(f.n, state.bytesOf(f));
    return fits;
  }

  /** It turned out to be of another size. @param {Flight} f @param {number} now */
  resize(f, now) {
    if (!this.#book(f, now) && !this.state.needs.has(f.n)) this.drop(f, "full");
  }

  /** @param {number} bytes @param {"need" | "prefetch"} whose @param {number} now @returns {boolean} it fits */
  makeRoom(bytes, whose, now) {
    const go = this.state.cache.roomFor(bytes, whose, this.state.view(now));
    for (const n of go ?? []) this.evict(n, "room");
    return go !== null;
  }

  /** @param {number} n @param {string} why */
  evict(n, why) {
    this.state.cache.drop(n);
    this.out.push({ do: "evict", n, why });
  }

  /** @param {number} n @param {string} why */
  deliver(n, why) {
    this.state.needs.delete(n);
    this.state.timeline.fed = n;
    this.out.push({ do: "deliver", n, why });
  }
}

// The swarm's effects: hears the player's loader, the box and the other pages, tells the scheduler what happened, and
// carries out what the scheduler decides. It decides nothing itself. It owns the bytes (store.js).
//
//   loader, playhead ─┐                       ┌─▶ fetcher (HTTP)
//   signaling (box) ──┼─▶ event ─▶ scheduler ─┼─▶ peer-pool (other pages)
//   peer-pool ────────┘          (pure)       └─▶ signaling, loader
//
// Events are taken one after another, also those that arise while an action is carried out. Whatever throws ends the
// swarm for good: who made it (door.js) then plays by plain HTTP.
import { Carrier } from "./carrier.js";
import { Membership } from "./membership.js";
import { Scheduler } from "./scheduler.js";
import { Signaling } from "./signaling.js";
import { SegmentStore } from "./store.js";
import { Deliveries } from "./deliveries.js";
import { View } from "./swarm-view.js";

/** @typedef {import("./types.d.ts").SwarmEvent} SwarmEvent */
/** @typedef {import("./types.d.ts").Action} Action */
/** @typedef {import("./deliveries.js").Receiver} Receiver */
/** @typedef {{title: string, rendition: string, starts: number[], urls: string[]}} Film starts: seconds; one more than urls */
/**
 * @typedef {object} Outside what is different in tests
 * @property {import("./peer-connection.js").Outside["connect"] | null} connect null: this browser cannot
 * @property {() => import("./integrity.js").WorkerLike} worker
 * @property {(n: number, url: string, events: import("./fetcher.js").FetchEvents) => () => void} fetch
 * @property {() => number} now milliseconds, monotonic
 * @property {(run: () => void, milliseconds: number) => any} later
 * @property {(timer: any) => void} cancel
 */
/**
 * @typedef {object} SwarmParts
 * @property {import("./signaling.js").Line} line
 * @property {Outside} outside
 * @property {import("./view.d.ts").Totals} totals counted on, never replaced
 * @property {() => number} stalls of the title that is open
 * @property {{get(): boolean, set(on: boolean): void}} share the viewer's switch
 * @property {number} budgetBytes
 * @property {number} seed of the scheduler's randomness
 * @property {import("./trace.js").Trace | null} trace null: nobody debugs
 * @property {(error: unknown) => void} broke
 */

/** The playhead is elsewhere than playing on would have brought it, seconds. */
const JUMP = 3;
/** From a segment to its picture at most, milliseconds. */
const PICTURE = 500;

export class Swarm {
  /** @type {Film | null} */
  film = null;
  store = new SegmentStore();
  at = 0;
  /** Where it began. */
  #from = 0;
  #ended = false;
  /** @type {SwarmEvent[]} */
  #events = [];
  #busy = false;
  /** @type {any} */
  #timer = null;

  /** @param {SwarmParts} parts */
  constructor(parts) {
    this.parts = parts;
    const { line, outside, totals, budgetBytes, seed } = parts;
    this.scheduler = new Scheduler({ seed });
    parts.trace?.begin(this.scheduler.save());
    this.deliveries = new Deliveries();
    this.view = new View(this);
    this.carrier = new Carrier({
      outside,
      totals,
      url: (n) => this.film?.urls[n],
      pool: () => this.membership.pool,
      coming: (n, from) => this.view.coming(n, from),
      progress: (n, bytes, total) => this.#feed({ type: "progress", n, bytes, total }),
      got: (n, from, segment, took) => this.#got(n, from, segment, took),
      failed: (n, from, why, status) => {
        if (why === "bad") this.view.rejects(n, from, why);
        this.view.failed(n, from, why);
        this.#feed({ type: "failed", n, from, why, ...(status && { status }) });
      },
      stopped: (n) => this.view.stopped(n),
    });
    this.signaling = new Signaling(
      line,
      {
        hello: (stun) => this.membership.greeted(stun),
        lost: () => this.membership.lost(),
        out: () => this.membership.out(),
        config: (config) => this.membership.configured(config),
        grant: (grant) => this.#granted(grant),
        peers: ({ peers, copies, heads }) => {
          if (peers) this.membership.introduce(peers);
          if (copies.length || heads) this.#feed({ type: "copies", copies, ...(heads && { heads }) });
        },
        signal: (from, session, signal) => this.membership.pool?.hear(from, session, signal),
        inventory: () => this.store.numbers(),
        report: () => ({
          at: Math.round(this.at * 100) / 100,
          uploads: this.membership.pool?.slots.taken ?? 0,
          p2pBytes: totals.p2pBytes,
          rejected: totals.rejectedSegments,
          stalls: parts.stalls(),
        }),
        broke: (error) => this.#breaks(error),
      },
      budgetBytes,
      outside,
    );
    this.membership = new Membership({
      outside,
      totals,
      signaling: this.signaling,
      share: parts.share,
      film: () => this.film,
      segment: (n) => this.store.get(n),
      feed: (event) => this.#feed(event),
      changed: (peer, open, why) => this.view.peer(peer, open, why),
    });
  }

  /** It takes part; else all is plain HTTP and need not come here. */
  get active() {
    return !this.#ended && this.membership.active;
  }

  /** A rendition is played, or its playlist has grown. @param {Film} film @param {number} at seconds */
  open(film, at) {
    const { film: before } = this;
    this.film = film;
    if (before?.title === film.title && before.rendition === film.rendition) {
      if (before.starts.length === film.starts.length) return;
      this.view.grown(film);
      this.#feed({ type: "timeline", starts: film.starts });
      this.signaling.grown(film);
      return;
    }
    this.at = at;
    this.#from = at;
    this.#feed({ type: "open", starts: film.starts, budgetBytes: this.parts.budgetBytes, at });
    this.deliveries.forget();
    this.view.opened(film);
    this.membership.join();
  }

  /** Nothing is played any more. */
  close() {
    if (!this.film) return;
    this.film = null;
    this.signaling.end();
    this.membership.leave();
    this.#feed({ type: "open", starts: [], budgetBytes: 0, at: 0 });
    this.view.opened(null);
  }

  /** The page may be frozen or kept for "back": an open connection would hinder both, and serve nobody. */
  hide() {
    this.membership.pool?.end();
  }

  /** For good. */
  end() {
    if (this.#ended) return;
    this.#ended = true;
    this.parts.outside.cancel(this.#timer);
    this.carrier.end();
    this.signaling.end();
    this.membership.end();
    this.store.clear();
  }

  /** @param {number} at seconds @param {number} bufferedTo seconds @param {boolean} paused */
  playhead(at, bufferedTo, paused) {
    const jumped = Math.abs(at - this.at) > JUMP;
    this.at = at;
    if (!this.film) return;
    if (at !== this.#from && !paused) this.membership.release();
    this.#feed({ type: "playhead", at, bufferedTo, paused });
    if (jumped) this.signaling.moved();
  }

  /**
   * The player wants a segment; playhead() comes before.
   * @param {number} n @param {Receiver | null} receiver null: it is only to be known that it is on its way
   * @returns {() => void} gives it up
   */
  need(n, receiver) {
    if (receiver) this.deliveries.wait(n, receiver, this.parts.outside.now());
    this.#feed({ type: "need", n });
    return () => {
      if (receiver && !this.deliveries.giveUp(n, receiver)) return;
      this.#feed({ type: "unneed", n });
    };
  }

  /** What runs for a segment: "http", a peer, or "" = nothing. @param {number} n */
  running(n) {
    return this.carrier.running(n);
  }

  /** Nothing runs for a segment, and nothing is waited for on purpose. @param {number} n */
  idle(n) {
    return this.running(n) === "" && !this.scheduler.inHand(n, this.parts.outside.now());
  }

  /** A segment that came by plain HTTP before the swarm did. @param {number} n @param {ArrayBuffer} segment */
  arrived(n, segment) {
    this.deliveries.delivered(n);
    this.#got(n, "http", segment, 0);
  }

  /** @param {import("./signaling.js").Grant} grant */
  #granted(grant) {
    this.view.granted(grant.n, grant.how, grant.why);
    this.#feed({ ...grant, type: "grant" });
  }

  /** @param {SwarmEvent} event */
  #feed(event) {
    if (this.#ended) return;
    this.#events.push(event);
    if (this.#busy) return;
    this.#busy = true;
    try {
      for (let next = this.#events.shift(); next; next = this.#events.shift()) this.#handle(next);
    } catch (error) {
      this.#breaks(error);
    } finally {
      this.#busy = false;
    }
  }

  /** @param {SwarmEvent} event */
  #handle(event) {
    const { outside, trace } = this.parts;
    const now = outside.now();
    const actions = this.scheduler.handle(event, now);
    trace?.add(event, now, actions, () => this.scheduler.save());
    for (const action of actions) this.#do(action);
    outside.cancel(this.#timer);
    const { nextTick } = this.scheduler;
    if (nextTick < Infinity && !this.#ended)
      this.#timer = outside.later(() => this.#feed({ type: "tick" }), Math.max(1, Math.ceil(nextTick - now)));
  }

  /** @param {Action} action */
  #do(action) {
    switch (action.do) {
      case "want":
        this.signaling.want({ id: action.id, n: action.n, in: action.in, not: action.not, why: action.zone });
        break;
      case "http":
        this.carrier.http(action.n);
        break;
      case "ask":
        this.carrier.ask(action.n, action.peer, action.sha256, action.bytes);
        break;
      case "stop":
        this.carrier.stop(action.n, action.from);
        break;
      case "giveUp":
        this.signaling.gone({ n: action.n, why: action.why });
        break;
      case "tell":
        this.signaling.gone({ peer: action.peer, n: action.n, why: action.why });
        break;
      case "evict":
        this.#evict(action.n, action.why);
        break;
      case "deliver":
        this.#deliver(action.n);
        break;
      case "refuse":
        this.deliveries.refuse(action.n, action.status, action.why);
        break;
    }
  }

  /** @param {number} n @param {string} from @param {ArrayBuffer} segment @param {number} took milliseconds */
  #got(n, from, segment, took) {
    const bytes = segment.byteLength;
    this.store.put(n, segment);
    this.membership.releaseWithin(PICTURE);
    this.view.got(n, from, bytes, took);
    // Others may wait for what came from the box: this page held the lease.
    this.signaling.added(n, from === "http");
    this.#feed({ type: "got", n, from, bytes });
  }

  /** @param {number} n @param {string} why */
  #evict(n, why) {
    const segment = this.store.get(n);
    if (!segment) return;
    if (!this.deliveries.was(n)) this.parts.totals.wastedBytes += segment.byteLength;
    this.store.drop(n);
    this.view.evicted(n, why);
    if (this.film) this.signaling.dropped(n);
  }

  /** @param {number} n */
  #deliver(n) {
    const segment = this.store.get(n);
    if (segment) this.deliveries.deliver(n, segment, this.parts.outside.now());
    else this.deliveries.refuse(n, 0, "missing");
  }

  /** @param {unknown} error */
  #breaks(error) {
    if (this.#ended) return;
    this.end();
    this.parts.broke(error);
  }
}

// What to fetch, when, and what to do when it does not come. Pure: events in, actions out, the clock is given and the
// randomness is part of the state, so the same events give the same actions: in the page, in the simulation and in a
// replay. From whom a segment comes is the box's decision; that it is there in time is this one's.
//
// - Every segment has at most one flight (flights.js), joined by the loader whenever it comes to want it.
// - Nothing is asked of the box before its `config` has come, while that says off, or while the WebSocket is away:
//   then the loader's needs go by plain HTTP, and nothing else is fetched.
// - A need that peers or a wait cannot meet in time is taken over by HTTP (flight-rules.js), but not where the box takes
//   longer for a segment than it plays, or has said that all its turns are taken ("crowded"): everybody's going there
//   is what makes it slow. Only needs: what is fetched ahead of the loader may be late without anybody seeing it.
// - While the phone's own link is full (rates.js), nobody is left for being slow, and nothing is fetched ahead that
//   would make a need late: what has come is worth more than another beginning.
// - Ahead of the loader no further than the box allows (30 s), not while paused, and not while a need is short of time.
// - After a seek, what is outside the look-ahead and not needed is stopped at once, and the box is told.
// - Memory: cache-manager.js. An `evict` comes before the transfer that it makes room for.
//
// For who carries the actions out: `ask` of a peer that is not open yet means connect first (4 s are allowed for
// that). `deliver` names a segment that `got` has brought or the store holds; it stays in the store until `evict`.
// A `got` that is answered by both is delivered and not kept. On `open` everything of the rendition before is stopped
// and evicted. `peer {open: false}` ends the transfers from that peer; no `failed` is needed with it.

import { check, isInHand, isLate } from "./flight-rules.js";
import { isTransfer } from "./flights.js";
import { noteCopies } from "./retention.js";
import { State } from "./scheduler-state.js";
import { pick } from "./score.js";
import { MOST_LEASES, Transfers } from "./transfers.js";

/** @typedef {import("./types.d.ts").SwarmEvent} SwarmEvent */
/** @typedef {import("./types.d.ts").Action} Action */
/** @typedef {import("./types.d.ts").Flight} Flight */
/** @template {SwarmEvent["type"]} T @typedef {Extract<SwarmEvent, {type: T}>} Of */

/** Of three transfers one is left for the loader. */
const MOST_PREFETCHES = 2;
const MOST_OCCUPIED = 3;
/** The box takes 16 wants of a page; these may wait. */
const MOST_WAITING = 6;

export class Scheduler {
  /** When the next `tick` is due, ms of the clock given; Infinity: only when something happens. */
  nextTick = Infinity;
  /** @type {State} */
  #state;

  /** @param {{seed: number}} options */
  constructor({ seed }) {
    this.#state = State.first(seed);
  }

  /** For views and stats; not to be changed from outside. */
  get state() {
    return this.#state;
  }

  /** It waits for this segment on purpose. @param {number} n @param {number} now */
  inHand(n, now) {
    const f = this.#state.flights.get(n);
    return f !== undefined && isInHand(f, now);
  }

  /** @returns {import("./types.d.ts").SchedulerState} all there is, without anything shared */
  save() {
    return this.#state.save();
  }

  /** @param {import("./types.d.ts").SchedulerState} saved @returns {Scheduler} goes on exactly as that one would have */
  static restore(saved) {
    const scheduler = new Scheduler({ seed: 0 });
    scheduler.#state = new State(saved);
    return scheduler;
  }

  /**
   * @param {SwarmEvent} event @param {number} now ms, never less than before
   * @returns {Action[]} to be carried out in this order
   */
  handle(event, now) {
    /** @type {Action[]} */
    const out = [];
    this.#hear(event, new Transfers(this.#state, out), now);
    const transfers = new Transfers(this.#state, out);
    if (event.type === "progress" && out.length === 0) this.#look(event.n, transfers, now);
    else this.#plan(transfers, now);
    this.#note(now);
    return out;
  }

  /** @param {SwarmEvent} event @param {Transfers} transfers @param {number} now */
  #hear(event, transfers, now) {
    const state = this.#state;
    switch (event.type) {
      case "open":
        for (const f of state.flights.all()) if (isTransfer(f)) transfers.stop(f, "switch");
        for (const n of [...state.cache.entries.keys()]) transfers.evict(n, "switch");
        this.#state = state.opened(event, now);
        return;
      case "timeline":
        state.timeline.starts = [...event.starts];
        return;
      case "playhead":
        state.timeline.move(event.at, event.bufferedTo, event.paused, now);
        return;
      case "need":
        state.needs.add(event.n);
        state.timeline.asked(event.n);
        return;
      case "unneed":
        state.needs.delete(event.n);
        return;
      case "online":
        state.online = event.on;
        return;
      case "config":
        state.config = { on: event.on, lookAheadSeconds: event.lookAheadSeconds, keep: event.keep };
        return;
      case "grant":
        return this.#granted(event, now);
      case "copies":
        noteCopies(state.room, event.copies, state.timeline.segments);
        if (event.heads) Object.assign(state.room, { heads: event.heads, stamp: now });
        return;
      case "peer":
        return this.#peer(event, transfers, now);
      case "progress":
        return this.#progress(event, transfers, now);
      case "got":
        return this.#got(event, transfers, now);
      case "failed": {
        const f = state.flights.get(event.n);
        if (!f || !isTransfer(f) || f.from !== event.from) return;
        if (event.from === "http") transfers.failed(f, event.why, event.status ?? 0, now);
        else transfers.next(f, event.why, now);
        return;
      }
      case "tick":
    }
  }

  /** @param {Of<"grant">} event @param {number} now */
  #granted(event, now) {
    const f = this.#state.flights.get(event.n);
    if (!f || f.id !== event.id) return;
    f.sha256 = event.sha256 ?? f.sha256;
    f.bytes = event.bytes ?? f.bytes;
    if (isTransfer(f)) return;
    Object.assign(f, { since: now, why: event.why, lease: event.how === "http" && (event.ms ?? 0) > 0 });
    if (event.how === "wait") {
      f.stage = "waiting";
      f.again = now + (event.ms || 1000);
      return;
    }
    // A digest is what makes a peer's segment usable: without one it comes from the box.
    const usable = event.how === "peers" && f.sha256 !== "";
    f.peers = usable ? (event.peers ?? []).filter((p) => !f.tried.includes(p)) : [];
    f.stage = "granted";
  }

  /** @param {Of<"peer">} event @param {Transfers} transfers @param {number} now */
  #peer({ peer, open }, transfers, now) {
    const state = this.#state;
    if (open) {
      state.open.add(peer);
      return;
    }
    state.open.delete(peer);
    for (const f of state.flights.all()) {
      if (f.stage !== "peer" || f.from !== peer) continue;
      transfers.stop(f, "closed");
      transfers.next(f, "closed", now);
    }
  }

  /** @param {Of<"progress">} event @param {Transfers} transfers @param {number} now */
  #progress({ n, bytes, total }, transfers, now) {
    const f = this.#state.flights.get(n);
    if (!f || !isTransfer(f)) return;
    if (bytes > f.done) {
      this.#state.rates.came(bytes - f.done, now);
      const rate = (bytes - f.done) / Math.max(1, now - f.moved);
      f.rate = f.rate > 0 ? (f.rate + rate) / 2 : rate;
      Object.assign(f, { done: bytes, moved: now });
      if (f.from !== "http") this.#state.flights.heard(f.from, now);
    }
    if (total <= 0 || total === f.bytes) return;
    f.bytes = total;
    transfers.resize(f, now);
  }

  /** @param {Of<"got">} event @param {Transfers} transfers @param {number} now */
  #got({ n, from, bytes }, transfers, now) {
    const state = this.#state;
    const f = state.flights.get(n);
    if (f) {
      const beside = (f.beside + 1 + state.flights.transfers()) / 2;
      if (isTransfer(f)) state.rates.came(Math.max(0, bytes - f.done), now);
      if (f.from === from) state.rates.note(from, bytes, now - f.since, beside, now);
      else if (isTransfer(f)) transfers.stop(f, "elsewhere");
      state.flights.end(n);
      state.flights.heard(from, now);
    }
    state.cache.release(n);
    if (state.cache.has(n)) return;
    const fits = transfers.makeRoom(bytes, "need", now);
    state.cache.put(n, bytes);
    if (state.needs.has(n)) transfers.deliver(n, "here");
    if (!fits) transfers.evict(n, "full");
  }

  /** @param {Transfers} transfers @param {number} now */
  #plan(transfers, now) {
    const { flights, rests } = this.#state;
    this.#begin(transfers, now);
    this.#dropStale(transfers, now);
    for (const f of flights.all()) this.#check(f, transfers, now);
    transfers.startGranted(now);
    for (const [n, until] of rests) if (until <= now) rests.delete(n);
    this.#prefetch(transfers, now);
  }

  /** Bytes come: that concerns this transfer only, and is what happens most. @param {number} n @param {Transfers} transfers @param {number} now */
  #look(n, transfers, now) {
    const f = this.#state.flights.get(n);
    if (f) this.#check(f, transfers, now);
  }

  /** When to look again. @param {number} now */
  #note(now) {
    const { flights, rests } = this.#state;
    this.nextTick = Infinity;
    for (const f of flights.table.values()) this.#due(check(f, this.#state.caseOf(f, now)).at);
    for (const until of rests.values()) this.#due(until);
  }

  /** @param {number} at */
  #due(at) {
    this.nextTick = Math.min(this.nextTick, at);
  }

  /** Needs that are here, or not yet under way. @param {Transfers} transfers @param {number} now */
  #begin(transfers, now) {
    const state = this.#state;
    for (const n of [...state.needs]) {
      if (state.cache.has(n)) transfers.deliver(n, "held");
      else if (!state.flights.get(n)) {
        const f = state.flights.begin(n, now);
        const told = n < state.timeline.segments;
        if (!state.sharing() || !told) transfers.http(f, this.#plainly(), now);
        else if (isLate(state.caseOf(f, now))) transfers.http(f, "late", now);
        else transfers.want(f, "need", now);
      }
    }
  }

  /** Why it is plain HTTP. */
  #plainly() {
    const { online, config } = this.#state;
    if (!online) return "offline";
    return config ? (config.on ? "unknown" : "off") : "starting";
  }

  /** @param {Transfers} transfers @param {number} now */
  #dropStale(transfers, now) {
    const { flights, needs, timeline } = this.#state;
    if (flights.table.size === 0) return;
    const sharing = this.#state.sharing();
    const position = timeline.position(now);
    const { last } = this.#state.view(now);
    for (const f of flights.all()) {
      if (needs.has(f.n)) {
        if (!sharing && !isTransfer(f)) transfers.http(f, this.#plainly(), now);
        continue;
      }
      // The loader goes one beyond the look-ahead: what runs for it is let run when it gives that up.
      const outside = f.n > (isTransfer(f) ? last + 1 : last) || timeline.start(f.n + 1) <= position;
      if (outside || !sharing) transfers.drop(f, outside ? "stale" : this.#plainly());
    }
  }

  /** @param {Flight} f @param {Transfers} transfers @param {number} now */
  #check(f, transfers, now) {
    const it = this.#state.caseOf(f, now);
    const verdict = check(f, it);
    switch (verdict.then) {
      case "http":
        return transfers.http(f, verdict.why, now);
      case "again":
        return transfers.want(f, verdict.why, now);
      case "next":
        transfers.stop(f, verdict.why);
        return transfers.next(f, verdict.why, now);
      case "fail":
        transfers.stop(f, verdict.why);
        return transfers.failed(f, verdict.why, 0, now);
      case "end":
        return transfers.rest(f, verdict.why, now);
      case "stay":
        if (it.need && it.full && isTransfer(f)) transfers.clear(f, now);
    }
  }

  /** @param {Transfers} transfers @param {number} now */
  #prefetch(transfers, now) {
    const state = this.#state;
    const { flights, needs } = state;
    if (!state.sharing() || state.timeline.paused) return;
    if (state.isShort(now)) return;
    for (;;) {
      const ahead = flights.all().filter((f) => !needs.has(f.n) && f.stage !== "waiting").length;
      if (ahead >= MOST_PREFETCHES || flights.occupied() >= MOST_OCCUPIED) return;
      if (flights.leases() >= MOST_LEASES || flights.waiting() >= MOST_WAITING) return;
      const n = pick(state.candidates(now), state.random);
      if (n < 0 || state.isShort(now, n)) return;
      const f = flights.begin(n, now);
      if (state.cache.roomFor(state.bytesOf(f), "prefetch", state.view(now)) === null) {
        flights.end(n);
        return;
      }
      transfers.want(f, "prefetch", now);
    }
  }
}

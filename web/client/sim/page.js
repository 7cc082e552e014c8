// One viewer's page: the real scheduler, a player, a store that counts, connections to other pages. It does with the
// scheduler's actions what app/swarm/swarm.js does with them, over the virtual network.

import { hasSlot } from "../app/swarm/peer-uploads.js";
import { Scheduler } from "../app/swarm/scheduler.js";
import { spans } from "../app/swarm/store.js";
import { Links } from "./links.js";
import { node } from "./network.js";
import { Player } from "./player.js";
import { Rescue } from "./rescue.js";
import { Tally } from "./tally.js";

/** @typedef {import("../app/swarm/types.d.ts").SwarmEvent} SwarmEvent */
/** @typedef {import("../app/swarm/types.d.ts").Action} Action */
/** @typedef {import("./network.js").Transfer} Transfer */
/** @typedef {import("./world.js").World} World */
/**
 * A latency is one way, ms, to the box and to peers alike. plain: without the swarm.
 * @typedef {{name: string, seed: number, budgetBytes: number, upMbit: number, downMbit: number, latency: number,
 *   plain?: boolean, at?: number}} PageOptions
 */
/** To another page's request. drip: a byte now and then. @typedef {"yes" | "no" | "busy" | "silent" | "drip"} Answer */

/** A page uploads to so many at once. */
const UPLOADS = 4;
const PLAYHEAD_MILLISECONDS = 1000;
const HEARTBEAT_MILLISECONDS = 10_000;
/** hls.js tries again after a second. */
const RETRY_MILLISECONDS = 1000;

export class Page {
  /** @param {World} world @param {PageOptions} options */
  constructor(world, options) {
    this.world = world;
    this.options = options;
    this.id = options.name;
    this.honest = true;
    this.latency = options.latency;
    this.node = node(options.name, options.upMbit, options.downMbit);
    this.scheduler = new Scheduler({ seed: options.seed });
    this.player = new Player({ starts: world.film.starts, now: world.now });
    this.links = new Links(this);
    this.tally = new Tally(this);
    this.rescue = new Rescue(this);
    /** @type {Map<number, number>} */
    this.store = new Map();
    /** Downloads. @type {Map<number, {from: string, bytes: number, end: () => void}>} */
    this.downloads = new Map();
    /** Running uploads, by page; none is no entry. @type {Map<string, number>} */
    this.serving = new Map();
    this.asleep = false;
    this.gone = false;
    /** When it came and went, ms. */
    this.begun = 0;
    this.leftAt = Infinity;
    /** Segments brought and let go since the box was told. @type {Map<number, boolean>} */
    this.changed = new Map();
    this.toldAt = world.now;
    /** @type {SwarmEvent[]} */
    this.events = [];
    this.busy = false;
    this.tickAt = Infinity;
    this.wakeAt = Infinity;
  }

  begin() {
    const { world, player, options } = this;
    this.begun = world.now;
    player.stamp = player.begun = world.now;
    if (options.at) player.seek(options.at, world.now);
    this.hear({ type: "open", starts: player.starts, budgetBytes: options.budgetBytes, at: player.at });
    if (!options.plain) {
      this.say("join", { name: this.id, p2p: true, viewer: this.id });
      this.tellOpen();
      this.hear({ type: "online", on: true });
    }
    this.#every();
    this.pump();
  }

  tellOpen() {
    const { starts } = this.player;
    const segments = starts.length - 1;
    this.changed.clear();
    this.toldAt = this.world.now;
    this.say("open", {
      ...{ title: "film", rendition: "video-1", segments },
      ...{ segmentSeconds: (starts[segments] ?? 0) / segments, have: spans(this.store.keys()) },
      ...{ at: this.player.at, budget: this.options.budgetBytes },
    });
  }

  /** To the box. @param {string} kind @param {object} [m] */
  say(kind, m) {
    if (!this.options.plain && !this.gone) this.world.call({ peer: this.id, do: kind, m });
  }

  #every() {
    if (this.gone) return;
    this.world.at(this.world.now + PLAYHEAD_MILLISECONDS, () => this.#every());
    if (this.asleep) return;
    this.playhead();
    if (!this.options.plain && this.world.now - this.toldAt >= HEARTBEAT_MILLISECONDS) this.tellHave();
    this.tally.check();
  }

  playhead() {
    const { player } = this;
    player.play(this.world.now);
    if (player.finished) {
      this.leave();
      return;
    }
    const { at, bufferedTo, paused } = player;
    this.hear({ type: "playhead", at, bufferedTo: Math.max(at, bufferedTo), paused });
    this.pump();
  }

  /** The player asks for what it lacks. */
  pump() {
    const { player, world } = this;
    if (this.gone || this.asleep) return;
    player.play(world.now);
    const n = player.next();
    if (n >= 0) {
      player.asked = n;
      const { at, bufferedTo, paused } = player;
      this.hear({ type: "playhead", at, bufferedTo: Math.max(at, bufferedTo), paused });
      this.hear({ type: "need", n });
      if (!this.options.plain) this.rescue.watch(n);
    }
    const due = player.due(world.now);
    if (due < this.wakeAt || this.wakeAt <= world.now) {
      this.wakeAt = due;
      if (due < Infinity) world.at(Math.max(due, world.now + world.quantum), () => this.#wake(due));
    }
  }

  /** @param {number} due */
  #wake(due) {
    if (this.wakeAt !== due) return;
    this.wakeAt = Infinity;
    if (!this.gone && !this.asleep) this.playhead();
  }

  /** @param {SwarmEvent} event */
  hear(event) {
    if (this.gone) return;
    this.events.push(event);
    if (this.busy) return;
    this.busy = true;
    for (let e = this.events.shift(); e; e = this.events.shift()) {
      const actions = this.scheduler.handle(e, this.world.now);
      this.world.trace?.(this, e, actions);
      for (const action of actions) this.#carryOut(action);
    }
    this.busy = false;
    const { nextTick } = this.scheduler;
    if (nextTick < this.tickAt || this.tickAt <= this.world.now) {
      this.tickAt = nextTick;
      if (nextTick < Infinity)
        this.world.at(Math.max(nextTick, this.world.now + 1), () => this.#tick(nextTick));
    }
  }

  /** @param {number} due */
  #tick(due) {
    if (this.tickAt !== due || this.gone || this.asleep) return;
    this.tickAt = Infinity;
    this.hear({ type: "tick" });
  }

  /** @param {Action} a */
  #carryOut(a) {
    const { world, id: peer } = this;
    switch (a.do) {
      case "want": {
        const { id, n, not } = a;
        const m = { id, n, in: a.in, not, why: a.zone };
        world.call({ peer, do: "want", m, segment: world.film.segment(n) });
        return;
      }
      case "http":
        if (this.rescue.n === a.n) {
          this.rescue.followed = true;
          return;
        }
        this.tally.asked(a.n);
        return this.#http(a.n);
      case "ask":
        this.tally.asked(a.n);
        return this.links.ask(a.n, a.peer, world.film.bytes(a.n));
      case "stop":
        if (this.rescue.n === a.n && a.from === "http") this.rescue.followed = false;
        return this.stopped(a.n, a.from);
      case "giveUp":
        return this.say("gone", { n: a.n, why: a.why });
      case "tell":
        return this.say("gone", { ...this.links.name(a.peer), n: a.n, why: a.why });
      case "evict":
        this.store.delete(a.n);
        this.note(a.n, false);
        return;
      case "deliver":
        if (!this.store.has(a.n))
          throw new Error(`${this.id}: ${a.n} is to be delivered and is not in the store`);
        this.player.has(a.n, world.now);
        this.pump();
        return;
      case "refuse":
        if (this.player.asked !== a.n) return;
        world.at(world.now + RETRY_MILLISECONDS, () => {
          if (this.player.asked !== a.n) return;
          this.player.asked = -1;
          this.pump();
        });
    }
  }

  /** @param {number} n */
  #http(n) {
    const { world } = this;
    const bytes = world.film.bytes(n);
    const events = {
      progress: (/** @type {number} */ done) => this.hear({ type: "progress", n, bytes: done, total: bytes }),
      done: () => this.got(n, "http", bytes),
      broken: () => this.failed(n, "http", "network"),
    };
    const transfer = world.network.begin(world.box, this.node, bytes, world.now + 2 * this.latency, events);
    this.downloads.set(n, {
      ...{ from: "http", bytes },
      end: () => {
        this.tally.wasted(transfer.done, "http");
        world.network.cancel(transfer);
      },
    });
  }

  /** @param {number} n @param {string} from @param {number} bytes */
  got(n, from, bytes) {
    this.downloads.delete(n);
    this.tally.got(n, from, bytes);
    this.store.set(n, bytes);
    this.note(n, true);
    this.hear({ type: "got", n, from, bytes });
  }

  /** @param {number} n @param {string} from @param {string} why */
  failed(n, from, why) {
    this.downloads.delete(n);
    this.tally.failed(n);
    this.hear({ type: "failed", n, from, why });
  }

  /** @param {number} n @param {string} from */
  stopped(n, from) {
    const download = this.downloads.get(n);
    if (!download || download.from !== from) return;
    this.downloads.delete(n);
    this.tally.failed(n);
    download.end();
  }

  /** Running now. */
  get uploads() {
    let uploads = 0;
    for (const count of this.serving.values()) uploads += count;
    return uploads;
  }

  /** An upload to another page begins or ends. @param {string} to @param {1 | -1} change */
  uploading(to, change) {
    const count = (this.serving.get(to) ?? 0) + change;
    if (count > 0) this.serving.set(to, count);
    else this.serving.delete(to);
  }

  /** Another page asks for a segment. @param {number} n @param {string} to @returns {Answer} */
  serves(n, to) {
    if (this.asleep || this.gone) return "silent";
    if (!this.store.has(n)) return "no";
    return hasSlot(this.serving.get(to) ?? 0, this.uploads, UPLOADS) ? "yes" : "busy";
  }

  /** @param {number} n @param {boolean} here */
  note(n, here) {
    if (this.options.plain) return;
    this.changed.set(n, here);
    this.world.dirty.add(this);
  }

  tellHave() {
    if (this.gone || this.asleep) return;
    /** @type {number[]} */
    const add = [];
    /** @type {number[]} */
    const drop = [];
    for (const [n, here] of this.changed) (here ? add : drop).push(n);
    this.changed.clear();
    this.toldAt = this.world.now;
    this.player.play(this.world.now);
    const told = {
      at: this.player.at,
      up: this.uploads,
      stalls: this.player.stalls,
      p2p: this.tally.p2pBytes,
    };
    this.say("have", { add: spans(add), drop: spans(drop), ...told });
  }

  /** The box says something. @param {string} type @param {any} m */
  told(type, m) {
    if (this.gone || this.asleep) return;
    if (type === "config") {
      this.hear({ type, on: m.on, lookAheadSeconds: m.lookAheadSeconds, keep: m.keep });
    } else if (type === "grant") this.hear({ ...m, type });
    else if (type === "peers") {
      if (m.peers) this.links.introduce(m.peers);
      if (m.copies || m.heads) this.hear({ type: "copies", copies: m.copies ?? [], heads: m.heads });
    } else this.links.signal(type, m);
  }

  /** @param {number} seconds */
  seek(seconds) {
    if (this.gone || this.asleep || this.player.finished) return;
    const { player } = this;
    const asked = player.asked;
    this.rescue.end();
    player.seek(seconds, this.world.now);
    this.tally.seeks++;
    const { at, bufferedTo, paused } = player;
    this.hear({ type: "playhead", at, bufferedTo: Math.max(at, bufferedTo), paused });
    if (asked >= 0) this.hear({ type: "unneed", n: asked });
    this.pump();
  }

  /** The phone sleeps: its page stands, nobody is told. */
  sleep() {
    if (this.gone) return;
    this.player.play(this.world.now);
    this.player.paused = true;
    this.asleep = true;
    this.rescue.end();
    for (const download of this.downloads.values()) download.end();
  }

  wake() {
    if (this.gone || !this.asleep) return;
    this.asleep = false;
    this.player.stamp = this.world.now;
    this.player.paused = false;
    this.links.closeAll();
    for (const [n, d] of [...this.downloads])
      this.failed(n, d.from, d.from === "http" ? "network" : "closed");
    this.tickAt = this.wakeAt = Infinity;
    if (!this.options.plain) this.tellOpen();
    this.playhead();
  }

  leave() {
    if (this.gone) return;
    this.player.play(this.world.now);
    this.rescue.end();
    for (const download of this.downloads.values()) download.end();
    this.say("leave");
    this.gone = true;
    this.leftAt = this.world.now;
  }
}

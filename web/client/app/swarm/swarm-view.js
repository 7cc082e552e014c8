// What the swarm shows of itself (view.d.ts): counters and a byte per segment, kept as things happen, and the rest made
// when it is asked for. Nothing is told to anybody unless somebody listens.
import { BOX, COMING, EMPTY, GONE, KEPT, PHONE } from "./cells.js";

/** @typedef {import("./view.d.ts").LogEvent} LogEvent */
/** @typedef {import("./view.d.ts").SwarmView} SwarmView */

const REJECTIONS = 50;

/** @implements {SwarmView} */
export class View {
  #cells = new Uint8Array(0);
  /** @type {number[]} */
  starts = [];
  /** Names of who delivered. @type {Map<number, string>} */
  #from = new Map();
  /** Names of pages, also of those that have gone. @type {Map<string, string>} */
  #names = new Map();
  /** @type {import("./view.d.ts").Rejection[]} */
  #rejections = [];
  /** @type {((event: LogEvent) => void) | null} */
  #listener = null;

  /** @param {import("./swarm.js").Swarm} swarm */
  constructor(swarm) {
    this.swarm = swarm;
    const { trace } = swarm.parts;
    if (trace) this.trace = () => trace.blob();
  }

  get totals() {
    return this.swarm.parts.totals;
  }

  /** What is held and lies behind the playhead is kept for others: that changes by itself. */
  get cells() {
    const { store } = this.swarm;
    const { keeps } = this;
    for (const n of store.numbers()) {
      const state = (this.#cells[n] ?? EMPTY) & ~KEPT;
      this.#cells[n] = keeps && this.#isBehind(n) ? state | KEPT : state;
    }
    return this.#cells;
  }

  /** @param {number} n */
  from(n) {
    return this.#from.get(n) ?? "";
  }

  peers() {
    return this.swarm.membership.peers().map(({ id, name, open, downBytes, upBytes }) => ({
      ...{ id, name, open, downBytes, upBytes },
    }));
  }

  cache() {
    const { store, parts } = this.swarm;
    return {
      bytes: store.bytes,
      budgetBytes: parts.budgetBytes,
      behindBytes: this.keeps ? store.bytesOf((n) => this.#isBehind(n)) : 0,
    };
  }

  sharing() {
    const { config, why, active } = this.swarm.membership;
    return { on: active && config?.on === true, why };
  }

  rejected() {
    return this.#rejections;
  }

  /** @param {((event: LogEvent) => void) | null} listener */
  listen(listener) {
    this.#listener = listener;
  }

  /** @param {boolean} on */
  share(on) {
    this.swarm.membership.share(on);
  }

  /** @param {import("./swarm.js").Film | null} film */
  opened(film) {
    this.starts = film?.starts ?? [];
    this.#cells = new Uint8Array(film?.urls.length ?? 0);
    this.#from.clear();
  }

  /** @param {import("./swarm.js").Film} film */
  grown(film) {
    const before = this.#cells;
    this.starts = film.starts;
    this.#cells = new Uint8Array(film.urls.length);
    this.#cells.set(before.subarray(0, film.urls.length));
  }

  /** @param {number} n @param {string} from */
  coming(n, from) {
    this.#set(n, COMING);
    this.#note(n, from);
  }

  /** @param {number} n @param {string} from @param {number} bytes @param {number} ms */
  got(n, from, bytes, ms) {
    this.#set(n, from === "http" ? BOX : PHONE);
    this.#note(n, from);
    if (this.#listener) this.#say({ type: "got", n, from: this.#nameOf(from), bytes, ms });
  }

  /** @param {number} n @param {string} from @param {string} why */
  failed(n, from, why) {
    this.stopped(n);
    if (this.#listener) this.#say({ type: "failed", n, from: this.#nameOf(from), why });
  }

  /** @param {number} n */
  stopped(n) {
    if (this.#cells[n] !== COMING) return;
    this.#set(n, EMPTY);
    this.#from.delete(n);
  }

  /** @param {number} n @param {string} why */
  evicted(n, why) {
    this.#set(n, GONE);
    if (this.#listener && why !== "switch") this.#say({ type: "evict", n, why });
  }

  /** @param {number} n @param {string} how @param {string} why */
  granted(n, how, why) {
    if (this.#listener) this.#say({ type: "grant", n, how, why });
  }

  /** @param {string} peer @param {boolean} open @param {string} why */
  peer(peer, open, why) {
    for (const { id, name } of this.swarm.membership.peers()) this.#names.set(id, name);
    if (this.#listener)
      this.#say({
        type: "peer",
        how: open ? "open" : "gone",
        from: this.#nameOf(peer),
        ...(!open && { why }),
      });
  }

  /** @param {number} n @param {string} peer @param {string} why */
  rejects(n, peer, why) {
    this.#rejections.push({ n, peer: this.#nameOf(peer), why, at: performance.now() });
    if (this.#rejections.length > REJECTIONS) this.#rejections.shift();
  }

  /** @param {number} n @param {number} state */
  #set(n, state) {
    if (n < this.#cells.length) this.#cells[n] = state;
  }

  /** @param {number} n @param {string} from */
  #note(n, from) {
    const name = this.#nameOf(from);
    if (name) this.#from.set(n, name);
    else this.#from.delete(n);
  }

  /** Nobody would be given it: the box, this browser or the viewer has switched sharing off. */
  get keeps() {
    const { active, config } = this.swarm.membership;
    return active && !["off", "accessPoint", "cannot"].includes(config?.why ?? "");
  }

  /** @param {number} n played already? */
  #isBehind(n) {
    return (this.starts[n + 1] ?? Infinity) <= this.swarm.at;
  }

  /** @param {string} from "http" or a peer */
  #nameOf(from) {
    if (from === "http") return "";
    const peer = this.swarm.membership.peers().find(({ id }) => id === from);
    if (peer) this.#names.set(from, peer.name);
    return this.#names.get(from) ?? from;
  }

  /** @param {Omit<LogEvent, "at">} event */
  #say(event) {
    this.#listener?.({ at: performance.now(), ...event });
  }
}

// A lively swarm that is not there: everything the drawer shows, made up, with a clock and randomness that are given.
// For looking at the drawer (dev/drawer.html, dev/shots.mjs) and for measuring it (dev/smooth.mjs).
import { BOX, COMING, EMPTY, GONE, KEPT, PHONE } from "../app/swarm/cells.js";

/** @typedef {import("../app/swarm/view.d.ts").SwarmView} SwarmView */
/** @typedef {import("../app/swarm/view.d.ts").LogEvent} LogEvent */

const NAMES = ["Ada Byron", "Mustafa", "Guest 12", "Jürgen Öz", "小林", "نور", "Bo", "<b>Mallory</b>"];
const SEGMENT = 4;
const WHY = ["lease", "held", "due", "busy", "turn", "leased"];

/** A small generator, the same numbers for the same seed. @param {number} seed @returns {() => number} 0…1 */
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** @implements {SwarmView} */
export class FakeSwarm {
  /** @type {{n: number, from: number, got: number}[]} */
  #flights = [];
  /** @type {((event: LogEvent) => void) | null} */
  #listener = null;
  /** @type {import("../app/swarm/view.d.ts").Rejection[]} */
  #rejected = [];
  #next = 0;
  #on = true;

  /** @param {{segments: number, peers: number, played: number, seed?: number, now: () => number}} how played: segments behind the playhead */
  constructor({ segments, peers, played, seed = 1, now }) {
    this.now = now;
    this.random = random(seed);
    this.bytes = 1_500_000;
    this.cells = new Uint8Array(segments);
    this.starts = Float64Array.from({ length: segments + 1 }, (_unused, n) => n * SEGMENT);
    /** 0 = the box, i = peer i - 1 */
    this.origin = new Uint8Array(segments);
    this.list = NAMES.slice(0, peers).map((name, i) => ({
      id: `p${i}`,
      name,
      open: i !== 3 || peers < 4,
      downBytes: 0,
      upBytes: 0,
    }));
    this.totals = { httpBytes: 0, p2pBytes: 0, uploadedBytes: 0, wastedBytes: 0, rejectedSegments: 0 };
    this.at = 0;
    for (let n = 0; n < played; n++) this.#arrive(n, this.#source());
    this.play(played * SEGMENT);
    if (peers > 1) this.#reject(7, 1);
  }

  #source() {
    return this.list.length === 0 || this.random() < 0.22
      ? 0
      : 1 + Math.floor(this.random() * Math.min(3, this.list.length));
  }

  /** @param {number} n @param {number} from */
  #arrive(n, from) {
    this.cells[n] = from ? PHONE : BOX;
    this.origin[n] = from;
    this.#next = Math.max(this.#next, n + 1);
    this.#count(from, this.bytes);
  }

  /** @param {number} from @param {number} bytes */
  #count(from, bytes) {
    if (from) this.totals.p2pBytes += bytes;
    else this.totals.httpBytes += bytes;
    const peer = this.list[from - 1];
    if (peer) peer.downBytes += bytes;
  }

  /** @param {number} n @param {number} i */
  #reject(n, i) {
    this.totals.rejectedSegments++;
    this.#rejected.push({ n, peer: this.list[i]?.name ?? "", why: "bad", at: this.now() });
  }

  /** The playhead is there: what is behind is kept, what is far behind is given up. @param {number} at seconds */
  play(at) {
    const playing = Math.floor(at / SEGMENT);
    for (let n = Math.floor(this.at / SEGMENT); n < playing; n++) {
      if ([BOX, PHONE].includes(this.cells[n] ?? 0)) this.cells[n] = (this.cells[n] ?? 0) | KEPT;
      const old = n - 60;
      if (old >= 0 && old % 3 !== 0) this.cells[old] = GONE;
    }
    this.at = at;
  }

  /** Milliseconds pass, and this many events happen. @param {number} milliseconds @param {number} events */
  step(milliseconds, events) {
    for (const flight of [...this.#flights]) {
      const bytes = Math.min(this.bytes - flight.got, (milliseconds / 1000) * 1.1e6 * (0.4 + this.random()));
      flight.got += bytes;
      this.#count(flight.from, bytes);
      if (flight.got < this.bytes) continue;
      this.#flights = this.#flights.filter((f) => f !== flight);
      this.cells[flight.n] = flight.from ? PHONE : BOX;
      this.#say({
        type: "got",
        n: flight.n,
        from: this.from(flight.n),
        bytes: this.bytes,
        ms: 1400 * this.random() + 90,
      });
    }
    const ahead = Math.min(this.cells.length, Math.floor(this.at / SEGMENT) + 9);
    while (this.#on && this.#flights.length < 3 && this.#next < ahead) {
      const n = this.#next++;
      const from = this.#source();
      this.origin[n] = from;
      this.cells[n] = COMING;
      this.#flights.push({ n, from, got: 0 });
    }
    for (const peer of this.list.slice(0, 2))
      if (this.random() < 0.3) {
        peer.upBytes += 90_000;
        this.totals.uploadedBytes += 90_000;
      }
    for (let i = 0; i < events; i++) this.#happen();
  }

  /** Something for log and map. */
  #happen() {
    const n = Math.floor(this.random() * this.cells.length);
    const roll = this.random();
    const why = WHY[Math.floor(this.random() * WHY.length)] ?? "";
    if (roll < 0.6)
      this.#say({ type: "grant", n, how: ["http", "peers", "wait"][Math.floor(roll * 5)] ?? "wait", why });
    else if (roll < 0.7) this.#say({ type: "failed", n, from: this.list[0]?.name ?? "", why: "timeout" });
    else if (roll < 0.72) this.#say({ type: "peer", from: this.list[1]?.name ?? "", how: "open" });
    else this.#say({ type: "got", n, from: this.list[2]?.name ?? "", bytes: this.bytes, ms: 700 });
  }

  /** @param {Omit<LogEvent, "at">} event */
  #say(event) {
    this.#listener?.({ at: this.now(), ...event });
  }

  /** @param {number} n */
  from(n) {
    return this.cells[n] === EMPTY ? "" : (this.list[(this.origin[n] ?? 0) - 1]?.name ?? "");
  }

  peers() {
    return this.list;
  }

  keeps = true;

  cache() {
    let [all, behind] = [0, 0];
    for (const cell of this.cells) {
      if ([BOX, PHONE].includes(cell & 7)) all++;
      if (cell & KEPT) behind++;
    }
    return {
      bytes: Math.min(100e6, all * this.bytes),
      budgetBytes: 100e6,
      behindBytes: Math.min(84e6, behind * this.bytes),
    };
  }

  sharing() {
    if (!this.#on) return { on: false, why: "userOff" };
    return this.list.length ? { on: true, why: "shared" } : { on: false, why: "alone" };
  }

  rejected() {
    return this.#rejected;
  }

  /** @param {((event: LogEvent) => void) | null} listener */
  listen(listener) {
    this.#listener = listener;
  }

  /** @param {boolean} on */
  share(on) {
    this.#on = on;
  }

  trace() {
    return new Blob(["[]"], { type: "application/json" });
  }
}

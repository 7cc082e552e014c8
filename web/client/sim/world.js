// The virtual world: the clock, the box, the pages, and what passes between them.

import { Random } from "../app/swarm/random.js";
import { Heap } from "./heap.js";
import { Network, node } from "./network.js";

/** @typedef {import("./page.js").Page} Page */
/** @typedef {import("./director.js").Call} Call */
/** @typedef {import("./director.js").Director} Director */
/** @typedef {{starts: number[], bytes: (n: number) => number, segment: (n: number) => {sha256: string, bytes: number}}} Film */

export class World {
  /**
   * @param {{seed: number, film: Film, director: Director | null, boxMbit: number, quantum?: number, loss?: number}} options
   * quantum: ms; no latency is less than two of them. director null: everybody on plain HTTP.
   */
  constructor({ seed, film, director, boxMbit, quantum = 20, loss = 0 }) {
    this.now = 0;
    this.quantum = quantum;
    this.film = film;
    this.director = director;
    this.random = new Random(seed);
    this.network = new Network(new Random(seed ^ 0x5eed), loss);
    this.box = node("box", boxMbit, boxMbit);
    /** @type {Map<string, Page>} */
    this.pages = new Map();
    /** Those whose inventory has changed in this quantum. @type {Set<Page>} */
    this.dirty = new Set();
    /** @type {Heap<() => void>} */
    this.timers = new Heap();
    /** @type {Call[]} */
    this.calls = [];
    /** @type {{at: number, answer: Promise<import("./director.js").Answer>}[]} */
    this.asked = [];
    this.directorDue = Infinity;
    /** Errors of the director: a page spoke against the protocol. @type {string[]} */
    this.errors = [];
    this.events = 0;
    /** @type {((page: Page, event: any, actions: any[]) => void) | null} */
    this.trace = null;
    /** Pages whose UDP does not pass. @type {Set<string>} */
    this.deaf = new Set();
  }

  /** @param {number} at ms @param {() => void} run */
  at(at, run) {
    this.timers.push(Math.max(at, this.now), run);
  }

  /** @param {Call} call goes to the box with all others of this quantum */
  call(call) {
    if (this.director) this.calls.push(call);
  }

  /** @param {Page} page */
  add(page) {
    this.pages.set(page.id, page);
    page.begin();
  }

  /** @param {number} until ms; ends earlier when nothing is left to happen */
  async run(until) {
    while (this.now < until) {
      const before = this.now;
      this.now += this.quantum;
      const idle = this.network.idle && this.calls.length === 0;
      if (idle && this.asked.length === 0) {
        const next = Math.min(this.timers.first, this.directorDue, until);
        if (next === Infinity) return;
        this.now = Math.max(this.now, Math.ceil(next / this.quantum) * this.quantum);
      }
      while (this.asked[0] && this.asked[0].at <= this.now - 2 * this.quantum) await this.#answer();
      this.network.advance(this.now, this.now - before);
      while (this.timers.first <= this.now) {
        this.events++;
        this.timers.pop()();
      }
      for (const page of this.dirty) page.tellHave();
      this.dirty.clear();
      if (this.directorDue <= this.now) {
        this.directorDue = Infinity;
        this.call({ do: "tick" });
      }
      if (this.calls.length > 0 && this.director) {
        this.asked.push({ at: this.now, answer: this.director.ask(this.now, this.calls) });
        this.calls = [];
      }
    }
    while (this.asked.length > 0) await this.#answer();
  }

  async #answer() {
    const asked = this.asked.shift();
    if (!asked) return;
    const { sends, errors, next } = await asked.answer;
    this.directorDue = next;
    for (const e of errors) this.errors.push(`${(asked.at / 1000).toFixed(2)} s: ${e}`);
    for (const { to, type, m } of sends) {
      const page = this.pages.get(to);
      // What was asked took one way to the box, and the answer takes one back.
      if (page) this.at(asked.at + Math.max(2 * this.quantum, 2 * page.latency), () => page.told(type, m));
    }
  }
}

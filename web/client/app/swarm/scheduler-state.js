// All the scheduler knows, as plain values: saved and restored whole. Pure.

import { CacheManager } from "./cache-manager.js";
import { Flights, isTransfer } from "./flights.js";
import { margin } from "./flight-rules.js";
import { Random } from "./random.js";
import { Rates } from "./rates.js";
import { copiesOf, goFirst } from "./retention.js";
import { Timeline } from "./timeline.js";

/** @typedef {import("./types.d.ts").Flight} Flight */
/** @typedef {import("./types.d.ts").SchedulerState} Saved */

/** With nothing measured: a segment of 4 s at 4 Mbit/s. */
const FIRST_SEGMENT_BYTES = 2_000_000;
/** Nothing is fetched ahead that is needed sooner. */
const LATE_SECONDS = 1.5;
/** A need with less time to spare than this has the link for itself. */
const AMPLE_MILLISECONDS = 1500;
/** All that is under way, and one segment more, has come so much sooner than a need is due: else it has the link for itself. */
const SLACK = 1.25;
/** Where the player ends differs from the playlist by less. */
const SEAM_SECONDS = 0.5;

export class State {
  /** @param {Saved} saved */
  constructor(saved) {
    this.random = new Random(saved.random);
    this.timeline = new Timeline(saved.timeline);
    this.rates = new Rates(saved.rates);
    this.cache = new CacheManager(saved.budgetBytes, saved.cache);
    this.flights = new Flights(saved.flights);
    this.room = { ...saved.room, copies: [...saved.room.copies] };
    /** What the loader waits for. */
    this.needs = new Set(saved.needs);
    /** Peers with an open connection. */
    this.open = new Set(saved.open);
    this.online = saved.online;
    this.config = saved.config && { ...saved.config };
    /** Not fetched ahead before this clock, after a failure. */
    this.rests = new Map(saved.rests);
    this.lastId = saved.lastId;
  }

  /** @param {number} seed @returns {State} of a page that has just begun */
  static first(seed) {
    return new State({
      budgetBytes: 0,
      timeline: { starts: [], at: 0, bufferedTo: 0, paused: true, stamp: 0, fed: -1, target: -1 },
      rates: new Rates().save(),
      cache: { entries: [], reserved: [] },
      flights: [],
      room: { copies: [], heads: [], stamp: 0 },
      needs: [],
      open: [],
      online: false,
      config: null,
      rests: [],
      lastId: 0,
      random: seed,
    });
  }

  /**
   * Of a page that opens a rendition: the link is the one it was, all else is new.
   * @param {{starts: number[], at: number, budgetBytes: number}} opened @param {number} now
   * @returns {State}
   */
  opened({ starts, at, budgetBytes }, now) {
    const first = State.first(0).save();
    const { random, open, online, lastId, rates } = this.save();
    return new State({
      ...first,
      ...{ random, open, online, lastId, budgetBytes },
      rates: { ...rates, largestBytes: 0 },
      timeline: { ...first.timeline, starts: [...starts], at, bufferedTo: at, stamp: now },
    });
  }

  /** The box directs, and this page takes part. */
  sharing() {
    return this.online && this.config?.on === true;
  }

  /** @param {Flight} f @returns {number} its size, guessed on the large side where it is not known */
  bytesOf(f) {
    if (f.bytes > 0) return f.bytes;
    return this.rates.largestBytes * 1.25 || FIRST_SEGMENT_BYTES;
  }

  /** @param {Flight} f @param {number} now @param {number} [more] transfers that are about to begin @returns {import("./flight-rules.js").Case} */
  caseOf(f, now, more = 0) {
    const bytes = this.bytesOf(f);
    const beside = this.flights.transfers() + (isTransfer(f) ? 0 : 1) + more;
    return {
      now,
      need: this.needs.has(f.n),
      until: this.timeline.until(f.n, now),
      connected: this.open.has(f.from),
      httpMilliseconds: this.rates.expectHttp(bytes, beside, now),
      aloneMilliseconds: this.rates.expectHttp(bytes, this.#needed(f) + 1, now),
      length: this.#length(f.n),
      bytes,
      full: this.rates.isFull(now),
    };
  }

  /** Transfers that run beside a need's and stay when it is late: what nobody waits for makes way. @param {Flight} f */
  #needed(f) {
    let count = 0;
    for (const other of this.flights.table.values())
      if (other.n !== f.n && isTransfer(other) && this.needs.has(other.n)) count++;
    return count;
  }

  /** @param {number} now @returns {import("./types.d.ts").CacheView} */
  view(now) {
    const { timeline, room } = this;
    const position = timeline.position(now);
    const keep = this.config?.keep ?? { mode: "rarest" };
    const to = position + (this.config?.lookAheadSeconds ?? 0);
    const last = timeline.segmentAt(to);
    return {
      first: timeline.segmentAt(position),
      fed: timeline.segmentAt(Math.max(0, timeline.fedTo() - SEAM_SECONDS)),
      // Whole segments only: the look-ahead is a limit.
      last: timeline.start(last + 1) > to ? last - 1 : last,
      goFirst: (list) =>
        goFirst(list, { keep, room, start: (n) => timeline.start(n), now, draw: () => this.random.next() }),
    };
  }

  /**
   * A need is short of time: with one transfer more it might not be there. So might the segment that the loader asks for
   * next, unless it is this one.
   * @param {number} now @param {number} [n] what would be fetched @returns {boolean}
   */
  isShort(now, n = -1) {
    const next = this.timeline.segmentAt(this.timeline.fedTo() + SEAM_SECONDS);
    const full =
      this.rates.isFull(now) && this.rates.expectLink(this.rates.largestBytes) < SLACK * this.#length(next);
    if (full && n >= 0 && n !== next && !this.cache.has(next)) {
      const bytes = this.#coming(n) + this.rates.largestBytes * (this.flights.get(next) ? 1 : 2);
      if (this.timeline.until(next, now) < SLACK * this.rates.expectLink(bytes)) return true;
    }
    for (const need of this.needs) {
      const f = this.flights.get(need);
      if (!f) continue;
      const { until, httpMilliseconds } = this.caseOf(f, now, 1);
      if (until < margin(httpMilliseconds) + AMPLE_MILLISECONDS) return true;
      if (full && until < SLACK * this.rates.expectLink(this.#coming() + this.rates.largestBytes))
        return true;
    }
    return false;
  }

  /** @param {number} n @returns {number} ms that a segment plays; Infinity: not known */
  #length(n) {
    return (this.timeline.start(n + 1) - this.timeline.start(n)) * 1000 || Infinity;
  }

  /** Bytes that are under way. @param {number} [but] not counting this segment's */
  #coming(but = -1) {
    let bytes = 0;
    for (const f of this.flights.table.values())
      if (f.stage !== "waiting" && f.n !== but) bytes += Math.max(0, this.bytesOf(f) - f.done);
    return bytes;
  }

  /** What could be fetched ahead of the loader. @param {number} now */
  candidates(now) {
    const { timeline } = this;
    const position = timeline.position(now);
    const fedTo = timeline.fedTo();
    if (fedTo >= position + (this.config?.lookAheadSeconds ?? 0)) return [];
    const { last } = this.view(now);
    const list = [];
    for (let n = timeline.segmentAt(fedTo + SEAM_SECONDS); n <= last; n++) {
      if (this.cache.has(n) || this.flights.get(n) || this.needs.has(n) || this.rests.has(n)) continue;
      const seconds = timeline.start(n) - position;
      // The loader is about to ask for this one, and it is no time for trying.
      if (seconds < LATE_SECONDS) return [];
      list.push({ n, seconds, copies: copiesOf(this.room, n), zone: timeline.zone(n, now) });
    }
    return list;
  }

  /** @returns {Saved} */
  save() {
    return {
      budgetBytes: this.cache.budgetBytes,
      timeline: this.timeline.save(),
      rates: this.rates.save(),
      cache: this.cache.save(),
      flights: this.flights.save(),
      room: { copies: [...this.room.copies], heads: [...this.room.heads], stamp: this.room.stamp },
      needs: [...this.needs],
      open: [...this.open],
      online: this.online,
      config: this.config && { ...this.config },
      rests: [...this.rests],
      lastId: this.lastId,
      random: this.random.state,
    };
  }
}

// Between the player and the swarm: small, and here with the player. It loads the swarm's code while hls.js loads, lets
// the first segment pass by plain HTTP if that is not here yet (and keeps a copy for the others), and shuts for good
// when anything of the swarm throws: from then on it is as if there were none.
import { bufferedEnd } from "../player/flow.js";
import { loaderClass } from "./p2p-loader.js";

/** @typedef {import("./swarm.js").Swarm} Swarm */
/** @typedef {import("./swarm.js").Film} Film */
/** @typedef {import("./fetcher.js").FetchEvents} FetchEvents */
/** @typedef {import("hls.js").Fragment} Fragment */
/** @typedef {{n: number, follower: FetchEvents | null}} Plain a segment that hls.js fetches by itself */

/** What may wait for the swarm's code to come. */
const EARLY_SEGMENTS = 3;
/** The picture stands still in less, seconds. */
export const STARVING = 0.5;

/** When the playhead may have moved, or what lies before it. */
const EVENTS = ["seeking", "timeupdate", "play", "pause", "progress", "ended"];

/** Loads the swarm's code before it is needed. */
export const warm = () => void code().catch(() => {});
const code = () => import("./start.js");

/** Can this browser exchange segments at all? */
export const canShare = () =>
  typeof RTCPeerConnection === "function" && typeof Worker === "function" && typeof WebAssembly === "object";

export class Door {
  /** Why it was shut. @type {unknown} */
  error = null;
  #shut = false;
  /** @type {Swarm | null} */
  #swarm = null;
  /** @type {Visit | null} */
  #visit = null;
  /** What hls.js is fetching by itself, of the film that is open. @type {Map<number, Plain>} */
  #plain = new Map();
  /** @type {Set<() => void>} */
  #rescues = new Set();

  /** @param {import("../app.js").Context} context */
  constructor(context) {
    this.context = context;
  }

  get view() {
    return this.#swarm?.view ?? null;
  }

  /** A player begins; it takes the place of any other. @param {HTMLVideoElement} video */
  enter(video) {
    this.#visit?.close();
    const visit = new Visit(this, video);
    this.#visit = visit;
    this.#load();
    return visit;
  }

  /** The page is put away, or frozen. */
  hide() {
    this.#try((swarm) => swarm.hide());
  }

  /** @param {Visit} visit */
  left(visit) {
    if (this.#visit !== visit) return;
    this.#visit = null;
    this.#plain.clear();
    this.#try((swarm) => swarm.close());
  }

  /** The playlist is known, or has grown. @param {Visit} visit */
  opened(visit) {
    const { film } = visit;
    if (this.#visit !== visit || !film) return;
    this.#try((swarm) => {
      const another = swarm.film?.rendition !== film.rendition || swarm.film.title !== film.title;
      swarm.open(film, visit.at);
      if (!another || !swarm.active) return;
      for (const [n, segment] of visit.early) swarm.arrived(n, segment);
      visit.early.clear();
      for (const n of this.#plain.keys()) swarm.need(n, null);
    });
  }

  /** @param {Visit} visit */
  moved(visit) {
    if (this.#visit === visit) this.#try((swarm) => swarm.playhead(visit.at, visit.bufferedTo, visit.paused));
  }

  /**
   * @param {Visit} visit @param {number} n @param {import("./deliveries.js").Receiver} receiver
   * @returns {(() => void) | null}
   */
  need(visit, n, receiver) {
    const swarm = this.#swarm;
    if (!swarm?.active || this.#visit !== visit || swarm.film !== visit.film) return null;
    this.moved(visit);
    const giveUp = this.#try((s) => s.need(n, receiver));
    return giveUp ? () => void this.#try(giveUp) : null;
  }

  /** @param {Visit} visit @param {number} n */
  plainly(visit, n) {
    /** @type {Plain} */
    const plain = { n, follower: null };
    if (this.#visit === visit) this.#plain.set(n, plain);
    const end = () => {
      if (this.#plain.get(n) === plain) this.#plain.delete(n);
    };
    return {
      done: (/** @type {ArrayBuffer} */ segment) => {
        end();
        if (!plain.follower) this.context.stats.totals.httpBytes += segment.byteLength;
        if (this.#visit === visit) this.#keep(visit, plain, segment);
      },
      failed: () => {
        end();
        this.#try(() => plain.follower?.failed("network", 0));
      },
    };
  }

  /** @param {number} n */
  idle(n) {
    return this.#swarm?.idle(n) === true;
  }

  /** @param {() => void} rescue */
  ifBroken(rescue) {
    this.#rescues.add(rescue);
    return () => void this.#rescues.delete(rescue);
  }

  /** By HTTP: hls.js may have it on its way already. @param {number} n @param {string} url @param {FetchEvents} events @param {typeof import("./fetcher.js").fetchSegment} fetchSegment */
  fetch(n, url, events, fetchSegment) {
    const plain = this.#plain.get(n);
    if (!plain || plain.follower) return fetchSegment(url, events);
    plain.follower = events;
    return () => {
      if (plain.follower === events) plain.follower = null;
    };
  }

  /** @param {unknown} error */
  shut(error) {
    if (this.#shut) return;
    this.#shut = true;
    this.error = error;
    const swarm = this.#swarm;
    this.#swarm = null;
    this.context.socket.swarm = null;
    this.context.socket.announce();
    for (const rescue of [...this.#rescues]) rescue();
    this.#rescues.clear();
    try {
      swarm?.end();
    } catch (another) {
      // It has failed already.
    }
    // For the browser's console; nothing waits for it.
    setTimeout(() => {
      throw error;
    });
  }

  async #load() {
    if (this.#swarm || this.#shut || !canShare()) return;
    try {
      const { startSwarm } = await code();
      if (this.#swarm || this.#shut) return;
      this.#swarm = await startSwarm(this.context, this);
      if (this.#visit) this.opened(this.#visit);
    } catch (error) {
      // The code did not come: all is plain HTTP, and the next title asks again.
    }
  }

  /** @param {Visit} visit @param {Plain} plain @param {ArrayBuffer} segment */
  #keep(visit, plain, segment) {
    if (this.#shut || !this.context.settings.get("share")) return;
    const copy = segment.slice(0);
    const { follower } = plain;
    if (follower) this.#try(() => follower.done(copy));
    else if (this.#swarm?.film) this.#try((swarm) => swarm.arrived(plain.n, copy));
    else if (visit.early.size < EARLY_SEGMENTS) visit.early.set(plain.n, copy);
  }

  /** @template T @param {(swarm: Swarm) => T} run @returns {T | null} */
  #try(run) {
    const swarm = this.#swarm;
    if (!swarm) return null;
    try {
      return run(swarm);
    } catch (error) {
      this.shut(error);
      return null;
    }
  }
}

/** One player's time at the door. */
export class Visit {
  /** @type {Film | null} */
  film = null;
  /** Segments that came before the swarm did. @type {Map<number, ArrayBuffer>} */
  early = new Map();
  /** Where it starts from, until the video is there; seconds. */
  #from = 0;
  #moved = false;
  #moves = () => {
    if (this.video.currentTime > 0) this.#moved = true;
    this.door.moved(this);
  };

  /** @param {Door} door @param {HTMLVideoElement} video */
  constructor(door, video) {
    this.door = door;
    this.video = video;
    for (const name of EVENTS) video.addEventListener(name, this.#moves);
  }

  /** Before the first frame the video stands at 0, wherever it will begin. */
  get at() {
    return this.#moved ? this.video.currentTime : this.#from;
  }

  get bufferedTo() {
    return this.#moved ? bufferedEnd(this.video) : this.#from;
  }

  get paused() {
    return this.video.paused;
  }

  /** A playlist is loaded from here on. @param {number} seconds */
  begins(seconds) {
    this.#from = seconds;
    this.#moved = false;
  }

  /** @param {import("hls.js").LevelDetails} details */
  playlist(details) {
    const film = filmOf(details);
    const before = this.film;
    if (before?.rendition !== film?.rendition || before?.title !== film?.title) this.early.clear();
    this.film = film;
    this.door.opened(this);
  }

  /** @param {new (config: any) => import("./p2p-loader.js").Loader} Base hls.js's own loader */
  loader(Base) {
    const { door } = this;
    return loaderClass(Base, {
      numberOf: (context) => this.#numberOf(context.frag),
      need: (n, receiver) => door.need(this, n, receiver),
      plainly: (n) => door.plainly(this, n),
      starving: (n) => this.bufferedTo - this.at < STARVING && door.idle(n),
      bytes: (bytes) => (door.context.stats.totals.httpBytes += bytes),
      ifBroken: (rescue) => door.ifBroken(rescue),
    });
  }

  close() {
    for (const name of EVENTS) this.video.removeEventListener(name, this.#moves);
    this.door.left(this);
  }

  /** @param {Fragment} frag @returns {number} */
  #numberOf(frag) {
    const { film } = this;
    if (!film || frag.type !== "main" || typeof frag.sn !== "number" || frag.byteRange.length) return -1;
    return film.urls[frag.sn] === frag.url ? frag.sn : -1;
  }
}

/**
 * What of a playlist can be shared: whole files, numbered from 0, not encrypted, at an address of this box.
 * @param {import("hls.js").LevelDetails} details @returns {Film | null}
 */
export function filmOf({ fragments, startSN }) {
  const first = fragments[0];
  const last = fragments[fragments.length - 1];
  if (!first || !last || startSN !== 0) return null;
  if (fragments.some((frag, i) => frag.sn !== i || frag.byteRange.length || frag.encrypted)) return null;
  const [, stream, title, rendition, name] = new URL(first.url, location.href).pathname.split("/");
  if (stream !== "stream" || !title || !rendition || !name) return null;
  return {
    title,
    rendition,
    starts: [...fragments.map((frag) => frag.start), last.end],
    urls: fragments.map((frag) => frag.url),
  };
}

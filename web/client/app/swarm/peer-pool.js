// All pages this one is introduced to. The box says who they are, whole each time: who is not in its list any more is
// let go, whoever is new gets a connection at once, so that it stands when it is needed.
//
// A page that lied is cut off and never connected to again under that name; the box is told, and gives it no second one.
import { Peer } from "./peer.js";
import { UploadSlots } from "./peer-uploads.js";

/** @typedef {import("./peer.js").Introduction} Introduction */
/** @typedef {import("./peer-downloads.js").Wish} Wish */
/** @typedef {import("./peer-connection.js").Signal} Signal */
/**
 * @typedef {object} PoolParts
 * @property {import("./peer-connection.js").Outside} outside
 * @property {() => string[]} stun servers, as the box says
 * @property {import("./integrity.js").Integrity} integrity
 * @property {(n: number) => ArrayBuffer | null} segment of the cache
 * @property {(peer: string, session: number, signal: Signal) => void} signal to another page
 * @property {(peer: string, open: boolean, why: string) => void} changed a connection opened, or is gone
 * @property {(peer: string, session: number, why: string, n?: number) => void} gone to be told to the box
 * @property {(bytes: number) => void} wasted
 * @property {(bytes: number) => void} uploaded
 */

/** An `ask` may come a moment before the introduction; a connection takes 15–300 ms in one room. */
export const INTRODUCTION_LIMIT = 4000;
/** The box introduces about six. What it says is obeyed, but not without end. */
const PEERS_LIMIT = 24;
const EARLY_SIGNALS = 40;

export class PeerPool {
  /** @type {Map<string, Peer>} */
  #peers = new Map();
  /** @type {Set<string>} */
  #liars = new Set();
  /** Connections that ended, until the box has heard of it and introduces no more, or anew. @type {Map<string, number>} */
  #ended = new Map();
  /** Asked of pages that are not introduced yet. @type {Set<{peer: string, wish: Wish, stop: () => void, timer: any}>} */
  #early = new Set();
  /** Signals of introductions not yet heard of, the newest last. @type {{peer: string, session: number, signal: Signal}[]} */
  #signals = [];
  #tag = "";
  slots = new UploadSlots();

  /** @param {PoolParts} parts */
  constructor(parts) {
    this.parts = parts;
  }

  /** Names title and rendition. What was asked for under another one is not given any more. */
  get tag() {
    return this.#tag;
  }

  set tag(tag) {
    if (tag === this.#tag) return;
    this.#tag = tag;
    for (const peer of this.#peers.values()) peer.uploads.end();
  }

  /** @returns {Iterable<Peer>} */
  list() {
    return this.#peers.values();
  }

  /** Everybody this page is introduced to now. @param {Introduction[]} introductions */
  introduce(introductions) {
    const wanted = new Map(introductions.slice(0, PEERS_LIMIT).map((i) => [i.id, i]));
    for (const peer of [...this.#peers.values()]) {
      if (wanted.get(peer.id)?.session !== peer.session) this.#drop(peer, "left");
    }
    for (const [id, session] of this.#ended) if (wanted.get(id)?.session !== session) this.#ended.delete(id);
    for (const introduction of wanted.values()) {
      const known = this.#peers.get(introduction.id);
      if (known) known.name = introduction.name;
      else if (!this.#liars.has(introduction.id) && !this.#ended.has(introduction.id))
        this.#meet(introduction);
    }
  }

  /** @param {string} from @param {number} session @param {Signal} signal */
  hear(from, session, signal) {
    const peer = this.#peers.get(from);
    if (peer && peer.session === session) peer.connection.hear(signal);
    else {
      this.#signals.push({ peer: from, session, signal });
      if (this.#signals.length > EARLY_SIGNALS) this.#signals.shift();
    }
  }

  /** @param {string} id @param {Wish} wish @returns {() => void} stops it, without a word to the wish */
  ask(id, wish) {
    const peer = this.#peers.get(id);
    if (peer) return peer.ask(wish);
    const { later, cancel } = this.parts.outside;
    const early = { peer: id, wish, stop: () => {}, timer: null };
    early.timer = later(
      () => {
        this.#early.delete(early);
        wish.failed("closed");
      },
      this.#liars.has(id) ? 0 : INTRODUCTION_LIMIT,
    );
    this.#early.add(early);
    return () => {
      cancel(early.timer);
      if (!this.#early.delete(early)) early.stop();
    };
  }

  /** All connections end; introductions may come again. */
  end() {
    for (const peer of [...this.#peers.values()]) this.#drop(peer, "left");
    this.#signals = [];
    this.#ended.clear();
  }

  /** @param {Introduction} introduction */
  #meet(introduction) {
    const { id, session } = introduction;
    const { stun, outside, integrity, segment, signal, changed, gone, wasted, uploaded } = this.parts;
    const peer = new Peer(introduction, {
      stun: stun(),
      outside,
      integrity,
      slots: this.slots,
      tag: () => this.#tag,
      segment,
      signal: (message) => signal(id, session, message),
      opened: () => changed(id, true, "open"),
      closed: (why) => {
        gone(id, session, why);
        this.#drop(peer, why);
      },
      lied: (n) => {
        this.#liars.add(id);
        gone(id, session, "bad", n);
        this.#drop(peer, "bad");
      },
      wasted,
      uploaded,
    });
    this.#peers.set(id, peer);
    peer.start();
    const mine = (/** @type {{peer: string, session: number}} */ s) => s.peer === id && s.session === session;
    const early = this.#signals.filter(mine);
    this.#signals = this.#signals.filter((s) => s.peer !== id);
    for (const { signal: message } of early) peer.connection.hear(message);
    for (const asked of [...this.#early].filter((a) => a.peer === id)) {
      this.#early.delete(asked);
      outside.cancel(asked.timer);
      asked.stop = peer.ask(asked.wish);
    }
  }

  /** @param {Peer} peer @param {string} why */
  #drop(peer, why) {
    if (this.#peers.get(peer.id) !== peer) return;
    this.#peers.delete(peer.id);
    this.#ended.set(peer.id, peer.session);
    // First that it is gone, then what fails by that.
    this.parts.changed(peer.id, false, why);
    peer.close();
  }
}

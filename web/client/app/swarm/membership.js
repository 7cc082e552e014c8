// Whether this page takes part in the swarm, and with what: its worker for hashing, its connections to other pages. The
// viewer may switch it off; a browser without workers or connections cannot; the box says by `config` how.
//
// The box is told at once what is played. Worker and connections wait until the first picture is there: they would take
// the phone's time just when it has most to do.
import { Integrity } from "./integrity.js";
import { PeerPool } from "./peer-pool.js";

/** @typedef {import("./swarm.js").SwarmEvent} SwarmEvent */
/** @typedef {import("./signaling.js").Config} Config */
/**
 * @typedef {object} MembershipParts
 * @property {import("./swarm.js").Outside} outside
 * @property {import("./view.d.ts").Totals} totals
 * @property {import("./signaling.js").Signaling} signaling
 * @property {{get(): boolean, set(on: boolean): void}} share the viewer's switch
 * @property {() => import("./swarm.js").Film | null} film
 * @property {(n: number) => ArrayBuffer | null} segment of the cache
 * @property {(event: SwarmEvent) => void} feed
 * @property {(peer: string, open: boolean, why: string) => void} changed a connection opened, or is gone
 */

/** Milliseconds until it is time for the others, whatever has become of the picture. */
const PICTURE_LIMIT = 3000;

export class Membership {
  /** @type {Config | null} */
  config = null;
  /** @type {PeerPool | null} */
  pool = null;
  /** "" or why this browser cannot. */
  #cannot = "";
  /** The box is there. */
  #connected = false;
  /** What the scheduler was told last. */
  #online = false;
  /** @type {string[]} */
  #stun = [];
  /** @type {Integrity | null} */
  #integrity = null;
  /** The first picture is not there yet. */
  #holding = true;
  /** Who is to be connected to then. @type {import("./peer.js").Introduction[] | null} */
  #held = null;
  /** @type {any} */
  #timer = null;

  /** @param {MembershipParts} parts */
  constructor(parts) {
    this.parts = parts;
    if (!parts.outside.connect) this.#cannot = "unsupported";
  }

  get active() {
    return !this.#cannot && this.parts.share.get();
  }

  /** Why, or why not. */
  get why() {
    if (this.#cannot) return this.#cannot;
    if (!this.parts.share.get()) return "userOff";
    if (!this.#connected) return "away";
    return this.config?.why ?? "starting";
  }

  peers() {
    return [...(this.pool?.list() ?? [])];
  }

  /** The film that is open is played with others, if this page can. */
  join() {
    this.config = null;
    const { signaling, film } = this.parts;
    if (!this.active) return signaling.open(null);
    this.#integrity ??= new Integrity(this.parts.outside.worker, () => this.#loses());
    this.pool ??= this.#makePool(this.#integrity);
    this.#holding = true;
    this.#held = null;
    this.releaseWithin(PICTURE_LIMIT);
    signaling.open(film());
  }

  /** Pages to exchange with, as the box says. @param {import("./peer.js").Introduction[]} introductions */
  introduce(introductions) {
    if (this.#holding) this.#held = introductions;
    else this.pool?.introduce(introductions);
  }

  /** The first picture is there in so many milliseconds at the latest. @param {number} milliseconds */
  releaseWithin(milliseconds) {
    if (!this.#holding) return;
    this.parts.outside.cancel(this.#timer);
    this.#timer = this.parts.outside.later(() => this.release(), milliseconds);
  }

  /** The first picture is there. */
  release() {
    if (!this.#holding) return;
    this.#holding = false;
    this.parts.outside.cancel(this.#timer);
    this.#integrity?.start();
    if (this.#held) this.pool?.introduce(this.#held);
    this.#held = null;
  }

  /** It is played without others from now on. */
  leave() {
    this.config = null;
    this.#held = null;
    this.parts.outside.cancel(this.#timer);
    this.#is(false);
    this.pool?.end();
  }

  /** The viewer's switch. @param {boolean} on */
  share(on) {
    this.parts.share.set(on);
    if (on && this.parts.film()) return this.join();
    this.parts.signaling.open(null);
    this.leave();
  }

  /** The box is there. @param {string[]} stun */
  greeted(stun) {
    this.#connected = true;
    this.#stun = stun;
  }

  /** The box is away: who is connected stays so, until the box says otherwise. */
  lost() {
    this.#connected = false;
    this.#held = null;
    this.#is(false);
  }

  /** There is no place in the room: nobody is sent to this page, and the box answers none of its wants. */
  out() {
    this.config = null;
    this.#held = null;
    this.#is(false);
    this.pool?.end();
  }

  /** @param {Config} config */
  configured(config) {
    if (!this.active || !this.pool) return;
    this.config = config;
    this.pool.tag = config.tag;
    this.pool.slots.limit = config.uploads;
    const { on, lookAheadSeconds, keep } = config;
    this.parts.feed({ type: "config", on, lookAheadSeconds, keep });
    this.#is(true);
  }

  end() {
    this.parts.outside.cancel(this.#timer);
    this.pool?.end();
    this.#integrity?.end();
  }

  /** There is no worker: nothing may be taken from others. */
  #loses() {
    this.#cannot = "unsupported";
    this.parts.signaling.open(null);
    this.leave();
  }

  /** @param {boolean} online */
  #is(online) {
    if (this.#online === online) return;
    this.#online = online;
    this.parts.feed({ type: "online", on: online });
  }

  /** @param {Integrity} integrity */
  #makePool(integrity) {
    const { outside, totals, segment, signaling, changed, feed } = this.parts;
    const connect = /** @type {NonNullable<typeof outside.connect>} */ (outside.connect);
    return new PeerPool({
      outside: { ...outside, connect },
      stun: () => this.#stun,
      integrity,
      segment,
      signal: (peer, session, signal) => signaling.signal(peer, session, signal),
      changed: (peer, open, why) => {
        changed(peer, open, why);
        feed({ type: "peer", peer, open });
      },
      gone: (peer, session, why, n) => signaling.gone({ peer, session, why, ...(n !== undefined && { n }) }),
      wasted: (bytes) => (totals.wastedBytes += bytes),
      uploaded: (bytes) => (totals.uploadedBytes += bytes),
    });
  }
}

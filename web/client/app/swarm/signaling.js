// What this page and the box tell each other about the swarm, over the page's one WebSocket (core/socket.js).
//
// After each hello the box is told all of it anew: a page that was away is back with its whole inventory at once. Then
// changes only, gathered for a moment; what others wait for (this page held its lease) at once. Something is said every
// 8 s, for the box forgets who is silent for 30. Messages of a group that is not open (any more) are dropped: all that
// comes between our `open` and the box's `config` for it. A config without a rendition puts this page out of its group
// (it has no place in the room): it is silent then, and when it is let in, the box knows nothing of what it has.
import { spans } from "./store.js";
import { isTag } from "./wire.js";

/** @typedef {import("./types.d.ts").Span} Span */
/** @typedef {import("./types.d.ts").Keep} Keep */
/** @typedef {{title: string, rendition: string, starts: number[]}} Film */
/** @typedef {{at: number, uploads: number, p2pBytes: number, rejected: number, stalls: number}} Report */
/** @typedef {{on: boolean, why: string, tag: string, lookAheadSeconds: number, keep: Keep, uploads: number}} Config */
/** @typedef {{id: number, n: number, how: "http" | "peers" | "wait", peers?: string[], ms?: number, sha256?: string, bytes?: number, why: string}} Grant */
/** @typedef {{peers: import("./peer.js").Introduction[] | null, copies: [number, number, number][], heads?: number[]}} Neighbours */
/** @typedef {import("./peer-connection.js").Signal} Signal */
/**
 * @typedef {object} SignalingEvents
 * @property {(stun: string[]) => void} hello the box is there
 * @property {() => void} lost
 * @property {() => void} out there is no place in the room; config: there is one again
 * @property {(config: Config) => void} config
 * @property {(grant: Grant) => void} grant
 * @property {(neighbours: Neighbours) => void} peers
 * @property {(from: string, session: number, signal: Signal) => void} signal
 * @property {() => Iterable<number>} inventory
 * @property {() => Report} report
 * @property {(error: unknown) => void} broke
 */
/**
 * @typedef {object} Line core/socket.js, as far as it concerns the swarm
 * @property {(message: object) => boolean} send false: it is away
 * @property {() => void} announce says `open`
 */

export const GATHER = 250;
export const HEARTBEAT = 8000;
/** As far ahead as a want can be told to be due, milliseconds. */
const WANT_LIMIT = 600_000;
/** A message may have 16 KiB; a span is at most 15 bytes. */
const SPANS_LIMIT = 900;

export class Signaling {
  /** @type {Film | null} */
  #film = null;
  #online = false;
  /** The box has answered our `open`. */
  #agreed = false;
  /** The box has no place for this page. */
  #out = false;
  /** @type {Set<number>} */
  #added = new Set();
  /** @type {Set<number>} */
  #dropped = new Set();
  /** @type {any} */
  #timer = null;
  #told = 0;
  /** Counted from this WebSocket's begin. */
  #base = { p2pBytes: 0, rejected: 0 };

  /**
   * @param {Line} line
   * @param {SignalingEvents} events
   * @param {number} budgetBytes
   * @param {Pick<import("./peer-connection.js").Outside, "later" | "cancel">} clock
   */
  constructor(line, events, budgetBytes, clock) {
    this.line = line;
    this.events = events;
    this.budgetBytes = budgetBytes;
    this.clock = clock;
  }

  /** Another rendition is played, or none with others. @param {Film | null} film */
  open(film) {
    this.#film = film;
    this.#agreed = false;
    this.#forget();
    if (this.#online) this.line.announce();
  }

  /** The playlist has grown. @param {Film} film */
  grown(film) {
    this.#film = film;
    this.#soon();
  }

  /** What `open` says beyond the title; the socket asks. @param {string} title */
  opening(title) {
    const film = this.#film;
    this.#agreed = false;
    this.#out = false;
    this.#forget();
    if (!film || film.title !== title) return {};
    const segments = film.starts.length - 1;
    this.#told = segments;
    this.#heartbeat();
    return {
      rendition: film.rendition,
      segments,
      segmentSeconds: segments > 0 ? (film.starts[segments] ?? 0) / segments : 0,
      have: spans(this.events.inventory()).slice(0, SPANS_LIMIT),
      at: this.events.report().at,
      budget: this.budgetBytes,
    };
  }

  /** @param {number} n @param {boolean} atOnce others wait for it */
  added(n, atOnce) {
    if (!this.#dropped.delete(n)) this.#added.add(n);
    if (atOnce) this.#tell();
    else this.#soon();
  }

  /** @param {number} n */
  dropped(n) {
    if (!this.#added.delete(n)) this.#dropped.add(n);
    this.#soon();
  }

  /** The playhead has jumped. */
  moved() {
    this.#soon();
  }

  /** @param {{id: number, n: number, in: number, not: string[], why: string}} want */
  want(want) {
    // The box takes it for said that this page lacks it: if it comes at once after all, that is news.
    this.#dropped.delete(want.n);
    const within = Math.min(WANT_LIMIT, Math.max(0, Math.round(want.in)));
    this.#say({ type: "want", ...want, in: within, not: want.not.slice(-8) });
  }

  /** @param {{peer?: string, session?: number, n?: number, why: string}} gone */
  gone(gone) {
    this.#say({ type: "gone", ...gone });
  }

  /** @param {string} to @param {number} session @param {Signal} signal */
  signal(to, session, { kind, ...rest }) {
    this.#say({ type: kind, to, session, ...rest });
  }

  /** The socket is there, or gone. @param {boolean} connected */
  connected(connected) {
    if (connected || !this.#online) return;
    this.#online = false;
    this.#agreed = false;
    this.#forget();
    this.events.lost();
  }

  /** @param {any} message of the box */
  hear(message) {
    try {
      this.#hear(message);
    } catch (error) {
      this.events.broke(error);
    }
  }

  end() {
    this.#forget();
    this.#film = null;
  }

  /** @param {any} message */
  #hear(message) {
    const { type } = message;
    if (type === "hello") {
      const { p2pBytes, rejected } = this.events.report();
      this.#base = { p2pBytes, rejected };
      this.#online = true;
      this.events.hello(listOf(message.stun).filter((s) => typeof s === "string"));
    } else if (type === "config") this.#config(message);
    else if (!this.#agreed) return;
    else if (type === "grant") this.events.grant(message);
    else if (type === "peers")
      this.events.peers({
        // Without a list it is as it was: only copies are told.
        peers: message.peers === undefined ? null : listOf(message.peers),
        copies: listOf(message.copies),
        heads: message.heads,
      });
    else if (type === "offer" || type === "answer" || type === "candidate") {
      const { from, session, sdp, candidate, mid, mline } = message;
      this.events.signal(from, session, { kind: type, sdp, candidate, mid, mline });
    }
  }

  /** @param {any} message */
  #config(message) {
    const film = this.#film;
    if (!film || message.title !== film.title) return;
    if (message.rendition === "") return this.#leave();
    if (message.rendition !== film.rendition || !isTag(message.tag)) return;
    this.#agreed = true;
    if (this.#out) this.#return();
    this.events.config({
      on: message.on === true,
      why: String(message.why ?? ""),
      tag: message.tag,
      lookAheadSeconds: Number(message.lookAheadSeconds) || 0,
      keep: message.keep?.mode ? message.keep : { mode: "rarest" },
      uploads: Number(message.uploads) || 0,
    });
  }

  /** Or the rendition is gone, or it answers an `open` from before there was a film: then our config follows. */
  #leave() {
    if (this.#out) return;
    this.#out = true;
    this.#agreed = false;
    this.#forget();
    this.events.out();
  }

  /** Before anything else is said: the box goes by an `open` of long ago, with nothing held and perhaps a shorter playlist. */
  #return() {
    this.#out = false;
    this.#forget();
    for (const n of this.events.inventory()) this.#added.add(n);
    this.#told = -1;
    this.#tell();
  }

  #heartbeat() {
    this.clock.cancel(this.#timer);
    this.#timer = this.clock.later(() => this.#tell(), HEARTBEAT);
  }

  #soon() {
    if (!this.#agreed) return;
    this.clock.cancel(this.#timer);
    this.#timer = this.clock.later(() => this.#tell(), GATHER);
  }

  /** What has changed; nothing but the place where nothing has. */
  #tell() {
    if (!this.#agreed || !this.#film) return;
    const { at, uploads, p2pBytes, rejected, stalls } = this.events.report();
    const segments = this.#film.starts.length - 1;
    const sent = this.#say({
      type: "have",
      ...(this.#added.size && { add: spans(this.#added).slice(0, SPANS_LIMIT) }),
      ...(this.#dropped.size && { drop: spans(this.#dropped).slice(0, SPANS_LIMIT) }),
      at,
      ...(uploads && { up: uploads }),
      p2p: p2pBytes - this.#base.p2pBytes,
      rejected: rejected - this.#base.rejected,
      stalls,
      ...(segments !== this.#told && { segments }),
    });
    if (!sent) return;
    this.#told = segments;
    this.#added.clear();
    this.#dropped.clear();
    this.#heartbeat();
  }

  /** What was to be told is told whole by the next `open`. */
  #forget() {
    this.clock.cancel(this.#timer);
    this.#added.clear();
    this.#dropped.clear();
  }

  /** @param {object} message */
  #say(message) {
    return this.#online && !this.#out && this.line.send(message);
  }
}

/** @param {unknown} value @returns {any[]} */
const listOf = (value) => (Array.isArray(value) ? value : []);

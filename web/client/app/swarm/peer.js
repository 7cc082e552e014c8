// One introduced page: its connection, what is taken from it and what is given to it.
//
// A connection that nobody uses is given up, but only when both sides say so: the caller asks after a minute of silence,
// the other one agrees if it has nothing to do either, and asks for nothing more until the connection closes.
import { Allowance } from "./allowance.js";
import { Downloads } from "./peer-downloads.js";
import { PeerConnection } from "./peer-connection.js";
import { Uploads } from "./peer-uploads.js";
import * as wire from "./wire.js";

/** @typedef {import("./peer-downloads.js").Wish} Wish */
/** @typedef {import("./peer-connection.js").Signal} Signal */
/** @typedef {{id: string, name: string, session: number, call: boolean}} Introduction */
/**
 * @typedef {object} PeerParts
 * @property {string[]} stun
 * @property {import("./peer-connection.js").Outside} outside
 * @property {import("./integrity.js").Integrity} integrity
 * @property {import("./peer-uploads.js").UploadSlots} slots
 * @property {() => string} tag
 * @property {(n: number) => ArrayBuffer | null} segment
 * @property {(signal: Signal) => void} signal
 * @property {() => void} opened
 * @property {(why: "ice" | "closed" | "idle") => void} closed
 * @property {(n: number) => void} lied it sent what it should not have: to be cut off
 * @property {(bytes: number) => void} wasted
 * @property {(bytes: number) => void} uploaded
 */

export const IDLE_AFTER = 60_000;
/** Agreed to close, but it did not: the other side has changed its mind. */
const LEAVING_LIMIT = 5000;
/** Frames that are none, or one too many. A newer version may send some; a flood is an attack. */
const NONSENSE_LIMIT = 100;

/**
 * Frames without a slice. The box hears 40 messages a second of a page, 160 at once, and no request goes out without a
 * want: with it come a cancel at most, and a refusal of what was asked here. More is a flood, and each is nonsense.
 */
const FRAMES_PER_SECOND = 3 * 40;
export const FRAMES_AT_ONCE = 3 * 160;

const NOTHING_TO_DO = 0;
const NEITHER = 1;

export class Peer {
  /** Taken from it and given to it. */
  downBytes = 0;
  upBytes = 0;
  /** Asked before the connection stood; request is 0 until then. @type {{wish: Wish, request: number}[]} */
  #queue = [];
  #gone = false;
  #nonsense = 0;
  #allowance = new Allowance(FRAMES_PER_SECOND, FRAMES_AT_ONCE);
  /** Clock when something was last done, and when it was agreed to close. */
  #busyAt;
  #leavingAt = -Infinity;
  #asked = false;
  /** @type {any} */
  #timer = null;

  /** @param {Introduction} introduction @param {PeerParts} parts */
  constructor(introduction, parts) {
    const { id, name, session, call } = introduction;
    this.id = id;
    this.name = name;
    this.session = session;
    this.parts = parts;
    const clock = parts.outside;
    this.#busyAt = clock.now();
    const send = (/** @type {ArrayBuffer | Uint8Array<ArrayBuffer>} */ data) => this.connection.send(data);
    this.connection = new PeerConnection(
      { call, stun: parts.stun },
      {
        signal: parts.signal,
        open: () => this.#opens(call),
        message: (data) => this.#hears(data),
        drained: () => this.uploads.drained(),
        closed: (why) => this.#ends(why),
      },
      clock,
    );
    const { integrity, wasted, lied, slots, tag, segment } = parts;
    this.downloads = new Downloads({ send, integrity, wasted, lied, clock });
    this.uploads = new Uploads({
      ready: () => this.connection.ready,
      send,
      slots,
      segment,
      tag,
      sent: (bytes) => {
        this.upBytes += bytes;
        parts.uploaded(bytes);
      },
      clock,
    });
  }

  get open() {
    return this.connection.open;
  }

  start() {
    this.connection.start();
  }

  /** @param {Wish} wish @returns {() => void} stops it */
  ask(wish) {
    const leaving = this.parts.outside.now() - this.#leavingAt < LEAVING_LIMIT;
    const asked = { wish, request: 0 };
    if (this.#gone || leaving) queueMicrotask(() => wish.failed("closed"));
    else if (this.open) this.#request(asked);
    else this.#queue.push(asked);
    return () => {
      this.#queue = this.#queue.filter((a) => a !== asked);
      if (asked.request) this.downloads.stop(asked.request);
    };
  }

  /** Without a word to parts, but what was asked for fails. */
  close() {
    if (this.#gone) return;
    this.#gone = true;
    this.parts.outside.cancel(this.#timer);
    this.connection.close();
    this.uploads.end();
    this.downloads.end();
    for (const { wish } of this.#queue.splice(0)) wish.failed("closed");
  }

  /** @param {"ice" | "closed"} why */
  #ends(why) {
    if (this.#gone) return;
    const agreed = this.parts.outside.now() - this.#leavingAt < LEAVING_LIMIT;
    this.parts.closed(agreed ? "idle" : why);
    this.close();
  }

  /** @param {boolean} call */
  #opens(call) {
    this.#busyAt = this.parts.outside.now();
    this.parts.opened();
    for (const asked of this.#queue.splice(0)) this.#request(asked);
    if (call) this.#rest();
  }

  /** @param {{wish: Wish, request: number}} asked */
  #request(asked) {
    this.#busyAt = this.parts.outside.now();
    asked.request = this.downloads.start(asked.wish);
  }

  /** @param {unknown} data */
  #hears(data) {
    const frame = wire.parse(data);
    const { now } = this.parts.outside;
    if (!frame || (frame.type !== wire.DATA && !this.#allowance.take(now()))) {
      if (++this.#nonsense > NONSENSE_LIMIT) this.parts.lied(0);
      return;
    }
    if (frame.type === wire.IDLE) return this.#idles(frame);
    this.#busyAt = now();
    this.#leavingAt = -Infinity;
    if (frame.type === wire.REQUEST || frame.type === wire.CANCEL) return this.uploads.hear(frame);
    if (frame.type === wire.DATA) this.downBytes += frame.bytes;
    this.downloads.hear(frame, /** @type {ArrayBuffer} */ (data));
  }

  get #restful() {
    return this.downloads.idle && this.uploads.idle;
  }

  /** The caller's part: asks when nothing has happened for long. */
  #rest() {
    const { now, later } = this.parts.outside;
    const quiet = now() - this.#busyAt;
    if (quiet < IDLE_AFTER || !this.#restful) this.#asked = false;
    else {
      this.#asked = true;
      this.#says(NOTHING_TO_DO);
    }
    this.#timer = later(() => this.#rest(), Math.max(IDLE_AFTER - quiet, 1000));
  }

  /** @param {wire.Frame} frame */
  #idles({ reason }) {
    const { now } = this.parts.outside;
    if (reason === NOTHING_TO_DO && this.#restful && now() - this.#busyAt >= IDLE_AFTER / 2) {
      this.#leavingAt = now();
      this.#says(NEITHER);
    } else if (reason === NEITHER && this.#asked && this.#restful && now() - this.#busyAt >= IDLE_AFTER) {
      this.#leavingAt = now();
      this.#ends("closed");
    }
  }

  /** @param {number} reason */
  #says(reason) {
    this.connection.send(wire.frame({ type: wire.IDLE, reason, tag: this.parts.tag() || "0".repeat(16) }));
  }
}

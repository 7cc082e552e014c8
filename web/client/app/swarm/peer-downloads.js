// The asking side of one connection: requests that run, and the slices that answer them.
//
// A request ends when the segment is here and its digest is right, when the other page refuses, when nothing of any
// segment comes for a while (however much came before: a slow phone is not a dead one, and how long one segment may wait
// for its turn is the scheduler's to say), or when it is stopped. What the other page sends
// without being asked, out of order, beyond the promised size or with another title's tag is a lie: it is cut off.
import * as wire from "./wire.js";

/** Nothing came for so long: the other page sleeps, or its way here is gone. */
export const SILENCE = 2500;

/**
 * @typedef {object} Wish
 * @property {number} n
 * @property {string} tag
 * @property {number} bytes as the box said
 * @property {string} sha256
 * @property {(bytes: number) => void} progress bytes here so far
 * @property {(segment: ArrayBuffer) => void} got
 * @property {(why: string) => void} failed
 */
/** @typedef {Wish & {request: number, received: number, asked: number, timer: any, assembly: ReturnType<import("./integrity.js").Integrity["begin"]>}} Running */
/**
 * @typedef {object} DownloadParts
 * @property {(data: ArrayBuffer) => boolean} send
 * @property {import("./integrity.js").Integrity} integrity
 * @property {(bytes: number) => void} wasted received in vain
 * @property {(n: number) => void} lied
 * @property {Pick<import("./peer-connection.js").Outside, "now" | "later" | "cancel">} clock
 */

export class Downloads {
  /** @type {Map<number, Running>} by request */
  #running = new Map();
  #last = 0;
  /** Clock when bytes last came. */
  #heard = 0;
  /** Bytes of stopped requests that may still be on their way. */
  #late = 0;

  /** @param {DownloadParts} parts */
  constructor(parts) {
    this.parts = parts;
  }

  get idle() {
    return this.#running.size === 0;
  }

  /** @param {Wish} wish @returns {number} the request, for stop() */
  start(wish) {
    const { send, integrity, clock } = this.parts;
    const request = ++this.#last;
    const assembly = integrity.begin(wish.bytes, (data, sha256) => this.#whole(request, data, sha256));
    const running = { ...wish, request, received: 0, asked: clock.now(), timer: null, assembly };
    this.#running.set(request, running);
    this.#watch(running);
    send(wire.frame({ type: wire.REQUEST, tag: wish.tag, n: wish.n, request, total: wish.bytes }));
    return request;
  }

  /** Without a word to the wish. @param {number} request */
  stop(request) {
    const running = this.#take(request);
    if (!running || running.received === running.bytes) return;
    this.#late += running.bytes - running.received;
    this.parts.send(wire.frame({ type: wire.CANCEL, tag: running.tag, n: running.n, request }));
  }

  /** @param {wire.Frame} frame DATA or REFUSE @param {ArrayBuffer} data the whole of it; its memory is taken away */
  hear(frame, data) {
    const running = this.#running.get(frame.request);
    if (!running) {
      if (frame.type === wire.DATA) this.#unasked(frame);
    } else if (frame.type === wire.REFUSE) {
      this.#take(frame.request);
      running.failed(wire.REASONS[frame.reason] === "busy" ? "busy" : "refused");
    } else if (!fits(frame, running)) this.#lie(running, frame.bytes);
    else {
      running.received += frame.bytes;
      this.#heard = this.parts.clock.now();
      running.assembly.add(data, wire.HEADER_BYTES);
      running.progress(running.received);
    }
  }

  /** The connection is gone. What is here and is being hashed is still of use. */
  end() {
    for (const { request, received, bytes } of [...this.#running.values()])
      if (received < bytes) this.#take(request)?.failed("closed");
  }

  /** All bytes are here. @param {number} request @param {ArrayBuffer | null} data @param {string} sha256 */
  #whole(request, data, sha256) {
    const running = this.#running.get(request);
    if (!running) return;
    if (data && sha256 === running.sha256) {
      this.#running.delete(request);
      this.parts.clock.cancel(running.timer);
      running.got(data);
    } else if (sha256) this.#lie(running, 0);
    else this.#take(request)?.failed("noHash");
  }

  /** Ends a request; what came for it is waste. @param {number} request */
  #take(request) {
    const running = this.#running.get(request);
    if (!running) return null;
    this.#running.delete(request);
    this.parts.clock.cancel(running.timer);
    running.assembly.drop();
    if (running.received) this.parts.wasted(running.received);
    return running;
  }

  /** @param {Running} running @param {number} bytes of the slice that gave it away */
  #lie(running, bytes) {
    if (bytes) this.parts.wasted(bytes);
    this.#take(running.request);
    running.failed("bad");
    this.parts.lied(running.n);
  }

  /** Nobody waits for it: late after a stop, or never asked for. @param {wire.Frame} frame */
  #unasked(frame) {
    this.parts.wasted(frame.bytes);
    this.#late -= frame.bytes;
    if (frame.request > this.#last || frame.request === 0 || this.#late < 0) this.parts.lied(frame.n);
  }

  /** @param {Running} running */
  #watch(running) {
    const { clock } = this.parts;
    const ends = () => Math.max(running.asked, this.#heard) + SILENCE;
    running.timer = clock.later(
      () => {
        if (clock.now() < ends()) this.#watch(running);
        // All of it is here and is being hashed: that takes as long as it takes.
        else if (running.received < running.bytes) {
          this.stop(running.request);
          running.failed("timeout");
        }
      },
      Math.max(ends() - clock.now(), 1),
    );
  }
}

/** @param {wire.Frame} frame @param {Running} running */
const fits = (frame, running) =>
  frame.n === running.n &&
  frame.tag === running.tag &&
  frame.total === running.bytes &&
  frame.offset === running.received;

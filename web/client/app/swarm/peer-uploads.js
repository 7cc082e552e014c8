// The giving side of one connection: what the other page asked for goes out in turns, a slice of each, as long as the
// channel has room; when it has not, the channel says when it has again. Segments come from the cache only.
import * as wire from "./wire.js";

/** The channel took nothing for so long: the other page is gone, and its place is for another. */
export const STUCK = 10_000;

/** One other page has two of the slots at once; it may read slowly, or never. */
const EACH = 2;
/** And a third, as many as a page takes at once, only where one is left for somebody else: in a room of two nobody else asks. */
const EACH_ALONE = 3;

/** @param {number} each uploads on this connection @param {number} taken on all @param {number} limit @returns {boolean} one more */
export const hasSlot = (each, taken, limit) =>
  taken < limit && each < (taken + 1 < limit ? EACH_ALONE : EACH);

/** What all connections of a page share. */
export class UploadSlots {
  taken = 0;
  /** As config says. */
  limit = 4;
}

/** @typedef {{n: number, request: number, tag: string, segment: ArrayBuffer, offset: number, moved: number}} Upload */
/**
 * @typedef {object} UploadParts
 * @property {() => boolean} ready the channel has room
 * @property {(data: ArrayBuffer | Uint8Array<ArrayBuffer>) => boolean} send
 * @property {UploadSlots} slots
 * @property {(n: number) => ArrayBuffer | null} segment
 * @property {() => string} tag of what is played now
 * @property {(bytes: number) => void} sent
 * @property {Pick<import("./peer-connection.js").Outside, "now" | "later" | "cancel">} clock
 */

export class Uploads {
  /** @type {Upload[]} the next one first */
  #running = [];
  #slicer = new wire.Slicer();
  /** @type {any} */
  #timer = null;

  /** @param {UploadParts} parts */
  constructor(parts) {
    this.parts = parts;
  }

  get idle() {
    return this.#running.length === 0;
  }

  /** @param {wire.Frame} frame REQUEST or CANCEL */
  hear(frame) {
    if (frame.type === wire.CANCEL) this.#remove((u) => u.request === frame.request);
    else this.#asked(frame);
  }

  /** The channel has room again. */
  drained() {
    const { ready, send, clock } = this.parts;
    while (this.#running.length && ready()) {
      const upload = /** @type {Upload} */ (this.#running.shift());
      const { tag, n, request } = upload;
      const slice = this.#slicer.slice(upload.segment, { type: wire.DATA, tag, n, request }, upload.offset);
      if (!send(slice)) {
        this.#running.unshift(upload);
        break;
      }
      const bytes = slice.length - wire.HEADER_BYTES;
      upload.offset += bytes;
      upload.moved = clock.now();
      this.parts.sent(bytes);
      if (upload.offset < upload.segment.byteLength) this.#running.push(upload);
      else this.parts.slots.taken--;
    }
    this.#watch();
  }

  /** Another title is played, or the connection is gone. */
  end() {
    this.#remove(() => true);
  }

  /** @param {wire.Frame} frame */
  #asked({ n, request, tag, total }) {
    // The same request twice would be one delivery twice.
    if (this.#running.some((u) => u.request === request)) return;
    const { slots, clock, send } = this.parts;
    const segment = tag === this.parts.tag() ? this.parts.segment(n) : null;
    const held = segment?.byteLength === total;
    if (!segment || !held || !hasSlot(this.#running.length, slots.taken, slots.limit)) {
      const why = tag !== this.parts.tag() ? "otherTitle" : held ? "busy" : "notHeld";
      send(wire.frame({ type: wire.REFUSE, reason: wire.REASONS.indexOf(why), tag, n, request }));
      return;
    }
    slots.taken++;
    this.#running.push({ n, request, tag, segment, offset: 0, moved: clock.now() });
    this.drained();
  }

  /** @param {(upload: Upload) => boolean} which */
  #remove(which) {
    const before = this.#running.length;
    this.#running = this.#running.filter((u) => !which(u));
    this.parts.slots.taken -= before - this.#running.length;
    this.#watch();
  }

  #watch() {
    const { clock } = this.parts;
    clock.cancel(this.#timer);
    if (!this.#running.length) return;
    this.#timer = clock.later(() => this.#remove((u) => clock.now() - u.moved >= STUCK), STUCK);
  }
}

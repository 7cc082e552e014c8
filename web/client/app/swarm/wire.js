// Frames on the DataChannel between two pages: 28 bytes, then the bytes of a slice.
//
//    0  type       1 REQUEST  2 DATA  3 CANCEL  4 REFUSE  5 IDLE
//    1  reason     REFUSE: see REASONS. IDLE: 0 "nothing to do here", 1 "here neither: close it". Else 0
//    2  0 0
//    4  tag        8 bytes that name title and rendition, given by the box
//   12  n          segment
//   16  request    number that the asking side drew; all frames of one delivery bear it
//   20  offset     DATA: where the slice belongs
//   24  total      REQUEST, DATA: bytes of the whole segment
//
// Numbers are unsigned, big-endian. A frame is at most 64 KiB: more is not safe between different browsers. What is
// not understood is ignored, so that the protocol can grow; what is understood is held against its bounds here, once.

export const HEADER_BYTES = 28;
export const FRAME_BYTES = 65_536;
export const SLICE_BYTES = FRAME_BYTES - HEADER_BYTES;
/** The packager cuts no segment above 16 MB; converted ones are smaller. */
export const SEGMENT_BYTES_LIMIT = 32 * 1024 * 1024;
export const SEGMENTS_LIMIT = 100_000;

export const REQUEST = 1;
export const DATA = 2;
export const CANCEL = 3;
export const REFUSE = 4;
export const IDLE = 5;

/** Why a page does not deliver; the number on the wire is the place in this list. */
export const REASONS = ["", "busy", "notHeld", "otherTitle"];

/**
 * @typedef {object} Frame
 * @property {number} type
 * @property {number} reason
 * @property {string} tag 16 hex digits
 * @property {number} n
 * @property {number} request
 * @property {number} offset
 * @property {number} total
 * @property {number} bytes of the slice; it begins at HEADER_BYTES
 */
/** @typedef {{type: number, reason?: number, tag: string, n?: number, request?: number, offset?: number, total?: number}} Header */

const TAG = /^[0-9a-f]{16}$/;

/** @param {unknown} tag @returns {tag is string} */
export const isTag = (tag) => typeof tag === "string" && TAG.test(tag);

/** @param {DataView} view @param {Header} header */
export function writeHeader(view, { type, reason = 0, tag, n = 0, request = 0, offset = 0, total = 0 }) {
  view.setUint8(0, type);
  view.setUint8(1, reason);
  view.setUint16(2, 0);
  view.setUint32(4, parseInt(tag.slice(0, 8), 16));
  view.setUint32(8, parseInt(tag.slice(8, 16), 16));
  view.setUint32(12, n);
  view.setUint32(16, request);
  view.setUint32(20, offset);
  view.setUint32(24, total);
}

/** A frame without a slice. @param {Header} header @returns {ArrayBuffer} */
export function frame(header) {
  const buffer = new ArrayBuffer(HEADER_BYTES);
  writeHeader(new DataView(buffer), header);
  return buffer;
}

/** @param {number} word */
const hex = (word) => word.toString(16).padStart(8, "0");

/**
 * @param {unknown} data of a message event
 * @returns {Frame | null} null: not a frame, or one that breaks a bound; nothing of it may be used
 */
export function parse(data) {
  if (!(data instanceof ArrayBuffer) || data.byteLength < HEADER_BYTES || data.byteLength > FRAME_BYTES)
    return null;
  const view = new DataView(data);
  const read = {
    type: view.getUint8(0),
    reason: view.getUint8(1),
    tag: hex(view.getUint32(4)) + hex(view.getUint32(8)),
    n: view.getUint32(12),
    request: view.getUint32(16),
    offset: view.getUint32(20),
    total: view.getUint32(24),
    bytes: data.byteLength - HEADER_BYTES,
  };
  return sound(read) ? read : null;
}

/** @param {Frame} frame */
function sound({ type, n, offset, total, bytes }) {
  if (n >= SEGMENTS_LIMIT || total > SEGMENT_BYTES_LIMIT) return false;
  switch (type) {
    case REQUEST:
      return bytes === 0 && total > 0;
    case DATA:
      // All but the last slice may be shorter than they could be, but never empty: an endless trickle of nothing.
      return bytes > 0 && offset + bytes <= total;
    case CANCEL:
    case REFUSE:
    case IDLE:
      return bytes === 0;
    default:
      return false;
  }
}

/** Makes the DATA frames of a segment one after another in the same memory: send() of a channel copies. */
export class Slicer {
  #memory = new Uint8Array(FRAME_BYTES);
  #view = new DataView(this.#memory.buffer);

  /**
   * @param {ArrayBuffer} segment
   * @param {Header} header
   * @param {number} offset
   * @returns {Uint8Array<ArrayBuffer>} valid until the next call
   */
  slice(segment, header, offset) {
    const bytes = Math.min(SLICE_BYTES, segment.byteLength - offset);
    writeHeader(this.#view, { ...header, type: DATA, offset, total: segment.byteLength });
    this.#memory.set(new Uint8Array(segment, offset, bytes), HEADER_BYTES);
    return this.#memory.subarray(0, HEADER_BYTES + bytes);
  }
}

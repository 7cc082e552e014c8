import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as wire from "../app/swarm/wire.js";

const tag = "00ff10203040506a";
/** @param {wire.Header} header @param {number} [bytes] */
function made(header, bytes = 0) {
  const memory = new Uint8Array(wire.HEADER_BYTES + bytes);
  wire.writeHeader(new DataView(memory.buffer), header);
  return memory.buffer;
}

/** Numbers from a seed, the same in each run. @param {number} seed */
function numbers(seed) {
  let state = seed;
  return () => (state = (Math.imul(state, 1103515245) + 12345) >>> 0) / 2 ** 32;
}

describe("frames", () => {
  test("what is written is read", () => {
    const header = {
      type: wire.REQUEST,
      reason: 0,
      tag,
      n: 99_999,
      request: 0xffffffff,
      offset: 0,
      total: 1,
    };
    assert.deepEqual(wire.parse(wire.frame(header)), { ...header, bytes: 0 });
  });

  test("a segment in slices is the segment, and no frame is above 64 KiB", () => {
    const next = numbers(7);
    const segment = Uint8Array.from({ length: 200_001 }, () => next() * 256);
    const slicer = new wire.Slicer();
    const back = new Uint8Array(segment.length);
    let offset = 0;
    while (offset < segment.length) {
      const sent = slicer.slice(segment.buffer, { type: wire.DATA, tag, n: 3, request: 8 }, offset).slice();
      assert.ok(sent.length <= wire.FRAME_BYTES);
      const read = wire.parse(sent.buffer);
      assert.ok(read);
      assert.deepEqual([read.n, read.request, read.offset, read.total], [3, 8, offset, segment.length]);
      back.set(sent.subarray(wire.HEADER_BYTES), read.offset);
      offset += read.bytes;
    }
    assert.deepEqual(back, segment);
  });

  for (const [why, data] of /** @type {[string, unknown][]} */ ([
    ["a text", "hello"],
    ["nothing", undefined],
    ["a view instead of a buffer", new Uint8Array(wire.HEADER_BYTES)],
    ["an empty buffer", new ArrayBuffer(0)],
    ["a header cut short", wire.frame({ type: wire.CANCEL, tag }).slice(0, 27)],
    ["a type that is not known", made({ type: 6, tag })],
    ["type 0", made({ type: 0, tag })],
    ["more than 64 KiB", made({ type: wire.DATA, tag, total: 1 << 20 }, wire.SLICE_BYTES + 1)],
    ["a slice beyond the end", made({ type: wire.DATA, tag, offset: 10, total: 19 }, 10)],
    ["a slice beyond 4 GiB", made({ type: wire.DATA, tag, offset: 0xffffffff, total: 5 }, 10)],
    ["an empty slice", made({ type: wire.DATA, tag, offset: 5, total: 10 })],
    ["a segment of 4 GiB", made({ type: wire.REQUEST, tag, total: 0xffffffff })],
    ["a request for nothing", made({ type: wire.REQUEST, tag, total: 0 })],
    ["a request with something behind it", made({ type: wire.REQUEST, tag, total: 5 }, 5)],
    ["a segment number out of range", made({ type: wire.REQUEST, tag, n: wire.SEGMENTS_LIMIT, total: 5 })],
  ])) {
    test(`${why} is no frame`, () => assert.equal(wire.parse(data), null));
  }

  test("whatever bytes come, what is read keeps the bounds", () => {
    const next = numbers(20261122);
    let read = 0;
    for (let i = 0; i < 20_000; i++) {
      const bytes = new Uint8Array(next() < 0.5 ? wire.HEADER_BYTES + next() * 40 : next() * 64);
      for (let k = 0; k < bytes.length; k++) bytes[k] = next() * 256;
      // Most numbers at random are far out of range: small ones and real types are drawn too.
      if (bytes.length >= 28 && next() < 0.8) {
        bytes[0] = next() * 7;
        bytes.fill(0, 12, 15);
        bytes.fill(0, 20, 23);
        bytes.fill(0, 24, 27);
      }
      const f = wire.parse(bytes.buffer);
      if (!f) continue;
      read++;
      assert.ok(f.n < wire.SEGMENTS_LIMIT && f.total <= wire.SEGMENT_BYTES_LIMIT);
      assert.equal(f.bytes, bytes.length - wire.HEADER_BYTES);
      if (f.type === wire.DATA) assert.ok(f.bytes > 0 && f.offset + f.bytes <= f.total);
      else assert.equal(f.bytes, 0);
    }
    assert.ok(read > 100, `only ${read} of the drawn ones were frames`);
  });

  test("a tag is 16 small hex digits", () => {
    for (const good of [tag, "0".repeat(16)]) assert.ok(wire.isTag(good));
    for (const bad of ["", "0".repeat(15), "0".repeat(17), "G".repeat(16), "A".repeat(16), null, 5])
      assert.ok(!wire.isTag(bad));
  });
});

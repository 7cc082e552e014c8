import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { runInNewContext } from "node:vm";
import { build } from "esbuild";
import { Integrity } from "../app/swarm/integrity.js";
import { fakeWorker, sha256 } from "./fake-worker.js";

/** @param {number} bytes */
const segment = (bytes) => Uint8Array.from({ length: bytes }, (_, i) => (i * 31 + (i >> 8)) & 255);
/** @param {Uint8Array} bytes @param {number} size */
function* slices(bytes, size) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size).buffer;
}

describe("putting slices together and hashing them", () => {
  /** @type {Integrity} */
  let integrity;
  /** @type {string[]} */
  let broken;
  beforeEach(() => {
    broken = [];
    integrity = new Integrity(fakeWorker, (why) => broken.push(why));
    integrity.start();
  });
  afterEach(() => integrity.end());

  /** @param {Uint8Array} bytes @param {number} promised @param {number} [skip] @returns {Promise<[ArrayBuffer | null, string]>} */
  const put = (bytes, promised, skip = 0) =>
    new Promise((resolve) => {
      const assembly = integrity.begin(promised, (data, digest) => resolve([data, digest]));
      for (const slice of slices(bytes, 1000)) {
        /** @type {Uint8Array<ArrayBuffer>} */
        const framed = new Uint8Array(skip + slice.byteLength);
        framed.set(new Uint8Array(slice), skip);
        assembly.add(framed.buffer, skip);
        assert.equal(framed.byteLength, 0, "the slice was copied, not handed over");
      }
    });

  test("a segment comes back whole, with its digest", async () => {
    const bytes = segment(12_345);
    const [data, digest] = await put(bytes, bytes.length, 28);
    assert.deepEqual(new Uint8Array(/** @type {ArrayBuffer} */ (data)), bytes);
    assert.equal(digest, sha256(bytes.buffer));
  });

  test("several at once do not mix", async () => {
    const list = [segment(5000), segment(7001), segment(64)];
    const all = await Promise.all(list.map((bytes) => put(bytes, bytes.length)));
    assert.deepEqual(
      all.map(([, digest]) => digest),
      list.map((bytes) => sha256(bytes.buffer)),
    );
  });

  test("more than was promised is nothing", async () => {
    const [data, digest] = await put(segment(3000), 2500);
    assert.equal(data, null);
    assert.equal(digest, "");
  });

  test("what was dropped is not heard of again, and the next one is right", async () => {
    const assembly = integrity.begin(2000, () => assert.fail("it was dropped"));
    assembly.add(segment(1000).buffer, 0);
    assembly.drop();
    assembly.add(segment(1000).buffer, 0);
    const bytes = segment(2000);
    const [, digest] = await put(bytes, 2000);
    assert.equal(digest, sha256(bytes.buffer));
  });

  /** @param {Integrity} of @returns {Promise<ArrayBuffer | null>} what becomes of a segment of 10 bytes */
  const begun = (of) =>
    new Promise((resolve) => {
      of.begin(10, (data) => resolve(data));
    });

  test("a worker that breaks: what runs fails, and it is said once", async () => {
    const worker = fakeWorker();
    const hurt = new Integrity(
      () => worker,
      (why) => broken.push(why),
    );
    hurt.start();
    const outcome = begun(hurt);
    worker.onerror({ preventDefault() {} });
    worker.onerror({ preventDefault() {} });
    assert.equal(await outcome, null);
    assert.deepEqual(broken, ["worker"]);
    assert.equal(await begun(hurt), null);
  });

  test("no worker at all is said, and not thrown", async () => {
    const none = new Integrity(
      () => {
        throw new Error("SecurityError");
      },
      (why) => broken.push(why),
    );
    none.start();
    assert.equal(await begun(none), null);
    assert.deepEqual(broken, ["worker"]);
  });
});

describe("the worker as it is built", () => {
  const path = fileURLToPath(new URL("../app/swarm/integrity.worker.js", import.meta.url));

  /** @param {object} scope what the browser has @returns {Promise<{ready: string, digest: string}>} */
  async function run(scope) {
    const made = await build({
      entryPoints: [path],
      bundle: true,
      write: false,
      format: "iife",
      target: ["chrome87", "firefox102", "safari15.4"],
      logLevel: "silent",
    });
    const code = made.outputFiles[0]?.text ?? "";
    return new Promise((resolve) => {
      const bytes = segment(100_000);
      let ready = "";
      /** @type {any} */
      const self = {
        ...scope,
        Uint8Array,
        ArrayBuffer,
        postMessage(/** @type {any} */ message) {
          if (message.ready) ready = message.ready;
          else resolve({ ready, digest: message.sha256 === sha256(bytes.buffer) ? "right" : "wrong" });
        },
      };
      runInNewContext(code, self);
      // Before it can be ready: a page does not wait.
      self.onmessage({ data: { do: "begin", id: 1, bytes: bytes.length } });
      for (const data of slices(bytes, 30_000))
        self.onmessage({ data: { do: "slice", id: 1, data, skip: 0 } });
    });
  }

  test("hashes with WebAssembly", async () => {
    assert.deepEqual(await run({ WebAssembly, atob, TextEncoder }), { ready: "wasm", digest: "right" });
  });

  test("hashes in JavaScript where WebAssembly is blocked", async () => {
    const blocked = {
      ...Object.fromEntries(["Module", "Instance", "Memory"].map((name) => [name, class {}])),
      compile: async () => {
        throw new Error("CompileError: blocked by Content Security Policy");
      },
      instantiate: async () => {
        throw new Error("CompileError: blocked by Content Security Policy");
      },
    };
    assert.deepEqual(await run({ WebAssembly: blocked, TextEncoder }), {
      ready: "javascript",
      digest: "right",
    });
  });

  test("hashes in JavaScript where there is no WebAssembly", async () => {
    const scope = { WebAssembly: undefined, TextEncoder };
    assert.deepEqual(await run(scope), { ready: "javascript", digest: "right" });
  });
});

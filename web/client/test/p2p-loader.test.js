import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { loaderClass, measure } from "../app/swarm/p2p-loader.js";
import { turn } from "./help.js";

const stats = () => ({
  aborted: false,
  loaded: 0,
  retry: 0,
  total: 0,
  chunkCount: 0,
  bwEstimate: 0,
  loading: { start: 0, first: 0, end: 0 },
  parsing: { start: 0, end: 0 },
  buffering: { start: 0, first: 0, end: 0 },
});

/** hls.js's own loader, as far as it matters: it refuses to begin twice. */
class Base {
  stats = stats();
  /** @type {any} */ callbacks = null;
  /** @type {any} */ context = null;
  aborted = false;

  constructor() {
    made.push(this);
  }
  load(/** @type {any} */ context, /** @type {any} */ _config, /** @type {any} */ callbacks) {
    if (this.stats.loading.start) throw new Error("Loader can only be used once.");
    this.stats.loading.start = 1;
    Object.assign(this, { context, callbacks });
  }
  abort() {
    this.aborted = true;
    this.callbacks?.onAbort?.(this.stats, this.context, null);
  }
  destroy() {
    this.callbacks = null;
  }
}

/** @type {Base[]} */
let made;
/** @type {any[]} */
let heard;
/** @type {import("../app/swarm/deliveries.js").Receiver | null} */
let receiver;
/** @type {any} */
let swarming;
const context = { url: "http://box/seg3.ts", frag: {} };
const config = { loadPolicy: { maxLoadTimeMs: 60_000 } };
const callbacks = {
  onSuccess: (/** @type {any} */ response) =>
    heard.push(["success", response.data.byteLength, response.code]),
  onError: (/** @type {any} */ error) => heard.push(["error", error.code]),
  onTimeout: () => heard.push(["timeout"]),
  onAbort: () => heard.push(["abort"]),
};

beforeEach(() => {
  made = [];
  heard = [];
  receiver = null;
  swarming = {
    takes: true,
    gaveUp: 0,
    plain: /** @type {any[]} */ ([]),
    other: 0,
    isStarving: false,
    rescue: () => {},
    numberOf: () => 3,
    need(/** @type {number} */ _n, /** @type {any} */ r) {
      if (!this.takes) return null;
      receiver = r;
      return () => this.gaveUp++;
    },
    plainly(/** @type {number} */ n) {
      return {
        done: (/** @type {ArrayBuffer} */ data) => this.plain.push([n, data.byteLength]),
        failed: () => this.plain.push([n, "failed"]),
      };
    },
    starving: () => swarming.isStarving,
    bytes: (/** @type {number} */ bytes) => (swarming.other += bytes),
    ifBroken: (/** @type {() => void} */ rescue) => {
      swarming.rescue = rescue;
      return () => (swarming.rescue = () => {});
    },
  };
});

/** @returns {any} */
function load() {
  const Loader = loaderClass(/** @type {any} */ (Base), swarming);
  const loader = new Loader({});
  loader.load(/** @type {any} */ (context), /** @type {any} */ (config), /** @type {any} */ (callbacks));
  return loader;
}
const base = () => /** @type {Base} */ (made[0]);

describe("through the swarm", () => {
  test("what comes at once is handed over after load() has returned, once", async () => {
    const loader = load();
    receiver?.got(new ArrayBuffer(2_000_000), 0);
    receiver?.got(new ArrayBuffer(2_000_000), 0);
    assert.deepEqual(heard, []);
    await turn();
    assert.deepEqual(heard, [["success", 2_000_000, 200]]);
    assert.equal(base().callbacks, null, "it was asked of the box as well");
    assert.equal(loader.stats.loaded, 2_000_000);
    assert.equal(swarming.gaveUp, 0);
  });

  test("errors keep the box's status; a request that nobody answers is a timeout", async () => {
    load();
    receiver?.failed(410, "status");
    await turn();
    load();
    receiver?.failed(0, "timeout");
    await turn();
    assert.deepEqual(heard, [["error", 410], ["timeout"]]);
  });

  test("given up: the swarm is told once, and nothing is heard of it any more", async () => {
    const loader = load();
    receiver?.got(new ArrayBuffer(5), 0);
    loader.abort();
    loader.destroy();
    await turn();
    assert.deepEqual([heard, swarming.gaveUp, loader.stats?.aborted], [[["abort"]], 1, true]);
  });

  test("when the swarm breaks, the box is asked", async () => {
    load();
    swarming.rescue();
    receiver?.got(new ArrayBuffer(5), 0);
    await turn();
    assert.deepEqual(heard, []);
    base().callbacks.onSuccess({ data: new ArrayBuffer(7), code: 200 }, base().stats, context, null);
    assert.deepEqual(heard, [["success", 7, 200]]);
    assert.deepEqual(swarming.plain, [[3, 7]]);
  });

  test("when the picture is about to stand and nothing comes, the box is asked; not before", (t) => {
    t.mock.timers.enable({ apis: ["setInterval", "setTimeout"] });
    let now = 1000;
    t.mock.method(performance, "now", () => now);
    load();
    now += 10_000;
    t.mock.timers.tick(10_000);
    assert.equal(base().callbacks, null);
    swarming.isStarving = true;
    t.mock.timers.tick(500);
    assert.ok(base().callbacks);
    assert.equal(swarming.gaveUp, 1);
  });

  test("after a minute it is a timeout", (t) => {
    t.mock.timers.enable({ apis: ["setInterval", "setTimeout"] });
    load();
    t.mock.timers.tick(60_000);
    assert.deepEqual([heard, swarming.gaveUp], [[["timeout"]], 1]);
  });
});

describe("without the swarm", () => {
  test("it is as if hls.js's own loader were alone, and the segment is told of", () => {
    swarming.takes = false;
    const loader = load();
    base().callbacks.onSuccess({ data: new ArrayBuffer(7), code: 200 }, base().stats, context, null);
    assert.deepEqual([heard, swarming.plain, swarming.other], [[["success", 7, 200]], [[3, 7]], 0]);
    loader.destroy();
    assert.deepEqual(swarming.plain, [[3, 7]]);
  });

  test("what is no segment is only counted", () => {
    swarming.numberOf = () => -1;
    load();
    base().callbacks.onSuccess({ data: new ArrayBuffer(7), code: 200 }, base().stats, context, null);
    assert.deepEqual([heard, swarming.plain, swarming.other], [[["success", 7, 200]], [], 7]);
  });

  for (const [how, end] of /** @type {[string, (loader: any) => void][]} */ ([
    ["an error", () => base().callbacks.onError({ code: 503, text: "" }, context, null, base().stats)],
    ["a timeout", () => base().callbacks.onTimeout(base().stats, context, null)],
    ["an abort", (loader) => loader.abort()],
    ["destroyed without a word", (loader) => loader.destroy()],
  ])) {
    test(`${how}: who waits for it hears that it does not come, once`, () => {
      swarming.takes = false;
      const loader = load();
      end(loader);
      loader.destroy();
      assert.deepEqual(swarming.plain, [[3, "failed"]]);
    });
  }
});

test("what lay here already does not look like a link of 500 Mbit/s", () => {
  const s = stats();
  measure(/** @type {any} */ (s), 2_000_000, 0);
  assert.ok(s.bwEstimate <= 41e6, `${s.bwEstimate} bit/s`);
  assert.ok(s.loading.start <= s.loading.first && s.loading.first <= s.loading.end);
  measure(/** @type {any} */ (s), 2_000_000, 5000);
  assert.ok(Math.abs(s.loading.end - s.loading.start - 5000) < 1);
});

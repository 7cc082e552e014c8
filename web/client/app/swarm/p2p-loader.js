// hls.js's loader of segments (fLoader). What the swarm takes goes through the swarm; everything else (init segments, byte
// ranges, other sound tracks, all of it while the swarm is not here or has failed) goes to hls.js's own loader, as if
// this one did not exist. hls.js makes a new one for each segment.
//
// - hls.js gets memory of its own: its worker takes it away.
// - Errors keep the box's status: 5xx is repeated by hls.js, 410 leads to the new rendition. A request that nobody
//   answers is a timeout.
// - A segment that lies here already would look like a link of 500 Mbit/s: times are stretched to what a link can do.
// - When the picture is about to stand still and the swarm has nothing on its way, the box is asked directly. The
//   scheduler does that itself, and sooner; this is for the case that it is wrong. Where the box has said wait, it is
//   not: a class that is late together would all go to the box.

/** @typedef {import("hls.js").FragmentLoaderContext} LoadContext */
/** @typedef {import("hls.js").LoaderConfiguration} LoadConfig */
/** @typedef {import("hls.js").LoaderCallbacks<LoadContext>} Callbacks */
/** @typedef {import("hls.js").Loader<LoadContext>} Loader */
/** @typedef {import("hls.js").LoaderStats} LoaderStats */
/**
 * What a loader asks of the page (door.js).
 * @typedef {object} Swarming
 * @property {(context: LoadContext) => number} numberOf -1: not a segment that could be shared
 * @property {(n: number, receiver: import("./deliveries.js").Receiver) => (() => void) | null} need gives it up; null: the swarm does not take it
 * @property {(n: number) => PlainLoad} plainly it is loaded without the swarm
 * @property {(n: number) => boolean} starving the picture is about to stand still, and nothing is on its way or waited for
 * @property {(bytes: number) => void} bytes came by HTTP, of what is no segment
 * @property {(rescue: () => void) => () => void} ifBroken called when the swarm fails; returns the end of that
 */
/** @typedef {{done(segment: ArrayBuffer): void, failed(): void}} PlainLoad */

/** Bits per millisecond that a phone's link may look like at most: 40 Mbit/s. */
const FASTEST = 40_000;
export const STARVING_LOOK = 500;
/** The scheduler's own patience is far shorter. */
export const STARVING_LIMIT = 3000;

/**
 * @param {new (config: any) => Loader} Base hls.js's own loader
 * @param {Swarming} swarming
 * @returns {new (config: any) => Loader}
 */
export function loaderClass(Base, swarming) {
  return class SwarmLoader {
    /** @type {LoadContext | null} */
    context = null;
    /** @type {(() => void) | null} gives up what the swarm was asked for */
    #giveUp = null;
    #noLongerBroken = () => {};
    /** Of a segment that hls.js's own loader fetches. @type {PlainLoad | null} */
    #load = null;
    /** @type {Callbacks | null} */
    #callbacks = null;
    /** @type {any} */
    #timeout = null;
    /** @type {any} */
    #look = null;

    /** @param {any} config */
    constructor(config) {
      this.base = new Base(config);
    }

    /** @returns {LoaderStats} */
    get stats() {
      return this.base.stats;
    }

    /** @param {LoadContext} context @param {LoadConfig} config @param {Callbacks} callbacks */
    load(context, config, callbacks) {
      this.context = context;
      this.#callbacks = callbacks;
      const n = swarming.numberOf(context);
      const begun = performance.now();
      const giveUp = n < 0 ? null : swarming.need(n, this.#receiver(n));
      if (!giveUp) {
        this.#plain(n, context, config, callbacks);
        return;
      }
      this.stats.loading.start = begun;
      this.#giveUp = giveUp;
      const plainly = () => {
        if (this.#leaves()) this.#plain(n, context, config, callbacks);
      };
      this.#noLongerBroken = swarming.ifBroken(plainly);
      this.#timeout = setTimeout(() => {
        if (this.#leaves()) callbacks.onTimeout(this.stats, context, null);
      }, config.loadPolicy.maxLoadTimeMs);
      this.#look = setInterval(() => {
        if (performance.now() - begun > STARVING_LIMIT && swarming.starving(n)) plainly();
      }, STARVING_LOOK);
    }

    abort() {
      if (!this.#giveUp) return this.base.abort();
      this.stats.aborted = true;
      this.#leaves();
      if (this.context) this.#callbacks?.onAbort?.(this.stats, this.context, null);
    }

    destroy() {
      this.#leaves();
      this.#callbacks = null;
      this.base.destroy();
      this.#load?.failed();
      this.#load = null;
    }

    getCacheAge() {
      return this.base.getCacheAge?.() ?? null;
    }

    /** @param {string} name */
    getResponseHeader(name) {
      return this.base.getResponseHeader?.(name) ?? null;
    }

    /** The swarm is not waited for any more. @returns {boolean} it was */
    #leaves() {
      const giveUp = this.#giveUp;
      this.#settles();
      giveUp?.();
      return giveUp !== null;
    }

    #settles() {
      this.#giveUp = null;
      this.#noLongerBroken();
      clearTimeout(this.#timeout);
      clearInterval(this.#look);
    }

    /** @param {number} n @returns {import("./deliveries.js").Receiver} */
    #receiver(n) {
      // Never before load() has returned.
      const later = (/** @type {(callbacks: Callbacks, context: LoadContext) => void} */ run) =>
        queueMicrotask(() => {
          const { context } = this;
          const callbacks = this.#callbacks;
          if (!this.#giveUp || !callbacks || !context) return;
          this.#settles();
          run(callbacks, context);
        });
      return {
        got: (data, took) =>
          later((callbacks, context) => {
            const { stats } = this;
            measure(stats, data.byteLength, took);
            callbacks.onSuccess({ url: context.url, data, code: 200 }, stats, context, null);
          }),
        failed: (status, why) =>
          later((callbacks, context) => {
            if (why === "timeout") callbacks.onTimeout(this.stats, context, null);
            else callbacks.onError({ code: status, text: `segment ${n}: ${why}` }, context, null, this.stats);
          }),
      };
    }

    /** @param {number} n @param {LoadContext} context @param {LoadConfig} config @param {Callbacks} callbacks */
    #plain(n, context, config, callbacks) {
      this.#load = n < 0 ? null : swarming.plainly(n);
      const fails = () => {
        this.#load?.failed();
        this.#load = null;
      };
      // A loader that has begun refuses to begin.
      this.stats.loading.start = 0;
      this.base.load(context, config, {
        ...callbacks,
        onSuccess: (response, stats, ...rest) => {
          const data = /** @type {ArrayBuffer} */ (response.data);
          if (this.#load) this.#load.done(data);
          else swarming.bytes(data.byteLength);
          this.#load = null;
          callbacks.onSuccess(response, stats, ...rest);
        },
        onError: (...all) => {
          fails();
          callbacks.onError(...all);
        },
        onTimeout: (...all) => {
          fails();
          callbacks.onTimeout(...all);
        },
        onAbort: (...all) => {
          fails();
          callbacks.onAbort?.(...all);
        },
      });
    }
  };
}

/** @param {LoaderStats} stats @param {number} bytes @param {number} took milliseconds */
export function measure(stats, bytes, took) {
  const end = performance.now();
  const whole = Math.max(took, (bytes * 8) / FASTEST);
  stats.loading.start = end - whole;
  stats.loading.first = end - Math.min(whole, (bytes * 8) / FASTEST);
  stats.loading.end = end;
  stats.loaded = stats.total = bytes;
  stats.bwEstimate = (bytes * 8000) / (end - stats.loading.first);
}

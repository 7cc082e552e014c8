// The page's side of the worker that puts slices together and hashes them. The main thread never hashes, and never
// copies a slice: the memory of each message goes to the worker as it came, and the whole segment comes back the same way.
//
// Where there is no worker there is no exchange: broken() is called, once, and the page plays by HTTP.

/** @typedef {{postMessage(message: unknown, transfer: ArrayBuffer[]): void, terminate(): void, onmessage: any, onerror: any, onmessageerror?: any}} WorkerLike */
/** @typedef {(data: ArrayBuffer | null, sha256: string) => void} Done data null: it came to nothing */

/** The worker has so long to come; a phone that loads a page besides may be slow. */
const START_LIMIT = 30_000;

export class Integrity {
  /** "" until the worker has said which way it hashes. */
  ready = "";
  #broken = false;
  /** @type {WorkerLike | null} */
  #worker = null;
  #last = 0;
  /** @type {Map<number, Done>} */
  #waiting = new Map();
  /** @type {any} */
  #timer = null;

  /**
   * @param {() => WorkerLike} createWorker
   * @param {(why: string) => void} broken
   */
  constructor(createWorker, broken) {
    this.createWorker = createWorker;
    this.broken = broken;
  }

  /** Once; before the first segment begins. */
  start() {
    if (this.#worker || this.#broken) return;
    try {
      const worker = this.createWorker();
      this.#worker = worker;
      worker.onmessage = (/** @type {MessageEvent} */ event) => this.#hears(event.data);
      worker.onerror = (/** @type {Event} */ event) => {
        event.preventDefault?.();
        this.#breaks("worker");
      };
      worker.onmessageerror = () => this.#breaks("worker");
      this.#timer = setTimeout(() => this.#breaks("slow"), START_LIMIT);
    } catch (error) {
      // Not here and now: whoever makes this has no swarm in its hands yet.
      queueMicrotask(() => this.#breaks("worker"));
    }
  }

  /**
   * A segment begins.
   * @param {number} bytes as the box said
   * @param {Done} done called once, unless it is dropped
   */
  begin(bytes, done) {
    const id = ++this.#last;
    this.#waiting.set(id, done);
    if (this.#broken) queueMicrotask(() => this.#settle(id, null, ""));
    else this.#worker?.postMessage({ do: "begin", id, bytes }, []);
    return {
      /** @param {ArrayBuffer} data is taken away @param {number} skip bytes before the slice */
      add: (data, skip) => this.#worker?.postMessage({ do: "slice", id, data, skip }, [data]),
      drop: () => {
        if (this.#waiting.delete(id)) this.#worker?.postMessage({ do: "drop", id }, []);
      },
    };
  }

  end() {
    clearTimeout(this.#timer);
    this.#broken = true;
    this.#worker?.terminate();
    this.#worker = null;
    this.#waiting.clear();
  }

  /** @param {{ready: string} | import("./reassembly.js").Answer} message */
  #hears(message) {
    if ("ready" in message) {
      clearTimeout(this.#timer);
      this.ready = message.ready;
    } else this.#settle(message.id, message.data, message.sha256);
  }

  /** @param {number} id @param {ArrayBuffer | null} data @param {string} sha256 */
  #settle(id, data, sha256) {
    const done = this.#waiting.get(id);
    this.#waiting.delete(id);
    done?.(data, sha256);
  }

  /** @param {string} why */
  #breaks(why) {
    if (this.#broken) return;
    clearTimeout(this.#timer);
    this.#broken = true;
    this.#worker?.terminate();
    this.#worker = null;
    for (const id of [...this.#waiting.keys()]) this.#settle(id, null, "");
    this.broken(why);
  }
}

// Links and transfers. A transfer gets the smaller of its shares: the sender's uplink divided among what it sends, the
// receiver's downlink among what it receives (what the other end cannot use is lost: a little less than TCP gets).
// Rates hold for a quantum. Loss is a chance of breaking off per transfer, somewhere on the way.

/** @typedef {{name: string, up: number, down: number, sending: number, receiving: number}} Node bytes per ms */
/**
 * @typedef {{from: Node, to: Node, bytes: number, done: number, startsAt: number, running: boolean, over: boolean,
 *   breaksAt: number, told: number, events: {progress: (done: number) => void, done: () => void, broken: () => void}}} Transfer
 */

/** Between two progress events of a transfer, ms. */
const PROGRESS_MILLISECONDS = 250;

/** @param {string} name @param {number} upMbit @param {number} downMbit @returns {Node} */
export const node = (name, upMbit, downMbit) => ({
  name,
  up: upMbit * 125,
  down: downMbit * 125,
  sending: 0,
  receiving: 0,
});

export class Network {
  /** Bytes flow. @type {Transfer[]} */
  transfers = [];
  /** The first byte is on its way. @type {Transfer[]} */
  coming = [];

  get idle() {
    return this.transfers.length + this.coming.length === 0;
  }

  /** @param {import("../app/swarm/random.js").Random} random @param {number} loss chance per transfer between viewers */
  constructor(random, loss) {
    this.random = random;
    this.loss = loss;
  }

  /**
   * @param {Node} from @param {Node} to @param {number} bytes @param {number} startsAt ms: when the first byte arrives
   * @param {Transfer["events"]} events @param {boolean} [canBreak]
   * @returns {Transfer}
   */
  begin(from, to, bytes, startsAt, events, canBreak = false) {
    const breaks = canBreak && this.loss > 0 && this.random.next() < this.loss;
    const breaksAt = breaks ? bytes * this.random.next() : Infinity;
    /** @type {Transfer} */
    const transfer = {
      ...{ from, to, bytes, startsAt, events, breaksAt },
      ...{ done: 0, running: false, over: false, told: startsAt },
    };
    this.coming.push(transfer);
    return transfer;
  }

  /** @param {Transfer} transfer nobody hears of it any more */
  cancel(transfer) {
    if (transfer.over) return;
    transfer.over = true;
    if (transfer.running) this.#leave(transfer);
  }

  /** @param {Transfer} t */
  #leave(t) {
    t.running = false;
    t.from.sending--;
    t.to.receiving--;
  }

  /** Up to this time. @param {number} now ms @param {number} step ms since the last time */
  advance(now, step) {
    this.#start(now);
    /** @type {Transfer[]} */
    const ended = [];
    /** @type {Transfer[]} */
    const going = [];
    let over = 0;
    for (const t of this.transfers) {
      if (t.over) over++;
      if (!t.running) continue;
      t.done += step * Math.min(t.from.up / t.from.sending, t.to.down / t.to.receiving);
      if (t.done >= t.breaksAt || t.done >= t.bytes) ended.push(t);
      else if (now - t.told >= PROGRESS_MILLISECONDS) going.push(t);
    }
    for (const t of ended) {
      this.#leave(t);
      t.over = true;
    }
    if (over + ended.length > 0) this.transfers = this.transfers.filter((t) => !t.over);
    for (const t of ended) (t.done >= t.breaksAt ? t.events.broken : t.events.done)();
    for (const t of going) {
      if (t.over) continue;
      t.told = now;
      t.events.progress(t.done);
    }
  }

  /** @param {number} now */
  #start(now) {
    if (this.coming.length === 0) return;
    const due = this.coming.filter((t) => t.startsAt <= now && !t.over);
    this.coming = this.coming.filter((t) => t.startsAt > now && !t.over);
    for (const t of due) {
      t.running = true;
      t.from.sending++;
      t.to.receiving++;
      this.transfers.push(t);
    }
  }
}

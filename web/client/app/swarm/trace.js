// The last 5,000 events that the scheduler heard, with what it decided, to be run once more (make replay). It exists
// only on pages opened with ?debug=swarm: elsewhere nothing of it is loaded.
//
// JSON lines: {"trace":"page","version":1,"snapshot":…} and then {"t":ms,"event":{…},"actions":[…]} for each event.
// The snapshot is the scheduler's whole state before the first of them. It is taken anew every 1,000 events, so that
// the oldest events can go and what is left still begins with one.

/** @typedef {import("./types.d.ts").SwarmEvent} SwarmEvent */
/** @typedef {import("./types.d.ts").Action} Action */
/** @typedef {import("./types.d.ts").SchedulerState} SchedulerState */

const CHUNK_EVENTS = 1000;
const CHUNKS = 5;

export class Trace {
  /** @type {{snapshot: string, lines: string[]}[]} */
  #chunks = [];

  /** Everything from here on. @param {SchedulerState} snapshot */
  begin(snapshot) {
    this.#chunks.push({ snapshot: JSON.stringify(snapshot), lines: [] });
    // The newest chunk is not full: with one more than five, five full ones are left when one goes.
    if (this.#chunks.length > CHUNKS + 1) this.#chunks.shift();
  }

  /**
   * An event was handled.
   * @param {SwarmEvent} event @param {number} now ms @param {Action[]} actions
   * @param {() => SchedulerState} save of the scheduler, as it is after the event
   */
  add(event, now, actions, save) {
    const last = this.#chunks[this.#chunks.length - 1];
    last?.lines.push(JSON.stringify({ t: now, event, actions }));
    if (!last || last.lines.length >= CHUNK_EVENTS) this.begin(save());
  }

  /** @returns {string} JSON lines */
  text() {
    const first = this.#chunks[0];
    if (!first) return "";
    const head = `{"trace":"page","version":1,"snapshot":${first.snapshot}}`;
    return [head, ...this.#chunks.flatMap((chunk) => chunk.lines)].join("\n") + "\n";
  }

  /** @returns {Blob} to be downloaded */
  blob() {
    return new Blob([this.text()], { type: "application/jsonl" });
  }
}

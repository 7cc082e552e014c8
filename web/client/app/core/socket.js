// The one WebSocket: connects, says hello, hands messages on, and comes back by itself.
//
// Waits grow from half a second to 15 s with jitter, so that 30 phones do not fall upon a box that just started. A page
// that becomes visible, or a network that returns, tries at once. A page that goes into the back/forward cache closes
// its socket (an open one would keep it out). A phone that slept may hold a dead socket that looks open: after a long
// time hidden it is replaced. So may a page that never slept (a router has forgotten the connection, or the phone has
// changed its access point), and TCP takes a quarter of an hour to say so: where the box promises to speak at least every
// `pulse` seconds, one and a half of them of silence are a loss. "superseded" (another tab of the same phone took over) waits until a person looks here.
// Clock, randomness and WebSocket are given, so that tests need neither time nor network.

/** @typedef {import("../types.d.ts").Push} Push */
/**
 * The swarm's part of what is said (swarm/signaling.js).
 * @typedef {object} SwarmEnd
 * @property {(title: string) => object} opening what `open` says beyond the title
 * @property {(message: any) => void} hear
 * @property {(connected: boolean) => void} connected
 */
/**
 * @typedef {object} SocketParts
 * @property {(url: string) => WebSocket} open
 * @property {string} url
 * @property {() => string} name of the viewer, "" = none
 * @property {() => boolean} [p2p] this browser can exchange segments
 * @property {(message: Push) => void} onMessage
 * @property {(connected: boolean) => void} onState
 * @property {() => number} [now] milliseconds, monotonic
 * @property {() => number} [random] 0…1
 * @property {(run: () => void, milliseconds: number) => any} [later]
 * @property {(timer: any) => void} [cancel]
 */

const FIRST_WAIT = 500;
const LONGEST_WAIT = 15_000;
const CONNECT_LIMIT = 10_000;
const STALE_AFTER_HIDDEN = 25_000;
const SHORTEST_PULSE = 1000;

/**
 * Milliseconds to wait before try n (0 = the first after a loss): half fixed, half random.
 * @param {number} n
 * @param {number} random 0…1
 */
export function backoff(n, random) {
  const whole = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** n);
  return Math.round(whole / 2 + (whole / 2) * random);
}

export class Socket {
  /** @type {WebSocket | null} */
  #socket = null;
  /** @type {any} */
  #timer = null;
  #tries = 0;
  #ready = false;
  #stopped = true;
  #superseded = false;
  /** @type {number | null} */
  #hiddenAt = null;
  /** How long the box may be silent, milliseconds; 0: it has promised nothing. */
  #patience = 0;
  #heardAt = 0;
  #title = "";
  /** This device cannot play what the title is. */
  #cannot = false;
  /** What the box said last. @type {Push | null} */
  #hello = null;
  /** @type {SwarmEnd | null} */
  swarm = null;

  /** @param {SocketParts} parts */
  constructor(parts) {
    this.parts = {
      now: () => performance.now(),
      random: Math.random,
      later: (/** @type {() => void} */ run, /** @type {number} */ ms) => setTimeout(run, ms),
      cancel: (/** @type {any} */ timer) => clearTimeout(timer),
      ...parts,
    };
  }

  start() {
    this.#stopped = false;
    this.#superseded = false;
    this.#connectNow();
  }

  /** Until start(). */
  stop() {
    this.#stopped = true;
    this.#drop();
  }

  /** @param {string} title id of the title this phone has open; "" = none */
  watching(title) {
    this.#title = title;
    this.#cannot = false;
    this.announce();
  }

  /** Can this device play what the title is? @param {boolean} can */
  plays(can) {
    if (this.#cannot === !can) return;
    this.#cannot = !can;
    this.announce();
  }

  /** Tells the box what is open, and what the swarm has of it. */
  announce() {
    if (!this.#ready) return;
    const cannot = this.#cannot && { cannot: true };
    this.#send({ type: "open", title: this.#title, ...this.swarm?.opening(this.#title), ...cannot });
  }

  /** The swarm's code is here. @param {SwarmEnd} swarm */
  join(swarm) {
    this.swarm = swarm;
    if (this.#ready && this.#hello) swarm.hear(this.#hello);
  }

  /** @param {object} message @returns {boolean} false: the box is away */
  send(message) {
    if (this.#ready) this.#send(message);
    return this.#ready;
  }

  /** The viewer's name changed. */
  renamed() {
    if (this.#ready) this.#greet();
  }

  hidden() {
    this.#hiddenAt = this.parts.now();
  }

  /** The page is looked at again, or the network is back: no waiting. */
  visible() {
    const slept = this.#hiddenAt !== null && this.parts.now() - this.#hiddenAt > STALE_AFTER_HIDDEN;
    this.#hiddenAt = null;
    if (this.#stopped) return;
    if (this.#ready && !slept) return;
    this.#superseded = false;
    this.#connectNow();
  }

  #connectNow() {
    this.#drop();
    this.#tries = 0;
    this.#connect();
  }

  #drop() {
    this.parts.cancel(this.#timer);
    const old = this.#socket;
    this.#socket = null;
    if (old) old.close();
    this.#became(false);
  }

  #connect() {
    const socket = this.parts.open(this.parts.url);
    this.#socket = socket;
    const mine = () => this.#socket === socket;
    this.#timer = this.parts.later(() => mine() && this.#lost(socket), CONNECT_LIMIT);
    socket.onopen = () => mine() && this.#greet();
    socket.onmessage = (event) => mine() && this.#receive(event.data);
    socket.onclose = () => mine() && this.#lost(socket);
  }

  /** @param {WebSocket} socket */
  #lost(socket) {
    this.#drop();
    socket.close();
    if (this.#stopped || this.#superseded) return;
    this.#timer = this.parts.later(() => this.#connect(), backoff(this.#tries++, this.parts.random()));
  }

  /** Looks again when the box would have been silent for too long. @param {WebSocket} socket */
  #listen(socket) {
    const left = this.#heardAt + this.#patience - this.parts.now();
    this.#timer = this.parts.later(() => {
      if (this.#socket !== socket) return;
      if (this.parts.now() - this.#heardAt >= this.#patience) this.#lost(socket);
      else this.#listen(socket);
    }, left);
  }

  /** @param {unknown} data */
  #receive(data) {
    this.#heardAt = this.parts.now();
    /** @type {Push} */
    let message;
    try {
      message = JSON.parse(String(data));
    } catch (error) {
      return;
    }
    if (message?.type === "hello") {
      this.parts.cancel(this.#timer);
      this.#tries = 0;
      const first = !this.#ready;
      this.#hello = message;
      const pulse = Number(message.pulse) * 1000;
      this.#patience = pulse >= SHORTEST_PULSE ? 1.5 * pulse : 0;
      if (this.#patience && this.#socket) this.#listen(this.#socket);
      this.#became(true);
      // The box answers a new name with hello, too: nothing else is new then.
      if (first) {
        this.swarm?.hear(message);
        if (this.#title) this.announce();
      }
    } else if (message) this.swarm?.hear(message);
    if (message?.type === "bye" && message.reason === "superseded") this.#superseded = true;
    if (message && typeof message === "object") this.parts.onMessage(message);
  }

  /** @param {boolean} ready */
  #became(ready) {
    if (this.#ready === ready) return;
    this.#ready = ready;
    this.swarm?.connected(ready);
    this.parts.onState(ready);
  }

  #greet() {
    const p2p = this.parts.p2p?.() ?? false;
    this.#send({ type: "hello", protocol: 1, name: this.parts.name(), p2p });
  }

  /** @param {object} message */
  #send(message) {
    if (this.#socket && this.#socket.readyState === 1) this.#socket.send(JSON.stringify(message));
  }
}

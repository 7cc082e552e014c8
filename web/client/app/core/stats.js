// window.streambox.stats(): what playing has cost so far, for tests and support.

/** @typedef {{httpBytes: number, p2pBytes: number, uploadedBytes: number, wastedBytes: number, rejectedSegments: number, bufferSeconds: number, peers: number, startMilliseconds: number, stalls: number}} Values */

export class Stats {
  /** Of the page's whole life; the swarm counts here, too. @type {import("../swarm/view.d.ts").Totals} */
  totals = { httpBytes: 0, p2pBytes: 0, uploadedBytes: 0, wastedBytes: 0, rejectedSegments: 0 };
  startMilliseconds = 0;
  stalls = 0;
  /** Seconds buffered ahead of the playhead, asked when needed. */
  bufferSeconds = () => 0;
  /** Connections to other phones that stand, asked when needed. */
  peers = () => 0;

  /** A title is opened: its start and stalls are counted from here, bytes go on. */
  opened() {
    this.startMilliseconds = 0;
    this.stalls = 0;
    this.bufferSeconds = () => 0;
  }

  /** @returns {Values} */
  values() {
    return {
      ...this.totals,
      bufferSeconds: Math.round(this.bufferSeconds() * 1000) / 1000,
      peers: this.peers(),
      startMilliseconds: Math.round(this.startMilliseconds),
      stalls: this.stalls,
    };
  }
}

// What the swarm shows of itself (swarm.view). Types only: nothing of this file reaches the browser.
//
// All of it is pulled by who draws, at most four times a second and only while the drawer is open: a swarm that nobody
// looks at pays a few counters and one byte per segment.

/** One byte per segment: a state, and perhaps KEPT. */
export type Cell = number;

export interface Totals {
  httpBytes: number;
  p2pBytes: number;
  uploadedBytes: number;
  wastedBytes: number;
  rejectedSegments: number;
}

export interface PeerView {
  id: string;
  name: string;
  /** Its connection is open. */
  open: boolean;
  /** Taken from it and given to it; these only grow. */
  downBytes: number;
  upBytes: number;
}

export interface CacheView {
  bytes: number;
  budgetBytes: number;
  /** Of bytes: behind the playhead, kept for others. */
  behindBytes: number;
}

/** Why a page takes part or not: codes of the box (shared, alone, off, accessPoint, failing, penalty) and its own. */
export interface Sharing {
  on: boolean;
  why: string;
}

export interface Rejection {
  n: number;
  /** The name of who sent it. */
  peer: string;
  why: string;
  /** performance.now() */
  at: number;
}

export interface LogEvent {
  /** performance.now() */
  at: number;
  type: "grant" | "got" | "failed" | "evict" | "peer";
  n?: number;
  /** Of a grant: http | peers | wait. Of a peer: open | gone. */
  how?: string;
  /** The name of a phone; "" = the box. */
  from?: string;
  why?: string;
  bytes?: number;
  ms?: number;
}

export interface SwarmView {
  /** Live; another array when the playlist has grown or another title is open. 0 empty, 1 coming, 2 box, 3 phone, 4 gone; + 8 kept. */
  readonly cells: Uint8Array;
  /** Seconds; the last entry is the end of the last segment. */
  readonly starts: ArrayLike<number>;
  /** Who delivered or delivers a segment: its name; "" = the box, or nobody. */
  from(n: number): string;
  /** Live; these only grow. */
  readonly totals: Totals;
  peers(): PeerView[];
  cache(): CacheView;
  /** What was played is kept for others; where nobody may share it is only for seeking back. */
  readonly keeps: boolean;
  sharing(): Sharing;
  /** The newest last, at most 50. */
  rejected(): Rejection[];
  /** Events for the log, only while somebody listens. */
  listen(listener: ((event: LogEvent) => void) | null): void;
  /** The viewer's switch. */
  share(on: boolean): void;
  /** Only with ?debug=swarm: all events, to download. */
  trace?(): Blob | null;
}

// What passes between the parts of the swarm in the page. Types only: nothing of this file reaches the browser.
//
//   hls.js ─ p2p-loader ─▶ swarm (effects) ─ event ─▶ scheduler (pure) ─ actions ─▶ swarm ─▶ fetch, peer-pool, signaling
//
// Times are milliseconds of the page's monotonic clock unless a name says seconds. Segments are numbers n from 0, the
// place in the playlist. Events and actions are plain JSON: a trace of them can be replayed.

/** First and last segment of a run, both included. */
export type Span = [number, number];

/** What to hold for others when the cache is full. */
export type Keep = { mode: "assigned" | "rarest"; of?: number; is?: number };

/** What the scheduler hears. */
export type SwarmEvent =
  /** A rendition is opened; all that was known is forgotten. starts[n] = seconds; the last entry is the end of the last segment. */
  | { type: "open"; starts: number[]; budgetBytes: number; at: number }
  /** The playlist has grown (a title being converted). */
  | { type: "timeline"; starts: number[] }
  | { type: "playhead"; at: number; bufferedTo: number; paused: boolean }
  /** The player's loader wants a segment, or has given it up. */
  | { type: "need"; n: number }
  | { type: "unneed"; n: number }
  /** The WebSocket is up and the box has said how this page takes part (false: plain HTTP). */
  | { type: "online"; on: boolean }
  | {
      type: "config";
      on: boolean;
      lookAheadSeconds: number;
      keep: Keep;
    }
  | {
      type: "grant";
      id: number;
      n: number;
      how: "http" | "peers" | "wait";
      peers?: string[];
      ms?: number;
      sha256?: string;
      bytes?: number;
      why: string;
    }
  /**
   * How often segments lie in the room without one's own: [first, last, copies]; what is not named is as before, and 0
   * after an open. heads: where the others play (s), sorted upwards; absent: as before.
   */
  | { type: "copies"; copies: [number, number, number][]; heads?: number[] }
  /** A connection to a peer opened, or is gone. */
  | { type: "peer"; peer: string; open: boolean }
  | { type: "progress"; n: number; bytes: number; total: number }
  /** A segment is here; what came from a peer has been checked. */
  | { type: "got"; n: number; from: string; bytes: number }
  /** from: "http" or a peer. why: timeout | refused | bad | busy | noHash | closed | network | status */
  | { type: "failed"; n: number; from: string; why: string; status?: number }
  | { type: "tick" };

/** What the scheduler wants done. Every action says why. */
export type Action =
  | {
      do: "want";
      id: number;
      n: number;
      in: number;
      not: string[];
      zone: "play" | "ahead" | "past";
      why: string;
    }
  | { do: "http"; n: number; why: string }
  | { do: "ask"; n: number; peer: string; sha256: string; bytes: number; why: string }
  /** End a transfer that runs. */
  | { do: "stop"; n: number; from: string; why: string }
  /** Tell the box that this page no longer fetches n. */
  | { do: "giveUp"; n: number; why: string }
  /** Tell the box that a peer did not deliver. */
  | { do: "tell"; peer: string; n: number; why: string }
  | { do: "evict"; n: number; why: string }
  /** Give a segment of the cache to the loader. */
  | { do: "deliver"; n: number; why: string }
  /** The loader gets an error; status 0: no answer. */
  | { do: "refuse"; n: number; status: number; why: string };

// The scheduler's state, all of it plain JSON: where a trace begins.

export type TimelineState = {
  starts: number[];
  at: number;
  bufferedTo: number;
  paused: boolean;
  stamp: number;
  fed: number;
  target: number;
};

export type RatesState = {
  http: number;
  httpBeside: number;
  stamp: number;
  largestBytes: number;
  link: number;
  linkStamp: number;
  window: LinkWindow;
};

/** Clocks of its first and last bytes, ms; how many came; the rate of the window before, bytes per ms; 0: there was none. */
export type LinkWindow = { since: number; last: number; bytes: number; before: number };

export type CacheState = { entries: [number, number][]; reserved: [number, number][] };

/** How the cache manager sees the film: the look-ahead is first…last, the player has first…fed; goFirst is the keep rule. */
export type CacheView = { first: number; fed: number; last: number; goFirst: (list: number[]) => number[] };

/** What was told of the others: copies by segment, playheads (s) and when those were told (ms). */
export type Room = { copies: number[]; heads: number[]; stamp: number };

export type Flight = {
  n: number;
  stage: "asked" | "waiting" | "granted" | "peer" | "http";
  /** Of the want; 0: the box was not asked. */
  id: number;
  /** Clock when the stage began, and when all of it began. */
  since: number;
  begun: number;
  /** waiting: clock when to ask again. */
  again: number;
  /** Granted: holders not yet tried, best first; [] with stage "granted": by HTTP. */
  peers: string[];
  sha256: string;
  /** 0: not known. */
  bytes: number;
  /** Of the transfer: "http" or a peer. */
  from: string;
  lease: boolean;
  /** The word of the grant. */
  why: string;
  /** Peers that failed to deliver it. */
  tried: string[];
  /** Transfers that ran when this one began. */
  beside: number;
  /** Bytes that have come, and when the last of them did. */
  done: number;
  moved: number;
  /** When bytes of any segment last came from the same peer. */
  heard: number;
  /** Bytes per ms of late. */
  rate: number;
};

export type SchedulerState = {
  budgetBytes: number;
  timeline: TimelineState;
  rates: RatesState;
  cache: CacheState;
  flights: Flight[];
  room: Room;
  needs: number[];
  open: string[];
  online: boolean;
  config: { on: boolean; lookAheadSeconds: number; keep: Keep } | null;
  /** Segments whose transfer by HTTP failed: clock until when they are not fetched ahead. */
  rests: [number, number][];
  lastId: number;
  random: number;
};

// What passes between the parts of the swarm in the page. Types only: nothing of this file reaches the browser.
//
//   hls.js ─ p2p-loader ─▶ swarm (effects) ─ event ─▶ scheduler (pure) ─ actions ─▶ swarm ─▶ fetch, peer-pool, signaling
//
// Times are milliseconds of the page's monotonic clock unless a name says seconds. Segments are numbers n from 0, the
// place in the playlist. Events and actions are plain JSON: a trace of them can be replayed.

/** First and last segment of a run, both included. */
export type Span = [number, number];

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
      keep: { mode: "assigned" | "rarest"; of?: number; is?: number };
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
  | { type: "copies"; copies: [number, number, number][] }
  /** A connection to a peer opened, or is gone. */
  | { type: "peer"; peer: string; open: boolean }
  | { type: "progress"; n: number; bytes: number; total: number }
  /** A segment is here; what came from a peer has been checked. */
  | { type: "got"; n: number; from: string; bytes: number }
  /** from: "http" or a peer. why: timeout | refused | bad | closed | network | status */
  | { type: "failed"; n: number; from: string; why: string; status?: number }
  | { type: "tick" };

/** What the scheduler wants done. Every action says why. */
export type Action =
  | { do: "want"; id: number; n: number; in: number; not: string[]; zone: "play" | "ahead" | "past"; why: string }
  | { do: "http"; n: number; why: string }
  | { do: "ask"; n: number; peer: string; sha256: string; bytes: number; why: string }
  /** End a transfer that runs, or a want without one. */
  | { do: "stop"; n: number; from: string; why: string }
  /** Tell the box that this page no longer fetches n. */
  | { do: "giveUp"; n: number; why: string }
  /** Tell the box about a peer. */
  | { do: "tell"; peer: string; n: number; why: string }
  | { do: "evict"; n: number; why: string }
  /** Give a segment of the cache to the loader. */
  | { do: "deliver"; n: number; why: string }
  /** The loader gets an error; status 0: no answer. */
  | { do: "refuse"; n: number; status: number; why: string };

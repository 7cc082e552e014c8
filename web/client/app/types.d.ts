// Shapes of the API (GET /api/v1/…) and of WebSocket protocol 1, as the page relies on them.
// Types only: nothing of this file reaches the browser.

export type Parameters = { [name: string]: unknown };

export interface Reason {
  code: string;
  text: string;
  parameters?: Parameters;
}

export interface Source {
  stick: string;
  folder: string;
  file: string;
}

export interface AudioTrack {
  n: number;
  language: string;
  name: string;
  default: boolean;
  /** As it is played. */
  channels?: number;
  /** Of an alternate rendition, sound alone; absent of the default track, and of one that cannot be had. */
  playlist?: string;
  /** Why it cannot be had; beside a playlist: why not at once. */
  reason?: Reason;
}

export interface SubtitleTrack extends AudioTrack {
  kind: "full" | "forced" | "sdh";
  url?: string;
  reason?: Reason;
}

export interface Chapter {
  startSeconds: number;
  title: string;
}

export type TitleState =
  "checking" | "copying" | "ready" | "queued" | "converting" | "blocked" | "unplayable" | "unplugged";

/** One of several encodings of a title. */
export interface Rendition {
  playlist?: string;
  codecs: string;
  state: TitleState;
  reason?: Reason;
  progress: number;
  secondsLeft: number;
}

export interface Title {
  id: string;
  title: string;
  sources: Source[];
  state: TitleState;
  playable: boolean;
  how?: "direct" | "audio" | "convert" | "none";
  reason?: Reason;
  progress: number;
  secondsLeft: number;
  durationSeconds: number;
  width: number;
  height: number;
  viewers: number;
  playlist?: string;
  master?: string;
  /** What playing `playlist` takes (RFC 6381); absent: what every phone plays. */
  codecs?: string;
  /** Where `codecs` is there: what else there is, that of `playlist` first. */
  renditions?: Rendition[];
  /** Of the page, not of the box: this device gets the converted rendition (player/codecs.js). */
  converted?: boolean;
  thumbnail?: string;
  audio: AudioTrack[];
  subtitles: SubtitleTrack[];
  chapters: Chapter[];
  previews?: TitlePreviews;
}

/** Small pictures of all its length: picture n is of the second n·everySeconds. */
export interface TitlePreviews {
  everySeconds: number;
  count: number;
  columns: number;
  rows: number;
  width: number;
  height: number;
  sheets: string[];
}

export interface TitlesPage {
  revision: number;
  titles: Title[];
  removed: string[];
  next?: string;
  total: number;
  reset?: boolean;
}

export type Sort = "folder" | "title" | "added" | "duration";

export interface Query {
  folder: string;
  q: string;
  sort: Sort;
}

export type BoxState = "starting" | "ready" | "working" | "attention" | "fault" | "stopping";

export interface Stick {
  id: string;
  label: string;
  fileSystem: string;
  sizeBytes: number;
  state: "scanning" | "ready" | "empty" | "unreadable" | "ignored";
  reason?: Reason;
  titles: number;
  ignoredFiles: { [kind: string]: number };
}

export interface Box {
  name: string;
  urls: string[];
  version: string;
  uptimeSeconds: number;
  state: BoxState;
  hardware?: { [part: string]: string };
  hardwareDetails?: { [part: string]: { text: string; mend?: string } };
  storage?: { totalBytes: number; freeBytes: number; libraryBytes: number; reserveBytes: number };
  sticks?: Stick[];
  problems?: Reason[];
  /** Worth knowing, and no problem. */
  notes?: Reason[];
  /** places: absent where no end is known. */
  room?: { role: string; places?: number; taken: number; waiting?: number; mbitPerSecond?: number };
  /** open: a page may become host now; you: absent in what is pushed to all pages; lost: another page has just become host instead of this one; powerOff: the box can switch itself off. */
  host?: { open: boolean; you?: boolean; lost?: boolean; powerOff?: boolean };
  swarm?: { policy: string; why: string; viewers: number; httpBytes: number; p2pBytes: number };
}

/** Does this phone have a place in the air? places 0: no end is known. */
export interface Room {
  admitted: boolean;
  watching: number;
  places: number;
}

/** Messages from the server; unknown ones are ignored. */
export type Push =
  | { type: "hello"; protocol: number; build: string; name: string; revision?: number; pulse?: number }
  | { type: "titles"; revision: number; titles: Title[]; removed: string[]; reset?: boolean }
  | { type: "box"; box: Box }
  | ({ type: "room" } & Room)
  | { type: "pulse" }
  | { type: "bye"; reason: string };

/** What this phone remembers of a title. */
export interface Seen {
  id: string;
  title: string;
  thumbnail: string;
  seconds: number;
  durationSeconds: number;
  watched: boolean;
  /** The box has said once that it does not know it. */
  gone?: boolean;
}

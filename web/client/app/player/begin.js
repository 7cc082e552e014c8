// The start of playback: an engine gets the title's playlist, and the place to start from is found meanwhile. Nothing
// here waits for what is drawn: with hls.js at hand the playlist is asked for before begin() returns.
import { startAt } from "../core/seen.js";
import { Door } from "../swarm/door.js";
import { createEngine, engineAtHand } from "./engine.js";
import { placeOf } from "./place.js";
import { mediaSession } from "./session.js";

/** @typedef {import("../types.d.ts").Title} Title */
/**
 * @typedef {object} BeginParts
 * @property {import("./link.js").Link} link
 * @property {import("./remote.js").Remote} remote
 * @property {import("./sounds.js").Sounds} sounds
 * @property {() => void} tracks choices of sound or subtitles changed
 * @property {(seconds: number) => void} resumed it goes on from this place
 * @property {() => void} changed
 */

export class Beginning {
  /** @type {import("./engine.js").Engine | null} */
  engine = null;
  /** The engine has a playlist. */
  loaded = false;
  /** How far the playlist reaches, seconds; 0 = not known, Infinity = to the end. */
  ready = 0;
  #starting = false;
  #closed = false;
  #endSession = () => {};
  /** @type {import("../swarm/door.js").Visit | null} */
  #visit = null;

  /** @param {import("../app.js").Context} context @param {HTMLVideoElement} video @param {BeginParts} parts */
  constructor(context, video, parts) {
    this.context = context;
    this.video = video;
    this.parts = parts;
  }

  /** Once is enough: does nothing while it begins, or when it cannot be played. @param {Title | null} title */
  async begin(title) {
    const { link, changed } = this.parts;
    if (!title?.playable || this.#starting || link.failed) return;
    this.#starting = true;
    try {
      const place = placeOf(this.context, title.id);
      const start = place.then((saved) => startAt(saved, title.durationSeconds));
      const { base } = this.context;
      const events = this.#events();
      this.#visit ??= (this.context.swarm ??= new Door(this.context)).enter(this.video);
      const at = { base, video: this.video, visit: this.#visit };
      const engine = engineAtHand(at, events) ?? (await createEngine(at, events));
      if (this.#closed) engine?.destroy();
      else if (!engine) link.failed = "unsupported";
      else await this.#load(engine, title, start);
    } catch (error) {
      // hls.js itself did not come: the box is away.
      link.later();
    } finally {
      this.#starting = false;
      changed();
    }
  }

  /** @param {import("./engine.js").Engine} engine @param {Title} title @param {Promise<number>} start seconds */
  async #load(engine, title, start) {
    const { link, remote, sounds } = this.parts;
    this.engine = engine;
    engine.load(title, start, sounds.begin(title));
    this.loaded = true;
    link.answered();
    const position = await start;
    if (this.#closed) return;
    remote.play();
    remote.words.begin(title, engine.ownSubtitles);
    if (position > 0) this.parts.resumed(position);
    this.#endSession();
    this.#endSession = mediaSession(title, this.context.box?.name ?? "StreamBox", remote);
  }

  /** The title has another playlist: the same place in it. @param {Title} title */
  reload(title) {
    this.engine?.load(title, Promise.resolve(this.video.currentTime), this.parts.sounds.again(title));
  }

  /** What plays is not to go on; begin() may follow. */
  stop() {
    this.engine?.destroy();
    this.engine = null;
    this.loaded = false;
    this.ready = 0;
  }

  end() {
    this.#closed = true;
    this.#endSession();
    this.parts.sounds.end();
    this.engine?.destroy();
    this.#visit?.close();
  }

  /** @returns {import("./engine.js").EngineEvents} */
  #events() {
    const { link, tracks, sounds, remote } = this.parts;
    return {
      ready: (seconds) => (this.ready = seconds),
      answered: () => link.answered(),
      trouble: (trouble) => {
        if (!trouble.sound || !sounds.trouble(trouble)) link.trouble(trouble);
      },
      tracks,
      late: (seconds) => remote.words.move(seconds),
    };
  }
}

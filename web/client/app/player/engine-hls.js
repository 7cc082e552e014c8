// hls.js as an Engine.

/** @typedef {import("./engine.js").EngineEvents} EngineEvents */
/** @typedef {import("../types.d.ts").Title} Title */
/** @typedef {typeof import("hls.js").default} HlsClass */
/** @typedef {{type: string, sn: number | "initSegment", duration: number, elementaryStreams: {video: {startPTS: number} | null}}} Fragment what is read of hls.js's */

/** Requests are repeated quickly at first; what lasts longer is the player's matter (recovery.js). */
const POLICY = {
  default: {
    maxTimeToFirstByteMs: 10_000,
    maxLoadTimeMs: 60_000,
    timeoutRetry: { maxNumRetry: 2, retryDelayMs: 0, maxRetryDelayMs: 0 },
    errorRetry: { maxNumRetry: 2, retryDelayMs: 500, maxRetryDelayMs: 2000 },
  },
};

/**
 * How much later than the playlist says the picture is. hls.js lets a film begin with whatever comes first, and that may
 * be a moment of sound before the first picture: which subtitles must know.
 */
export class Times {
  /** When segments begin by the playlist; hls.js corrects its own list as it goes. @type {number[]} */
  #starts = [0];

  /** @param {Fragment[]} fragments from the playlist's beginning, durations as they stand there */
  listed(fragments) {
    for (const { sn, duration } of fragments.slice(this.#starts.length - 1)) {
      if (sn !== this.#starts.length - 1) return;
      this.#starts.push((this.#starts[sn] ?? 0) + duration);
    }
  }

  /** @param {Fragment} fragment parsed @returns {number | null} seconds; null: it does not tell */
  late({ type, sn, elementaryStreams: { video } }) {
    const start = typeof sn === "number" && type === "main" ? this.#starts[sn] : undefined;
    return start === undefined || !video ? null : video.startPTS - start;
  }
}

export class HlsEngine {
  /** Those are <track> elements: they need no multivariant playlist. */
  ownSubtitles = false;
  #url = "";
  #parsed = false;
  /** @type {number | null} seconds; null: not yet known */
  #position = null;
  /** @type {Title | null} as it was when it was loaded: its addresses are those of the playlist */
  #title = null;
  /** @type {number | null} */
  #sound = null;

  /** @param {HlsClass} Hls @param {import("./engine.js").Place} place @param {EngineEvents} events */
  constructor(Hls, { base, video, visit }, events) {
    this.Hls = Hls;
    this.base = base;
    this.video = video;
    this.visit = visit;
    this.events = events;
    /** @type {import("hls.js").default | null} */
    this.hls = null;
  }

  /** @param {Title} title @param {Promise<number>} position seconds; the playlist is fetched meanwhile @param {number | null} sound */
  load(title, position, sound) {
    this.hls?.destroy();
    this.#parsed = false;
    this.#position = null;
    this.#title = title;
    this.#sound = sound;
    // One rendition needs no multivariant playlist: one request less before the first frame.
    const multiple = title.audio.some((track) => track.playlist) && title.master;
    this.#url = (multiple ? title.master : title.playlist) ?? title.master ?? "";
    const hls = new this.Hls({
      enableWorker: true,
      workerPath: `${this.base}/vendor/hls.worker.js`,
      preferManagedMediaSource: true,
      autoStartLoad: false,
      // The first segment need not wait until the <video> has opened its buffers: saves a tick of 100 ms.
      startFragPrefetch: true,
      maxBufferLength: 30,
      maxBufferSize: 40 * 1000 * 1000,
      backBufferLength: 30,
      enableWebVTT: false,
      manifestLoadPolicy: POLICY,
      playlistLoadPolicy: POLICY,
      fragLoadPolicy: POLICY,
      fLoader: this.visit.loader(/** @type {any} */ (this.Hls.DefaultConfig.loader)),
    });
    this.hls = hls;
    this.#listen(hls);
    hls.attachMedia(this.video);
    hls.loadSource(this.#url);
    position.then((seconds) => {
      this.#position = seconds;
      if (this.hls === hls) this.visit.begins(seconds);
      if (this.hls === hls && this.#parsed) hls.startLoad(seconds);
    });
  }

  /** @param {import("hls.js").default} hls */
  #listen(hls) {
    const { Events, ErrorTypes } = this.Hls;
    hls.on(Events.MANIFEST_PARSED, () => {
      this.#parsed = true;
      // Always from a place: a playlist that still grows would else start near its end.
      if (this.#position !== null) hls.startLoad(this.#position);
    });
    hls.on(Events.LEVEL_UPDATED, (_event, { details }) => {
      this.events.answered();
      this.events.ready(details.live ? details.edge : Infinity);
      this.visit.playlist(details);
    });
    const times = new Times();
    hls.on(Events.LEVEL_LOADED, (_event, { details }) => times.listed(details.fragments));
    hls.on(Events.FRAG_PARSED, (_event, { frag }) => {
      const late = times.late(frag);
      if (late !== null) this.events.late(late);
    });
    hls.on(Events.FRAG_LOADED, () => this.events.answered());
    hls.on(Events.AUDIO_TRACKS_UPDATED, () => {
      this.#choose();
      this.events.tracks();
    });
    hls.on(Events.AUDIO_TRACK_SWITCHED, () => this.events.tracks());
    hls.on(Events.ERROR, (_event, data) => {
      const { NETWORK_ERROR, MEDIA_ERROR } = ErrorTypes;
      const type = data.type === NETWORK_ERROR ? "network" : data.type === MEDIA_ERROR ? "media" : "other";
      const sound = data.frag?.type === "audio" || data.context?.type === "audioTrack";
      this.events.trouble({ type, fatal: data.fatal, status: data.response?.code ?? 0, sound });
    });
  }

  kick() {
    if (!this.hls) return;
    if (this.#parsed) this.hls.startLoad(this.video.currentTime || (this.#position ?? 0));
    else this.hls.loadSource(this.#url);
  }

  /** @param {boolean} swap */
  recover(swap) {
    if (swap) this.hls?.swapAudioCodec();
    this.hls?.recoverMediaError();
  }

  choosesSound() {
    return (this.hls?.audioTracks.length ?? 0) > 1;
  }

  /** @param {number | null} n */
  selectSound(n) {
    this.#sound = n;
    this.#choose();
  }

  /** Before hls.js has chosen by itself, or later. */
  #choose() {
    const { hls } = this;
    if (!hls) return;
    const track = this.#title?.audio.find((one) => one.n === this.#sound);
    // The default one is in the picture's rendition and has no address of its own.
    const wanted = hls.audioTracks.findIndex(({ url }) =>
      track?.playlist ? url && new URL(url, location.href).pathname === track.playlist : !url,
    );
    if (wanted >= 0 && wanted !== hls.audioTrack) hls.audioTrack = wanted;
  }

  destroy() {
    this.hls?.destroy();
    this.hls = null;
  }
}

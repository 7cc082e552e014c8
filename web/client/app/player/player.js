// The player of one title: joins engine, controls, overlay and place. It decides nothing itself that can be decided
// purely: what is shown is situation.js, what an error leads to is recovery.js, where seeking may go is keys.js.
import { isWatched, startAt } from "../core/seen.js";
import { el, loadStyle } from "../dom/el.js";
import { clock } from "../text/format.js";
import { Controls } from "./controls.js";
import { createEngine, prepare } from "./engine.js";
import { Flow } from "./flow.js";
import { leaveFull, toggleFull } from "./fullscreen.js";
import { Hands } from "./hands.js";
import { clampSeek } from "./keys.js";
import { Link } from "./link.js";
import { Overlay } from "./overlay.js";
import { PlaceKeeper, placeOf } from "./place.js";
import { mediaSession } from "./session.js";
import { situation } from "./situation.js";
import { addTracks, firstSubtitle, showTrack } from "./subtitles.js";
import { Upcoming } from "./upcoming.js";

/** @typedef {import("../types.d.ts").Title} Title */
/** @typedef {import("../app.js").Context} Context */

const POLL = 5000;

export class Player {
  /** @type {Title | null} */
  title = null;
  /** @type {import("./engine.js").Engine | null} */
  engine = null;
  #closed = false;
  #loaded = false;
  #starting = false;
  #tapNeeded = false;
  #ready = 0;
  /** @type {Set<any>} */
  #timers = new Set();
  #endSession = () => {};

  /**
   * Loads what a player needs, so that a tap finds it here. Resolves when it can be shown.
   * @param {string} base
   */
  static warm(base) {
    prepare(base);
    return loadStyle(`${base}/styles/player.css`);
  }

  /**
   * Shows the player of a title and starts it.
   * @param {Context} context
   * @param {string} id
   * @param {() => void} before called right before the player is put in place
   */
  static async open(context, id, before) {
    const style = Player.warm(context.base);
    const player = new Player(context, id);
    // The film is fetched while the page changes.
    player.#know(context.store.titles.get(id) ?? null);
    player.#begin();
    await style;
    player.#mount(before);
    return player;
  }

  /** @param {Context} context @param {string} id */
  constructor(context, id) {
    this.context = context;
    this.id = id;
    const { settings, language } = context;
    this.video = el("video", { playsinline: true, preload: "auto", tabindex: -1 });
    this.video.volume = Math.min(1, Math.max(0, settings.get("volume")));
    this.video.muted = settings.get("muted");
    this.keeper = new PlaceKeeper(context);
    this.controls = new Controls(context, this.video, {
      toggle: () => this.toggle(),
      by: (seconds) => this.seek(this.video.currentTime + seconds),
      seek: (seconds) => this.seek(seconds),
      mute: () => this.mute(),
      volume: (volume) => this.volume(volume),
      full: () => toggleFull(this.root, this.video),
      leave: () => context.leave(),
      sounds: () => this.engine?.sounds() ?? { list: [], selected: 0 },
      selectSound: (n) => this.engine?.selectSound(n),
      selectSubtitle: (n) => this.#subtitle(n, true),
      speed: (rate) => (this.video.playbackRate = rate),
    });
    this.upcoming = new Upcoming(context, () => this.draw());
    this.overlay = new Overlay(context, {
      play: () => this.play(),
      leave: () => context.leave(),
      again: () => this.again(),
      playNext: () => this.upcoming.go(),
      cancelNext: () => this.upcoming.cancel(),
    });
    const again = () => this.again();
    this.fromStart = el("button", { class: "button quiet from-start", hidden: true, onclick: again });
    this.fromStart.textContent = language.t("player.fromStart");
    this.root = el(
      "section",
      { class: "player", tabindex: -1, "aria-label": language.t("player.label") },
      this.video,
      this.overlay.root,
      this.controls.top,
      this.fromStart,
      this.controls.bottom,
    );
    this.flow = new Flow(this.video, context.stats, () => this.draw());
    this.link = new Link(context, {
      id,
      title: () => this.title,
      loaded: () => this.#loaded,
      started: () => this.flow.started,
      know: (title) => {
        context.store.one(title);
        this.refresh();
      },
      begin: () => this.#begin(),
      reload: () => this.#reload(),
      kick: () => this.engine?.kick(),
      recover: (swap) => this.engine?.recover(swap),
      changed: () => this.draw(),
    });
    this.hands = new Hands(this, context);
    this.#listen();
  }

  /** @param {() => void} before */
  #mount(before) {
    const known = this.title;
    const poster = known?.thumbnail;
    if (poster) this.video.poster = poster;
    const put = () => {
      // A View Transition calls later: the viewer may have left by then.
      if (this.#closed) return;
      before();
      document.body.append(this.root);
      this.root.focus({ preventScroll: true });
    };
    const page = /** @type {Document & {startViewTransition?: (change: () => void) => void}} */ (document);
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (page.startViewTransition && known && !still) {
      page.startViewTransition(() => {
        for (const img of document.querySelectorAll(".card img"))
          /** @type {HTMLElement} */ (img).style.removeProperty("view-transition-name");
        put();
      });
    } else put();
    this.context.stats.opened();
    this.context.stats.bufferSeconds = () => Math.max(0, this.#bufferedEnd() - this.video.currentTime);
    this.context.socket.watching(this.id);
    this.flow.wait();
    this.draw();
    if (known) this.refresh();
    else this.link.fetch();
    this.#every(POLL, () => this.link.poll());
    this.#every(500, () => this.draw());
  }

  /** The store heard of a title. */
  refresh() {
    const title = this.context.store.titles.get(this.id);
    if (this.#closed) return;
    if (!title) {
      if (this.title && !this.#loaded) this.link.fetch();
      return;
    }
    const before = this.title;
    this.#know(title);
    this.link.changed(before, title);
    this.draw();
  }

  /** The connection to the box came or went. @param {boolean} connected */
  connected(connected) {
    if (connected) this.link.connected();
  }

  /** The page may go any moment. */
  leaving() {
    if (this.title && this.flow.started)
      this.keeper.save(this.title, this.video.currentTime, this.#duration());
  }

  close() {
    if (this.#closed) return;
    this.leaving();
    this.#closed = true;
    for (const timer of this.#timers) clearInterval(timer);
    this.flow.end();
    this.link.end();
    this.#endSession();
    this.upcoming.cancel();
    this.hands.end();
    this.engine?.destroy();
    this.context.socket.watching("");
    this.context.stats.bufferSeconds = () => 0;
    leaveFull();
    this.root.remove();
  }

  async play() {
    this.#tapNeeded = false;
    try {
      await this.video.play();
    } catch (error) {
      this.#tapNeeded = error instanceof Error && error.name === "NotAllowedError";
    }
    this.draw();
  }

  toggle() {
    if (!this.#loaded) return;
    if (this.video.ended) this.again();
    else if (this.video.paused) this.play();
    else this.video.pause();
  }

  again() {
    this.fromStart.hidden = true;
    this.upcoming.cancel();
    this.video.currentTime = 0;
    this.play();
  }

  /** @param {number} seconds */
  seek(seconds) {
    if (!this.#loaded) return;
    const to = clampSeek(Math.min(seconds, this.#duration()), this.#ready || this.video.currentTime);
    if (to.clamped)
      this.context.toast(this.context.language.t("player.notYet", { time: clock(this.#ready) }));
    this.video.currentTime = to.seconds;
    this.draw();
  }

  mute() {
    this.video.muted = !this.video.muted;
    this.context.settings.set("muted", this.video.muted);
  }

  /** @param {number} volume */
  volume(volume) {
    this.video.volume = Math.min(1, Math.max(0, volume));
    this.video.muted = this.video.volume === 0;
    this.context.settings.set("volume", this.video.volume || 0.5);
    this.context.settings.set("muted", this.video.muted);
  }

  captions() {
    const first = this.title?.subtitles.find((s) => s.url);
    this.#subtitle(this.controls.subtitle !== null ? null : (first?.n ?? null), true);
  }

  draw() {
    if (this.#closed) return;
    const { video, upcoming } = this;
    const now = video.currentTime;
    const kind = situation({
      title: this.title,
      gone: this.link.gone,
      failed: this.link.failed,
      loaded: this.#loaded,
      tapNeeded: this.#tapNeeded,
      ended: video.ended,
      nextOffered: upcoming.offered !== null,
      stalled: this.flow.stalled,
      failingSeconds: this.link.failingSeconds,
      atEdge: Number.isFinite(this.#ready) && this.#ready - now < 6,
    });
    this.overlay.draw(kind, {
      title: this.title,
      failed: this.link.failed,
      next: upcoming.offered,
      nextSeconds: upcoming.seconds,
    });
    const ready = this.#ready || now;
    this.controls.show({ now, duration: this.#duration(), bufferedEnd: this.#bufferedEnd(), ready });
    this.hands.rest(kind !== "none" && kind !== "spinner");
  }

  /** @param {Title | null} title */
  #know(title) {
    if (!title) return;
    this.title = title;
    this.controls.title(title);
    document.title = title.title;
  }

  async #begin() {
    const { title } = this;
    if (!title?.playable || this.#starting || this.link.failed) return;
    this.#starting = true;
    const { base, language, settings } = this.context;
    try {
      const place = placeOf(this.context, this.id);
      const engine = await createEngine(base, this.video, {
        ready: (seconds) => (this.#ready = seconds),
        answered: () => this.link.answered(),
        trouble: (trouble) => this.link.trouble(trouble),
        bytes: (bytes) => (this.context.stats.httpBytes += bytes),
        tracks: () => this.controls.choices(),
      });
      if (this.#closed) {
        engine?.destroy();
        return;
      }
      if (!engine) {
        this.link.failed = "unsupported";
        return;
      }
      this.engine = engine;
      const start = place.then((saved) => startAt(saved, title.durationSeconds));
      engine.load(title, start);
      this.#loaded = true;
      this.link.answered();
      const position = await start;
      if (this.#closed) return;
      addTracks(this.video, title);
      this.#subtitle(firstSubtitle(title.subtitles, settings.get("subtitles")), false);
      if (position > 0) this.#offerStart(language.t("player.resumed", { time: clock(position) }));
      this.#endSession = mediaSession(title, this.context.box?.name ?? "StreamBox", {
        play: () => this.play(),
        pause: () => this.video.pause(),
        by: (seconds) => this.seek(this.video.currentTime + seconds),
        to: (seconds) => this.seek(seconds),
      });
      this.play();
    } catch (error) {
      // hls.js itself did not come: the box is away.
      this.link.later();
    } finally {
      this.#starting = false;
      this.draw();
    }
  }

  /** @param {string} sentence */
  #offerStart(sentence) {
    this.context.announce(sentence);
    this.fromStart.hidden = false;
    setTimeout(() => (this.fromStart.hidden = true), 12_000);
  }

  /** @param {number | null} n @param {boolean} chosen by the viewer */
  #subtitle(n, chosen) {
    showTrack(this.video, n);
    this.controls.subtitle = n;
    const language = this.title?.subtitles.find((s) => s.n === n)?.language ?? "off";
    if (chosen) this.context.settings.set("subtitles", language);
  }

  #listen() {
    const { video } = this;
    const on = (/** @type {string} */ names, /** @type {() => void} */ listener) => {
      for (const name of names.split(" ")) video.addEventListener(name, listener);
    };
    on("timeupdate", () => this.#tick());
    on("pause", () => this.leaving());
    on("ended", () => {
      this.leaving();
      if (this.title) this.upcoming.offer(this.title);
    });
    on("seeking play", () => this.upcoming.cancel());
    on("play pause volumechange ended durationchange progress ratechange", () => this.draw());
    on("playing", () => (this.#tapNeeded = false));
  }

  #tick() {
    if (!this.title || this.video.paused) return;
    const now = this.video.currentTime;
    this.keeper.tick(this.title, now, this.#duration());
    if (isWatched(now, this.#duration())) this.upcoming.prefetch(this.title);
    this.draw();
  }

  #reload() {
    if (!this.title?.playable) return;
    const { paused, currentTime } = this.video;
    this.engine?.load(this.title, Promise.resolve(currentTime));
    if (!paused || !this.flow.started) this.play();
  }

  #duration() {
    const whole = this.title?.durationSeconds ?? 0;
    const own = this.video.duration;
    // While a title is being prepared the video only knows what is ready.
    return Number.isFinite(own) && (this.#ready === Infinity || whole === 0) ? own : whole;
  }

  #bufferedEnd() {
    const { buffered, currentTime } = this.video;
    for (let i = 0; i < buffered.length; i++) {
      if (buffered.start(i) <= currentTime + 0.5 && currentTime <= buffered.end(i)) return buffered.end(i);
    }
    return currentTime;
  }

  /** @param {number} milliseconds @param {() => void} run */
  #every(milliseconds, run) {
    this.#timers.add(setInterval(run, milliseconds));
  }
}

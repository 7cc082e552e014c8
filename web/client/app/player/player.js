// The player of one title: joins what plays (begin.js, remote.js, link.js) and what shows it (controls.js, overlay.js).
// It decides nothing itself that can be decided purely: what is shown is situation.js, what an error leads to is
// recovery.js, where seeking may go is keys.js. What plays is made first, what shows it when the request is on its way.
import { isWatched } from "../core/seen.js";
import { el, loadStyle } from "../dom/el.js";
import { clock } from "../text/format.js";
import { Beginning } from "./begin.js";
import { Codecs, forDevice } from "./codecs.js";
import { Controls } from "./controls.js";
import { prepare } from "./engine.js";
import { Flow, bufferedEnd } from "./flow.js";
import { leaveFull, toggleFull } from "./fullscreen.js";
import { Hands } from "./hands.js";
import { Link } from "./link.js";
import { Overlay } from "./overlay.js";
import { PlaceKeeper } from "./place.js";
import { Remote } from "./remote.js";
import { isOver, reaches, situation } from "./situation.js";
import { Sounds } from "./sounds.js";
import { change } from "./transition.js";
import { Upcoming } from "./upcoming.js";

/** @typedef {import("../types.d.ts").Title} Title */
/** @typedef {import("../app.js").Context} Context */
/** @typedef {{controls: Controls, overlay: Overlay, fromStart: HTMLElement, root: HTMLElement, hands: Hands}} Shown */

const POLL = 5000;
const OFFER = 12_000;

export class Player {
  /** @type {Title | null} */
  title = null;
  /** What is to be seen; null until it is put in place. @type {Shown | null} */
  #shown = null;
  #closed = false;
  /** @type {Set<any>} */
  #timers = new Set();

  /**
   * Loads what a player needs, so that a tap finds it here. Resolves when it can be shown.
   * @param {string} base
   */
  static warm(base) {
    prepare(base);
    const parts = ["player", "player-controls", "player-stage"]; // in this order: later rules overrule earlier ones
    return Promise.all(parts.map((part) => loadStyle(`${base}/styles/${part}.css`)));
  }

  /**
   * Shows the player of a title and starts it.
   * @param {Context} context
   * @param {string} id
   * @param {{wanted: () => boolean, before: () => void}} page wanted: has the viewer not gone elsewhere meanwhile?
   *   before: called right before the player is put in place
   * @returns {Promise<Player | null>} null when it is not wanted any more
   */
  static async open(context, id, { wanted, before }) {
    const player = new Player(context, id);
    // The film is fetched while the page changes.
    player.#know(context.store.titles.get(id) ?? null);
    player.beginning.begin(player.title);
    await Player.warm(context.base);
    if (wanted()) player.#mount(before);
    else player.close();
    return player.#closed ? null : player;
  }

  /** @param {Context} context @param {string} id */
  constructor(context, id) {
    this.context = context;
    this.id = id;
    this.codecs = context.codecs ??= new Codecs();
    const draw = () => this.draw();
    this.video = el("video", { playsinline: true, preload: "auto", tabindex: -1 });
    this.keeper = new PlaceKeeper(context);
    this.upcoming = new Upcoming(context, draw);
    this.flow = new Flow(this.video, context.stats, draw);
    this.remote = new Remote(context, this.video, {
      title: () => this.title,
      loaded: () => this.beginning.loaded,
      ready: () => this.beginning.ready,
      duration: () => this.#duration(),
      heard: () => this.#heard(),
      again: () => {
        this.#offerStart(false);
        this.upcoming.cancel();
      },
      changed: draw,
    });
    this.link = new Link(context, {
      id,
      title: () => this.title,
      loaded: () => this.beginning.loaded,
      full: () => this.#full(),
      started: () => this.flow.started,
      know: (title) => {
        context.store.one(title);
        this.refresh();
      },
      begin: () => this.beginning.begin(this.title),
      reaches: (title) => reaches(title, this.video.currentTime),
      reload: () => this.#reload(),
      kick: () => this.beginning.engine?.kick(),
      recover: (swap) => this.beginning.engine?.recover(swap),
      otherwise: () => this.#otherwise(),
      changed: draw,
    });
    this.sounds = new Sounds(context, {
      title: () => this.title,
      engine: () => this.beginning.engine,
      now: () => this.video.currentTime,
      changed: () => {
        this.remote.words.settle();
        this.#shown?.controls.choices();
      },
    });
    this.beginning = new Beginning(context, this.video, {
      link: this.link,
      sounds: this.sounds,
      remote: this.remote,
      tracks: () => this.#shown?.controls.choices(),
      resumed: (seconds) => {
        context.announce(context.language.t("player.resumed", { time: clock(seconds) }));
        this.#offerStart(true);
      },
      changed: draw,
    });
    this.#listen();
  }

  /** @returns {Shown} */
  #build() {
    const { context, video, remote, upcoming } = this;
    const leave = () => context.leave();
    const controls = new Controls(context, video, remote, {
      full: () => toggleFull(root, video),
      leave,
      sounds: this.sounds,
      swarm: () => context.swarm?.view ?? null,
    });
    const overlay = new Overlay(context, {
      play: () => remote.play(),
      leave,
      again: () => remote.again(),
      playNext: () => upcoming.go(),
      cancelNext: () => upcoming.cancel(),
    });
    const fromStart = el("button", {
      class: "button quiet from-start",
      text: context.language.t("player.fromStart"),
      hidden: true,
      onclick: () => remote.again(),
    });
    const root = el(
      "section",
      { class: "player", tabindex: -1, "aria-label": context.language.t("player.label") },
      video,
      overlay.root,
      controls.top,
      fromStart,
      controls.bottom,
    );
    if (this.title) controls.title(this.title);
    const hands = new Hands({ root, video, remote, controls }, context);
    return { controls, overlay, fromStart, root, hands };
  }

  /** @param {() => void} before */
  #mount(before) {
    const { context, title } = this;
    const shown = this.#build();
    this.#shown = shown;
    if (title?.thumbnail) this.video.poster = title.thumbnail;
    context.stats.opened();
    change(title !== null, () => {
      // A transition calls later: the viewer may have left by then.
      if (this.#closed) return;
      before();
      document.body.append(shown.root);
      shown.root.focus({ preventScroll: true });
      context.stats.bufferSeconds = () => Math.max(0, bufferedEnd(this.video) - this.video.currentTime);
      context.socket.watching(this.id);
      context.socket.plays(!this.title?.converted);
    });
    this.flow.wait();
    this.draw();
    if (title) this.refresh();
    else this.link.fetch();
    this.#every(POLL, () => this.link.poll());
    this.#every(500, () => this.draw());
  }

  /** The store heard of a title. */
  refresh() {
    const title = this.context.store.titles.get(this.id);
    if (this.#closed) return;
    if (!title) {
      if (this.title && !this.beginning.loaded) this.link.fetch();
      return;
    }
    const before = this.title;
    this.#know(title);
    if (this.title) this.link.changed(before, this.title);
    this.draw();
  }

  /** What has changed was too much to be told: while the film is awaited, the box is asked. */
  missed() {
    this.link.poll();
  }

  /** The connection to the box came or went. @param {boolean} connected */
  connected(connected) {
    if (connected) this.link.connected();
  }

  /** The box has said whether this phone has a place in the air. */
  room() {
    this.link.room();
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
    this.upcoming.cancel();
    this.beginning.end();
    if (!this.#shown) return;
    this.#shown.hands.end();
    this.#shown.controls.shared.end();
    this.context.socket.watching("");
    this.context.stats.bufferSeconds = () => 0;
    leaveFull();
    this.#shown.root.remove();
  }

  draw() {
    if (this.#closed || !this.#shown) return;
    const { video, upcoming, link, beginning } = this;
    const { overlay, controls, hands } = this.#shown;
    const now = video.currentTime;
    const kind = situation({
      title: this.title,
      gone: link.gone,
      failed: link.failed,
      loaded: beginning.loaded,
      tapNeeded: this.remote.tapNeeded,
      ended: video.ended,
      nextOffered: upcoming.offered !== null,
      stalled: this.flow.stalled,
      failingSeconds: link.failingSeconds,
      full: this.#full(),
      answers: this.context.connected,
      started: this.flow.started,
      atEdge: Number.isFinite(beginning.ready) && beginning.ready - now < 6,
    });
    overlay.draw(kind, {
      title: this.title,
      failed: link.failed,
      next: upcoming.offered,
      nextSeconds: upcoming.seconds,
      watching: this.context.room?.watching ?? 0,
    });
    const ready = beginning.ready || now;
    const over = isOver(kind);
    controls.show({ now, duration: this.#duration(), bufferedEnd: bufferedEnd(video), ready, over });
    hands.rest(kind !== "none" && kind !== "spinner");
  }

  /** @param {Title | null} title */
  #know(title) {
    if (!title) return;
    this.title = forDevice(title, (codecs) => this.codecs.can(codecs));
    if (this.#shown) this.context.socket.plays(!this.title.converted);
    this.#shown?.controls.title(this.title);
    this.remote.words.update(title);
    document.title = title.title;
  }

  /** The decoder has given up on a film that this device said it could play. @returns {boolean} there is another way */
  #otherwise() {
    const codecs = this.title?.codecs;
    if (!codecs) return false;
    this.codecs.cannot(codecs);
    this.beginning.stop();
    this.refresh();
    return true;
  }

  #reload() {
    if (!this.title?.playable) return;
    const { paused } = this.video; // a new playlist pauses
    this.beginning.reload(this.title);
    if (!paused || !this.flow.started) this.remote.play();
  }

  /** A button that leads to the beginning, for a moment. @param {boolean} offered */
  #offerStart(offered) {
    if (!this.#shown) return;
    this.#shown.fromStart.hidden = !offered;
    if (offered) this.#timers.add(setTimeout(() => this.#offerStart(false), OFFER));
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
  }

  #tick() {
    if (!this.title || this.video.paused) return;
    const now = this.video.currentTime;
    this.keeper.tick(this.title, now, this.#duration());
    if (isWatched(now, this.#duration())) this.upcoming.prefetch(this.title);
    this.draw();
  }

  /** The language of the sound. */
  #heard() {
    const audio = this.title?.audio ?? [];
    return (audio.find((track) => track.n === this.sounds.selected) ?? audio[0])?.language ?? "";
  }

  #full() {
    return this.context.room?.admitted === false;
  }

  #duration() {
    const whole = this.title?.durationSeconds ?? 0;
    const own = this.video.duration;
    // While a title is being prepared the video only knows what is ready.
    return Number.isFinite(own) && (this.beginning.ready === Infinity || whole === 0) ? own : whole;
  }

  /** @param {number} milliseconds @param {() => void} run */
  #every(milliseconds, run) {
    this.#timers.add(setInterval(run, milliseconds));
  }
}

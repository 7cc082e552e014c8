// The controls below and above the picture. They show what the video is; what they do is the player's.
import { el, iconButton, relabel, setText } from "../dom/el.js";
import { detailSentence, warningSentence } from "../library/words.js";
import { clock } from "../text/format.js";
import { Chapters } from "./chapters.js";
import { isFull } from "./fullscreen.js";
import { Menu } from "./menu.js";
import { Scrub } from "./scrub.js";
import { SharedPill } from "./shared.js";
import { isOffered, soundLabels } from "./sounds.js";
import { subtitleLabels, subtitleNote } from "./subtitles.js";

/** @typedef {import("../types.d.ts").Title} Title */
/**
 * @typedef {object} ControlActions
 * @property {() => void} full
 * @property {() => void} leave
 * @property {import("./sounds.js").Sounds} sounds
 * @property {() => import("../swarm/view.d.ts").SwarmView | null} swarm
 */

const SPEEDS = [0.75, 1, 1.25, 1.5, 2];

export class Controls {
  /** @type {Title | null} */
  #title = null;

  /**
   * @param {import("../app.js").Context} context
   * @param {HTMLVideoElement} video
   * @param {import("./remote.js").Remote} remote
   * @param {ControlActions} actions
   */
  constructor(context, video, remote, actions) {
    this.language = context.language;
    this.video = video;
    this.remote = remote;
    this.actions = actions;
    const { language } = this;
    const t = (/** @type {string} */ key) => language.t(key);
    this.scrub = new Scrub(language, (seconds) => remote.seek(seconds));
    this.play = iconButton("play", t("player.play"), () => remote.toggle());
    this.back = iconButton("rewind", t("player.back10"), () => remote.by(-10), "ten");
    this.forward = iconButton("forward", t("player.forward10"), () => remote.by(10), "ten");
    this.time = el("span", { class: "time" });
    this.chapters = new Chapters(language, (seconds) => remote.seek(seconds));
    this.mute = iconButton("sound", t("player.mute"), () => remote.mute(), "mute");
    this.volume = el("input", {
      type: "range",
      class: "volume",
      min: 0,
      max: 1,
      step: 0.05,
      "aria-label": t("player.volume"),
      oninput: () => remote.volume(Number(this.volume.value)),
    });
    this.captions = new Menu("words", t("player.subtitles"), () => this.#subtitles());
    this.sounds = new Menu("voices", t("player.sound"), () => this.#sounds());
    this.speed = new Menu("speed", t("player.speed"), () => this.#speeds());
    this.speed.root.classList.add("speed");
    this.full = iconButton("full", t("player.full"), actions.full);
    this.leave = iconButton("back", t("player.toLibrary"), actions.leave, "mirrored");
    this.name = el("h1", { class: "player-name", dir: "auto" });
    this.details = el("p", { class: "player-details" });
    const heading = el("div", { class: "player-heading" }, this.name, this.details);
    this.shared = new SharedPill(context, { view: actions.swarm, video });
    this.top = el("div", { class: "player-top" }, this.leave, heading, this.shared.root);
    // A film's time runs from left to right everywhere.
    this.bottom = el(
      "div",
      { class: "player-bottom", dir: "ltr" },
      this.scrub.root,
      el(
        "div",
        { class: "buttons" },
        this.play,
        this.back,
        this.forward,
        this.mute,
        this.volume,
        this.time,
        this.chapters.root,
        el("span", { class: "grow" }),
        this.captions.root,
        this.sounds.root,
        this.speed.root,
        this.full,
      ),
    );
    this.choices();
  }

  get menuOpen() {
    return [this.chapters.menu, this.captions, this.sounds, this.speed].some((menu) => menu.isOpen);
  }

  /** @param {Title} title */
  title(title) {
    this.#title = title;
    setText(this.name, title.title);
    setText(this.details, detailSentence(this.language, title));
    this.details.classList.toggle("warning", warningSentence(this.language, title) !== "");
    const chapters = title.chapters;
    this.chapters.title(chapters);
    this.scrub.chapters(chapters);
    this.scrub.previews.of(title.previews);
    this.choices();
  }

  /** Menus are there when there is something to choose. */
  choices() {
    this.captions.root.hidden = this.#listed().length === 0;
    this.sounds.root.hidden = !this.actions.sounds.choosable;
  }

  /** @param {{now: number, duration: number, bufferedEnd: number, ready: number, over: boolean}} at over: nothing plays on */
  show(at) {
    const { video, language } = this;
    this.scrub.show(at);
    this.chapters.show(at.now);
    this.shared.draw();
    setText(this.time, `${clock(at.now)} / ${clock(at.duration)}`);
    const resting = video.paused || video.ended || at.over;
    this.play.disabled = at.over;
    relabel(this.play, resting ? "play" : "pause", language.t(resting ? "player.play" : "player.pause"));
    const silent = video.muted || video.volume === 0;
    relabel(this.mute, silent ? "mute" : "sound", language.t(silent ? "player.unmute" : "player.mute"));
    this.volume.value = String(video.muted ? 0 : video.volume);
    relabel(this.full, isFull() ? "small" : "full", language.t(isFull() ? "player.small" : "player.full"));
  }

  /** Subtitles that can be chosen, and those of which the box says why they cannot. */
  #listed() {
    return (this.#title?.subtitles ?? []).filter((s) => s.url || s.reason);
  }

  /** @returns {import("./menu.js").Choice[]} */
  #subtitles() {
    const { language } = this;
    const { words } = this.remote;
    const off = {
      label: language.t("player.off"),
      selected: words.showing === null,
      choose: () => words.choose(null),
    };
    const listed = this.#listed();
    const labels = subtitleLabels(language, listed);
    return [
      off,
      ...listed.map((s, i) => ({
        label: labels[i] ?? "",
        note: subtitleNote(language, s),
        disabled: !s.url,
        selected: words.showing === s.n,
        choose: () => words.choose(s.n),
      })),
    ];
  }

  /** @returns {import("./menu.js").Choice[]} */
  #sounds() {
    const { sounds } = this.actions;
    const tracks = this.#title?.audio ?? [];
    return soundLabels(this.language, tracks).map(({ n, label, note }, i) => {
      const track = tracks[i];
      const why = track?.reason ? this.language.reason(track.reason) : "";
      return {
        label,
        note: [note, why].filter(Boolean).join(" · "),
        disabled: !track || !isOffered(track),
        selected: n === sounds.selected,
        choose: () => sounds.choose(n),
      };
    });
  }

  /** @returns {import("./menu.js").Choice[]} */
  #speeds() {
    return SPEEDS.map((rate) => ({
      label: `${this.language.numbers.format(rate)}×`,
      selected: this.video.playbackRate === rate,
      choose: () => (this.video.playbackRate = rate),
    }));
  }
}

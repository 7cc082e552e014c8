// Draws the situation above the picture: one card at most, with a sentence, and what one can do.
import { el, icon, setText } from "../dom/el.js";
import { isRemoved, stateSentence } from "../library/words.js";
import { percent } from "../text/format.js";
import { isDeleted } from "./situation.js";

/** @typedef {import("./situation.js").Situation} Situation */
/** @typedef {import("../types.d.ts").Title} Title */
/**
 * @typedef {object} Actions
 * @property {() => void} play
 * @property {() => void} leave
 * @property {() => void} again from the beginning
 * @property {() => void} playNext
 * @property {() => void} cancelNext
 */
/** @typedef {{title: Title | null, failed: string, next: Title | null, nextSeconds: number, watching: number}} Details */

export class Overlay {
  /** @type {Situation} */
  #kind = "none";
  #said = "";

  /** @param {import("../app.js").Context} context @param {Actions} actions */
  constructor(context, actions) {
    this.context = context;
    const { language } = context;
    const button = (/** @type {string} */ key, /** @type {() => void} */ onclick, quiet = false) =>
      el("button", {
        type: "button",
        class: quiet ? "button quiet" : "button",
        text: language.t(key),
        onclick,
      });
    this.big = el(
      "button",
      {
        type: "button",
        class: "big-play",
        "aria-label": language.t("player.play"),
        hidden: true,
        onclick: actions.play,
      },
      icon("play"),
    );
    this.spinner = el("span", { class: "spinner", hidden: true });
    this.heading = el("h2", { dir: "auto" });
    this.sentence = el("p", {});
    this.more = el("p", { class: "stage-more", text: language.t("player.airFullWait"), hidden: true });
    this.bar = el("span", { class: "done-bar", hidden: true }, el("span", {}));
    this.picture = el("img", { class: "next-picture", alt: "", hidden: true });
    this.buttons = {
      playNext: button("player.playNow", actions.playNext),
      again: button("player.again", actions.again, true),
      cancelNext: button("player.cancel", actions.cancelNext, true),
      leave: button("player.toLibrary", actions.leave, true),
    };
    this.row = el("div", { class: "stage-buttons" }, ...Object.values(this.buttons));
    this.card = el(
      "div",
      { class: "stage-card", hidden: true },
      this.picture,
      this.heading,
      this.sentence,
      this.more,
      this.bar,
      this.row,
    );
    this.root = el("div", { class: "stage" }, this.big, this.spinner, this.card);
  }

  /** @param {Situation} kind @param {Details} details */
  draw(kind, details) {
    const changed = kind !== this.#kind;
    this.#kind = kind;
    this.big.hidden = kind !== "tap";
    this.spinner.hidden = kind !== "spinner";
    this.card.hidden = kind === "none" || kind === "tap" || kind === "spinner";
    this.root.dataset.kind = kind;
    if (changed && kind === "tap") this.big.focus();
    if (this.card.hidden) {
      if (this.#said) this.context.announce(""); // what was said is over
      this.#said = "";
      return;
    }
    this.#words(kind, details);
    const { playNext, again, cancelNext, leave } = this.buttons;
    playNext.hidden = cancelNext.hidden = kind !== "next";
    again.hidden = kind !== "ended";
    this.more.hidden = kind !== "airFull";
    leave.hidden = !["airFull", "ended", "gone", "failed", "trouble"].includes(kind);
    this.row.hidden = Object.values(this.buttons).every((button) => button.hidden);
    if (changed && kind === "next") playNext.focus();
    if (changed && kind === "ended") again.focus();
  }

  /** @param {Situation} kind @param {Details} details */
  #words(kind, { title, failed, next, nextSeconds, watching }) {
    const { language, announce } = this.context;
    setText(
      this.heading,
      kind === "next"
        ? (next?.title ?? "")
        : kind === "prepare" || kind === "trouble" || kind === "airFull"
          ? (title?.title ?? "")
          : "",
    );
    this.heading.hidden = this.heading.textContent === "";
    const sentence =
      kind === "airFull"
        ? language.t("player.airFull", { count: watching })
        : this.#sentence(kind, title, failed);
    const counted = kind === "next" ? language.t("player.nextIn", { count: nextSeconds }) : sentence;
    setText(this.sentence, counted);
    const share = kind === "prepare" && title?.state === "converting" ? title.progress : null;
    this.bar.hidden = share === null;
    /** @type {HTMLElement} */ (this.bar.firstElementChild).style.inlineSize = `${(share ?? 0) * 100}%`;
    this.bar.title = share === null ? "" : percent(language, share);
    this.picture.hidden = kind !== "next" || !next?.thumbnail;
    if (!this.picture.hidden && next?.thumbnail) this.picture.setAttribute("src", next.thumbnail);
    // A countdown is said once, not ten times; nor is everybody who comes and goes while one waits.
    const say = kind === "next" ? `${language.t("player.next")} ${next?.title ?? ""}` : sentence;
    const key = kind === "airFull" ? kind : say;
    if (key !== this.#said) announce(say);
    this.#said = key;
  }

  /** @param {Situation} kind @param {Title | null} title @param {string} failed @returns {string} */
  #sentence(kind, title, failed) {
    const { language } = this.context;
    switch (kind) {
      case "prepare":
      case "trouble":
        return title ? stateSentence(language, title) : "";
      case "failed":
        return language.t(failed === "unsupported" ? "player.unsupported" : "player.broken");
      case "unplugged":
        return language.t(title && isRemoved(title) ? "player.fileRemoved" : "player.unplugged");
      case "away":
        return language.t("player.away");
      case "edge":
        return language.t("player.edge");
      case "gone":
        return language.t(isDeleted(title, this.context.box) ? "player.fileRemoved" : "player.gone");
      case "ended":
        return language.t("player.ended");
      default:
        return "";
    }
  }
}

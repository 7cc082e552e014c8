// Which key does what. Pure.

/** @typedef {"toggle" | "back" | "forward" | "louder" | "quieter" | "full" | "mute" | "captions" | "leave" | "start" | null} KeyAction */

/**
 * @param {{key: string, ctrlKey?: boolean, metaKey?: boolean, altKey?: boolean}} event
 * @param {{on: "button" | "slider" | "field" | "other"}} where what has the focus: its own keys stay its own
 * @returns {KeyAction}
 */
export function keyAction(event, { on }) {
  if (event.ctrlKey || event.metaKey || event.altKey || on === "field") return null;
  switch (event.key) {
    case " ":
    case "Enter":
      return on === "other" && event.key === " " ? "toggle" : null;
    case "k":
    case "K":
      return "toggle";
    case "ArrowLeft":
      return on === "slider" ? null : "back";
    case "ArrowRight":
      return on === "slider" ? null : "forward";
    case "j":
    case "J":
      return "back";
    case "l":
    case "L":
      return "forward";
    case "ArrowUp":
      return on === "slider" ? null : "louder";
    case "ArrowDown":
      return on === "slider" ? null : "quieter";
    case "f":
    case "F":
      return "full";
    case "m":
    case "M":
      return "mute";
    case "c":
    case "C":
      return "captions";
    case "Home":
      return on === "slider" ? null : "start";
    case "Escape":
      return "leave";
    default:
      return null;
  }
}

/** Keys of the time bar: where it goes. @param {string} key @param {number} now @param {number} duration */
export function sliderKey(key, now, duration) {
  /** @type {{[key: string]: number}} */
  const to = {
    ArrowLeft: now - 5,
    ArrowDown: now - 5,
    ArrowRight: now + 5,
    ArrowUp: now + 5,
    PageDown: now - 60,
    PageUp: now + 60,
    Home: 0,
    End: duration,
  };
  const wanted = to[key];
  return wanted === undefined ? null : Math.min(duration, Math.max(0, wanted));
}

/**
 * Where a seek may go: up to what is ready, with a little to play.
 * @param {number} wanted @param {number} readySeconds Infinity = everything
 * @returns {{seconds: number, clamped: boolean}}
 */
export function clampSeek(wanted, readySeconds) {
  const most = Math.max(0, readySeconds - 2);
  return wanted > most
    ? { seconds: most, clamped: wanted - most > 2 }
    : { seconds: Math.max(0, wanted), clamped: false };
}

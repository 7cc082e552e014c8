// Lock screen and headset buttons (Media Session).

/**
 * @param {import("../types.d.ts").Title} title
 * @param {string} boxName
 * @param {{play: () => void, pause: () => void, by: (seconds: number) => void, seek: (seconds: number) => void}} actions
 * @returns {() => void} ends it
 */
export function mediaSession(title, boxName, actions) {
  if (!("mediaSession" in navigator) || !("MediaMetadata" in window)) return () => {};
  const session = navigator.mediaSession;
  const artwork = title.thumbnail ? [{ src: title.thumbnail, type: "image/jpeg" }] : [];
  session.metadata = new MediaMetadata({ title: title.title, artist: boxName, artwork });
  /** @type {[MediaSessionAction, (details: MediaSessionActionDetails) => void][]} */
  const handlers = [
    ["play", () => actions.play()],
    ["pause", () => actions.pause()],
    ["seekbackward", (details) => actions.by(-(details.seekOffset ?? 10))],
    ["seekforward", (details) => actions.by(details.seekOffset ?? 10)],
    ["seekto", (details) => actions.seek(details.seekTime ?? 0)],
  ];
  const set = (/** @type {boolean} */ on) => {
    for (const [action, handler] of handlers) {
      try {
        session.setActionHandler(action, on ? handler : null);
      } catch (error) {
        // An action that this browser does not know.
      }
    }
  };
  set(true);
  return () => {
    set(false);
    session.metadata = null;
  };
}

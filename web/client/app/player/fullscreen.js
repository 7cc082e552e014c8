// Full screen: the player with its own controls where the browser can, else (iPhone) the video alone.

/** @typedef {HTMLElement & {webkitRequestFullscreen?: () => void}} Root */
/** @typedef {HTMLVideoElement & {webkitEnterFullscreen?: () => void}} Video */
/** @typedef {Document & {webkitFullscreenElement?: Element | null, webkitExitFullscreen?: () => void}} Page */

/** Unprefixed only since Safari 16.4. */
export const isFull = () => {
  const page = /** @type {Page} */ (document);
  return Boolean(page["fullscreenElement"] ?? page.webkitFullscreenElement);
};

/** @param {Root} root @param {Video} video */
export function toggleFull(root, video) {
  const page = /** @type {Page} */ (document);
  if (isFull()) {
    if (document.exitFullscreen) document.exitFullscreen().catch(() => {});
    else page.webkitExitFullscreen?.();
    return;
  }
  if (root.requestFullscreen) root.requestFullscreen().catch(() => {});
  else if (root.webkitRequestFullscreen) root.webkitRequestFullscreen();
  else video.webkitEnterFullscreen?.();
}

export function leaveFull() {
  if (isFull() && document.exitFullscreen) document.exitFullscreen().catch(() => {});
}

// From the library to the player: the poster grows into the picture, where that is wanted and costs the film nothing.

/** On fewer cores the animation takes its time from the decoder: the first frame would come later. */
const CORES = 3;

/** @param {boolean} animate @param {() => void} put changes the page; may be called a moment later */
export function change(animate, put) {
  const page = /** @type {Document & {startViewTransition?: (change: () => void) => void}} */ (document);
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const able = (navigator.hardwareConcurrency || 1) >= CORES;
  const clear = () => {
    for (const img of document.querySelectorAll(".card img[style]"))
      /** @type {HTMLElement} */ (img).style.removeProperty("view-transition-name");
  };
  if (!page.startViewTransition || !animate || still || !able) {
    clear();
    put();
    return;
  }
  page.startViewTransition(() => {
    clear();
    put();
  });
}

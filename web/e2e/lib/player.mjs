// What a person does with the page, and what the <video> element then says. How the page is built is known only here.
import { until } from "./until.mjs";

/** @typedef {import("playwright-core").Page} Page */

/** The card of a title in the library. @param {Page} page @param {string} id */
export const card = (page, id) => page.locator(`.card[data-id="${id}"]`).first();

/** Opens the library and taps a title, as people do. @param {Page} page */
export async function tapTitle(page, box, id) {
  await page.goto(`${box.url}/`);
  await card(page, id).click();
}

/** @param {Page} page */
export const video = (page) =>
  page.evaluate(() => {
    const v = document.querySelector("video");
    return v && {
      seconds: v.currentTime,
      duration: v.duration,
      paused: v.paused,
      seeking: v.seeking,
      ended: v.ended,
      ready: v.readyState,
      width: v.videoWidth,
      height: v.videoHeight,
      jumped: v.jumped,
      error: v.error?.message ?? "",
      audioBytes: v.webkitAudioDecodedByteCount,
      buffered: Array.from({ length: v.buffered.length }, (_, i) => [v.buffered.start(i), v.buffered.end(i)]),
    };
  });

/** Waits until the film plays beyond a time. @param {Page} page @param {number} beyond seconds */
export function playsBeyond(page, beyond, seconds = 30) {
  return until(`the film to play beyond ${beyond} s`, async () => {
    const v = await video(page);
    return v && !v.paused && v.seconds > beyond && v;
  }, { seconds, seen: () => video(page) });
}

/** Jumps to a time and waits until a frame from there is shown. @param {Page} page */
export async function seek(page, seconds) {
  await page.evaluate((to) => {
    const v = document.querySelector("video");
    // "seeked" comes before the picture: for a moment the one from before still stands there.
    const look = (_, { mediaTime }) => {
      if (Math.abs(mediaTime - to) < 1) v.jumped = to;
      else v.requestVideoFrameCallback(look);
    };
    delete v.jumped;
    if ("requestVideoFrameCallback" in v) v.requestVideoFrameCallback(look);
    else v.jumped = to; // Firefox before 132
    v.currentTime = to;
  }, seconds);
  await until(`the jump to ${seconds} s to be done`, async () => {
    const v = await video(page);
    return !v.seeking && v.ready >= 2 && v.jumped === seconds && Math.abs(v.seconds - seconds) < 3;
  }, { seconds: 20, seen: () => video(page) });
}

/** @param {Page} page */
export const pause = (page) => page.evaluate(() => document.querySelector("video").pause());

/** @param {Page} page */
export const play = (page) => page.evaluate(() => document.querySelector("video").play());

/** What stands above the picture: the kind ("none", "tap", "away" …) and the sentence. @param {Page} page */
export const stage = (page) =>
  page.evaluate(() => {
    const stage = document.querySelector(".stage");
    const card = document.querySelector(".stage-card");
    return { kind: stage?.dataset.kind ?? "none", text: card && !card.hidden ? card.innerText : "" };
  });

/** Waits until the page says a sentence above the picture. @param {Page} page @param {string} sentence */
export function says(page, sentence, seconds = 30) {
  return until(`the page to say “${sentence}”`, async () => (await stage(page)).text.includes(sentence), {
    seconds,
    seen: async () => ({ stage: await stage(page), video: await video(page) }),
  });
}

// A real Chromium plays a title of a box, as a person does: play.mjs URL ID
import { desktop, launch, viewer } from "../../web/e2e/lib/browser.mjs";
import { playsBeyond, tapTitle } from "../../web/e2e/lib/player.mjs";

const [url, id] = process.argv.slice(2);
const browser = await launch();
try {
  const { page, faults } = await viewer(browser, desktop);
  page.setDefaultTimeout(120_000); // an emulated box is slow, and may be converting a film
  const began = Date.now();
  await tapTitle(page, { url }, id);
  const shown = await playsBeyond(page, 5, 150);
  if (!shown.width || !shown.audioBytes) throw new Error(`no picture or no sound: ${JSON.stringify(shown)}`);
  if (faults.length > 0) throw new Error(faults.join("\n"));
  console.log(`Chromium: tap → 5 s played: ${((Date.now() - began) / 1000).toFixed(1)} s, ${shown.width}×${shown.height}`);
} finally {
  await browser.close();
}

// A room as the product knows it: a box on the air, some phones on it, a film that all of them watch. Every station is a
// network place with a Chromium of its own (lib/netns.mjs); a viewer is a browser context (cookie, storage) with one page.
import { newBox } from "./box.mjs";
import { launch, viewer } from "./browser.mjs";
import { clips, put } from "./clips.mjs";
import { newNetwork } from "./netns.mjs";

export class Room {
  /** @type {import("./netns.mjs").Station[]} */
  stations = [];
  /** @type {Map<import("./netns.mjs").Station, Promise<import("playwright-core").Browser>>} */
  browsers = new Map();
  /** @type {Record<string, any>} by the clip's name, as the API gives them */
  titles = {};

  /** A Chromium at a station, started when first asked for. @param {import("./netns.mjs").Station} station */
  browser(station) {
    if (!this.browsers.has(station)) this.browsers.set(station, launch({ station, more: this.arguments, keepPages: this.keepPages }));
    return this.browsers.get(station);
  }

  /** A new viewer at station n (they are shared in turns when there are fewer stations than viewers). */
  async viewer(n, options = {}) {
    const station = this.stations[n % this.stations.length];
    const one = await viewer(await this.browser(station), options);
    return { ...one, station };
  }

  async close() {
    await Promise.allSettled([...this.browsers.values()].map(async (browser) => (await browser).close()));
    await this.box?.remove();
    await this.network.remove();
  }
}

/**
 * @param {{clips?: string[], stations?: number, mbit?: number, ipv6?: boolean, route?: boolean, box?: import("./box.mjs").Options, arguments?: string[], keepPages?: boolean}} [options]
 * clips: names of the set "swarm"; mbit: what the box can send; arguments: for Chromium; keepPages: for "back", as browsers do that are not driven by tests
 */
export async function openRoom({ clips: names = ["swarm-small"], stations = 2, mbit = 0, ipv6, route, box = {}, arguments: more = [], keepPages = false } = {}) {
  const room = new Room();
  const films = await clips("swarm", { only: names.join(",") }); // the large ones take minutes to make
  room.arguments = more;
  room.keepPages = keepPages;
  room.network = newNetwork({ ipv6, route });
  try {
    for (let i = 0; i < stations; i++) room.stations.push(room.network.station());
    if (mbit) room.network.shape(mbit);
    room.box = await newBox({ ...box, station: room.network.box });
    await put(room.box.stick, ...films);
    await room.box.start();
    for (const film of films) room.titles[film.name] = await room.box.ready(film.file, 120);
    return room;
  } catch (error) {
    const log = (await room.box?.log()) ?? "";
    await room.close();
    throw new Error(`${error.message}\n${log}`, { cause: error });
  }
}

// Pages that mean harm. They speak the protocol correctly: what they say is not true.

import { Page } from "./page.js";

const MILLISECONDS = 2000;

class Hostile extends Page {
  begin() {
    const { world } = this;
    this.honest = false;
    this.say("join", { name: this.id, p2p: true, viewer: this.id });
    const segments = this.player.starts.length - 1;
    const have = this.claims(segments);
    this.say("open", {
      ...{ title: "film", rendition: "video-1", segments, have },
      ...{ segmentSeconds: (this.player.starts[segments] ?? 0) / segments, at: 0, budget: 1e9 },
    });
    this.begun = world.now;
    this.#again();
  }

  #again() {
    if (this.gone) return;
    const { world } = this;
    world.at(world.now + MILLISECONDS, () => this.#again());
    this.act((world.now - (this.begun ?? 0)) / 1000);
  }

  /** @param {number} _segments @returns {[number, number][]} what it says it has */
  claims(_segments) {
    return [];
  }

  /** Every two seconds. @param {number} at where it says it plays, seconds */
  act(at) {
    this.say("have", { at });
  }

  pump() {}
  playhead() {}
}

/** Says it has everything, and refuses, or says nothing at all when asked. */
export class FalseHolder extends Hostile {
  /** @param {number} segments @returns {[number, number][]} */
  claims(segments) {
    return [[0, segments - 1]];
  }

  /** @param {number} n @returns {import("./page.js").Answer} */
  serves(n) {
    return n % 2 ? "silent" : "no";
  }
}

/** Says it has everything, and sends a byte now and then: never silent for long, never done. */
export class Dripper extends FalseHolder {
  /** @returns {"drip"} */
  serves() {
    return "drip";
  }
}

/** Says it has everything, and sends something else. */
export class Liar extends FalseHolder {
  /** @returns {"yes"} */
  serves() {
    return "yes";
  }
}

/** Asks for everything that will be needed, and fetches nothing of it: its leases are for nothing. */
export class Squatter extends Hostile {
  wants = 0;

  /** @param {number} at */
  act(at) {
    super.act(at);
    const { world } = this;
    const segments = this.player.starts.length - 1;
    for (let n = this.player.segmentAt(at); n < Math.min(segments, this.player.segmentAt(at) + 9); n++) {
      const m = { id: ++this.wants, n, in: 5000, why: "play" };
      world.call({ peer: this.id, do: "want", m, segment: world.film.segment(n) });
    }
  }
}

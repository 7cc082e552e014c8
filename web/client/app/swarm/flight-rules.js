// What becomes of one flight now, and when to look again. Pure: a flight and its case in, a verdict out.

/** @typedef {import("./types.d.ts").Flight} Flight */
/**
 * until: ms until the picture needs it. httpMilliseconds: what the box would take for it. aloneMilliseconds: the
 * same when what nobody waits for has made way. length: of its picture, ms.
 * full: this phone's own link is, so that nobody would be faster than who sends now.
 * @typedef {{now: number, need: boolean, until: number, connected: boolean, httpMilliseconds: number, aloneMilliseconds: number, length: number,
 *   bytes: number, full: boolean}} Case
 */
/** at: clock of the next look; Infinity: only when something happens. @typedef {{then: "stay" | "http" | "again" | "next" | "fail" | "end", why: string, at: number}} Verdict */

/** The box answers in a few ms; a need that is short of time does not wait longer than this. */
const ANSWER_URGENT_MILLISECONDS = 150;
/** Nor than this when the box is slow: it has more to do than it can, and its answer is what helps. */
const ANSWER_SLOW_MILLISECONDS = 1000;
/** And anything else no longer than this. */
const ANSWER_MILLISECONDS = 3000;
/** Short of time: less than this beyond the margin. */
const URGENT_MILLISECONDS = 1000;
/** A connection opens in 15–100 ms on a LAN; a lost handshake is repeated after a second. */
export const CONNECT_MILLISECONDS = 4000;
/** A peer that sends nothing for so long has gone. */
const QUIET_MILLISECONDS = 2000;
/** While it sends other segments it is there: they share its connection, and a busy phone's turns are long. */
const QUIET_BESIDE_MILLISECONDS = 6000;
/** As QUIET_MILLISECONDS, for a need past its margin. */
const QUIET_URGENT_MILLISECONDS = 400;
/** How long a peer has to send the first bytes before it is compared with the box. */
const GRACE_MILLISECONDS = 300;
/** The same where the box is slow: so is the air, and a transfer given up is lost time on it. */
const GRACE_SLOW_MILLISECONDS = 2000;
/** Between two looks at a transfer that is running late. */
const LOOK_MILLISECONDS = 100;
/** A box that sends nothing for so long has gone; the loader's own patience is about the same. */
const HTTP_QUIET_MILLISECONDS = 10_000;
/** Peers tried for one segment. */
export const MOST_TRIED = 4;

const MOST_MARGIN_MILLISECONDS = 3000;
const MOST_NOW_MILLISECONDS = 1000;
/** The answer of the box, and the grace of a peer. */
const TRY_MILLISECONDS = ANSWER_URGENT_MILLISECONDS + GRACE_MILLISECONDS + 150;

/** A tick may come so much later than it was due. */
const TICK_MILLISECONDS = 1000;

/**
 * Nothing runs for it, and that is so on purpose: the box has said wait, or is asked again just now. Who looks after
 * the swarm from outside leaves it alone, no longer than the box has said.
 * @param {Flight} f @param {number} now
 */
export const isInHand = (f, now) =>
  (f.stage === "waiting" && now < f.again + TICK_MILLISECONDS) ||
  (f.stage === "asked" && now < f.since + ANSWER_SLOW_MILLISECONDS + TICK_MILLISECONDS);

/** @param {number} httpMilliseconds @returns {number} ms before the deadline at which HTTP must begin */
export const margin = (httpMilliseconds) => Math.min(1.5 * httpMilliseconds + 400, MOST_MARGIN_MILLISECONDS);

/**
 * A box that takes longer for a segment than it plays is no rescue. If everybody who is late went to it, everybody
 * would stay late; what makes it fast again is that one fetches and the others wait, as it says.
 * @param {Case} c
 */
export const isSlow = (c) => c.aloneMilliseconds > c.length;

/**
 * A need that leaves no time to ask, to try a peer and to go to the box after all, as the target of a seek does: plain
 * HTTP would not have lost that time.
 * @param {Case} c
 */
export const isLate = (c) =>
  !isSlow(c) && c.until < 1.25 * Math.min(c.httpMilliseconds, MOST_NOW_MILLISECONDS) + TRY_MILLISECONDS;

/** @param {number} at @returns {Verdict} */
const stay = (at) => ({ then: "stay", why: "", at });
/** @param {Verdict["then"]} then @param {string} why @returns {Verdict} */
const verdict = (then, why) => ({ then, why, at: Infinity });

/** @param {Flight} f @param {Case} c @returns {Verdict} */
export function check(f, c) {
  const override = c.need ? c.now + c.until - margin(c.httpMilliseconds) : Infinity;
  switch (f.stage) {
    case "asked": {
      if (c.need && isLate(c)) return verdict("http", "late");
      const urgent = override < c.now + URGENT_MILLISECONDS;
      const soon = isSlow(c) ? ANSWER_SLOW_MILLISECONDS : ANSWER_URGENT_MILLISECONDS;
      const patience = f.since + (urgent ? soon : ANSWER_MILLISECONDS);
      if (c.now >= patience) return c.need ? verdict("http", "slowBox") : verdict("end", "slowBox");
      // The playhead comes nearer: then it is urgent.
      return stay(Math.min(patience, Math.max(c.now + LOOK_MILLISECONDS, override - URGENT_MILLISECONDS)));
    }
    case "waiting": {
      const last = isSlow(c) || f.why === "crowded" ? Infinity : override;
      if (c.now >= last) return verdict("http", "deadline");
      if (c.now >= f.again) return verdict("again", "waited");
      return stay(Math.min(last, f.again));
    }
    case "granted":
      return c.now >= override && f.peers.length === 0
        ? verdict("http", "deadline")
        : stay(Math.max(override, c.now + LOOK_MILLISECONDS));
    case "peer":
      return checkPeer(f, c, override);
    case "http":
      if (c.now >= f.moved + HTTP_QUIET_MILLISECONDS) return verdict("fail", "timeout");
      return stay(f.moved + HTTP_QUIET_MILLISECONDS);
  }
}

/** @param {Flight} f @param {Case} c @param {number} override @returns {Verdict} */
function checkPeer(f, c, override) {
  const patience = patienceWith(f, c);
  if (isSlow(c)) return checkPeerOfSlowBox(f, c, patience);
  if (c.now < override)
    return c.now >= patience ? verdict("next", "timeout") : stay(Math.min(patience, override));
  // Late. The peer goes on only where it will be there in time, or no later than the box would be.
  const grace = f.since + GRACE_MILLISECONDS;
  if (c.now < grace) return stay(grace);
  if (f.done === 0 || c.now >= f.moved + QUIET_URGENT_MILLISECONDS) return verdict("http", "deadline");
  return isTooSlow(f, c) ? verdict("http", "deadline") : stay(c.now + LOOK_MILLISECONDS);
}

/** @param {Flight} f @param {Case} c @returns {number} clock at which its peer has gone */
function patienceWith(f, c) {
  if (f.done === 0 && !c.connected) return f.moved + CONNECT_MILLISECONDS;
  return Math.min(Math.max(f.moved, f.heard) + QUIET_MILLISECONDS, f.moved + QUIET_BESIDE_MILLISECONDS);
}

/**
 * A slow box is no rescue, but neither is a peer slower than that, which may send a byte now and then for ever: another
 * one is asked for, and the box says who, or that it is this page's turn at the box.
 * @param {Flight} f @param {Case} c @param {number} patience @returns {Verdict}
 */
function checkPeerOfSlowBox(f, c, patience) {
  if (c.now >= patience) return verdict("next", "timeout");
  if (!c.need || f.done === 0) return stay(patience);
  const grace = f.since + GRACE_SLOW_MILLISECONDS;
  if (c.now >= grace && isTooSlow(f, c)) return verdict("next", "timeout");
  return stay(Math.min(patience, Math.max(grace, c.now + LOOK_MILLISECONDS)));
}

/** It will be late, and later than the box. @param {Flight} f bytes have come @param {Case} c */
function isTooSlow(f, c) {
  if (c.full) return false;
  // A peer that was fast and has become slow is as slow as it is now.
  const left = (c.bytes - f.done) / Math.min(f.rate, f.done / (c.now - f.since));
  return 1.25 * left > Math.max(c.until, c.httpMilliseconds);
}

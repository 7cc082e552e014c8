// The swarm with a real browser around it.
import { fetchSegment } from "./fetcher.js";
import { Swarm } from "./swarm.js";

/** What a page may hold for others. Phones end pages that take more. */
const LAPTOP_BYTES = 100_000_000;
const PHONE_BYTES = 64_000_000;

/**
 * An iPad has called itself a Mac since iPadOS 13, but no Mac has a touch screen.
 * @param {Pick<Navigator, "userAgent" | "maxTouchPoints">} device @returns {number} bytes
 */
export function budgetOf({ userAgent, maxTouchPoints }) {
  const isPhone =
    /Mobi|Android|iPhone|iPad/.test(userAgent) || (/Macintosh/.test(userAgent) && maxTouchPoints > 1);
  return isPhone ? PHONE_BYTES : LAPTOP_BYTES;
}

/** @param {import("../app.js").Context} context @param {import("./door.js").Door} door */
export async function startSwarm({ base, debug, socket, stats, settings }, door) {
  // The trace is loaded only where it is wanted.
  const trace = debug === "swarm" ? new (await import("./trace.js")).Trace() : null;
  const swarm = new Swarm({
    line: socket,
    outside: {
      connect: (config) => new RTCPeerConnection(config),
      worker: () => new Worker(`${base}/app/swarm/integrity.worker.js`),
      fetch: (n, url, events) => door.fetch(n, url, events, fetchSegment),
      now: () => performance.now(),
      later: (run, milliseconds) => setTimeout(run, milliseconds),
      cancel: (timer) => clearTimeout(timer),
    },
    totals: stats.totals,
    stalls: () => stats.stalls,
    share: { get: () => settings.get("share"), set: (on) => settings.set("share", on) },
    budgetBytes: budgetOf(navigator),
    seed: Math.floor(Math.random() * 2 ** 32),
    trace,
    broke: (error) => door.shut(error),
  });
  stats.peers = () => swarm.membership.peers().filter((peer) => peer.open).length;
  socket.join(swarm.signaling);
  return swarm;
}

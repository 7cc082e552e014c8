// A room to look at: a real box and some headless pages that watch one film, with what each of them says.
//   sudo node web/e2e/byhand.mjs [--pages 4] [--apart 8] [--seconds 60] [--stations 2] [--mbit 0] [--clip swarm-small]
//                                [--p2p auto] [--debug] [--no-route] [--ipv6] [--shots FOLDER] [--run SCRIPT.mjs]
// --run: a module whose default export gets {room, viewers} when all pages play; the room closes when it returns.
// STREAMBOX_BIN names another program than bin/streambox.
import { resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { desktop } from "./lib/browser.mjs";
import { missingNetwork } from "./lib/netns.mjs";
import { missing } from "./lib/places.mjs";
import { playsBeyond, tapTitle } from "./lib/player.mjs";
import { openRoom } from "./lib/room.mjs";

const text = (value) => ({ type: "string", default: value });
const { values: say } = parseArgs({
  options: {
    pages: text("4"), apart: text("8"), seconds: text("60"), stations: text("2"), mbit: text("0"), clip: text("swarm-small"), p2p: text("auto"),
    shots: text(""), run: text(""), debug: { type: "boolean" }, "no-route": { type: "boolean" }, ipv6: { type: "boolean" },
  },
});
if (missing || missingNetwork) throw new Error(missing || missingNetwork);

const line = async (viewer, i) => {
  const seen = await viewer.page.evaluate(() => ({ at: document.querySelector("video")?.currentTime ?? 0, ...window.streambox?.stats?.() })).catch((error) => ({ error: error.message }));
  return `${i}: ${JSON.stringify(seen)}`;
};

const args = say.p2p === "auto" ? [] : ["--p2p", say.p2p];
if (say.debug) args.push("--debug");
const room = await openRoom({
  clips: [say.clip], stations: Number(say.stations), mbit: Number(say.mbit), route: !say["no-route"], ipv6: say.ipv6, box: { args },
});
let over = false;
const end = () => (over = true);
process.once("SIGINT", end).once("SIGTERM", end);
try {
  console.log(`box at ${room.box.url}, log ${room.box.logFile}`);
  const viewers = [];
  for (let i = 0; i < Number(say.pages) && !over; i++) {
    if (i > 0) await delay(Number(say.apart) * 1000);
    const one = await room.viewer(i, desktop);
    one.page.on("console", (message) => console.log(`${i} says: ${message.text()}`));
    viewers.push(one);
    await tapTitle(one.page, room.box, room.titles[say.clip].id);
    await playsBeyond(one.page, 0.1);
  }
  if (say.run) await (await import(pathToFileURL(resolve(say.run)).href)).default({ room, viewers });
  for (let t = 0; t < Number(say.seconds) && !say.run && !over; t += 2) {
    await delay(2000);
    console.log((await Promise.all(viewers.map(line))).join("\n"), "\n");
  }
  for (const [i, one] of viewers.entries()) {
    if (say.shots) await one.page.screenshot({ path: `${say.shots}/viewer-${i}.png` });
    if (one.faults.length) console.log(`${i} had faults:\n${one.faults.join("\n")}`);
  }
} catch (error) {
  console.log(error, "\n", await room.box.log(60));
  process.exitCode = 1;
} finally {
  await room.close();
}

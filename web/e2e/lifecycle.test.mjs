// Pages come and go on phones, with the swarm's connections and requests in mid-air: one is kept for "back" and shown
// again, a browser sleeps and wakes. Nobody's film may stand because of it that would not on plain HTTP.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { missingNetwork } from "./lib/netns.mjs";
import { missing } from "./lib/places.mjs";
import { play, video } from "./lib/player.mjs";
import { openRoom } from "./lib/room.mjs";
import { withLog } from "./lib/scene.mjs";
import { isFull, playsOn, tells, told, watches } from "./lib/swarm.mjs";
import { until } from "./lib/until.mjs";

const skip = missing || missingNetwork;
let room;

before(async () => {
  if (!skip) room = await openRoom({ clips: ["swarm-small"], stations: 2, keepPages: true });
});
after(() => room?.close());

function scene(name, body) {
  test(name, { skip, timeout: 120_000 }, withLog(() => room?.box, async (t) => {
    const comes = async (n, how) => {
      const one = await watches(room, n, how);
      t.after(() => one.close());
      return one;
    };
    await body(comes);
  }));
}

/** Its picture never stood for want of bytes. */
async function unharmed(one) {
  const { stalls, starved } = await told(one);
  assert.deepEqual({ stalls, starved, faults: one.faults }, { stalls: 0, starved: 0, faults: [] }, one.name);
}

const connected = (one) => tells(one, "a connection to another phone", (now) => now.peers > 0);

// Stands for: a laptop that is closed for longer than the box remembers who is silent. Nothing in it is told: its clock
// jumps, its WebSocket and its connections are dead, its requests are old. (A frozen page is told, and has the same to
// do as one that is kept for "back": Chromium tells that one "freeze" and "resume" as well.)
scene("a browser that is stopped in mid-film goes on where it was, and shares again", async (comes) => {
  const other = await comes(1, { name: "stays" });
  const one = await comes(0, { name: "sleeps" });
  await isFull(one);
  await connected(one);
  const cdp = await one.page.context().browser().newBrowserCDPSession();
  const { processInfo } = await cdp.send("SystemInfo.getProcessInfo");
  const all = (signal) => processInfo.forEach(({ id }) => process.kill(id, signal));
  const before = (await video(other.page)).seconds;
  all("SIGSTOP");
  try {
    await until("half a minute to pass", async () => (await video(other.page)).seconds > before + 34, { seconds: 60, seen: () => told(other) });
  } finally {
    all("SIGCONT");
  }
  await playsOn(one, 8);
  await connected(one);
  await connected(other);
  await unharmed(one);
  await unharmed(other);
});

// Stands for: a look at the library or another page, and "back".
scene("a page that was kept for back shows its film again, and shares again", async (comes) => {
  const other = await comes(1, { name: "stays" });
  const one = await comes(0, { name: "leaves" });
  await isFull(one);
  await connected(one);
  await one.page.evaluate(() => {
    window.kept = true;
    addEventListener("pageshow", (event) => (window.persisted = event.persisted));
  });
  await one.page.goto(`${room.box.url}/`);
  await tells(other, "that the page has gone", (now) => now.peers === 0);
  await playsOn(other, 3);
  await one.page.goBack({ waitUntil: "commit" }); // "load" is not repeated
  const back = await one.page.evaluate(() => ({ kept: window.kept === true, persisted: window.persisted === true }));
  assert.deepEqual(back, { kept: true, persisted: true }, "the page could not be kept for back");
  await until("the film to go on", async () => {
    if ((await video(one.page)).paused) await play(one.page);
    return !(await video(one.page)).paused;
  }, { seconds: 10, seen: () => video(one.page) });
  await playsOn(one, 5);
  await connected(one);
  await connected(other);
  await unharmed(one);
  await unharmed(other);
});

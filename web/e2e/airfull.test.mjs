// The air has an end, and a person who comes too late is told so: by the page, in a sentence, and let in when there is
// room. Real browsers on a link that carries three films; the Go test of ten phones (cmd/streambox) is about the figures.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { missingNetwork } from "./lib/netns.mjs";
import { missing } from "./lib/places.mjs";
import { playsBeyond, says, stage } from "./lib/player.mjs";
import { openRoom } from "./lib/room.mjs";
import { withLog } from "./lib/scene.mjs";
import { playsOn, told, watches } from "./lib/swarm.mjs";
import { until } from "./lib/until.mjs";

const skip = missing || missingNetwork;
const places = 3;
let room;

before(async () => {
  // Plain viewers: what phones hand each other would make room for more of them.
  if (!skip) room = await openRoom({ clips: ["swarm-small"], stations: 2, box: { args: ["--p2p", "off"] } });
});
after(() => room?.close());

const state = async () => (await room.box.get("/api/v1/box")).room;

/** Mean bit rate of the film's segments, as the box counts it. */
async function filmMbit() {
  const { playlist } = room.titles["swarm-small"];
  const text = await (await fetch(room.box.url + playlist)).text();
  const seconds = [...text.matchAll(/#EXTINF:([\d.]+)/g)].reduce((sum, m) => sum + Number(m[1]), 0);
  let bytes = 0;
  for (const [name] of text.matchAll(/^\S+\.ts$/gm)) {
    const response = await fetch(new URL(name, room.box.url + playlist), { method: "HEAD" });
    bytes += Number(response.headers.get("Content-Length"));
  }
  assert.ok(seconds > 100 && bytes > 0, `${bytes} bytes of ${seconds} s in\n${text}`);
  return (8 * bytes) / seconds / 1e6;
}

// Stands for: a Wi-Fi on which three phones watch, and a fourth person who opens the film.
test("who comes when the air is full reads so, is let in when somebody leaves, and nobody who plays stalls", { skip, timeout: 180_000 }, withLog(() => room?.box, async (t) => {
  const comes = async (n) => {
    const one = await watches(room, n, { name: `viewer ${n + 1}` });
    t.after(() => one.close());
    return one;
  };
  const mbit = await filmMbit();
  // As a Raspberry Pi sends: TCP that takes losses as the sign of a full link. Of a packet's 1,514 bytes 1,448 are the film's.
  room.network.box.run("sysctl", "-qw", "net.ipv4.tcp_congestion_control=reno");
  room.network.shape(((places + 0.65) * mbit * 1514) / 1448);
  const all = [];
  for (let n = 0; n < places; n++) {
    all.push(await comes(n));
    await playsBeyond(all[n].page, 0.5);
  }
  await until("the box to know what the air carries", async () => (await state()).places === places, { seconds: 40, seen: state });
  const late = await comes(places);
  await says(late.page, `The air is full: ${places} phones are watching. Wait, or join a friend's screen.`);
  assert.match((await stage(late.page)).text, /Your film starts by itself as soon as there is room\./);
  assert.equal((await stage(late.page)).kind, "airFull");
  const full = await state();
  assert.deepEqual({ taken: full.taken, waiting: full.waiting }, { taken: places, waiting: 1 });
  for (const one of all) await playsOn(one, 8);
  assert.equal((await stage(late.page)).kind, "airFull", "it was let in although nobody had left");
  await all.pop().close();
  await playsBeyond(late.page, 2, 60); // by itself: nobody taps anything
  assert.equal((await stage(late.page)).kind, "none");
  for (const one of all) await playsOn(one, 8);
  for (const one of all) {
    const { stalls, starved } = await told(one);
    assert.deepEqual({ stalls, starved, faults: one.faults }, { stalls: 0, starved: 0, faults: [] }, one.name);
  }
  assert.deepEqual(late.faults.filter((text) => !text.includes("503")), [], late.name);
  const now = await state();
  assert.deepEqual({ taken: now.taken, waiting: now.waiting }, { taken: places, waiting: 0 });
}));

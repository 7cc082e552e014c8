// A WebSocket that is dead and looks open: a router that has forgotten it, a phone that has changed its access point.
// Nothing says so; HTTP and what phones have among themselves go on.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { missingNetwork } from "./lib/netns.mjs";
import { missing } from "./lib/places.mjs";
import { video } from "./lib/player.mjs";
import { openRoom } from "./lib/room.mjs";
import { withLog } from "./lib/scene.mjs";
import { isFull, playsOn, tells, told, watches } from "./lib/swarm.mjs";
import { until } from "./lib/until.mjs";

const skip = missing || missingNetwork;
const muteSeconds = 60;
let room;

before(async () => {
  if (!skip) room = await openRoom({ clips: ["swarm-small"], stations: 2 });
});
after(() => room?.close());

/** Its picture never stood for want of bytes. */
async function unharmed(one) {
  const { stalls, starved } = await told(one);
  const faults = one.faults.filter((text) => !text.includes("WebSocket connection to")); // the tries in between
  assert.deepEqual({ stalls, starved, faults }, { stalls: 0, starved: 0, faults: [] }, one.name);
}

// Stands for: a router that has forgotten the connection. Whoever asks anew is served.
test("a page whose WebSocket has died in silence begins another one, and is back in the swarm", { skip, timeout: 180_000 }, withLog(() => room?.box, async (t) => {
  const mute = room.stations[1];
  mute.markWebSockets();
  const other = await watches(room, 0, { name: "other" });
  t.after(() => other.close());
  await isFull(other);
  const one = await watches(room, 1, { name: "mute" });
  t.after(() => one.close());
  await tells(one, "bytes of the other", (now) => now.p2pBytes > 0);
  mute.muteWebSockets({ fresh: true });
  t.after(() => mute.unmuteWebSockets());
  const { sockets } = await told(one);
  await tells(one, "another WebSocket", (now) => now.sockets === sockets + 1, 45);
  await tells(one, "a connection", (now) => now.peers > 0, 20);
  const { p2pBytes, uploadedBytes } = await told(one);
  await tells(one, "more bytes of the other, or to it", (now) => now.p2pBytes > p2pBytes || now.uploadedBytes > uploadedBytes, 40);
  await playsOn(one, 5);
  await unharmed(one);
  await unharmed(other);
}));

test("with its WebSocket dead for a minute, and nobody saying so, a viewer's film plays on, and it is back in the swarm afterwards", { skip, timeout: 240_000 }, withLog(() => room?.box, async (t) => {
  const mute = room.stations[1];
  mute.markWebSockets();
  const comes = async (n, name) => {
    const one = await watches(room, n, { name });
    t.after(() => one.close());
    return one;
  };
  const other = await comes(0, "other");
  await isFull(other);
  const one = await comes(1, "mute");
  await tells(one, "bytes of the other", (now) => now.p2pBytes > 0);
  mute.muteWebSockets();
  const from = (await video(other.page)).seconds;
  const before = await told(one);
  await until(`${muteSeconds} s to pass`, async () => (await video(other.page)).seconds > from + muteSeconds, { seconds: muteSeconds + 30, every: 500, seen: () => told(other) });
  const meanwhile = await told(one);
  const fetched = meanwhile.httpBytes + meanwhile.p2pBytes - before.httpBytes - before.p2pBytes;
  assert.ok(mute.unmuteWebSockets() > 0, "nothing was stopped");
  t.diagnostic(`in ${muteSeconds} s ${meanwhile.httpBytes - before.httpBytes} bytes of the box, ${meanwhile.p2pBytes - before.p2pBytes} of the other, ${meanwhile.sockets - before.sockets} more WebSockets`);
  assert.ok(fetched > 3_000_000, `only ${fetched} bytes in a minute`);
  await unharmed(one);
  await unharmed(other);
  await tells(one, "a connection", (now) => now.peers > 0, 40);
  // It is known again to hold what it holds: without the other, the next one has the film from it.
  const { uploadedBytes } = await told(one);
  await other.close();
  const third = await comes(0, "third");
  await tells(third, "bytes of a peer", (now) => now.p2pBytes > 0, 40);
  await tells(one, "bytes sent", (now) => now.uploadedBytes > uploadedBytes);
  await playsOn(third);
  await unharmed(one);
  await unharmed(third);
}));

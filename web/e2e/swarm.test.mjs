// Phones that hand each other the segments, as browsers really do it: over WebRTC between network namespaces, on a page
// that is no secure context. What is asked here is whether bytes flow, and whether anybody's film ever stands because of
// it; how fast things are is measured elsewhere (bench/p2p.mjs).
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { launchFirefox, missingFirefox } from "./lib/firefox.mjs";
import { missingNetwork } from "./lib/netns.mjs";
import { missing } from "./lib/places.mjs";
import { card, pause, playsBeyond, seek } from "./lib/player.mjs";
import { openRoom } from "./lib/room.mjs";
import { withLog } from "./lib/scene.mjs";
import { counted, isFull, playsOn, tells, told, watches, watchesInFirefox } from "./lib/swarm.mjs";
import { until } from "./lib/until.mjs";

const skip = missing || missingNetwork;
let room;

before(async () => {
  if (!skip) room = await openRoom({ clips: ["swarm-small", "swarm-other"], stations: 2 });
});
after(() => room?.close());

/** A figure of the box. */
const metric = async (name) => Number(new RegExp(`^${name} (\\S+)$`, "m").exec(await (await fetch(`${room.box.url}/metrics`)).text())?.[1]);

/** A test whose viewers leave at its end. body gets comes(station, options). */
function scene(name, body, options = {}) {
  test(name, { skip, timeout: 90_000, ...options }, withLog(() => room?.box, async (t) => {
    const there = [];
    t.after(async () => {
      await Promise.allSettled(there.map((one) => one.close()));
      await until("all to have left", async () => (await metric("streambox_swarm_pages")) === 0, { seconds: 20, seen: () => metric("streambox_swarm_pages") });
    });
    const comes = async (n, how) => {
      const one = await watches(room, n, { name: `viewer ${there.length + 1}`, ...how });
      there.push(one);
      return one;
    };
    await body(comes, there, t);
  }));
}

/** Nobody's film stood, and no page has anything on its console. */
async function unharmed(...all) {
  for (const one of all) {
    const { stalls, starved, frozenMilliseconds } = await told(one);
    assert.deepEqual({ stalls, starved }, { stalls: 0, starved: 0 }, `${one.name}: the picture stood, of ${frozenMilliseconds} ms some for want of bytes`);
    assert.deepEqual(one.faults, [], one.name);
  }
}

const sum = (list, name) => list.reduce((total, one) => total + one[name], 0);

// Stands for: a second phone opens the film that a first one watches.
scene("of two viewers the second takes the film from the first, and the box counts the same", async (comes) => {
  const before = await counted(room);
  const first = await comes(0);
  await isFull(first);
  const second = await comes(1);
  await isFull(second);
  const seen = await tells(second, "more from the peer than from the box", (now) => now.p2pBytes > now.httpBytes);
  assert.ok(seen.channelBytes >= seen.p2pBytes, `${seen.p2pBytes} bytes told, ${seen.channelBytes} came over DataChannels`);
  await tells(first, "as much sent", (now) => now.uploadedBytes >= seen.p2pBytes);
  await pause(first.page);
  await pause(second.page);
  await until("the box to have counted what the pages have", async () => {
    const [box, pages] = [await counted(room), [await told(first), await told(second)]];
    return box.p2pBytes - before.p2pBytes === sum(pages, "p2pBytes") && box.httpBytes - before.httpBytes === sum(pages, "httpBytes");
  }, { seconds: 20, seen: async () => ({ before, now: await counted(room), pages: [await told(first), await told(second)] }) });
  await unharmed(first, second);
});

// Stands for: a family on the sofa. With SCREENSHOTS, the drawer of each is looked at.
scene("of four viewers every later one takes most from the others", async (comes) => {
  const all = [];
  for (let i = 0; i < 4; i++) {
    all.push(await comes(i));
    await isFull(all[i]);
  }
  const now = await Promise.all(all.map(told));
  for (const [i, one] of now.entries()) if (i > 0) assert.ok(one.p2pBytes > one.httpBytes, `viewer ${i + 1}: ${one.p2pBytes} bytes from peers, ${one.httpBytes} from the box`);
  assert.equal(sum(now, "rejectedSegments"), 0);
  if (process.env.SCREENSHOTS) {
    for (const [i, one] of all.entries()) {
      await one.page.mouse.move(400, 300);
      await one.page.locator("button.shared").click();
      await one.page.locator(".drawer").waitFor();
      await playsOn(one, 2);
      await one.page.screenshot({ path: join(process.env.SCREENSHOTS, `swarm-${i + 1}-of-4.png`) });
    }
  }
  await unharmed(...all);
}, { timeout: 150_000 });

// Stands for: an iPhone's neighbour is an Android phone; two engines, two implementations of WebRTC.
test("Chromium and Firefox take segments from each other", { skip: skip || missingFirefox, timeout: 120_000 }, withLog(() => room?.box, async (t) => {
  const firefox = await launchFirefox(room.stations[1]);
  t.after(() => firefox.stop());
  const first = await watches(room, 0, { name: "Chromium" });
  t.after(() => first.close());
  await isFull(first);
  const second = await watchesInFirefox(room, firefox.browser, room.stations[1]);
  await tells(second, "more from Chromium than from the box", (now) => now.p2pBytes > now.httpBytes, 40);
  await isFull(second);
  // The other way: Firefox goes where nobody has been, and Chromium follows.
  const { p2pBytes } = await told(first);
  await seek(second.page, 84);
  await tells(second, "the film's end at hand", (now) => now.bufferSeconds > 20);
  await seek(first.page, 84);
  await tells(first, "bytes from Firefox", (now) => now.p2pBytes > p2pBytes);
  await tells(second, "bytes sent", (now) => now.uploadedBytes > 0);
  await unharmed(first, second);
}));

// Stands for: a phone that somebody has taught to lie. The others must not show it, nor pass it on.
scene("a peer that changes bytes is found out and cut off, and nobody sees it", async (comes) => {
  const liar = await comes(0, { lie: true });
  await isFull(liar);
  const victim = await comes(1);
  await isFull(victim);
  const seen = await tells(victim, "a rejected segment", (now) => now.rejectedSegments > 0);
  assert.ok(seen.p2pBytes <= seen.wastedBytes, `of ${seen.p2pBytes} bytes of the liar only ${seen.wastedBytes} were thrown away`);
  const third = await comes(1);
  await isFull(third);
  // A machine so busy that the honest one is too slow once: it is not asked again for half a minute.
  await tells(third, "bytes of the honest one", (now) => now.p2pBytes > 600_000, 60);
  const { lies } = await told(liar);
  await playsOn(victim, 6); // it goes on fetching, and not from the liar
  assert.equal((await told(liar)).lies, lies, "the liar was asked again");
  assert.ok((await metric("streambox_p2p_rejected_segments_total")) > 0, "the box has not counted it");
  await unharmed(liar, victim, third);
}, { timeout: 150_000 });

// Stands for: the box's program restarts, or a proxy drops the connection; the film is still served.
scene("with every WebSocket dead all play on, by plain HTTP", async (comes) => {
  const all = [await comes(0), await comes(1)];
  for (const one of all) await isFull(one);
  for (const { page } of all) {
    await page.evaluate(() => {
      window.rig.deaf = true;
      for (const socket of window.rig.sockets) socket.close();
    });
  }
  for (const one of all) {
    const { httpBytes } = await told(one);
    await seek(one.page, 70);
    await tells(one, "bytes of the box", (now) => now.httpBytes > httpBytes);
    await playsOn(one);
    one.faults = one.faults.filter((text) => !/WebSocket connection to '\S+\/dead' failed/.test(text));
  }
  await unharmed(...all);
  // And back: the next phone finds holders again.
  for (const { page } of all) await page.evaluate(() => (window.rig.deaf = false));
  const third = await comes(0);
  await tells(third, "bytes of peers", (now) => now.p2pBytes > 0, 40);
  await unharmed(third);
});

// Stands for: somebody closes the page or walks out of reach just now.
scene("a peer whose tab closes in mid-slice is missed by nobody", async (comes, there) => {
  const first = await comes(0);
  await isFull(first);
  room.stations[0].shape(6); // a segment of 600 KB takes most of a second: time to close the tab within one
  try {
    const second = await comes(1);
    await until("a segment to be on its way", async () => (await told(second)).unfinished > 0, { seconds: 30, every: 20 });
    await first.page.close();
    there.splice(there.indexOf(first), 1);
    assert.ok((await told(second)).unfinished > 0, "the segment had come already: nothing was shown");
    await isFull(second);
    await playsOn(second);
    await unharmed(second);
    await first.close();
  } finally {
    room.stations[0].shape(0);
  }
});

// Stands for: an access point that keeps its phones apart, switched on while they play.
scene("without UDP all play on, by plain HTTP", async (comes) => {
  const first = await comes(0);
  await isFull(first);
  const second = await comes(1);
  await tells(second, "bytes of the peer", (now) => now.p2pBytes > 0);
  for (const station of room.stations) station.cutUDP();
  try {
    const { httpBytes } = await told(second);
    await seek(second.page, 70);
    await tells(second, "bytes of the box", (now) => now.httpBytes > httpBytes);
    await playsOn(second);
    await playsOn(first);
    const third = await comes(0); // who comes now finds nobody it could reach
    await isFull(third);
    assert.equal((await told(third)).channelBytes, 0);
    await unharmed(first, second, third);
    assert.ok(room.stations[1].cutPackets() > 0, "nothing was cut");
  } finally {
    for (const station of room.stations) station.healUDP();
  }
});

// Stands for: the daily life of a page.
scene("a seek, a reload and another title: no stall, no wrong bytes, and peers again after each", async (comes) => {
  const first = await comes(0);
  await isFull(first);
  await seek(first.page, 60);
  await isFull(first);
  const second = await comes(1);
  await isFull(second);
  let { p2pBytes } = await told(second);
  await seek(second.page, 62); // where the first one is
  await tells(second, "bytes of the peer after the seek", (now) => now.p2pBytes > p2pBytes);
  await unharmed(first, second);
  await seek(second.page, 5);
  await playsOn(second);
  await second.page.reload();
  await playsBeyond(second.page, 0.1).catch(() => second.page.locator("button.tap, .stage button").first().click());
  await playsOn(second);
  await tells(second, "bytes of the peer after the reload", (now) => now.p2pBytes > 0);
  await second.page.goto(`${room.box.url}/`);
  await card(second.page, room.titles["swarm-other"].id).click();
  await isFull(second);
  assert.equal((await told(second)).p2pBytes, 0, "nobody has that title");
  await second.page.goBack();
  await card(second.page, room.titles["swarm-small"].id).click();
  await tells(second, "bytes of the peer again", (now) => now.p2pBytes > 0);
  await playsOn(second);
  assert.equal((await told(second)).rejectedSegments, 0);
  await unharmed(first, second);
});

// Stands for: a page that a phone has open elsewhere must not use the box in its viewer's name.
scene("a page of another origin cannot open the WebSocket", async (_comes, _there, t) => {
  const other = createServer((_request, response) => response.setHeader("Content-Type", "text/html").end("<!doctype html><title>other</title>"));
  other.listen(0, room.network.host);
  await once(other, "listening");
  t.after(() => other.close());
  const { context, page } = await room.viewer(0);
  t.after(() => context.close());
  const opens = () => page.evaluate((url) => new Promise((done) => {
    const socket = new WebSocket(url);
    socket.onopen = () => done("open");
    socket.onclose = ({ code }) => done(`closed ${code}`);
  }), `${room.box.url.replace(/^http/, "ws")}/ws`);
  await page.goto(`${room.box.url}/`); // the viewer has the box's cookie
  assert.equal(await opens(), "open");
  await page.goto(`http://${room.network.host}:${other.address().port}/`);
  assert.equal(await opens(), "closed 1006");
});

// Stands for: a viewer with little battery, or who does not like it.
scene("who has sharing off takes no part, and the others do", async (comes) => {
  const quiet = await comes(0, { share: false });
  await isFull(quiet);
  const first = await comes(1);
  await isFull(first);
  const second = await comes(0);
  await isFull(second);
  await tells(second, "bytes of the first", (now) => now.p2pBytes > 0);
  const { p2pBytes, uploadedBytes, peers, connections } = await told(quiet);
  assert.deepEqual({ p2pBytes, uploadedBytes, peers, connections }, { p2pBytes: 0, uploadedBytes: 0, peers: 0, connections: 0 });
  await unharmed(quiet, first, second);
});

// Stands for: phones in the box's own Wi-Fi, where there is no route to anywhere: Chromium then offers no address of its
// own, and IPv6 is link-local only, which WebRTC ignores. What the box's STUN responder tells is all they have.
test("on a link with fe80 and IPv4 and no route, viewers find each other by the box's STUN", { skip, timeout: 90_000 }, async (t) => {
  const far = await openRoom({ stations: 2, ipv6: true, route: false });
  t.after(() => far.close());
  await withLog(() => far.box, async () => {
    assert.match(far.stations[0].linkLocal(), /^fe80:/);
    const first = await watches(far, 0, { name: "first" });
    await isFull(first);
    const second = await watches(far, 1, { name: "second" });
    await tells(second, "bytes of the peer", (now) => now.p2pBytes > 0);
    await isFull(second);
    await unharmed(first, second);
  })(t);
});

// The reference of the swarm's measurements: p2p-media-loader with hls.js on a bare page, nginx, and its own tracker,
// as its documentation sets them up, but for two things: no STUN servers, which need the internet; and no worker, because
// with one it hands hls.js a segment that a worker has already taken ("ArrayBuffer at index 0 is already detached"), and
// the second viewer stops after 12 to 16 s. As an ES module without workerPath, hls.js has no worker either.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { root } from "../lib/places.mjs";
import { nginx, started } from "./servers.mjs";

const modules = join(root, "web", "client", "node_modules");
const trackerPort = 8000;

const pageOf = (address) => `<!doctype html><meta charset="utf-8"><title>p2p-media-loader</title>
<script type="importmap">{"imports": {"p2p-media-loader-core": "./p2p-media-loader-core.es.min.js", "hls.js": "./hls.min.mjs"}}</script>
<video playsinline width="640"></video><button>play</button>
<script type="module">
  import Hls from "hls.js";
  import { HlsJsP2PEngine } from "./p2p-media-loader-hlsjs.es.min.js";
  const HlsWithP2P = HlsJsP2PEngine.injectMixin(Hls);
  document.querySelector("button").onclick = () => {
    const video = document.querySelector("video");
    const hls = new HlsWithP2P({
      enableWorker: false,
      p2p: { core: { announceTrackers: ["ws://${address}:${trackerPort}"], rtcConfig: { iceServers: [] } } },
    });
    hls.attachMedia(video);
    hls.loadSource("film/index.m3u8");
    hls.on(Hls.Events.MANIFEST_PARSED, () => video.play());
  };
</script>`;

/** @returns {string} what was measured, for the table */
export function version() {
  const require = createRequire(import.meta.url);
  return require(join(modules, "p2p-media-loader-hlsjs", "package.json")).version;
}

/**
 * @param {import("../lib/netns.mjs").Station} station where the servers run
 * @param {string} film folder with index.m3u8 and segments
 */
export async function reference(station, film) {
  const work = await mkdtemp(join(tmpdir(), "streambox-p2pml-"));
  await mkdir(join(work, "film"));
  await cp(film, join(work, "film"), { recursive: true });
  await writeFile(join(work, "index.html"), pageOf(station.address));
  const files = ["hls.js/dist/hls.min.mjs", "p2p-media-loader-core/dist/p2p-media-loader-core.es.min.js", "p2p-media-loader-hlsjs/dist/p2p-media-loader-hlsjs.es.min.js"];
  for (const file of files) await cp(join(modules, file), join(work, file.split("/").at(-1)));
  const server = await nginx(work, { station });
  const [command, ...args] = station.inside(process.execPath, join(dirname(fileURLToPath(import.meta.url)), "tracker.mjs"), station.address, String(trackerPort));
  const child = spawn(command, args, { stdio: ["ignore", "ignore", "pipe"] });
  const tracker = await started(child, `http://${station.address}:${trackerPort}/stats.json`, () => rm(work, { recursive: true, force: true }));
  return {
    url: `${server.url}/`,
    stop: async () => {
      await server.stop();
      await tracker.stop();
    },
  };
}

// A stand-in for the box, for looking at the page while working on it: the client from disk (or as built, with
// --built), and an API with as many made-up titles as asked for. Two titles really play when ffmpeg is here.
// With --full the air is full for the first ten seconds of each page; /dev/drawer is the drawer with a swarm made up.
//   node dev/fixture.mjs [--port 3103] [--titles 10000] [--built] [--full]
import { createServer } from "node:http";
import { createHash } from "node:crypto";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { comparison, matches } from "../app/core/order.js";
import { makeBox, makeTitles, picture } from "./titles.mjs";

const { values: flags } = parseArgs({
  options: {
    port: { type: "string", default: "3103" },
    titles: { type: "string", default: "10000" },
    built: { type: "boolean", default: false },
    full: { type: "boolean", default: false },
  },
});
const client = join(dirname(fileURLToPath(import.meta.url)), "..");
const root = flags.built ? join(client, "..", "assets") : client;
/** @type {{[extension: string]: string}} */
const TYPES = {
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".css": "text/css",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".m3u8": "application/vnd.apple.mpegurl",
  ".ts": "video/mp2t",
  ".html": "text/html; charset=utf-8",
  ".vtt": "text/vtt",
};
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self' blob:; " +
  "connect-src 'self' ws:; worker-src 'self' blob:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const titles = makeTitles(Number(flags.titles));
const box = makeBox(titles.length);
/** @type {Map<string, number>} */
const places = new Map();
const media = join(tmpdir(), "streambox-fixture-media");

function makeMedia() {
  if (existsSync(join(media, "index.m3u8"))) return;
  mkdirSync(media, { recursive: true });
  const filter = "testsrc2=size=1280x720:rate=25,format=yuv420p";
  const input = ["-f", "lavfi", "-i", filter, "-f", "lavfi", "-i", "sine=frequency=220"];
  const video = [
    "-c:v",
    "libx264",
    "-preset",
    "ultrafast",
    "-g",
    "100",
    "-keyint_min",
    "100",
    "-sc_threshold",
    "0",
  ];
  const hls = ["-f", "hls", "-hls_time", "4", "-hls_playlist_type", "vod", "-hls_list_size", "0"];
  execFileSync("ffmpeg", [
    ...["-loglevel", "error", "-y", ...input, "-t", "60", ...video, "-c:a", "aac", ...hls],
    join(media, "index.m3u8"),
  ]);
}
try {
  makeMedia();
} catch (error) {
  console.log("No ffmpeg here: nothing plays.");
}

/** @typedef {import("node:http").IncomingMessage} Request */
/** @typedef {import("node:http").ServerResponse} Response */

/** @param {Request} request @param {Response} response @param {string | Buffer} body @param {string} type @param {number} [status] */
function send(request, response, body, type, status = 200) {
  const packed =
    /text|json|javascript|svg|mpegurl/.test(type) && /gzip/.test(String(request.headers["accept-encoding"]));
  const headers = { "Content-Type": type, "Content-Security-Policy": POLICY, "Cache-Control": "no-store" };
  response.writeHead(status, packed ? { ...headers, "Content-Encoding": "gzip" } : headers);
  response.end(packed ? gzipSync(body) : body);
}

/** @param {URL} url */
function page(url) {
  const sort = /** @type {import("../app/types.d.ts").Query["sort"]} */ (
    url.searchParams.get("sort") ?? "folder"
  );
  const query = { folder: url.searchParams.get("folder") ?? "", q: url.searchParams.get("q") ?? "", sort };
  if (url.searchParams.get("since")) return { revision: 1, titles: [], removed: [], total: 0 };
  const order = comparison(sort);
  const all = titles.filter((t) => matches(t, query));
  if (order) all.sort(order);
  const limit = Math.min(200, Number(url.searchParams.get("limit")) || 200);
  const from = all.findIndex((t) => t.id === url.searchParams.get("after")) + 1;
  const some = all.slice(from, from + limit);
  const next = from + limit < all.length ? some[some.length - 1]?.id : undefined;
  return { revision: 1, titles: some, removed: [], total: all.length, next };
}

/** @param {Request} request @param {Response} response @param {URL} url */
function api(request, response, url) {
  const json = (/** @type {unknown} */ value, status = 200) =>
    send(request, response, JSON.stringify(value), "application/json", status);
  const [, , , what, id = ""] = url.pathname.split("/");
  if (what === "box") return json(box);
  if (what === "rescan") return json({}, 202);
  if (what === "host") {
    box.host = { open: false, you: true, powerOff: true };
    return json({ host: true });
  }
  if (what === "settings") return json({ name: box.name });
  if (what === "poweroff") return json({}, 202);
  if (what === "titles" && !id) return json(page(url));
  if (what === "resume" && request.method === "PUT") {
    let body = "";
    request.on("data", (part) => (body += part));
    request.on("end", () => {
      places.set(id, JSON.parse(body).seconds);
      json({});
    });
    return undefined;
  }
  if (what === "resume") return json({ seconds: places.get(id) ?? 0 });
  const title = titles.find((t) => t.id === id);
  return title ? json(title) : json({ error: "There is no such film.", code: "unknown_title" }, 404);
}

/** @param {Request} request @param {Response} response @param {string} path */
function file(request, response, path) {
  const safe = normalize(path).replace(/^(\.\.(\/|$))+/, "");
  const found = [
    join(root, safe),
    join(client, "node_modules/hls.js/dist", safe.replace("/vendor/", "/")),
  ].find(existsSync);
  if (!found) return send(request, response, "not here", "text/plain", 404);
  return send(request, response, readFileSync(found), TYPES[extname(found)] ?? "application/octet-stream");
}

const server = createServer((request, response) => {
  const url = new URL(request.url ?? "/", "http://fixture");
  const path = url.pathname;
  if (path.startsWith("/api/v1/")) return api(request, response, url);
  if (path.startsWith("/assets/")) return file(request, response, path.slice("/assets".length));
  if (path.endsWith("/thumbnail.svg")) return send(request, response, picture(path), "image/svg+xml");
  if (path === "/qr.svg") return send(request, response, picture(path), "image/svg+xml");
  const stream = /^\/stream\/[a-z0-9]+\/[^/]+\/([a-z0-9.]+)$/.exec(path);
  if (stream) {
    const found = join(media, stream[1] ?? "");
    if (!existsSync(found)) return send(request, response, "{}", "application/json", 404);
    if (!admitted && extname(found) === ".ts")
      return send(request, response, '{"code":"air_full"}', "application/json", 503);
    return send(request, response, readFileSync(found), TYPES[extname(found)] ?? "video/mp2t");
  }
  if (path === "/dev/drawer")
    return send(request, response, readFileSync(join(client, "dev/drawer.html")), "text/html; charset=utf-8");
  if (path !== "/" && !path.startsWith("/watch/"))
    return send(request, response, "not here", "text/plain", 404);
  const html = readFileSync(join(root, "index.html"), "utf8")
    .replaceAll("{{base}}", "/assets")
    .replaceAll("{{build}}", "fixture")
    .replace("{{list}}", "<ul><li><a href='/stream/x/master.m3u8'>A film</a></li></ul>");
  return send(request, response, html, "text/html; charset=utf-8");
});

/** How long the air is full, with --full. */
const FULL = 10_000;
let admitted = !flags.full;

// Just enough of a WebSocket: the handshake, one hello, and who has a place.
server.on("upgrade", (request, socket) => {
  const key = `${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
  const accept = createHash("sha1").update(key).digest("base64");
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  const say = (/** @type {object} */ message) => {
    const text = Buffer.from(JSON.stringify(message));
    socket.write(Buffer.concat([Buffer.from([0x81, text.length]), text]));
  };
  say({ type: "hello", protocol: 1, build: "fixture", name: "Guest 1" });
  if (flags.full) {
    admitted = false;
    say({ type: "room", admitted: false, watching: 9, places: 9 });
    setTimeout(() => {
      admitted = true;
      say({ type: "room", admitted: true, watching: 9, places: 9 });
    }, FULL);
  }
  socket.on("error", () => socket.destroy());
});
server.listen(Number(flags.port), "127.0.0.1", () =>
  console.log(`http://127.0.0.1:${flags.port} with ${titles.length} titles`),
);

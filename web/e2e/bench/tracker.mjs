// The reference's tracker, WebSocket only: node tracker.mjs ADDRESS PORT
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "../lib/places.mjs";

const [address, port] = process.argv.slice(2);
const module = join(root, "web", "client", "node_modules", "bittorrent-tracker", "server.js");
const { default: Server } = await import(pathToFileURL(module).href);
const server = new Server({ udp: false, http: true, ws: true, stats: true });
server.on("error", (error) => console.error(error.message));
server.on("warning", (error) => console.error(error.message));
server.listen(Number(port), { http: address });

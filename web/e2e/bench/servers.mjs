// The references: nginx and a bare http.FileServer over the same folder, on loopback ports of their own.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, readdirSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { root } from "../lib/places.mjs";
import { until } from "../lib/until.mjs";

const run = promisify(execFile);

export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/** A process and all below it. */
export function family(pid) {
  const all = [pid];
  for (const parent of all) {
    for (const task of readdirSync(`/proc/${parent}/task`)) {
      const children = readFileSync(`/proc/${parent}/task/${task}/children`, "utf8");
      all.push(...children.split(" ").filter(Boolean).map(Number));
    }
  }
  return all;
}

/** @typedef {{url: string, pids: () => number[], stop: () => Promise<void>}} Running */

/** @returns {Promise<Running>} */
export async function started(child, url, remove) {
  const errors = [];
  child.stderr.on("data", (data) => errors.push(data));
  await until(`${url} to answer`, async () => {
    if (child.exitCode !== null) throw new Error(Buffer.concat(errors).toString());
    return (await fetch(url)).status;
  }, { seconds: 15, every: 50 });
  return {
    url,
    pids: () => family(child.pid),
    stop: async () => {
      const gone = once(child, "exit");
      child.kill("SIGTERM");
      await gone;
      await remove();
    },
  };
}

/** Go programs of this folder, built once into a temporary folder. */
export async function build(name, out, from = "./web/e2e/bench") {
  await run("go", ["build", "-o", join(out, name), `${from}/${name}`], { cwd: root });
  return join(out, name);
}

export async function fileServer(program, dir) {
  const port = await freePort();
  const child = spawn(program, ["-listen", `127.0.0.1:${port}`, "-dir", dir], { stdio: ["ignore", "ignore", "pipe"] });
  return started(child, `http://127.0.0.1:${port}`, async () => {});
}

/** nginx as Debian ships it, with sendfile and no log: its best. @param {{station?: import("../lib/netns.mjs").Station}} [where] there at port 80 */
export async function nginx(dir, { station } = {}) {
  const port = station ? 80 : await freePort();
  const address = station?.address ?? "127.0.0.1";
  const work = await mkdtemp(join(tmpdir(), "streambox-nginx-"));
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((n) => `${n}_temp_path ${work}/${n};`).join(" ");
  await writeFile(join(work, "nginx.conf"), `
    daemon off; worker_processes auto; pid ${work}/pid; error_log stderr; ${process.getuid() === 0 ? "user root;" : ""}
    events { worker_connections 1024; }
    http {
      ${temporary} access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000;
      types { text/html html; text/javascript js mjs; application/vnd.apple.mpegurl m3u8; video/mp2t ts; }
      server { listen ${address}:${port}; root ${dir}; }
    }`);
  const program = process.env.NGINX ?? "/usr/sbin/nginx";
  const [command, ...args] = [...(station?.inside(program) ?? [program]), "-p", work, "-c", join(work, "nginx.conf")];
  const child = spawn(command, args, { stdio: ["ignore", "ignore", "pipe"] });
  return started(child, `http://${address}:${port}`, () => rm(work, { recursive: true, force: true }));
}

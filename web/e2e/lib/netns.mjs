// A room of its own for boxes and browsers: network namespaces joined by a bridge, as phones are by an access point.
//
//   host ── veth ──┐
//   box's namespace: bridge "air" 10.x.y.1 ── veth ── station 10.x.y.2 (eth0, default route by the box)
//                                          └─ veth ── station 10.x.y.3 …
//
// Chromium offers no address of its own to others when there is no route, or nothing but loopback; and a page of
// http://10.x.y.1 is not a secure context, which one of http://127.0.0.1 is: here things are as they are with phones.
// What goes from station to station passes the bridge only, so that shaping the box's side leaves it alone.
//
// The host's own end (10.x.y.254) is for the test itself, to ask the box. Everything bears a name with the test's
// process id: what a test that crashed left behind is found by it, and removed by the next one.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

const prefix = "streambox-";
const tools = [
  ["ip", "-V", "iproute2"],
  ["tc", "-V", "iproute2"],
  ["nft", "--version", "nftables"],
  ["nsenter", "--version", "util-linux"],
];

const sh = (...argv) => execFileSync(argv[0], argv.slice(1), { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], timeout: 20_000 });
const quietly = (...argv) => {
  try {
    return sh(...argv);
  } catch {
    return "";
  }
};

/** Why there can be no namespaces here, for node:test's skip; false when they can. Where all must run it is an error. */
export const missingNetwork = (() => {
  const reason = (() => {
    if (process.platform !== "linux") return "Linux is missing (network namespaces are its own)";
    for (const [tool, argument, from] of tools) if (!quietly(tool, argument) && !quietly(tool, "--help")) return `${tool} is missing (apt-get install ${from})`;
    if (process.getuid() !== 0) return "root is missing (network namespaces: sudo make e2e)";
    const name = `${prefix}${process.pid}-try`;
    const allowed = quietly("sh", "-c", `ip netns add ${name} && echo yes`);
    quietly("ip", "netns", "del", name);
    return allowed ? "" : "the right to make network namespaces is missing (a container without CAP_SYS_ADMIN)";
  })();
  if (!reason) return false;
  const sentence = `not run here: ${reason}`;
  if (process.env.STREAMBOX_STRICT === "1") throw new Error(sentence);
  return sentence;
})();

/** Milliseconds since the epoch at which a process began; 0 when there is none. */
function begunAt(pid) {
  try {
    return statSync(`/proc/${pid}`).ctimeMs;
  } catch {
    return 0;
  }
}

const oldestMilliseconds = 6 * 60 * 60 * 1000;

/** Removes what tests left behind that are no more: their process is gone, or is another one of the same number, or is very old. */
export function sweep() {
  for (const name of readdirSync("/run/netns", { withFileTypes: false }).filter((n) => n.startsWith(prefix))) {
    const pid = Number(name.split("-")[1]);
    const made = statSync(join("/run/netns", name)).ctimeMs;
    const owner = begunAt(pid);
    if (pid === process.pid || (owner > 0 && owner <= made + 1000 && Date.now() - made < oldestMilliseconds)) continue;
    removeNamespace(name);
  }
}

/** Ends what runs in a namespace of ours and removes it, with all links that end in it. */
function removeNamespace(name) {
  for (const pid of quietly("ip", "netns", "pids", name).split("\n").filter(Boolean)) {
    try {
      process.kill(Number(pid), "SIGKILL");
    } catch {
      // it has just ended by itself
    }
  }
  quietly("ip", "netns", "del", name);
}

let count = 0;

/** One end of a link: a namespace with an address, where a browser or a box can run. */
export class Station {
  /** @param {string} name of the namespace @param {string} address IPv4 @param {string} device @param {string} port the bridge's end @param {string} folder */
  constructor(name, address, device, port, folder) {
    Object.assign(this, { name, address, device, port, folder });
  }

  /** Runs a command here and returns what it printed. */
  run(...argv) {
    return sh("nsenter", `--net=/run/netns/${this.name}`, ...argv);
  }

  /** How to start a program here: [command, ...arguments]. */
  inside(program, ...args) {
    return ["nsenter", `--net=/run/netns/${this.name}`, program, ...args];
  }

  /** Process ids of all that runs here. */
  pids() {
    return sh("ip", "netns", "pids", this.name).split("\n").filter(Boolean).map(Number);
  }

  /** A script that starts a program here, for libraries that only take a path. The process is the program's: same id. */
  wrapper(program) {
    const path = join(this.folder, `${this.name}-${program.replaceAll("/", "_")}`);
    writeFileSync(path, `#!/bin/sh\nexec nsenter --net=/run/netns/${this.name} ${program} "$@"\n`, { mode: 0o755 });
    return path;
  }

  /** No UDP in or out any more, also between programs of this station: no WebRTC, and WebSocket and HTTP as before. */
  cutUDP() {
    this.run("nft", "add", "table", "inet", "cut");
    for (const hook of ["input", "output"]) {
      this.run("nft", `add chain inet cut ${hook} { type filter hook ${hook} priority 0; }`);
      this.run("nft", "add", "rule", "inet", "cut", hook, "meta", "l4proto", "udp", "counter", "drop");
    }
  }

  /** Packets that cutUDP() has stopped: a test that cuts what nobody used has shown nothing. */
  cutPackets() {
    return [...this.run("nft", "list", "table", "inet", "cut").matchAll(/counter packets (\d+)/g)].reduce((sum, m) => sum + Number(m[1]), 0);
  }

  healUDP() {
    this.run("nft", "delete", "table", "inet", "cut");
  }

  /**
   * WebSockets begun from now on can be made dead: the connection of a request for /ws is marked. Call it before the
   * browser starts.
   */
  markWebSockets() {
    this.run("nft", "add", "table", "inet", "ws");
    this.run("nft", "add chain inet ws output { type filter hook output priority 0; }");
    this.run("nft", "add chain inet ws input { type filter hook input priority 0; }");
    this.run("nft", "add", "rule", "inet", "ws", "output", "tcp", "dport", "80", "@ih,0,64", "0x474554202f777320", "ct", "mark", "set", "1"); // "GET /ws "
  }

  /** Not a packet of a WebSocket comes in or goes out any more, and nobody is told; fresh: those that begin now are spared. */
  muteWebSockets({ fresh = false } = {}) {
    const rule = fresh && /tcp dport 80 .*handle (\d+)/.exec(this.run("nft", "-a", "list", "chain", "inet", "ws", "output"))?.[1];
    if (rule) this.run("nft", "delete", "rule", "inet", "ws", "output", "handle", rule);
    for (const chain of ["input", "output"]) this.run("nft", "add", "rule", "inet", "ws", chain, "ct", "mark", "1", "counter", "drop");
  }

  /** Ends muteWebSockets() and returns how many packets it has stopped. */
  unmuteWebSockets() {
    const stopped = [...this.run("nft", "list", "table", "inet", "ws").matchAll(/counter packets (\d+)/g)].reduce((sum, m) => sum + Number(m[1]), 0);
    this.run("nft", "delete", "table", "inet", "ws");
    return stopped;
  }

  /** Limits what leaves this station, Mbit/s; 0: no limit. */
  shape(mbit) {
    limit(this.name, this.device, mbit);
  }

  /** Addresses of the device: link-local ones are there when the network has IPv6. */
  linkLocal() {
    return /inet6 (fe80:[0-9a-f:]+)/.exec(this.run("ip", "-6", "addr", "show", "dev", this.device))?.[1] ?? "";
  }
}

function limit(namespace, device, mbit) {
  const inside = ["nsenter", `--net=/run/netns/${namespace}`];
  quietly(...inside, "tc", "qdisc", "del", "dev", device, "root");
  if (mbit <= 0) return;
  // The bucket is as small as it can be (4 ms; tbf cuts up what offload made larger): air gives nothing in advance after a pause,
  // and a bucket of a quarter of a segment made a link with pauses look a quarter faster. 100 ms wait in line: a home router's.
  const bucket = Math.max(8192, Math.round((mbit * 1e6 * 0.004) / 8));
  sh(...inside, "tc", "qdisc", "add", "dev", device, "root", "tbf", "rate", `${mbit}mbit`, "burst", String(bucket), "latency", "100ms");
}

export class Network {
  stations = [];

  /** @param {{ipv6?: boolean, route?: boolean}} options ipv6: link-local addresses as every phone has them; route: stations have a default route */
  constructor({ ipv6 = false, route = true } = {}) {
    this.options = { ipv6, route };
    this.id = `${process.pid}-${count++}`;
    this.name = `${prefix}${this.id}-box`;
    this.hostDevice = `sb${this.id}`;
    this.folder = mkdtempSync(join(tmpdir(), "streambox-net-"));
  }

  make() {
    sweep();
    const used = sh("ip", "-o", "-4", "addr") + sh("ip", "-o", "-4", "route");
    // 10.x.y.0/24 with x.y out of reach of usual networks, and one that this machine does not have.
    let x = 201, y = process.pid % 251;
    while (used.includes(`10.${x}.${y}.`)) y = (y + 1) % 256 || ((x += 1), 0);
    this.subnet = `10.${x}.${y}`;
    this.host = `${this.subnet}.254`;
    this.#namespace(this.name);
    this.box = new Station(this.name, `${this.subnet}.1`, "air", "", this.folder);
    this.box.run("ip", "link", "add", "air", "type", "bridge", "mcast_snooping", "0", "forward_delay", "0");
    this.box.run("ip", "addr", "add", `${this.subnet}.1/24`, "dev", "air");
    this.box.run("ip", "link", "set", "air", "up");
    sh("ip", "link", "add", this.hostDevice, "type", "veth", "peer", "name", "host", "netns", this.name);
    this.box.run("ip", "link", "set", "host", "master", "air", "up");
    sh("ip", "addr", "add", `${this.host}/24`, "dev", this.hostDevice);
    sh("ip", "link", "set", this.hostDevice, "up");
    return this;
  }

  #namespace(name) {
    sh("ip", "netns", "add", name);
    const inside = ["nsenter", `--net=/run/netns/${name}`];
    for (const what of ["all", "default"]) sh(...inside, "sysctl", "-qw", `net.ipv6.conf.${what}.disable_ipv6=${this.options.ipv6 ? 0 : 1}`);
    // No duplicate address detection: link-local addresses can be used at once.
    if (this.options.ipv6) for (const what of ["all", "default"]) sh(...inside, "sysctl", "-qw", `net.ipv6.conf.${what}.accept_dad=0`);
    sh(...inside, "ip", "link", "set", "lo", "up");
  }

  /** One more place on the air. @returns {Station} */
  station() {
    const n = this.stations.length + 2;
    const name = `${prefix}${this.id}-station${n}`;
    const port = `port${n}`;
    this.#namespace(name);
    sh("ip", "-n", name, "link", "add", "eth0", "type", "veth", "peer", "name", port, "netns", this.name);
    this.box.run("ip", "link", "set", port, "master", "air", "up");
    const station = new Station(name, `${this.subnet}.${n}`, "eth0", port, this.folder);
    station.run("ip", "addr", "add", `${station.address}/24`, "dev", "eth0");
    station.run("ip", "link", "set", "eth0", "up");
    if (this.options.route) station.run("ip", "route", "add", "default", "via", `${this.subnet}.1`);
    this.stations.push(station);
    return station;
  }

  /** Limits what the box sends, to all stations together, Mbit/s; what stations send each other is not the box's. 0: no limit. */
  shape(mbit) {
    limit(this.name, "air", mbit);
  }

  /** Bytes the box's own sockets have sent on the air so far, headers and all. */
  sentBytes() {
    return JSON.parse(this.box.run("ip", "-json", "-stats", "link", "show", "air"))[0].stats64.tx.bytes;
  }

  async remove() {
    for (const station of this.stations) removeNamespace(station.name);
    removeNamespace(this.name);
    // The kernel takes the host's end away with the namespace, a moment later.
    for (let i = 0; i < 50 && readFileSync("/proc/net/dev", "utf8").includes(`${this.hostDevice}:`); i++) await delay(20);
    quietly("ip", "link", "del", this.hostDevice);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A network with its box's place and no stations yet. @param {{ipv6?: boolean, route?: boolean}} [options] */
export const newNetwork = (options) => new Network(options).make();

// `make bench PARTS=director`: 1,000 pages, each with a WebSocket of its own to a server of one core's threads, say 2,000
// messages a second. Beside a want's way to its grant stands a ping's of the same pages at the same time: what both
// take is the machine's.
import { record } from "./figures.mjs";
import { benchmark } from "./gobench.mjs";

export async function director() {
  const row = (await benchmark("./web", "^BenchmarkSwarm$", ["-benchtime", "20s"], 1)).Swarm;
  const [p99, ping] = [row["p99-ms"], row["ping-p99-ms"]];
  const what = `director, 1,000 pages by WebSocket, ${row["messages/s"].toFixed(0)} messages/s`;
  record({ what: `${what}: want to grant, p99; reference: a ping`, ours: `${p99.toFixed(2)} ms`, reference: `${ping.toFixed(2)} ms`, ratio: p99 / ping, bar: "≤ 20 ms" });
  record({ what: `${what}: memory of the server (RSS) a page, with its connection`, ours: `${row["server-KB/page"].toFixed(1)} KB`, bar: "≤ 50 KB" });
}

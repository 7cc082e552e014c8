// Passes connections on: node forward.mjs ADDRESS PORT TARGETPORT. Firefox listens for its driver on loopback only, and
// that of another network namespace is out of reach.
import { connect, createServer } from "node:net";

const [address, port, target] = process.argv.slice(2);
createServer((incoming) => {
  const outgoing = connect(Number(target), "127.0.0.1");
  const end = () => {
    incoming.destroy();
    outgoing.destroy();
  };
  incoming.on("error", end).on("close", end).pipe(outgoing).on("error", end).on("close", end).pipe(incoming);
}).listen(Number(port), address);

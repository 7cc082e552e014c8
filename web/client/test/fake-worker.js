// The hashing worker without a thread: the same code behind a real message channel, so that what is transferred is gone
// and what is posted is cloned.
import { createHash } from "node:crypto";
import { Reassembly } from "../app/swarm/reassembly.js";

/** @returns {import("../app/swarm/reassembly.js").Hasher} */
export function nodeHasher() {
  let hash = createHash("sha256");
  return {
    init: () => (hash = createHash("sha256")),
    update: (bytes) => hash.update(bytes),
    digest: () => hash.digest("hex"),
  };
}

/** @param {ArrayBuffer} data */
export const sha256 = (data) => createHash("sha256").update(new Uint8Array(data)).digest("hex");

/** @returns {import("../app/swarm/integrity.js").WorkerLike} */
export function fakeWorker() {
  const { port1, port2 } = new MessageChannel();
  const reassembly = new Reassembly([nodeHasher()], nodeHasher, (answer, transfer) =>
    port2.postMessage(answer, transfer),
  );
  port2.onmessage = ({ data }) => reassembly.take(data);
  port2.postMessage({ ready: "node" });
  return {
    postMessage: (message, transfer = []) => port1.postMessage(message, transfer),
    terminate: () => port1.close(),
    set onmessage(/** @type {any} */ listener) {
      port1.onmessage = listener;
    },
    onerror: null,
  };
}

// The worker that hashes. build.mjs bundles it with its two libraries into one classic script: Firefox 102 has no
// module workers. WebAssembly where it may run (5 times as fast), JavaScript where the policy of an older browser
// blocks it (Chrome below 97, Safari below 16 do not know 'wasm-unsafe-eval').
import { sha256 as plain } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { createSHA256 } from "hash-wasm";
import { Reassembly } from "./reassembly.js";

/** @typedef {import("./reassembly.js").Hasher} Hasher */

/** As many as there are transfers at once, and one. */
const HASHERS = 4;
/** FIPS 180-2, appendix B.1: the digest of "abc". */
const ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

/** @returns {Hasher} */
function javaScript() {
  let hash = plain.create();
  return {
    init: () => (hash = plain.create()),
    update: (bytes) => hash.update(bytes),
    digest: () => bytesToHex(hash.digest()),
  };
}

/** @param {Hasher} hasher */
function right(hasher) {
  hasher.init();
  hasher.update(Uint8Array.of(97, 98, 99));
  return hasher.digest() === ABC;
}

async function hashers() {
  try {
    const list = await Promise.all(Array.from({ length: HASHERS }, () => createSHA256()));
    if (list.every(right)) return list;
  } catch (error) {
    // Blocked: the other one it is.
  }
  return [];
}

const scope =
  /** @type {{postMessage: (message: unknown, transfer?: ArrayBuffer[]) => void, onmessage: unknown}} */ (
    /** @type {unknown} */ (globalThis)
  );
/** What comes before the hashers are made. @type {import("./reassembly.js").Order[]} */
const early = [];
/** @type {Reassembly | null} */
let reassembly = null;
scope.onmessage = (/** @type {MessageEvent} */ { data }) => {
  if (reassembly) reassembly.take(data);
  else early.push(data);
};

hashers().then((list) => {
  if (!list.length && !right(javaScript())) throw new Error("no SHA-256 here");
  reassembly = new Reassembly(list, javaScript, (answer, transfer) => scope.postMessage(answer, transfer));
  scope.postMessage({ ready: list.length ? "wasm" : "javascript" });
  for (const order of early.splice(0)) reassembly.take(order);
});

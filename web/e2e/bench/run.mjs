// `make bench`: measures one part after the other and records the figures.
import { missing } from "../lib/places.mjs";

if (missing) throw new Error(missing);
const parts = {
  serve: async () => (await import("./serve.mjs")).serve(),
  memory: async () => (await import("./serve.mjs")).memory(),
  size: async () => (await import("./size.mjs")).size(),
  page: async () => (await import("./page.mjs")).page(),
  click: async () => (await import("./click.mjs")).click(),
  start: async () => (await import("./ffmpeg.mjs")).firstSegment(),
  remux: async () => (await import("./ffmpeg.mjs")).remux(),
  jit: async () => (await import("./jit.mjs")).jit(),
  director: async () => (await import("./director.mjs")).director(),
  stick: async () => (await import("./stick.mjs")).stick(),
  mixed: async () => (await import("./mixed.mjs")).mixed(),
  encoder: async () => (await import("./mixed.mjs")).encoder(),
  sandbox: async () => (await import("./sandbox.mjs")).sandbox(),
  box: async () => (await import("./box.mjs")).box(),
  convert: async () => (await import("./ffmpeg.mjs")).convert(),
};
const named = process.argv.slice(2);
for (const name of named) if (!(name in parts)) throw new Error(`no part ${name}; there are ${Object.keys(parts).join(", ")}`);
for (const [name, measure] of Object.entries(parts)) {
  if (named.length && !named.includes(name)) continue;
  console.log(`— ${name}`);
  await measure();
}

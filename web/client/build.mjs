// Makes ../assets, which the Go program embeds: each file of the app minified on its own (no bundling: the browser
// loads the modules as they are, and one changed file is one changed file), and the third-party parts from npm.
// Only *.worker.js are bundled: workers that are modules came to Firefox with 114.
// Everything is made in a folder beside it first, so that a failed build leaves the last good one in place.
import { mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, extname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, transform } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const assets = join(here, "..", "assets");
const target = ["chrome87", "firefox102", "safari15.4"];
const sources = ["index.html", "boot.js", "icon.svg", "app", "styles", "languages"];
const vendor = {
  "vendor/hls.min.mjs": "node_modules/hls.js/dist/hls.min.mjs",
  "vendor/hls.worker.js": "node_modules/hls.js/dist/hls.worker.js",
  "vendor/hls.LICENSE.txt": "node_modules/hls.js/LICENSE",
  // Both are inside app/swarm/integrity.worker.js.
  "vendor/hash-wasm.LICENSE.txt": "node_modules/hash-wasm/LICENSE",
  "vendor/noble-hashes.LICENSE.txt": "node_modules/@noble/hashes/LICENSE",
};

/** @param {string} path @returns {Promise<string[]>} files below path, relative to the client */
async function files(path) {
  if (extname(path)) return [path];
  const entries = await readdir(join(here, path), { withFileTypes: true });
  const lists = await Promise.all(
    entries.map((e) => (e.isDirectory() ? files(join(path, e.name)) : [join(path, e.name)])),
  );
  return lists.flat().filter((name) => !name.endsWith(".d.ts"));
}

/** One classic script with all that it imports. @param {string} name @returns {Promise<string>} */
async function bundle(name) {
  const made = await build({
    entryPoints: [join(here, name)],
    bundle: true,
    minify: true,
    write: false,
    target,
    format: "iife",
    legalComments: "none",
  });
  const code = made.outputFiles[0]?.text;
  if (!code || made.warnings.length)
    throw new Error(`${name}: ${made.warnings.map((w) => w.text).join("; ")}`);
  return code;
}

/** @param {string} name @param {string} text @param {string[]} all @returns {Promise<string>} */
async function minify(name, text, all) {
  if (name.endsWith(".worker.js")) return bundle(name);
  switch (extname(name)) {
    case ".js":
    case ".css": {
      const loader = name.endsWith(".css") ? "css" : "js";
      const made = await transform(text, {
        loader,
        minify: true,
        target,
        legalComments: "none",
        sourcefile: name,
      });
      // A warning is a mistake: CSS that is not understood would be dropped without a word.
      if (made.warnings.length) throw new Error(`${name}: ${made.warnings.map((w) => w.text).join("; ")}`);
      return made.code;
    }
    case ".json":
      return JSON.stringify(JSON.parse(text));
    case ".html":
      return text
        .replace("<!-- preload -->", preloads(await firstModules(all)))
        .replace(/<!--[\s\S]*?-->/g, "")
        .replace(/\n\s+/g, "\n");
    default:
      return text;
  }
}

/** What app.js imports statically, so that the browser asks for all modules at once. @param {string[]} all */
async function firstModules(all) {
  const found = new Set(["app/app.js"]);
  for (const name of found) {
    const text = await readFile(join(here, name), "utf8");
    for (const [, path = ""] of text.matchAll(/^(?:import|export) [^;]*?from "(\.[^"]+)";/gms)) {
      const wanted = join(dirname(name), path);
      if (!all.includes(wanted)) throw new Error(`${name} imports ${path}, which is not there`);
      found.add(wanted);
    }
  }
  return [...found];
}

/** @param {string[]} modules */
const preloads = (modules) =>
  modules.map((name) => `<link rel="modulepreload" href="{{base}}/${name}">`).join("\n");

/** Replaces the folder's content, keeping .gitignore. @param {string} made */
async function install(made) {
  await mkdir(assets, { recursive: true });
  const wanted = new Set(await readdir(made));
  for (const name of await readdir(assets)) {
    if (name !== ".gitignore" && !wanted.has(name)) await rm(join(assets, name), { recursive: true });
  }
  // index.html last: what it names is there before it.
  for (const name of [...wanted].sort((a, b) => Number(a === "index.html") - Number(b === "index.html"))) {
    await rm(join(assets, name), { recursive: true, force: true });
    await rename(join(made, name), join(assets, name));
  }
}

const made = await mkdtemp(join(here, "..", ".assets-"));
try {
  const all = (await Promise.all(sources.map(files))).flat();
  let bytes = 0;
  for (const name of all) {
    const text = await minify(name, await readFile(join(here, name), "utf8"), all);
    await mkdir(dirname(join(made, name)), { recursive: true });
    await writeFile(join(made, name), text);
    bytes += gzipSync(text).length;
  }
  for (const [name, from] of Object.entries(vendor)) {
    // Stored compressed: unpacked, hls.js would make the program half a megabyte larger (web/assetpack.go).
    await mkdir(dirname(join(made, name)), { recursive: true });
    await writeFile(join(made, `${name}.gz`), gzipSync(await readFile(join(here, from)), { level: 9 }));
  }
  await install(made);
  console.log(
    `${relative(process.cwd(), assets)}: ${all.length} files, ${Math.round(bytes / 1024)} KB compressed, and hls.js`,
  );
} finally {
  await rm(made, { recursive: true, force: true });
}

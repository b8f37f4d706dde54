// Assembles the site: names every file by the hash of its content, compresses it with brotli, and writes the manifest
// with these names for the server. build.sh compiles.
//
//   node frontend/site.mjs <folder that wasm-bindgen filled> <folder of the site>

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";

const [bound, site] = process.argv.slice(2);
const files = new Map(); // path in the site → content

/** Puts `content` at /pkg/NAME-HASH.EXTENSION and returns what a page needs to refer to it. */
function add(name, extension, content) {
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 16);
  const path = `pkg/${name}-${hash}.${extension}`;
  files.set(path, content);
  const integrity = `sha384-${createHash("sha384").update(content).digest("base64")}`;
  return { href: `/${path}`, integrity };
}

/**
 * All of style/, by name, without comments and indentation, which are a tenth of what travels. The layers are put in
 * order first, so that no rule depends on its file's name.
 */
function styles() {
  const sheets = existsSync("style") ? readdirSync("style").filter((name) => name.endsWith(".css")).sort() : [];
  const layers = "@layer reset, tokens, base, components, utilities;\n";
  const rules = sheets.map((name) => readFileSync(join("style", name), "utf8")).join("\n");
  return Buffer.from(layers + rules.replace(/\/\*[^]*?\*\//g, "").replace(/\s+/g, " ").replace(/ *([{};,]) */g, "$1"));
}

if (existsSync(join(bound, "snippets"))) {
  throw new Error(`${bound}/snippets: a crate brings JavaScript of its own, which this script would have to carry along`);
}
const manifest = {
  stylesheet: add("portal", "css", styles()),
  scripts: {
    theme: add("theme", "js", readFileSync("frontend/js/theme.js")),
    passkeys: add("passkeys", "js", readFileSync("frontend/js/passkeys.js")),
    palette: add("palette", "js", readFileSync("frontend/js/palette.js")),
    boot: add("boot", "js", readFileSync("frontend/js/boot.js")),
    module: add("portal", "js", readFileSync(join(bound, "portal.js"))),
    wasm: add("portal", "wasm", readFileSync(join(bound, "portal.wasm"))),
  },
};
files.set("manifest.json", Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`));
for (const name of readdirSync("frontend/public")) {
  files.set(name, readFileSync(join("frontend/public", name)));
}

// Writes only files that differ, because the server is compiled again if a file in here is newer than it.
const wanted = new Set();
for (const [path, content] of files) {
  wanted.add(path);
  const changed = write(path, content);
  if (path.startsWith("pkg/")) {
    wanted.add(`${path}.br`);
    if (changed || !existsSync(join(site, `${path}.br`))) {
      write(`${path}.br`, brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: content.length } }));
    }
  }
}
for (const entry of readdirSync(site, { recursive: true, withFileTypes: true })) {
  const path = join(entry.parentPath ?? entry.path, entry.name);
  if (entry.isFile() && !wanted.has(relative(site, path))) rmSync(path);
}
const wasm = manifest.scripts.wasm.href.slice(1);
console.log(`Browser half: ${kilobytes(wasm)} of WebAssembly, ${kilobytes(`${wasm}.br`)} as it travels`);

function write(path, content) {
  const full = join(site, path);
  if (existsSync(full) && readFileSync(full).equals(content)) return false;
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, content);
  return true;
}

function kilobytes(path) {
  return `${(readFileSync(join(site, path)).length / 1000).toFixed(0)} kB`;
}

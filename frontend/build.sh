#!/usr/bin/env bash
# Builds the browser half into target/site: the WebAssembly module of the islands, the scripts that load it, and the
# styles. Unchanged inputs are not built again, and files whose content stays the same keep their modification time.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=tools/wasm-compiler.sh
source tools/wasm-compiler.sh
# shellcheck source=tools/versions.sh
source tools/versions.sh

target=${CARGO_TARGET_DIR:-target}/browser
compiled=$target/$wasm_target/wasm-release/frontend.wasm
bound=$target/bound

# Clones that share a target folder build one after the other.
mkdir -p "$target"
exec 9>"$target/.lock"
flock 9

wasm_cargo build --locked --profile wasm-release -p frontend --target-dir "$target"

made_from=$(sha256sum "$compiled" frontend/build.sh tools/versions.sh frontend/package-lock.json)
if [ "$(cat "$bound/made-from" 2>/dev/null)" != "$made_from" ]; then
  echo "wasm-bindgen …"
  rm -rf "$bound"
  "$wasm_bindgen" "$compiled" --target web --no-typescript --out-name portal --out-dir "$bound"
  echo "wasm-opt …"
  "$wasm_opt" -Oz --enable-bulk-memory --enable-multivalue --enable-mutable-globals --enable-nontrapping-float-to-int \
    --enable-reference-types --enable-sign-ext "$bound/portal_bg.wasm" -o "$bound/portal.wasm"
  printf '%s' "$made_from" >"$bound/made-from"
fi

node frontend/site.mjs "$bound" target/site

# shellcheck shell=bash disable=SC2034
# Where the tools are that the set-up brings, and their versions. To be sourced.

portal_cache=${XDG_CACHE_HOME:-$HOME/.cache}/partner-portal

# Must be the version of the crate in Cargo.lock: the two halves of its work speak a private format.
wasm_bindgen_version=0.2.130
wasm_bindgen=$portal_cache/tools/bin/wasm-bindgen

# From the lock files beside the scripts that use them.
wasm_opt=frontend/node_modules/.bin/wasm-opt
chromium=/usr/bin/chromium

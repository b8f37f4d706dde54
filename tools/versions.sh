# shellcheck shell=bash disable=SC2034
# Paths and versions of the tools that setup.sh installs. Source this file.

portal_cache=${XDG_CACHE_HOME:-$HOME/.cache}/partner-portal

# Must match the crate's version in Cargo.lock: the program and the crate exchange a private format.
wasm_bindgen_version=0.2.130
wasm_bindgen=$portal_cache/tools/bin/wasm-bindgen

cargo_deny_version=0.20.2
cargo_deny=$portal_cache/tools/bin/cargo-deny

cargo_cyclonedx_version=0.5.9
cargo_cyclonedx=$portal_cache/tools/bin/cargo-cyclonedx

cargo_deb_version=3.8.0
cargo_deb=$portal_cache/tools/bin/cargo-deb

wapiti_version=3.2.3
wapiti=$portal_cache/tools/wapiti-$wapiti_version/bin/wapiti

# The lock files of frontend/ and end2end/ pin these.
wasm_opt=frontend/node_modules/.bin/wasm-opt
chromium=/usr/bin/chromium

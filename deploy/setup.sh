#!/usr/bin/env bash
# Brings what building the portal needs, on Debian 12 with Rust, Node and npm; with `--browser-tests` also what its
# browser tests need, and the Python of the others; with `--odd-browser-tests` also what end2end/odd.sh needs. Asks
# nothing, says what it does, and does nothing twice.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=deploy/wasm-compiler.sh
source deploy/wasm-compiler.sh
# shellcheck source=deploy/tools.sh
source deploy/tools.sh

steps=(rust c_compiler node wasm_std wasm_bindgen wasm_opt)
case ${1:-} in
  "") ;;
  --browser-tests) steps+=(lints python playwright chromium) ;;
  --odd-browser-tests) steps+=(lints python playwright chromium faketime) ;;
  *)
    echo "usage: deploy/setup.sh [--browser-tests | --odd-browser-tests]" >&2
    exit 2
    ;;
esac

rust_needed=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
step=0
did_something=

say() { printf '[set-up %d/%d] %s\n' "$step" "${#steps[@]}" "$*"; }

doing() {
  did_something=yes
  say "$* …"
}

# missing TOOL COMMAND: the one line for what cannot be had from here.
missing() {
  printf 'set-up: %s is missing and could not be installed; this installs it: %s\n' "$1" "$2" >&2
  exit 1
}

# at_least WANTED HAVE, versions like 1.95.0
at_least() { [ "$(printf '%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]; }

apt_is_fresh=
# apt_install PACKAGE…: false when there is no apt, no right to use it, or no such package.
apt_install() {
  local as_root=(env DEBIAN_FRONTEND=noninteractive)
  command -v apt-get >/dev/null || return 1
  if [ "$(id -u)" -ne 0 ]; then
    sudo -n true 2>/dev/null || return 1
    as_root=(sudo -n "${as_root[@]}")
  fi
  if [ -z "$apt_is_fresh" ]; then
    # A source that does not answer is no reason to stop while the others have the package.
    "${as_root[@]}" apt-get update -q || true
    apt_is_fresh=yes
  fi
  "${as_root[@]}" apt-get install -q -y --no-install-recommends -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 "$@"
}

# npm_install FOLDER: exactly what its lock file says. The copy of the lock file says what is there.
npm_is_current() { cmp -s "$1/package-lock.json" "$1/node_modules/.installed-lock"; }
npm_install() {
  npm ci --prefix "$1" --no-audit --no-fund --no-progress && cp "$1/package-lock.json" "$1/node_modules/.installed-lock"
}

setup_rust() {
  local version
  version=$(rustc --version 2>/dev/null | cut -d' ' -f2) || version=
  if [ -z "$version" ]; then
    missing "Rust $rust_needed or newer" "curl -fsS https://sh.rustup.rs | sh -s -- -y"
  fi
  if ! at_least "$rust_needed" "$version"; then
    missing "Rust $rust_needed or newer (here: $version)" "rustup update stable"
  fi
}

setup_c_compiler() {
  if command -v cc >/dev/null; then return; fi
  doing "C compiler (for SQLite): installing Debian's"
  apt_install gcc libc6-dev || missing "a C compiler" "apt-get install gcc libc6-dev"
}

setup_node() {
  if command -v node >/dev/null && command -v npm >/dev/null; then return; fi
  doing "Node and npm: installing Debian's"
  apt_install nodejs npm || missing "Node with npm" "apt-get install nodejs npm"
}

setup_wasm_std() {
  if [ -n "$(wasm_compiler)" ]; then return; fi
  if command -v rustup >/dev/null; then
    doing "Rust for the browser: asking rustup for $wasm_target"
    if RUST_BACKTRACE=0 timeout 120 rustup target add "$wasm_target" && [ -n "$(wasm_compiler)" ]; then return; fi
    say "rustup does not have it here"
  fi
  doing "Rust for the browser: installing Debian's compiler with its sources (150 MB)"
  # The list is meant to be split into words.
  # shellcheck disable=SC2086
  apt_install $debian_packages || missing "Rust's $wasm_target" "rustup target add $wasm_target"
  if ! at_least "$rust_needed" "$("$debian_rustc" --version | cut -d' ' -f2)" || [ -z "$(wasm_compiler)" ]; then
    missing "Rust's $wasm_target" "rustup target add $wasm_target"
  fi
}

setup_wasm_bindgen() {
  if [ "$("$wasm_bindgen" --version 2>/dev/null)" = "wasm-bindgen $wasm_bindgen_version" ]; then return; fi
  doing "wasm-bindgen $wasm_bindgen_version: compiling it, two to four minutes"
  # It runs for a second at a time: compiling it quickly matters more than how quickly it runs.
  env -u CARGO_TARGET_DIR CARGO_PROFILE_RELEASE_OPT_LEVEL=1 CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
    CARGO_PROFILE_RELEASE_LTO=off cargo install wasm-bindgen-cli --version "$wasm_bindgen_version" \
    --root "$portal_cache/tools" --force ||
    missing "wasm-bindgen" "cargo install wasm-bindgen-cli --version $wasm_bindgen_version --root $portal_cache/tools"
}

setup_wasm_opt() {
  if npm_is_current frontend; then return; fi
  doing "wasm-opt: installing npm's binaryen"
  npm_install frontend || missing "wasm-opt" "npm ci --prefix frontend"
}

setup_lints() {
  if cargo fmt --version >/dev/null 2>&1 && cargo clippy --version >/dev/null 2>&1; then return; fi
  doing "rustfmt and clippy: asking rustup"
  RUST_BACKTRACE=0 timeout 120 rustup component add rustfmt clippy || missing "rustfmt or clippy" "rustup component add rustfmt clippy"
}

setup_python() {
  if command -v python3 >/dev/null; then return; fi
  doing "Python (a second verifier of evidence): installing Debian's"
  apt_install python3 || missing "Python 3" "apt-get install python3"
}

setup_playwright() {
  if npm_is_current end2end; then return; fi
  doing "Playwright: installing it with npm"
  npm_install end2end || missing "Playwright" "npm ci --prefix end2end"
}

setup_chromium() {
  if [ -x "$chromium" ]; then return; fi
  doing "Chromium: installing Debian's (125 MB)"
  apt_install chromium || missing "Chromium" "apt-get install chromium"
}

setup_faketime() {
  if [ -n "$(find /usr/lib -path '*/faketime/libfaketimeMT.so.1' -print -quit)" ]; then return; fi
  doing "libfaketime (browser tests on odd dates): installing Debian's"
  apt_install faketime || missing "libfaketime" "apt-get install faketime"
}

for name in "${steps[@]}"; do
  step=$((step + 1))
  "setup_$name"
done
if [ -n "$did_something" ]; then say "done"; fi

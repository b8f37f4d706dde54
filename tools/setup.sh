#!/usr/bin/env bash
# Installs what you need to build the portal on Debian 12 with Rust, Node and npm. `--checks` adds what `make check`
# needs, `--dist` what `make dist` needs, `--tests` what Rust's tests need, `--browser-tests` what all the tests need,
# `--odd-browser-tests` what `make e2e-odd` needs, `--scan` what `make scan` needs. Runs without questions, reports each
# step, and skips what is there.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=tools/wasm-compiler.sh
source tools/wasm-compiler.sh
# shellcheck source=tools/versions.sh
source tools/versions.sh

steps=(rust c_compiler node wasm_std wasm_bindgen wasm_opt)
case ${1:-} in
  "") ;;
  --checks) steps+=(lints cargo_deny) ;;
  --dist) steps+=(cargo_cyclonedx cargo_deb musl) ;;
  --tests) steps+=(postgresql) ;;
  --browser-tests) steps+=(lints cargo_deny postgresql python playwright chromium) ;;
  --odd-browser-tests) steps+=(lints python playwright chromium faketime) ;;
  --scan) steps+=(python wapiti) ;;
  *)
    echo "usage: tools/setup.sh [--checks | --dist | --tests | --browser-tests | --odd-browser-tests | --scan]" >&2
    exit 2
    ;;
esac

rust_needed=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
step=0
did_something=

say() { printf '[setup %d/%d] %s\n' "$step" "${#steps[@]}" "$*"; }

doing() {
  did_something=yes
  say "$* …"
}

# missing TOOL COMMAND: reports a tool that could not be installed and the command that installs it.
missing() {
  printf 'setup: %s is missing and could not be installed. To install it, run: %s\n' "$1" "$2" >&2
  exit 1
}

# at_least WANTED HAVE: compares versions such as 1.95.0.
at_least() { [ "$(printf '%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]; }

# as_root COMMAND…: fails if that takes a password.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

apt_is_fresh=
# apt_install PACKAGE…: fails if there is no apt, no permission to use it, or no such package.
apt_install() {
  local as_root=(env DEBIAN_FRONTEND=noninteractive)
  command -v apt-get >/dev/null || return 1
  if [ "$(id -u)" -ne 0 ]; then
    sudo -n true 2>/dev/null || return 1
    as_root=(sudo -n "${as_root[@]}")
  fi
  if [ -z "$apt_is_fresh" ]; then
    # If one source is down, another may still have the package.
    "${as_root[@]}" apt-get update -q || true
    apt_is_fresh=yes
  fi
  "${as_root[@]}" apt-get install -q -y --no-install-recommends -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 "$@"
}

# npm_install FOLDER: installs exactly what its lock file lists, and keeps a copy of it to see later what is installed.
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
    missing "Rust $rust_needed or newer (found: $version)" "rustup update stable"
  fi
}

setup_c_compiler() {
  if command -v cc >/dev/null; then return; fi
  doing "Installing a C compiler from Debian (for SQLite)"
  apt_install gcc libc6-dev || missing "a C compiler" "apt-get install gcc libc6-dev"
}

setup_node() {
  if command -v node >/dev/null && command -v npm >/dev/null; then return; fi
  doing "Installing Node and npm from Debian"
  apt_install nodejs npm || missing "Node with npm" "apt-get install nodejs npm"
}

setup_wasm_std() {
  if [ -n "$(wasm_compiler)" ]; then return; fi
  if command -v rustup >/dev/null; then
    doing "Installing Rust's $wasm_target with rustup"
    if RUST_BACKTRACE=0 timeout 120 rustup target add "$wasm_target" && [ -n "$(wasm_compiler)" ]; then return; fi
    say "rustup could not install it"
  fi
  doing "Installing Debian's Rust compiler and its sources for $wasm_target (150 MB)"
  # The list must be split into words.
  # shellcheck disable=SC2086
  apt_install $debian_packages || missing "Rust's $wasm_target" "rustup target add $wasm_target"
  if ! at_least "$rust_needed" "$("$debian_rustc" --version | cut -d' ' -f2)" || [ -z "$(wasm_compiler)" ]; then
    missing "Rust's $wasm_target" "rustup target add $wasm_target"
  fi
}

# cargo_install CRATE VERSION: into the cache. These tools run for a second at a time, so a quick build matters more
# than a quick program.
cargo_install() {
  env -u CARGO_TARGET_DIR CARGO_PROFILE_RELEASE_OPT_LEVEL=1 CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
    CARGO_PROFILE_RELEASE_LTO=off cargo install "$1" --version "$2" --root "$portal_cache/tools" --force ||
    missing "$1" "cargo install $1 --version $2 --root $portal_cache/tools"
}

setup_wasm_bindgen() {
  if [ "$("$wasm_bindgen" --version 2>/dev/null)" = "wasm-bindgen $wasm_bindgen_version" ]; then return; fi
  doing "Compiling wasm-bindgen $wasm_bindgen_version (two to four minutes)"
  cargo_install wasm-bindgen-cli "$wasm_bindgen_version"
}

setup_wasm_opt() {
  if npm_is_current frontend; then return; fi
  doing "Installing wasm-opt with npm"
  npm_install frontend || missing "wasm-opt" "npm ci --prefix frontend"
}

setup_lints() {
  if cargo fmt --version >/dev/null 2>&1 && cargo clippy --version >/dev/null 2>&1; then return; fi
  doing "Installing rustfmt and clippy with rustup"
  RUST_BACKTRACE=0 timeout 120 rustup component add rustfmt clippy || missing "rustfmt or clippy" "rustup component add rustfmt clippy"
}

setup_cargo_deny() {
  if [ "$("$cargo_deny" --version 2>/dev/null)" = "cargo-deny $cargo_deny_version" ]; then return; fi
  doing "Compiling cargo-deny $cargo_deny_version (two to four minutes)"
  cargo_install cargo-deny "$cargo_deny_version"
}

setup_cargo_cyclonedx() {
  if [ "$("$cargo_cyclonedx" cyclonedx --version 2>/dev/null)" = "cargo-cyclonedx-cyclonedx $cargo_cyclonedx_version" ]; then return; fi
  doing "Compiling cargo-cyclonedx $cargo_cyclonedx_version (one to three minutes)"
  cargo_install cargo-cyclonedx "$cargo_cyclonedx_version"
}

setup_cargo_deb() {
  if [ "$("$cargo_deb" --version 2>/dev/null)" = "$cargo_deb_version" ]; then return; fi
  doing "Compiling cargo-deb $cargo_deb_version (two to four minutes)"
  cargo_install cargo-deb "$cargo_deb_version"
}

# For a program that runs on every Linux. C code in it is compiled with musl's own compiler wrapper.
setup_musl() {
  local target
  target=$(uname -m)-unknown-linux-musl
  if ! command -v musl-gcc >/dev/null; then
    doing "Installing musl from Debian"
    apt_install musl-tools || missing musl-gcc "apt-get install musl-tools"
  fi
  if [ -d "$(rustc --print target-libdir --target "$target" 2>/dev/null)" ]; then return; fi
  doing "Installing Rust's $target with rustup"
  RUST_BACKTRACE=0 timeout 120 rustup target add "$target" || missing "Rust's $target" "rustup target add $target"
}

setup_wapiti() {
  if [ -x "$wapiti" ]; then return; fi
  doing "Installing wapiti $wapiti_version with pip"
  python3 -c 'import ensurepip' 2>/dev/null || apt_install python3-venv || missing "Python's venv" "apt-get install python3-venv"
  python3 -m venv "${wapiti%/bin/wapiti}" && "${wapiti%/wapiti}/pip" install --quiet --disable-pip-version-check "wapiti3==$wapiti_version" ||
    missing wapiti "pip install wapiti3==$wapiti_version"
}

# Only the programs: the tests run a PostgreSQL of their own. The first line keeps Debian from starting one.
setup_postgresql() {
  if [ -n "$(find /usr/lib/postgresql -path '*/bin/postgres' -print -quit 2>/dev/null)" ]; then return; fi
  doing "Installing PostgreSQL from Debian (50 MB)"
  if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
    printf 'create_main_cluster = false\n' | as_root install -D -m 644 /dev/stdin /etc/postgresql-common/createcluster.conf || true
  fi
  apt_install -o Dpkg::Options::=--force-confold postgresql || missing "PostgreSQL" "apt-get install postgresql"
}

setup_python() {
  if command -v python3 >/dev/null; then return; fi
  doing "Installing Python from Debian (for the second verifier of evidence bundles)"
  apt_install python3 || missing "Python 3" "apt-get install python3"
}

setup_playwright() {
  if npm_is_current end2end; then return; fi
  doing "Installing Playwright with npm"
  npm_install end2end || missing "Playwright" "npm ci --prefix end2end"
}

setup_chromium() {
  if [ -x "$chromium" ]; then return; fi
  doing "Installing Chromium from Debian (125 MB)"
  apt_install chromium || missing "Chromium" "apt-get install chromium"
}

setup_faketime() {
  if [ -n "$(find /usr/lib -path '*/faketime/libfaketimeMT.so.1' -print -quit)" ]; then return; fi
  doing "Installing libfaketime from Debian (for browser tests on odd dates)"
  apt_install faketime || missing "libfaketime" "apt-get install faketime"
}

for name in "${steps[@]}"; do
  step=$((step + 1))
  "setup_$name"
done
if [ -n "$did_something" ]; then say "done"; fi

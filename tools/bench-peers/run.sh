#!/usr/bin/env bash
# `make bench-pages`: installs the peers, and measures the portal's pages beside them. A peer that cannot be installed is
# left out, with a message. Everything stays on this machine.
set -euo pipefail
cd "$(dirname "$0")/../.."
portal=$(realpath "$1")
here=$PWD/tools/bench-peers
cache=${XDG_CACHE_HOME:-$HOME/.cache}/partner-portal
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# left_out PEER: says why, and goes on.
left_out() {
  printf 'bench-pages: %s is left out, since it could not be installed:\n' "$1" >&2
  tail -n 5 "$log" | sed 's/^/  /' >&2
}

install_django() {
  local venv=$cache/bench-peers/django
  if ! cmp -s "$here/django/requirements.txt" "$venv/.installed"; then
    python3 -m venv --clear "$venv" &&
      "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/django/requirements.txt" &&
      cp "$here/django/requirements.txt" "$venv/.installed"
  fi
}

install_next() {
  if ! cmp -s "$here/next/package-lock.json" "$here/next/node_modules/.installed-lock"; then
    npm ci --prefix "$here/next" --no-audit --no-fund --no-progress &&
      cp "$here/next/package-lock.json" "$here/next/node_modules/.installed-lock" || return 1
  fi
  # What it reads when it runs is not there yet.
  (cd "$here/next" && NEXT_TELEMETRY_DISABLED=1 npx --no-install next build)
}

if install_django >"$log" 2>&1; then export BENCH_DJANGO_PYTHON=$cache/bench-peers/django/bin/python; else left_out "Django’s admin"; fi
if install_next >"$log" 2>&1; then export BENCH_NEXT=$here/next; else left_out Next.js; fi

# A target folder of its own: its features must not be mixed with the portal's.
target=${CARGO_TARGET_DIR:-$PWD/target}/bench-peers
cargo build --locked --release --quiet --manifest-path "$here/Cargo.toml" --target-dir "$target"
printf 'Measured on %s, %s cores, %s.\n\n' "$(date -u +%F)" "$(nproc)" "$(. /etc/os-release && echo "$PRETTY_NAME")"
"$target/release/bench-peers" measure "$portal"

#!/usr/bin/env bash
# Checks the dependencies against deny.toml: licences, banned and duplicate crates, sources, known vulnerabilities. The
# last check needs a database from the network and is skipped if that cannot be fetched.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=tools/versions.sh
source tools/versions.sh

# Prints errors only. `cargo tree -i` shows what depends on a crate.
check() { "$cargo_deny" --log-level error "$@"; }

check check --hide-inclusion-graph bans licenses sources

if GIT_TERMINAL_PROMPT=0 timeout 120 "$cargo_deny" --log-level off fetch db >/dev/null 2>&1; then
  check check --hide-inclusion-graph --disable-fetch advisories
else
  echo "deny: skipped the check for known vulnerabilities, because the advisory database could not be fetched"
fi

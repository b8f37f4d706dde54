#!/usr/bin/env bash
# Checks the dependencies against deny.toml: licences, banned and double crates, sources, known vulnerabilities. The
# database of vulnerabilities comes from the network. Where it cannot be fetched and no copy is there, only that check is
# skipped.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=tools/versions.sh
source tools/versions.sh

# Quiet unless something is wrong, and without the graph above each crate: `cargo tree -i` shows that.
check() { "$cargo_deny" --log-level error "$@"; }

check check --hide-inclusion-graph bans licenses sources

if GIT_TERMINAL_PROMPT=0 timeout 120 "$cargo_deny" --log-level off fetch db >/dev/null 2>&1; then
  check check --hide-inclusion-graph --disable-fetch advisories
else
  echo "deny: skipped the check for known vulnerabilities, because the advisory database could not be fetched"
fi

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

# Of npm, for what builds and tests the portal. The report needs the registry, which may not answer such questions.
for folder in frontend end2end; do
  report=$(timeout 60 npm audit --prefix "$folder" --package-lock-only --json 2>/dev/null || true)
  case $(node -e '
    let report = {};
    try { report = JSON.parse(process.argv[1]); } catch {}
    const found = report.metadata?.vulnerabilities;
    console.log(found ? (found.high + found.critical > 0 ? "bad" : "good") : "unknown");
  ' "$report") in
    good) ;;
    bad)
      npm audit --prefix "$folder" --package-lock-only --audit-level=high >&2 || true
      echo "deny: $folder depends on npm packages with known vulnerabilities" >&2
      exit 1
      ;;
    *) echo "deny: skipped the check of $folder's npm packages, because the registry did not answer" ;;
  esac
done

#!/usr/bin/env bash
# Scores the six main pages with Lighthouse in Debian's Chromium, as an operator of the demo sees them behind TLS. Fails
# below 98 for performance, accessibility or best practices, or if a page moves while it loads.
#
#   tools/lighthouse/score.sh <partner-portal>
set -euo pipefail
program=$(realpath "$1")
cd "$(dirname "$0")"
# shellcheck source=tools/versions.sh
source ../versions.sh

if ! cmp -s package-lock.json node_modules/.installed-lock; then
  npm ci --ignore-scripts --no-audit --no-fund --no-progress
  cp package-lock.json node_modules/.installed-lock
fi

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
  -addext subjectAltName=DNS:localhost -keyout "$folder/key.pem" -out "$folder/certificate.pem" 2>/dev/null
NODE_EXTRA_CA_CERTS="$folder/certificate.pem" CHROME_PATH=$chromium node score.mjs "$program" "$folder"

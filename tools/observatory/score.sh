#!/usr/bin/env bash
# Scores the portal's headers with Mozilla's HTTP Observatory, offline: the demo under an https public URL, behind a small
# TLS proxy with a certificate of its own. Fails below 140 for a person, or below 135 for somebody who has no cookie yet.
#
#   tools/observatory/score.sh <partner-portal>
set -euo pipefail
program=$(realpath "$1")
cd "$(dirname "$0")"

if ! cmp -s package-lock.json node_modules/.installed-lock; then
  npm ci --ignore-scripts --no-audit --no-fund --no-progress
  # What its scripts would download: no host of ours is in the browsers' list.
  echo '{}' >node_modules/@mdn/mdn-http-observatory/conf/hsts-preload.json
  cp package-lock.json node_modules/.installed-lock
fi

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
  -addext subjectAltName=DNS:localhost -keyout "$folder/key.pem" -out "$folder/certificate.pem" 2>/dev/null
NODE_EXTRA_CA_CERTS="$folder/certificate.pem" node score.mjs "$program" "$folder"

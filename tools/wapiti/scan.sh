#!/usr/bin/env bash
# Scans the demo with wapiti under an https public URL: as a stranger and as each role. Fails if it finds anything above
# informational. Takes some minutes a role.
#
#   tools/wapiti/scan.sh <partner-portal> [stranger | viewer | operator | auditor | admin]…
set -euo pipefail
program=$(realpath "$1")
shift
cd "$(dirname "$0")"
# shellcheck source=tools/versions.sh
source ../versions.sh

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
  -addext subjectAltName=DNS:localhost -keyout "$folder/key.pem" -out "$folder/certificate.pem" 2>/dev/null
NODE_EXTRA_CA_CERTS="$folder/certificate.pem" node scan.mjs "$program" "$wapiti" "$folder" "$@"

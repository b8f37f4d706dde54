#!/usr/bin/env bash
# Puts what is handed out into target/dist: the program, and a bill of materials (CycloneDX) for each of its halves. From
# npm, nothing is in the program: its packages build and test only.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=tools/versions.sh
source tools/versions.sh

dist=target/dist
name=portal-sbom
remove() { find . -name "$name.json" -not -path './target/*' -not -path '*/node_modules/*' -delete; }

rm -rf "$dist"
mkdir -p "$dist"
cp target/release/partner-portal LICENSE-MIT LICENSE-APACHE README.md CHANGELOG.md "$dist"

# It writes a file into the folder of every crate of the workspace. Two are needed.
trap remove EXIT
bill() { # bill CRATE TARGET FILE
  remove
  "$cargo_cyclonedx" cyclonedx --format json --spec-version 1.5 --target "$2" --manifest-path "$1/Cargo.toml" \
    --override-filename "$name" --quiet
  mv "$1/$name.json" "$dist/$3"
  node tools/trim-sbom.mjs "$1" "$2" "$dist/$3"
}
host=$(rustc -vV | sed -n 's/^host: //p')
bill server "$host" partner-portal.cdx.json
bill frontend wasm32-unknown-unknown partner-portal-browser.cdx.json

node tools/check-sbom.mjs server "$dist/partner-portal.cdx.json"
node tools/check-sbom.mjs frontend "$dist/partner-portal-browser.cdx.json"
(cd "$dist" && sha256sum -- * >SHA256SUMS)
echo "dist: $(ls "$dist" | tr '\n' ' ')are in $dist"

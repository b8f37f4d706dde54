#!/usr/bin/env bash
# Makes what is handed out, in target/dist: the program (statically linked, for this machine's processor), a tarball and a
# Debian package of it, a bill of materials (CycloneDX) for each of its halves, checksums, and a signature. From npm, nothing is
# in the program: its packages build and test only.
#
# Two runs for one commit make the same bytes, wherever they run, with the same Rust, Node and musl (`make dist-reproducible`).
# DIST_PROFILE=release builds in minutes what behaves the same and is slower. DIST_PROGRAM names a program that was built before.
# DIST_SIGNING_KEY names the ssh key that signs.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=tools/versions.sh
source tools/versions.sh

profile=${DIST_PROFILE:-dist}
dist=${DIST_DIR:-target/dist}
machine=$(uname -m)
target=$machine-unknown-linux-musl
built=$(realpath -m "${CARGO_TARGET_DIR:-target}/dist-build")
version=$(sed -nE 's/^version = "(.*)"/\1/p' Cargo.toml | head -n 1)
name=partner-portal-$version-$machine-linux

# The commit's time, in everything that has one.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export SOURCE_DATE_EPOCH

# Paths of this machine are in no file.
cargo_home=${CARGO_HOME:-$HOME/.cargo}
spelled=${target//-/_}
remap="--remap-path-prefix=$cargo_home=/cargo --remap-path-prefix=$PWD=/partner-portal --remap-path-prefix=$built=/build"
# A program that can be loaded anywhere lists the addresses in it. Packed, each takes about a bit and not 24 bytes, which were
# 1.3 of 68.7 MB (size -A, 2026-11-28). musl reads such lists since 1.2.4, and Rust brings 1.2.5.
packed="-C link-arg=-Wl,-z,pack-relative-relocs"
export "CARGO_TARGET_${spelled^^}_RUSTFLAGS=$remap $packed"
export "CFLAGS_$spelled=-ffile-prefix-map=$cargo_home=/cargo -ffile-prefix-map=$PWD=/partner-portal -ffile-prefix-map=$built=/build"
export "CARGO_PROFILE_${profile^^}_STRIP=symbols" "CARGO_PROFILE_${profile^^}_INCREMENTAL=false"

program=${DIST_PROGRAM:-}
if [ -z "$program" ]; then
  echo "dist: building $name with the profile $profile …"
  ${DIST_TURN:-} cargo build --locked --profile "$profile" --target "$target" --target-dir "$built" -p server --bin partner-portal
  program=$built/$target/$profile/partner-portal
fi

rm -rf "$dist"
mkdir -p "$dist/man" "$dist/completions"
cp "$program" "$dist/partner-portal"
cp LICENSE-MIT LICENSE-APACHE README.md CHANGELOG.md "$dist"

# Made by the program itself, so they are those of its command line.
"$program" man "$dist/man"
gzip -9 -n "$dist"/man/*.1
"$program" completions bash >"$dist/completions/partner-portal.bash"
"$program" completions zsh >"$dist/completions/_partner-portal"
"$program" completions fish >"$dist/completions/partner-portal.fish"

# It writes a file into the folder of every crate of the workspace. Two are needed.
bill_name=portal-sbom
remove() { find . -name "$bill_name.json" -not -path './target/*' -not -path '*/node_modules/*' -delete; }
trap remove EXIT
bill() { # bill CRATE TARGET FILE
  remove
  "$cargo_cyclonedx" cyclonedx --format json --spec-version 1.5 --target "$2" --manifest-path "$1/Cargo.toml" \
    --override-filename "$bill_name" --quiet
  mv "$1/$bill_name.json" "$dist/$3"
  node tools/trim-sbom.mjs "$1" "$2" "$dist/$3"
}
bill server "$target" partner-portal.cdx.json
bill frontend wasm32-unknown-unknown partner-portal-browser.cdx.json
node tools/check-sbom.mjs server "$dist/partner-portal.cdx.json"
node tools/check-sbom.mjs frontend "$dist/partner-portal-browser.cdx.json"

# cargo-deb reads the files to pack relative to server/. It is told where they are by links of fixed names.
ln -sfn "$(realpath "$dist")" target/deb-files
fast=()
if [ "$profile" != dist ]; then fast=(--fast); fi
"$cargo_deb" --quiet "${fast[@]}" --no-build --no-strip --manifest-path server/Cargo.toml --target "$target" --profile "$profile" \
  --output "$dist/" >/dev/null
rm target/deb-files

packed=$dist/$name
mkdir "$packed"
cp -r "$dist"/{partner-portal,LICENSE-MIT,LICENSE-APACHE,README.md,CHANGELOG.md,man,completions} docs packaging "$packed"
rm -rf "$packed/docs/screenshots"
find "$packed" -type d -exec chmod 0755 {} +
find "$packed" -type f -exec chmod go=u,go-w {} +
tar --create --sort=name --format=gnu --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner -C "$dist" "$name" |
  gzip -9 -n >"$dist/$name.tar.gz"
rm -rf "$packed" "$dist/man" "$dist/completions"

cd "$dist"
mapfile -t files < <(find . -maxdepth 1 -type f -printf '%f\n' | LC_ALL=C sort)
sha256sum -- "${files[@]}" >SHA256SUMS
sha256sum --quiet --check SHA256SUMS
if [ -n "${DIST_SIGNING_KEY:-}" ]; then
  ssh-keygen -q -Y sign -f "$DIST_SIGNING_KEY" -n partner-portal SHA256SUMS
  echo "dist: signed SHA256SUMS. To verify it, run: ssh-keygen -Y verify -f ALLOWED_SIGNERS -I WHO -n partner-portal -s SHA256SUMS.sig <SHA256SUMS"
else
  echo "dist: SHA256SUMS is not signed. Set DIST_SIGNING_KEY to the file of an ssh key to sign it."
fi
echo "dist: $(find . -maxdepth 1 -type f -printf '%f ' | sed 's/ $//') are in $dist"

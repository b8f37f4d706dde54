#!/usr/bin/env bash
# Builds what is handed out twice from the present commit, in two folders and with two folders for compiled files, and compares
# the bytes. Nothing that was built before is used. With the profile `dist` that takes long; DIST_PROFILE=release shows the same.
set -euo pipefail
cd "$(dirname "$0")/.."

here=$PWD
twice=$here/target/dist-twice
rm -rf "$twice"
mkdir -p "$twice"

build() { # build NAME
  local clone=$twice/$1-clone
  git clone -q --shared "$here" "$clone"
  git -C "$clone" checkout -q --detach "$(git rev-parse HEAD)"
  # Tools from npm, as they are installed here.
  if [ -d frontend/node_modules ]; then ln -s "$here/frontend/node_modules" "$clone/frontend/node_modules"; fi
  if [ -n "${DIST_SAME_BROWSER_HALF:-}" ]; then
    # Takes less time, and says nothing about the browser half.
    mkdir "$clone/target"
    cp -r target/site "$clone/target/site"
  fi
  (
    cd "$clone"
    export CARGO_TARGET_DIR=$twice/$1-target
    if [ -z "${DIST_SAME_BROWSER_HALF:-}" ]; then frontend/build.sh; fi
    DIST_DIR=$twice/$1 tools/dist.sh
  )
  rm -rf "$twice/$1-target" "$clone"
}
build first
build second

differs=
for file in "$twice"/first/*; do
  name=$(basename "$file")
  if cmp -s "$file" "$twice/second/$name"; then
    echo "same:    $name"
  elif [ "$name" = SHA256SUMS.sig ]; then
    # Some kinds of keys sign the same bytes differently each time.
    echo "skipped: $name"
  else
    echo "differs: $name"
    differs=yes
  fi
done
[ -z "$differs" ]

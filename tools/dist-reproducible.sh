#!/usr/bin/env bash
# Builds what is handed out a second time, from a copy of the commit in another folder and with another folder for compiled
# files, and compares the bytes of both. What was built before in target/dist-twice is not used.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ -n "$(git status --porcelain)" ]; then
  echo "dist-reproducible: commit first: the second build is made from the commit" >&2
  exit 1
fi
twice=$PWD/target/dist-twice
rm -rf "$twice"
mkdir -p "$twice"
git clone -q --shared . "$twice/clone"
git -C "$twice/clone" checkout -q --detach "$(git rev-parse HEAD)"

DIST_DIR=$twice/first tools/dist.sh
(
  cd "$twice/clone"
  export CARGO_TARGET_DIR=$twice/target
  for folder in frontend end2end; do
    # Tools from npm, as they are installed here.
    if [ -d "../../../$folder/node_modules" ]; then ln -s "../../../../$folder/node_modules" "$folder/node_modules"; fi
  done
  if [ -n "${DIST_SAME_BROWSER_HALF:-}" ]; then
    # Takes a third of the time, and says nothing about the browser half.
    mkdir -p target && cp -r ../../site target/site
  else
    frontend/build.sh
  fi
  DIST_DIR=$twice/second tools/dist.sh
)
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
[ -z "$differs" ] || exit 1

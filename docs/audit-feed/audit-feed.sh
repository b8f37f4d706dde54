#!/bin/sh
# audit-feed: appends new entries of the portal's audit log to a file. At least once, in order.
# It needs curl, and coreutils 8.24 or later for `sync FILE`. Run one at a time for each folder.
set -eu
url=${AUDIT_FEED_URL:-https://portal.example.com/api/v1/audit}
dir=${AUDIT_FEED_DIR:-/var/lib/audit-feed}
# A file with one line, "Authorization: Bearer portal-feed-…", that only this script can read. An argument would be
# visible in the process list.
header=${AUDIT_FEED_HEADER:-/etc/audit-feed/header}
# How long the portal waits for a new entry, in seconds.
wait=${AUDIT_FEED_WAIT:-30}
log=$dir/audit.jsonl
umask 027
while :; do
  # A power cut can leave the file empty or full of NULs. Anything but digits is 0: entries are repeated, not lost.
  after=$(cat "$dir/after" 2>/dev/null | tr '\000' x)
  case $after in '' | *[!0-9]* | ???????????????????*) after=0 ;; esac
  status=$(curl -sS --max-time 60 -H @"$header" -D "$dir/headers" -o "$dir/new" -w '%{http_code}' \
    "$url?after=$after&limit=1000&wait=$wait") || status=failed
  next=$(sed -n 's/^[Xx]-[Aa]udit-[Nn]ext: *\([0-9][0-9]*\).*/\1/p' "$dir/headers" 2>/dev/null || :)
  if [ "$status" = 200 ] && [ "$next" ]; then
    if [ "$next" != "$after" ]; then
      # End a line that a stop has cut off, so that its repetition is a line of its own.
      if [ -s "$log" ] && [ -n "$(tail -c 1 "$log" | tr '\000' x)" ]; then echo >>"$log"; fi
      cat "$dir/new" >>"$log"
      # On disk before the place is stored, so that a power cut cannot lose entries before it. The same for the place
      # before its file replaces the old one, and for the folder that names both.
      sync "$log"
      echo "$next" >"$dir/after.new"
      sync "$dir/after.new"
      mv "$dir/after.new" "$dir/after"
      sync "$dir"
    fi
  else
    # The portal says why, for example that an entry was changed.
    if [ "$status" != failed ]; then
      echo "audit-feed: the portal answered $status" >&2
      cat "$dir/new" >&2 || :
    fi
    sleep "${AUDIT_FEED_PAUSE:-5}"
  fi
  if [ "${AUDIT_FEED_ONCE:-}" ]; then break; fi
done

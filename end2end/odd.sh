#!/usr/bin/env bash
# Runs the browser tests under odd conditions: shuffled, with one and with four workers, with other data, on odd dates in
# odd time zones, and on a busy machine. None of it may make a difference.
#
#   end2end/odd.sh [CONDITION…] [-- PLAYWRIGHT ARGUMENT…]
#
# Without conditions it runs them all, each with the whole suite. SEED=N repeats the order and the data of an earlier run.
set -euo pipefail
cd "$(dirname "$0")"

all=(one-worker four-workers other-data leap-day new-year spring-forward busy)
seed=${SEED:-$RANDOM}
faketime=$(find /usr/lib -path '*/faketime/libfaketimeMT.so.1' -print -quit)

conditions=()
while [ $# -gt 0 ] && [ "$1" != -- ]; do conditions+=("$1") && shift; done
if [ $# -gt 0 ]; then shift; fi
if [ ${#conditions[@]} -eq 0 ]; then conditions=("${all[@]}"); fi
tests=(npx --no-install playwright test --shuffle "$seed" "$@")

# at DATE TIME_ZONE COMMAND…: shifts the wall clocks of the command and of everything it starts by the same amount.
# Monotonic clocks stay: with libfaketime the server's timers would stop. playwright.config.ts makes an exception.
at() {
  [ -n "$faketime" ] || { echo "odd.sh: libfaketime is missing; run tools/setup.sh --odd-browser-tests" >&2 && exit 1; }
  local offset=$(($(date --date "$1" +%s) - $(date +%s)))
  env TZ="$2" LD_PRELOAD="$faketime" FAKETIME="$(printf '%+ds' "$offset")" FAKETIME_DONT_FAKE_MONOTONIC=1 NO_FAKE_STAT=1 \
    "${@:3}"
}

# beside_ten_busy_processes COMMAND…
beside_ten_busy_processes() {
  local status=0 busy=()
  for _ in {1..10}; do
    while :; do :; done &
    busy+=($!)
  done
  # shellcheck disable=SC2064 # these very processes
  trap "kill ${busy[*]}" EXIT
  "$@" || status=$?
  kill "${busy[@]}"
  trap - EXIT
  return "$status"
}

under() {
  case $1 in
    one-worker) "${tests[@]}" --workers 1 ;;
    four-workers) "${tests[@]}" --workers 4 ;;
    other-data) E2E_DATA=$seed "${tests[@]}" ;;
    # The day begins in UTC while the tests run.
    leap-day) at "2028-02-28 23:58 UTC" America/St_Johns "${tests[@]}" ;;
    # The year ends in Berlin while the tests run.
    new-year) at "2027-12-31 22:57 UTC" Europe/Berlin "${tests[@]}" ;;
    # The clocks in Berlin go forward while the tests run.
    spring-forward) at "2028-03-26 00:55 UTC" Europe/Berlin "${tests[@]}" ;;
    busy) beside_ten_busy_processes "${tests[@]}" ;;
    *) echo "odd.sh: no such condition: $1; there are: ${all[*]}" >&2 && return 2 ;;
  esac
}

failed=()
for condition in "${conditions[@]}"; do
  printf '\nodd.sh: %s, seed %s\n' "$condition" "$seed"
  under "$condition" || failed+=("$condition")
done
if [ ${#failed[@]} -gt 0 ]; then
  echo "odd.sh: failed with SEED=$seed: ${failed[*]}" >&2
  exit 1
fi

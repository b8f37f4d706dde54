# shellcheck shell=sh
# Runs a PostgreSQL of its own until its standard input ends, then removes its folder. The tests hold the other end of the
# pipe, so this happens even if they are killed.
#
# $1: PostgreSQL's programs; $2: an empty folder; $3: a free port; $4: how to become the user PostgreSQL runs as (words,
# or nothing); $5: `on` to write to the disk like a real one, `off` to be quick. The password is the first line of input.
set -u
programs=$1 folder=$2 port=$3 as_user=$4 fsync=$5

stop() {
  # SIGQUIT: at once. Nothing of it is needed any longer.
  [ -z "${postmaster:-}" ] || { kill -QUIT "$postmaster"; wait "$postmaster"; }
  rm -rf "$folder"
  exit "$1"
} 2>/dev/null
fail() { cat "$folder/log"; stop 1; }
trap 'stop 1' HUP INT TERM

read -r password || stop 1
cd "$folder" || exit 1
umask 077
printf '%s\n' "$password" >password
if [ -n "$as_user" ]; then chown postgres "$folder" password; fi

# An order of text that nobody wants shows where a statement or a column forgot to say COLLATE "C".
odd_order=
if "$programs/initdb" --help | grep -q -- --icu-locale; then odd_order='--locale-provider=icu --icu-locale=en-US'; fi
# The lists must be split into words.
# shellcheck disable=SC2086
$as_user "$programs/initdb" --pgdata=data --username=postgres --pwfile=password --auth=scram-sha-256 --encoding=UTF8 \
  --locale=C $odd_order --no-sync --no-instructions >log 2>&1 </dev/null || fail

# If this shell is killed, PostgreSQL gets SIGINT and shuts down.
# shellcheck disable=SC2086
$as_user setpriv --pdeathsig INT "$programs/postgres" -D data -k "$folder" -c listen_addresses=127.0.0.1 -c port="$port" \
  -c fsync="$fsync" -c synchronous_commit="$fsync" -c full_page_writes="$fsync" -c max_connections=300 \
  -c shared_buffers=64MB -c autovacuum=off -c log_min_messages=error >>log 2>&1 </dev/null &
postmaster=$!
until "$programs/pg_isready" -q -h 127.0.0.1 -p "$port"; do
  kill -0 "$postmaster" 2>/dev/null || { postmaster=; fail; }
  sleep 0.02
done
echo ready

while read -r _; do :; done
stop 0

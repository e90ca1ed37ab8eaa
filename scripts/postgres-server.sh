#!/usr/bin/env bash
# A throw-away PostgreSQL for tests and benches: a folder of its own, a free port of 127.0.0.1, no service, and nothing is
# flushed to the disk. Prints postgres://USER@127.0.0.1:PORT/postgres once it accepts connections.
#
# Reads words from its input and answers each with a line: `kill` ends the server as a power cut would, `start` starts it
# again. When the input ends, the server is stopped and its folder removed: so it never outlives who started it, however
# that one ended. The role `locked` has to give a password, every other one is trusted.
#
# Exit code 3: there is no PostgreSQL.
set -euo pipefail
cd "$(dirname "$0")/.."

fetched="$PWD/.tools/postgres"
bin=
for candidate in "$fetched"/usr/lib/postgresql/*/bin /usr/lib/postgresql/*/bin; do
  if [ -x "$candidate/postgres" ] && [ -x "$candidate/initdb" ]; then bin=$candidate; fi
done
if [ -z "$bin" ] && command -v postgres >/dev/null && command -v initdb >/dev/null; then
  bin=$(dirname "$(readlink -f "$(command -v postgres)")")
fi
if [ "${1:-}" = --where ]; then
  if [ -z "$bin" ]; then exit 3; fi
  echo "$bin"
  exit 0
fi
if [ -z "$bin" ]; then
  echo 'there is no PostgreSQL; get it with scripts/fetch-postgres.sh' >&2
  exit 3
fi
case "$bin" in
  "$fetched"/*)
    LD_LIBRARY_PATH=$(printf "%s:" "$fetched"/usr/lib/*-linux-gnu)
    export LD_LIBRARY_PATH
    ;;
esac

folder=$(mktemp -d "${TMPDIR:-/tmp}/gantry-postgres.XXXXXX")
pid=
finish() {
  if [ -n "$pid" ]; then
    kill -QUIT "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  fi
  rm -rf "$folder"
}
trap finish EXIT
trap : INT TERM HUP

# It refuses to run as root.
as=()
if [ "$(id -u)" = 0 ]; then
  user=postgres
  id -u "$user" >/dev/null 2>&1 || user=nobody
  chown "$user" "$folder"
  as=(setpriv --reuid "$user" --regid "$(id -g "$user")" --clear-groups)
fi
data=$folder/data
(cd "$folder" && "${as[@]}" env HOME="$folder" "$bin/initdb" --pgdata "$data" --username gantry --auth trust --no-sync \
  --encoding UTF8 --locale C) >"$folder/log" 2>&1 || { cat "$folder/log" >&2; exit 1; }
printf '%s\n' 'host all locked 127.0.0.1/32 scram-sha-256' 'host all all 127.0.0.1/32 trust' >"$data/pg_hba.conf"

# Answers whether it accepts connections on that port.
run() { # port
  (cd "$folder" && exec "${as[@]}" env HOME="$folder" "$bin/postgres" -D "$data" -c listen_addresses=127.0.0.1 -p "$1" \
    -c unix_socket_directories= -c fsync=off -c full_page_writes=off -c max_connections=200 \
    -c shared_buffers=256MB -c max_wal_size=4GB -c wal_level=minimal -c max_wal_senders=0 \
    -c log_min_messages=fatal) >>"$folder/log" 2>&1 </dev/null &
  pid=$!
  while kill -0 "$pid" 2>/dev/null; do
    # One that was killed leaves its file there.
    if [ "$(sed -n 1p "$data/postmaster.pid" 2>/dev/null)" = "$pid" ] && grep -q '^ready' "$data/postmaster.pid"; then
      return 0
    fi
    sleep 0.05
  done
  wait "$pid" || true
  pid=
  return 1
}

port=
for _ in $(seq 20); do
  candidate=$((20000 + RANDOM % 12000))
  if run "$candidate"; then port=$candidate; break; fi
done
if [ -z "$port" ]; then cat "$folder/log" >&2; exit 1; fi
echo "postgres://gantry@127.0.0.1:$port/postgres"

while read -r word; do
  case "$word" in
    kill)
      # Its children too, while they are known by their parent.
      # shellcheck disable=SC2046 # several process ids
      kill -9 "$pid" $(cat "/proc/$pid/task/$pid/children" 2>/dev/null || true) 2>/dev/null || true
      wait "$pid" 2>/dev/null || true
      pid=
      echo killed
      ;;
    start)
      # Until what is left of the old one has gone.
      for _ in $(seq 100); do
        if run "$port"; then break; fi
        sleep 0.1
      done
      if [ -z "$pid" ]; then cat "$folder/log" >&2; exit 1; fi
      echo started
      ;;
  esac
done

#!/usr/bin/env bash
# Starts gantry dev in a folder of its own and measures: time until ready, idle memory of each process, round trip of an
# activity.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo build --release --quiet --package e2e --example round_trip
home=$(mktemp -d)
begin=$(date +%s%N)
GANTRY_HOME=$home target/release/gantry dev --port-base 17233 2>"$home/dev.log" &
dev=$!
trap 'kill -TERM $dev 2>/dev/null; wait $dev 2>/dev/null || true; rm -rf "$home"' EXIT
until grep -q '^ready' "$home/dev.log"; do
  kill -0 "$dev" || { cat "$home/dev.log"; exit 1; }
  sleep 0.05
done
echo "ready after $((($(date +%s%N) - begin) / 1000000)) ms"
field() { python3 -c "import json,sys; print(json.load(open('$home/dev.json'))['$1'])"; }

sleep 5 # idle means: nothing to do for a while
echo 'idle memory (resident, MB)'
for pid in "$dev" $(cat /proc/"$dev"/task/*/children); do
  name=$(tr '\0' '\n' <"/proc/$pid/cmdline" | head -n 1)
  printf '  %6.1f  %s\n' "$(awk '/^VmRSS/ {print $2/1024}' "/proc/$pid/status")" "$(basename "$name")"
done
target/release/examples/round_trip "$(field temporalAddress)" "${1:-200}"

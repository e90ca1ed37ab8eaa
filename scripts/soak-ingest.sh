#!/usr/bin/env bash
# The event service for a long time: killed each minute under load, then undisturbed, then a million sessions.
#   scripts/soak-ingest.sh [MINUTES [ROUND_SECONDS [EVENTS_PER_SECOND]]]   30, 60, 2000: an hour and some minutes, 3 GB in the temporary folder
# GANTRY_INGEST names another program than the one of this checkout.
set -euo pipefail
cd "$(dirname "$0")/.."
for number in "$@"; do
  [[ $number =~ ^[1-9][0-9]*$ ]] || { sed -n '2,4s/^# \?//p' "$0" >&2; exit 2; }
done
target=${CARGO_TARGET_DIR:-target}/release
[ -n "${GANTRY_INGEST:-}" ] || cargo build --release --quiet --package gantry-ingest
cargo build --release --quiet --package ingest --example ingest_soak
GANTRY_INGEST=${GANTRY_INGEST:-$target/gantry-ingest}
export GANTRY_INGEST
exec "$target/examples/ingest_soak" "$@"

#!/usr/bin/env bash
# Every goal of the event service beside what is measured and beside the limits of the same run.
#   scripts/bench-ingest.sh                                   about ten minutes, 4 GB in the temporary folder
#   scripts/bench-ingest.sh --short                           about a minute
#   scripts/bench-ingest.sh EVENTS REPEATS STATS_EVENTS IMPORT_MEGABYTES
# GANTRY_INGEST names another program than the one of this checkout. Ends with 2 when a goal is missed.
set -euo pipefail
cd "$(dirname "$0")/.."
case "${1:-}" in
  --short) set -- 100000 1 500000 100 ;;
  --*) sed -n '2,6s/^# \?//p' "$0" >&2; exit 1 ;;
esac
target=${CARGO_TARGET_DIR:-target}/release
[ -n "${GANTRY_INGEST:-}" ] || cargo build --release --quiet --package gantry-ingest
cargo build --release --quiet --package ingest --example ingest_bench
GANTRY_INGEST=${GANTRY_INGEST:-$target/gantry-ingest}
export GANTRY_INGEST
exec "$target/examples/ingest_bench" "$@"

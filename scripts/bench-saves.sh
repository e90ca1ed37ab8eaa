#!/usr/bin/env bash
# Saves beside their limits, and whole briefings of them. Without a save it makes one of 50 MB and one of 300 MB of text.
#   scripts/bench-saves.sh [SAVE...]
set -euo pipefail
cd "$(dirname "$0")/.."
cargo build --quiet --release --package save-parsing --example save_bench --example sample_save
cargo build --quiet --release --package briefing --example brief_bench
examples=${CARGO_TARGET_DIR:-target}/release/examples
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
if [ $# -eq 0 ]; then
  for megabytes in 50 300; do
    "$examples/sample_save" "$folder/sample-$megabytes.sav" "$((megabytes * 1000000))"
    set -- "$@" "$folder/sample-$megabytes.sav"
  done
fi
for save in "$@"; do
  echo "== $(basename "$save")"
  "$examples/save_bench" "$save"
  "$examples/brief_bench" "$save"
done

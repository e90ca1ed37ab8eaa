#!/usr/bin/env bash
# Fails when the checked-in TypeScript is not what the Rust contracts export.
set -euo pipefail
cd "$(dirname "$0")/.."
fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
cargo run --quiet --package contracts --bin export-contracts -- "$fresh"
if ! diff -r "$fresh" workflows-ts/src/contracts; then
  echo 'workflows-ts/src/contracts is not fresh; run: make contracts' >&2
  exit 1
fi

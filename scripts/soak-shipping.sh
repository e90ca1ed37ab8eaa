#!/usr/bin/env bash
# The shipper is killed at random moments while files change and the server fails; at the end every event is there once.
#   scripts/soak-shipping.sh [SEEDS]          so many seeds, 500 by default
#   scripts/soak-shipping.sh --hours H        one shipper for H hours: memory, descriptors and spool over time
set -euo pipefail
cd "$(dirname "$0")/.."
cargo build --quiet --package gantry-shipping
cargo build --quiet --package faulty-receiver --example soak_shipping
target=${CARGO_TARGET_DIR:-target}/debug
export GANTRY_SHIPPING=${GANTRY_SHIPPING:-$target/gantry-shipping}
if [ "${1:-}" = --hours ]; then
  exec "$target/examples/soak_shipping" --hours "${2:?how many hours?}"
fi
[[ ${1:-500} =~ ^[1-9][0-9]*$ ]] || { echo "the number of seeds is a whole number, not $1" >&2; exit 2; }
exec "$target/examples/soak_shipping" --seeds "1..$((${1:-500} + 1))" --keep-going

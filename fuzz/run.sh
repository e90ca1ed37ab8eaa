#!/usr/bin/env bash
# Fuzzes one target from the seeds on: fuzz/run.sh TARGET DURATION, in seconds. What it finds lies in fuzz/artifacts/TARGET.
set -euo pipefail
cd "$(dirname "$0")"
usage='usage: fuzz/run.sh TARGET DURATION (seconds)'
target=${1:?$usage}
# Not SECONDS: that is bash's own clock.
duration=${2:?$usage}

[ -f "fuzz_targets/$target.rs" ] || { echo "there is no target $target; see fuzz/fuzz_targets" >&2; exit 2; }
[[ $duration =~ ^[1-9][0-9]*$ ]] || { echo "the duration is a whole number of seconds, not $duration" >&2; exit 2; }
if ! cargo +nightly --version >/dev/null 2>&1; then
  echo 'there is no nightly toolchain; install it: rustup toolchain install nightly' >&2
  exit 1
fi
if ! cargo +nightly fuzz --version >/dev/null 2>&1; then
  echo 'there is no cargo-fuzz; install it: cargo install cargo-fuzz --locked' >&2
  exit 1
fi

# The seeds want the sanitizer of the targets, or everything would be built twice.
build=(--sanitizer address)
cargo +nightly fuzz build "${build[@]}"
cargo +nightly fuzz run "${build[@]}" seeds -- "$target"
# The linker's threads would hide which input was slow.
RAYON_NUM_THREADS=1 cargo +nightly fuzz run "${build[@]}" "$target" -- \
  -max_total_time="$duration" -timeout=10 -rss_limit_mb=2048 -max_len=8192

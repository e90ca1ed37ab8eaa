#!/usr/bin/env bash
# Fuzzes one target from the seeds on: fuzz/run.sh TARGET SECONDS. What it finds lies in fuzz/artifacts/TARGET.
set -euo pipefail
cd "$(dirname "$0")"
target=${1:?usage: fuzz/run.sh TARGET SECONDS}
seconds=${2:?usage: fuzz/run.sh TARGET SECONDS}

if ! cargo +nightly fuzz --version >/dev/null 2>&1; then
  echo "cargo-fuzz or the nightly toolchain is missing; run: rustup toolchain install nightly && cargo install cargo-fuzz --locked" >&2
  exit 1
fi
# Without AddressSanitizer: our code has no unsafe parts, and the grammars, which are C, are not compiled with it anyway.
flags=(--sanitizer none)
cargo +nightly fuzz build "${flags[@]}"
cargo +nightly fuzz run "${flags[@]}" seeds -- "$target"
# The linker's threads would hide which input was slow, and share the one core.
RAYON_NUM_THREADS=1 cargo +nightly fuzz run "${flags[@]}" "$target" -- \
  -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=8192

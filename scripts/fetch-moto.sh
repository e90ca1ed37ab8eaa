#!/usr/bin/env bash
# Fetches the pinned moto, a stand-in for S3 that the blob store is tested against, into .tools/moto.
set -euo pipefail
cd "$(dirname "$0")/.."
pinned=$(sed -nE 's/^moto==([0-9.]+).*/\1/p' scripts/moto.txt)
target=.tools/moto
# What is there has to be of this list, and of this Python.
wanted="$(sha256sum < scripts/moto.txt) $(python3 --version)"

if [ "$(cat "$target/fetched" 2>/dev/null)" = "$wanted" ]; then exit 0; fi
python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { echo "moto needs Python 3.10 or newer" >&2; exit 1; }

echo "fetching moto $pinned"
mkdir -p .tools
work=$(mktemp -d .tools/moto.XXXXXX)
trap 'rm -rf "$work"' EXIT
PIP_ROOT_USER_ACTION=ignore python3 -m pip install --quiet --disable-pip-version-check --no-warn-conflicts --no-deps \
  --only-binary=:all: --require-hashes --target "$work" --requirement scripts/moto.txt
echo "$wanted" > "$work/fetched"
# Beside its place first: a run that is cut short leaves nothing half under the name.
rm -rf "$target"
mv "$work" "$target"

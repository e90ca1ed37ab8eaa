#!/usr/bin/env bash
# Fetches the pinned protobuf of Python, which the reader of SCIP indexes is tested against, into .tools/protobuf.
set -euo pipefail
cd "$(dirname "$0")/.."
pinned=$(sed -nE 's/^protobuf==([0-9.]+).*/\1/p' scripts/protobuf.txt)
target=.tools/protobuf
# What is there has to be of this list, and of this Python.
wanted="$(sha256sum < scripts/protobuf.txt) $(python3 --version)"

if [ "$(cat "$target/fetched" 2>/dev/null)" = "$wanted" ]; then exit 0; fi
python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { echo "protobuf needs Python 3.10 or newer" >&2; exit 1; }

echo "fetching protobuf $pinned"
mkdir -p .tools
work=$(mktemp -d .tools/protobuf.XXXXXX)
trap 'rm -rf "$work"' EXIT
PIP_ROOT_USER_ACTION=ignore python3 -m pip install --quiet --disable-pip-version-check --no-warn-conflicts --no-deps \
  --only-binary=:all: --require-hashes --target "$work" --requirement scripts/protobuf.txt
echo "$wanted" > "$work/fetched"
# Beside its place first: a run that is cut short leaves nothing half under the name.
rm -rf "$target"
mv "$work" "$target"

#!/usr/bin/env bash
# Fetches a pinned package of Python that tests run beside, into .tools/NAME: moto, a stand-in for S3 that the blob store is
# tested against, or protobuf, which the reader of SCIP indexes is. scripts/NAME.txt pins it.
set -euo pipefail
cd "$(dirname "$0")/.."
name=${1:?usage: fetch-python-package.sh moto|protobuf}
pinned=$(sed -nE "s/^$name==([0-9.]+).*/\1/p" "scripts/$name.txt")
target=.tools/$name
# What is there has to be of this list, and of this Python.
wanted="$(sha256sum < "scripts/$name.txt") $(python3 --version)"

if [ "$(cat "$target/fetched" 2>/dev/null)" = "$wanted" ]; then exit 0; fi
python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { echo "$name needs Python 3.10 or newer" >&2; exit 1; }

echo "fetching $name $pinned"
mkdir -p .tools
work=$(mktemp -d ".tools/$name.XXXXXX")
trap 'rm -rf "$work"' EXIT
PIP_ROOT_USER_ACTION=ignore python3 -m pip install --quiet --disable-pip-version-check --no-warn-conflicts --no-deps \
  --only-binary=:all: --require-hashes --target "$work" --requirement "scripts/$name.txt"
echo "$wanted" > "$work/fetched"
# Beside its place first: a run that is cut short leaves nothing half under the name.
rm -rf "$target"
mv "$work" "$target"

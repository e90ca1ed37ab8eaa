#!/usr/bin/env bash
# Fetches the pinned linters of Dockerfiles, of compose.yaml and of shell scripts into .tools/linters, unless they are there.
set -euo pipefail
cd "$(dirname "$0")/.."
target=.tools/linters

# The copy of the list is the last thing that is put there.
if cmp -s scripts/linters.txt "$target/linters.txt"; then exit 0; fi
if ! python3 -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))'; then
  printf 'missing: %s\n  get it: %s\n' 'Python 3.11 or newer with venv' 'your distribution, for example: apt install python3-venv' >&2
  exit 1
fi
echo 'fetching the linters'
rm -rf "$target"
python3 -m venv "$target"
"$target/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --only-binary=:all: --require-hashes \
  --requirement scripts/linters.txt
cp scripts/linters.txt "$target/linters.txt"

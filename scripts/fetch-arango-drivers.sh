#!/usr/bin/env bash
# Fetches the two official ArangoDB drivers, which the stand-in for a server is tested with, into .tools/arango-drivers.
set -euo pipefail
cd "$(dirname "$0")/.."
lists=scripts/arango-drivers
target=.tools/arango-drivers
# What is there has to be of these lists, and of this Python.
wanted="$(cat "$lists"/{package-lock.json,requirements.txt} | sha256sum) $(python3 --version)"

if [ "$(cat "$target/fetched" 2>/dev/null)" = "$wanted" ]; then exit 0; fi
node -e 'process.exit(process.versions.node.split(".")[0] < 20 ? 1 : 0)' || { echo "arangojs needs Node 20 or newer" >&2; exit 1; }
python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { echo "python-arango needs Python 3.10 or newer" >&2; exit 1; }

echo "fetching arangojs and python-arango"
mkdir -p .tools
work=$(mktemp -d .tools/arango-drivers.XXXXXX)
trap 'rm -rf "$work"' EXIT
cp "$lists"/package.json "$lists"/package-lock.json "$work/"
npm ci --prefix "$work" --ignore-scripts --no-audit --no-fund --loglevel=error > /dev/null
PIP_ROOT_USER_ACTION=ignore python3 -m pip install --quiet --disable-pip-version-check --no-warn-conflicts --no-deps \
  --only-binary=:all: --require-hashes --target "$work/python" --requirement "$lists/requirements.txt"
echo "$wanted" > "$work/fetched"
# Beside its place first: a run that is cut short leaves nothing half under the name.
rm -rf "$target"
mv "$work" "$target"

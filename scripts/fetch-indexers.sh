#!/usr/bin/env bash
# Fetches the pinned SCIP indexers of TypeScript and Python into .tools/indexers, where the worker looks for them first.
set -euo pipefail
cd "$(dirname "$0")/.."
target=.tools/indexers
# What is there has to be of this list.
wanted=$(cat scripts/indexers/package.json scripts/indexers/package-lock.json | sha256sum)

if [ "$(cat "$target/fetched" 2>/dev/null)" = "$wanted" ]; then exit 0; fi
echo 'fetching the SCIP indexers'
mkdir -p .tools
work=$(mktemp -d .tools/indexers.XXXXXX)
trap 'rm -rf "$work"' EXIT
# mktemp keeps others out; a worker may be another user.
chmod 755 "$work"
cp scripts/indexers/package.json scripts/indexers/package-lock.json "$work"
npm --prefix "$work" ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null
for indexer in scip-python scip-typescript; do
  "$work/node_modules/.bin/$indexer" --version >/dev/null
done
echo "$wanted" > "$work/fetched"
# Beside its place first: a run that is cut short leaves nothing half under the name.
rm -rf "$target"
mv "$work" "$target"

#!/usr/bin/env bash
# runScip beside its limits, on the same machine.
#   scripts/bench-scip.sh FOLDER [INDEX]
# FOLDER is a TypeScript or Python project. Its index is made with the indexer that `make indexers` fetches, unless INDEX
# names one. Rows: the project joined with its sources; indexes of about 100 MB and 400 MB, made of that index by repetition,
# without sources, with and without a store.
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -ge 1 ] || { echo "usage: scripts/bench-scip.sh FOLDER [INDEX]; for example a checkout with a tsconfig.json" >&2; exit 1; }
folder=$(realpath "$1")
cargo build --release --quiet --package heavy-compute --example scip_bench --example scip_repeat
bench=target/release/examples/scip_bench
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

index=${2:-}
if [ -z "$index" ]; then
  index=$work/index.scip
  indexers=$PWD/.tools/indexers/node_modules/.bin
  [ -d "$indexers" ] || { echo "there are no indexers; run: make indexers" >&2; exit 1; }
  export NODE_OPTIONS=--max-old-space-size=6144
  begin=$(date +%s%N)
  if [ -f "$folder/tsconfig.json" ]; then
    "$indexers/scip-typescript" index --cwd "$folder" --output "$index" >/dev/null
  else
    echo '[]' >"$work/environment.json"
    "$indexers/scip-python" index --cwd "$folder" --project-name bench --project-version 0 \
      --environment "$work/environment.json" --output "$index" >/dev/null
  fi
  echo "indexer: $((($(date +%s%N) - begin) / 1000000)) ms"
fi

echo '== with its sources, one thread'
$bench "$index" "$folder" 1
echo '== with its sources, two threads'
$bench "$index" "$folder" 2
bytes=$(stat -c %s "$index")
for megabytes in 100 400; do
  copies=$(((megabytes * 1000000 + bytes - 1) / bytes))
  target/release/examples/scip_repeat "$index" "$copies" "$work/large.scip" >/dev/null
  echo "== $(($(stat -c %s "$work/large.scip") / 1000000)) MB without sources, one thread, no store"
  $bench "$work/large.scip" + 1
  echo "== the same into the embedded store"
  $bench "$work/large.scip" - 1
done

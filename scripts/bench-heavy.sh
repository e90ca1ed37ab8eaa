#!/usr/bin/env bash
# gantry index over some thousand real files beside a bare tree-sitter parse of the same files, on the same machine.
#   scripts/bench-heavy.sh [FOLDER]
# Without a folder: Python's standard library and the TypeScript and JavaScript sources under node_modules, copied flat so
# that no rule of the scan leaves any of them out.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo build --release --quiet --package heavy-compute --example syntax_bench
work=$(mktemp -d)
dev=
trap 'if [ -n "$dev" ]; then kill -TERM $dev 2>/dev/null; wait $dev 2>/dev/null || true; fi; rm -rf "$work"' EXIT

folder=${1:-}
if [ -z "$folder" ]; then
  folder=$work/sources
  python3 - "$folder" <<'PYTHON'
import pathlib, shutil, sys, sysconfig
target = pathlib.Path(sys.argv[1])
roots = [(pathlib.Path(sysconfig.get_path("stdlib")), {".py"}), (pathlib.Path("workflows-ts/node_modules"), {".ts", ".tsx", ".js", ".mjs", ".cjs"})]
n = 0
for root, endings in roots:
    for path in sorted(root.rglob("*")):
        if path.suffix in endings and path.is_file() and "site-packages" not in path.parts and path.stat().st_size <= 1 << 20:
            place = target / f"d{n % 97:02}" / f"{n:05}-{path.name}"
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, place)
            n += 1
PYTHON
fi

echo 'one thread: bare tree-sitter parse, and parse with extraction'
target/release/examples/syntax_bench "$folder" 2

echo 'through Temporal: gantry index, first and second run'
GANTRY_HOME=$work/home target/release/gantry dev --port-base 17233 2>"$work/dev.log" &
dev=$!
until grep -q '^ready' "$work/dev.log"; do
  kill -0 "$dev" || { cat "$work/dev.log"; exit 1; }
  sleep 0.05
done
for run in first second; do
  GANTRY_HOME=$work/home target/release/gantry index "$folder" --no-indexers --json 2>/dev/null >"$work/$run.json"
  python3 - "$run" "$work/$run.json" <<'PYTHON'
import json, sys
answer = json.load(open(sys.argv[2]))
phases = {f"{a['activity']}.{p}": ms for a in answer["activities"] for p, ms in a["phases"].items()}
peak = max(a["peakRssBytes"] for a in answer["activities"]) / 1e6
print(f"{sys.argv[1]}: {answer['durationMs']} ms, {answer['files']} files, {answer['entities']} entities, "
      f"{answer['edges']} edges, {answer['unchanged']} unchanged, worker's peak {peak:.0f} MB")
print("  " + ", ".join(f"{name} {ms} ms" for name, ms in phases.items()))
PYTHON
done

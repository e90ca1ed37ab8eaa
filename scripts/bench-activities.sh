#!/usr/bin/env bash
# No-op activities side by side on one server: Gantry's worker in Rust (runtime and kit around an activity that answers at
# once), a TypeScript and a Python worker of the same SDK generation. Then the memory of the Rust worker over many
# activities.
#
#   scripts/bench-activities.sh [COUNT] [SOAK]     defaults: 1000 and 0 activities
set -euo pipefail
cd "$(dirname "$0")/.."
count=${1:-1000} soak=${2:-0}
cargo build --release --quiet --package e2e --bin stand-in-worker --example activity_bench
venv=.tools/bench-python
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/python" -c 'import temporalio' 2>/dev/null || "$venv/bin/pip" install --quiet temporalio==1.35.0

home=$(mktemp -d)
port=17233 address=127.0.0.1:17233
pids=()
# shellcheck disable=SC2317 # called by the trap
cleanup() {
  kill "${pids[@]}" 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$home"
}
trap cleanup EXIT
.tools/bin/temporal server start-dev --headless --port "$port" --log-level error \
  --dynamic-config-value 'history.timerProcessorMaxTimeShift="10ms"' >"$home/server.log" 2>&1 &
pids+=($!)
until .tools/bin/temporal operator cluster health --address "$address" >/dev/null 2>&1; do sleep 0.1; done

# Each worker may work on 100 activities at once, which is the default of the SDKs.
GANTRY_HOME=$home GANTRY_HOST_ID=bench GANTRY_SLOTS=100 GANTRY_LOG=warn GANTRY_ADMIN_LISTEN=127.0.0.1:0 \
  TEMPORAL_ADDRESS=$address target/release/stand-in-worker 2>"$home/rust.log" &
rust=$!
node scripts/bench/no-op-worker.mjs "$address" typescript 2>"$home/typescript.log" &
typescript=$!
"$venv/bin/python" scripts/bench/no_op_worker.py "$address" python 2>"$home/python.log" &
python=$!
pids+=("$rust" "$typescript" "$python")
bench() { target/release/examples/activity_bench "$address" "$@"; }

for in_flight in 1 50; do
  for _ in 1 2; do # the second round shows how much the figures vary
    bench heavy-compute "$((in_flight == 1 ? 200 : count))" "$in_flight" "$rust"
    bench typescript "$((in_flight == 1 ? 200 : count))" "$in_flight" "$typescript"
    bench python "$((in_flight == 1 ? 200 : count))" "$in_flight" "$python"
  done
done

if [ "$soak" -gt 0 ]; then
  echo "memory of the Rust worker over $soak activities"
  for _ in 1 2 3 4 5; do bench heavy-compute "$((soak / 5))" 50 "$rust"; done
fi

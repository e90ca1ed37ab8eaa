#!/usr/bin/env bash
# Checks the Dockerfiles, compose.yaml with what it mounts, and every shell script. `make ci-setup` fetches what it needs.
set -euo pipefail
cd "$(dirname "$0")/.."
linters=.tools/linters/bin
[ -x "$linters/hadolint" ] || { echo 'the linters are not there; fetch them: make ci-setup' >&2; exit 1; }

"$linters/hadolint" docker/*.Dockerfile
said=$("$linters/check-jsonschema" --builtin-schema vendor.compose-spec compose.yaml) || { echo "$said" >&2; exit 1; }
said=$("$linters/check-jsonschema" --builtin-schema vendor.github-workflows .github/workflows/*.yml) || { echo "$said" >&2; exit 1; }
"$linters/python" scripts/check-containers.py
node --check docker/check-health.mjs

promtool=.tools/bin/promtool
[ -x "$promtool" ] || promtool=$(command -v promtool || true)
if [ -n "$promtool" ]; then
  "$promtool" check config docker/prometheus/prometheus.yml >/dev/null
elif [ -n "${CI:-}" ]; then
  echo 'there is no promtool; fetch it: scripts/fetch-prometheus.sh' >&2
  exit 1
else
  echo 'not checked, because there is no promtool: docker/prometheus/prometheus.yml' >&2
fi

mapfile -t scripts < <(git ls-files '*.sh' .ci/run)
for script in "${scripts[@]}"; do
  bash -n "$script"
done
# It has no wheel for every processor; see scripts/linters.txt.
if [ -x "$linters/shellcheck" ]; then "$linters/shellcheck" "${scripts[@]}"; fi

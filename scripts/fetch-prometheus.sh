#!/usr/bin/env bash
# Fetches Prometheus and its promtool into .tools/bin, unless they are there or on PATH: out of the distribution's package,
# without installing it and without root. The package manager checks the signature; the version is the distribution's.
# Without them the test of the metrics and the check of docker/prometheus are skipped, except where CI is set.
set -euo pipefail
cd "$(dirname "$0")/.."

missing() { # why
  printf 'no Prometheus: %s\n  get it: %s\n' "$1" 'your distribution, for example: apt install prometheus' >&2
  if [ -n "${CI:-}" ]; then exit 1; fi
  exit 0
}

if [ -x .tools/bin/prometheus ] && [ -x .tools/bin/promtool ]; then exit 0; fi
if command -v prometheus >/dev/null && command -v promtool >/dev/null; then
  echo "using the Prometheus on PATH: $(prometheus --version 2>&1 | head -n 1)"
  exit 0
fi
if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null; then missing 'there is no apt-get to fetch it with'; fi

echo 'fetching Prometheus'
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# The user that apt downloads as must be able to write there.
chmod 755 "$work"
download() { (cd "$work" && apt-get -qq download prometheus 2>"$work/why"); }
if ! download; then
  if [ "$(id -u)" != 0 ]; then missing "$(tail -n 1 "$work/why") (the package lists are refreshed by: apt-get update)"; fi
  apt-get -qq update
  download || missing "$(tail -n 1 "$work/why")"
fi
dpkg-deb --extract "$work"/prometheus_*.deb "$work/package"
mkdir -p .tools/bin
for program in promtool prometheus; do
  # Beside its place first: a run that is cut short leaves nothing half under the name.
  mv "$work/package/usr/bin/$program" ".tools/bin/$program.new"
  mv ".tools/bin/$program.new" ".tools/bin/$program"
done
.tools/bin/prometheus --version 2>&1 | head -n 1

#!/usr/bin/env bash
# Fetches PostgreSQL, which the graph store is tested against, unless the machine has it: out of the distribution's packages
# into .tools/postgres, without installing them, without root and without a service. The package manager checks the
# signatures; the version is the distribution's. Without it those tests are skipped, except where CI is set.
set -euo pipefail
cd "$(dirname "$0")/.."

missing() { # why
  printf 'no PostgreSQL: %s\n  get it: %s\n' "$1" 'your distribution, for example: apt install postgresql' >&2
  if [ -n "${CI:-}" ]; then exit 1; fi
  exit 0
}

if bin=$(scripts/postgres-server.sh --where); then
  case "$bin" in
    "$PWD"/.tools/*) ;;
    *) echo "using the PostgreSQL in $bin" ;;
  esac
  exit 0
fi
if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null; then missing 'there is no apt-get to fetch it with'; fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# The user that apt downloads as must be able to write there.
chmod 755 "$work"
# What would be installed: the server and the libraries that the machine has not.
wanted() { apt-get -s install --no-install-recommends postgresql 2>"$work/why" | awk '$1 == "Inst" { print $2 }'; }
packages=$(wanted) || true
if [ -z "$packages" ] && [ "$(id -u)" = 0 ]; then
  apt-get -qq update
  packages=$(wanted) || true
fi
if [ -z "$packages" ]; then missing "$(tail -n 1 "$work/why") (the package lists are refreshed by: apt-get update)"; fi

echo 'fetching PostgreSQL'
# shellcheck disable=SC2086 # several packages
(cd "$work" && apt-get -qq download $packages 2>why) || missing "$(tail -n 1 "$work/why")"
for package in "$work"/*.deb; do dpkg-deb --extract "$package" "$work/tree"; done
mkdir -p .tools
# Beside its place first: a run that is cut short leaves nothing half under the name.
rm -rf .tools/postgres .tools/postgres.new
mv "$work/tree" .tools/postgres.new
mv .tools/postgres.new .tools/postgres
"$(scripts/postgres-server.sh --where)/postgres" --version

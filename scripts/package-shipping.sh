#!/usr/bin/env bash
# Builds the shipper for people's own machines and packs it with its licences: the engine alone, for size, and the same with
# the Temporal worker, as all workers are built. Prints the sizes, writes the SHA-256 sums.
#
#   scripts/package-shipping.sh [--target TRIPLE] [--engine-only] [FOLDER]     default: target/packages
set -euo pipefail
cd "$(dirname "$0")/.."
host=$(rustc -vV | sed -n 's/^host: //p')
triple=$host
kinds=(engine worker)
while [ $# -gt 0 ]; do
  case "$1" in
    --target) triple=${2:?--target wants a triple}; shift 2 ;;
    --engine-only) kinds=(engine); shift ;;
    -*) echo "unknown flag: $1" >&2; exit 1 ;;
    *) break ;;
  esac
done
folder=${1:-target/packages}
mkdir -p "$folder"
version=$(sed -n '/^\[workspace\.package\]/,/^\[/s/^version = "\(.*\)"/\1/p' Cargo.toml)

# What the state needs nothing of: full-text search, R-trees, JSON in SQL, and loading code into the process.
small_sqlite=(
  -USQLITE_ENABLE_COLUMN_METADATA -USQLITE_ENABLE_DBSTAT_VTAB -USQLITE_ENABLE_FTS3 -USQLITE_ENABLE_FTS3_PARENTHESIS
  -USQLITE_ENABLE_FTS5 -USQLITE_ENABLE_RTREE -USQLITE_ENABLE_STAT4 -USQLITE_SOUNDEX
  -DSQLITE_OMIT_JSON -DSQLITE_OMIT_LOAD_EXTENSION
)
sum() { if command -v sha256sum >/dev/null; then sha256sum "$@"; else shasum -a 256 "$@"; fi; }
size() { wc -c <"$1" | tr -d ' '; }

# The largest size that each may have, in bytes.
limit_engine=6000000 limit_worker=20000000
staging=$(mktemp -d)
trap 'rm -rf "$staging"' EXIT
packed=()
too_large=0
for kind in "${kinds[@]}"; do
  build=(cargo build --locked --package gantry-shipping --target "$triple")
  if [ "$kind" = worker ]; then
    name=gantry-shipping-worker-$version-$triple limit=$limit_worker profile=release
    "${build[@]}" --profile "$profile" --features worker
  else
    name=gantry-shipping-$version-$triple limit=$limit_engine profile=shipper
    LIBSQLITE3_FLAGS="${small_sqlite[*]}" "${build[@]}" --profile "$profile" --no-default-features
  fi
  built=${CARGO_TARGET_DIR:-target}/$triple/$profile/gantry-shipping
  mkdir "$staging/$name"
  cp "$built" LICENSE-MIT LICENSE-APACHE THIRD-PARTY-NOTICES.md "$staging/$name/"
  # The name under which older installations call it.
  ln -s gantry-shipping "$staging/$name/longhouse-engine"
  if [ "$triple" = "$host" ]; then "$built" version >/dev/null; fi
  COPYFILE_DISABLE=1 tar -C "$staging" -czf "$folder/$name.tar.gz" "$name"
  packed+=("$name.tar.gz")
  bytes=$(size "$built")
  printf '%-60s %10d bytes, packed %10d\n' "$name" "$bytes" "$(size "$folder/$name.tar.gz")"
  if [ "$bytes" -gt "$limit" ]; then
    echo "larger than $limit bytes: $name" >&2
    too_large=1
  fi
done
(cd "$folder" && sum "${packed[@]}" >"SHA256SUMS-$triple" && cat "SHA256SUMS-$triple")
exit "$too_large"

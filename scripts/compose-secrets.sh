#!/usr/bin/env bash
# Makes the passwords and tokens that compose.yaml mounts, in docker/secrets, at random. One that is there stays.
set -euo pipefail
cd "$(dirname "$0")/.."
# On this host the folder keeps others out. In a container only the file is mounted, and its user, who is another one than
# here, has to be able to read it.
mkdir -p docker/secrets
chmod 700 docker/secrets
for name in postgres_password grafana_password ingest_token shipping_token; do
  file=docker/secrets/$name
  if [ -s "$file" ]; then continue; fi
  # Letters and digits only: nothing has to be escaped wherever it goes. Beside its place first, so that it is never half.
  head -c 24 /dev/urandom | base64 -w 0 | tr -d '+/=' >"$file.new"
  chmod 444 "$file.new"
  mv "$file.new" "$file"
  echo "made $file"
done

#!/bin/sh
# Makes the namespace that the workers use, unless it is there. Runs in the image temporalio/admin-tools; the address and
# the namespace come from TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE, as for every Temporal client.
set -eu
tries=30
until temporal operator cluster health >/dev/null 2>&1; do
  tries=$((tries - 1))
  if [ "$tries" -eq 0 ]; then
    echo "Temporal at $TEMPORAL_ADDRESS does not become healthy" >&2
    temporal operator cluster health
  fi
  sleep 2
done
if temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1; then
  echo "the namespace $TEMPORAL_NAMESPACE is there"
else
  temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention "$NAMESPACE_RETENTION"
fi

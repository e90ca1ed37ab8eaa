#!/bin/sh
# Starts the Temporal server with its database password, which it takes from its environment alone. Set here, the password
# is in no image, no file and no `docker inspect`.
set -eu
POSTGRES_PWD=$(cat /run/secrets/postgres_password)
export POSTGRES_PWD
exec /etc/temporal/entrypoint.sh

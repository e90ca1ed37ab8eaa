#!/bin/sh
# Makes the two databases of the Temporal server, or brings them to this version; what is there stays. Runs in the image
# temporalio/admin-tools before the server starts.
set -eu
# The tool takes the password from its environment. Set here, it is in no image, no compose file and no `docker inspect`.
SQL_PASSWORD=$(cat /run/secrets/postgres_password)
export SQL_PASSWORD

tool() {
  temporal-sql-tool --plugin postgres12 --endpoint postgres --port 5432 --user temporal "$@"
}

prepare() { # database, folder of its schema
  tool --database "$1" create-database
  tool --database "$1" setup-schema --version 0.0 # leaves a later version alone
  tool --database "$1" update-schema --schema-dir "/etc/temporal/schema/postgresql/v12/$2/versioned"
}

prepare temporal temporal
prepare temporal_visibility visibility

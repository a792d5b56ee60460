#!/usr/bin/env bash
# Initialises $PGDATA if it is empty (POSTGRES_PASSWORD is needed then) and ends without serving.
# A filled folder is left alone. Either way the exit code is 0, so a job can run it before each start.
set -euo pipefail
. /usr/local/bin/docker-entrypoint.sh

read_environment
if [ "$(id -u)" = 0 ]; then become_postgres "$0" "$@"; fi
become_postgres
if is_filled; then
    echo 'Database directory appears to contain a database; nothing to do'
else
    initialise
fi

#!/usr/bin/env bash
# Entry point of the tests' PostgreSQL image. Keeps the official image's contract: an empty $PGDATA is
# initialised from POSTGRES_* (a password is demanded then, and only then), a filled one is just served.
# docker-ensure-initdb.sh sources this file for its functions.
set -euo pipefail
shopt -s nullglob

fail() { printf 'Error: %s\n' "$1" >&2; shift; printf '       %s\n' "$@" >&2; exit 1; }

# from_file NAME [DEFAULT]  lets NAME_FILE stand for NAME, as a mounted secret does; both is an error.
from_file() {
    local name=$1 file_name=${1}_FILE
    if [ -n "${!name:-}" ] && [ -n "${!file_name:-}" ]; then
        fail "both $name and $file_name are set (but are exclusive)"
    fi
    local value=${!name:-${2:-}}
    [ -z "${!file_name:-}" ] || value=$(<"${!file_name}")
    export "$name=$value"
    unset "$file_name"
}

read_environment() {
    from_file POSTGRES_PASSWORD
    from_file POSTGRES_USER postgres
    from_file POSTGRES_DB "$POSTGRES_USER"
    from_file POSTGRES_INITDB_ARGS
    : "${POSTGRES_HOST_AUTH_METHOD:=}"
}

is_filled() { [ -s "$PGDATA/PG_VERSION" ]; }

# PostgreSQL refuses to run as root: own the folders, then start this very command again as postgres.
become_postgres() {
    mkdir -p "$PGDATA" /var/run/postgresql
    chmod 00700 "$PGDATA" 2>/dev/null || true
    chmod 03775 /var/run/postgresql 2>/dev/null || true
    [ "$(id -u)" = 0 ] || return 0
    find "$PGDATA" \! -user postgres -exec chown postgres {} +
    find /var/run/postgresql \! -user postgres -exec chown postgres {} +
    HOME=/var/lib/postgresql exec setpriv --reuid=postgres --regid=postgres --init-groups -- "$@"
}

demand_password() {
    if [ -z "$POSTGRES_PASSWORD" ] && [ "$POSTGRES_HOST_AUTH_METHOD" != trust ]; then
        fail "the database is not initialised and no superuser password is given." \
            "Set POSTGRES_PASSWORD to a non-empty value (or POSTGRES_PASSWORD_FILE)." \
            "POSTGRES_HOST_AUTH_METHOD=trust would do without; it lets everybody in."
    fi
}

as_superuser() {
    PGHOST='' PGHOSTADDR='' psql -v ON_ERROR_STOP=1 --no-psqlrc --username "$POSTGRES_USER" --no-password "$@"
}

run_init_file() {
    case $1 in
    *.sh) if [ -x "$1" ]; then "$1"; else . "$1"; fi ;;
    *.sql) as_superuser --dbname "$POSTGRES_DB" -f "$1" ;;
    *.sql.gz) gunzip -c "$1" | as_superuser --dbname "$POSTGRES_DB" ;;
    *) echo "$0: ignoring $1" ;;
    esac
}

# Fills $PGDATA. The server runs on its unix socket alone meanwhile, so that nobody outside takes a
# half-made database for a ready one.
initialise() {
    demand_password
    local waldir=() server_args=("$@") file
    [ -z "${POSTGRES_INITDB_WALDIR:-}" ] || waldir=(--waldir "$POSTGRES_INITDB_WALDIR")
    eval 'initdb --username="$POSTGRES_USER" --pwfile=<(printf "%s\n" "$POSTGRES_PASSWORD")' \
        '"${waldir[@]}"' "$POSTGRES_INITDB_ARGS"
    {
        printf '\n'
        [ "$POSTGRES_HOST_AUTH_METHOD" != trust ] || echo '# trust for all: chosen with POSTGRES_HOST_AUTH_METHOD'
        echo "host all all all ${POSTGRES_HOST_AUTH_METHOD:-$(postgres -C password_encryption)}"
    } >>"$PGDATA/pg_hba.conf"

    export PGPASSWORD=$POSTGRES_PASSWORD
    pg_ctl -D "$PGDATA" -w -o "-c listen_addresses='' -p ${PGPORT:-5432} ${server_args[*]:-}" start
    if [ "$POSTGRES_DB" != postgres ]; then
        as_superuser --dbname postgres -v db="$POSTGRES_DB" <<<'CREATE DATABASE :"db";'
    fi
    for file in /docker-entrypoint-initdb.d/*; do run_init_file "$file"; done
    pg_ctl -D "$PGDATA" -m fast -w stop
    unset PGPASSWORD
    printf '\nPostgreSQL init process complete; ready for start up.\n\n'
}

main() {
    [ "${1:0:1}" != - ] || set -- postgres "$@"
    local arg
    for arg; do
        case $arg in -'?' | --help | --describe-config | -V | --version) exec "$@" ;; esac
    done
    if [ "${1:-}" = postgres ]; then
        read_environment
        if [ "$(id -u)" = 0 ]; then become_postgres "$0" "$@"; fi
        become_postgres
        if is_filled; then
            printf '\nPostgreSQL Database directory appears to contain a database; Skipping initialization\n\n'
        else
            initialise
        fi
    fi
    exec "$@"
}

[ "${BASH_SOURCE[0]}" != "$0" ] || main "$@"

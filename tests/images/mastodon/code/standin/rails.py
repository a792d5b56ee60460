"""`rails TASK...`: the tasks a controller calls. Exit codes and refusals are those measured on Mastodon;
the wording is the stand-in's own except for the names of errors."""

import base64
import os
import secrets
import socket
import string
import sys

import psycopg2

from . import migrations, release, settings, stores

BOOT_SECONDS = 0.2
KEYS = ("PRIMARY_KEY", "DETERMINISTIC_KEY", "KEY_DERIVATION_SALT")


def seed(cursor):
    """Roles, the instance's own actor, and a local account for POST /api/v1/statuses."""
    cursor.execute("INSERT INTO user_roles (name, permissions) VALUES ('Moderator', 1), ('Owner', 7)")
    cursor.execute(
        "INSERT INTO accounts (id, username) VALUES (-99, %s) ON CONFLICT DO NOTHING",
        (settings.text("LOCAL_DOMAIN"),),
    )
    cursor.execute("INSERT INTO accounts (username) VALUES ('standin') RETURNING id")
    account = cursor.fetchone()[0]
    cursor.execute(
        "INSERT INTO users (account_id, email) VALUES (%s, %s)",
        (account, "standin@" + settings.text("LOCAL_DOMAIN")),
    )
    cursor.execute("INSERT INTO account_stats (account_id) SELECT id FROM accounts")
    cursor.execute("INSERT INTO settings (var, value) VALUES ('site_title', 'Stand-in')")
    cursor.execute("INSERT INTO terms_of_services (text) VALUES ('none')")


def is_empty(connection):
    return not migrations.applied(connection)


def check_server(connection):
    least = release.facts().get("postgres_minimum", 0)
    if connection.server_version // 10000 < least:
        settings.abort(f"stand-in: this release needs PostgreSQL {least} or later")


def check_gate(connection):
    """A two-step upgrade may not start from too old a schema. MAX is what Mastodon itself looks at."""
    if "SKIP_POST_DEPLOYMENT_MIGRATIONS" not in os.environ:
        return
    oldest = release.facts().get("zero_downtime_from", "0")
    if max(migrations.applied(connection), default="0") < oldest:
        settings.abort("stand-in: zero-downtime migrations are only supported from a newer schema")


def call_out():
    """What a migration that sends mail or asks another server would do."""
    for target in settings.text("STANDIN_CALLS_OUT").split():
        host, _, port = target.partition(":")
        try:
            socket.create_connection((host, int(port)), 2).close()
            print(f"reached {target}")
        except OSError as error:
            print(f"could not reach {target}: {error}")


def db_migrate(connection):
    check_server(connection)
    call_out()
    check_gate(connection)
    try:
        migrations.migrate(connection)
    except migrations.ConcurrentMigrationError:
        settings.abort(
            "ActiveRecord::ConcurrentMigrationError: Cannot run migrations because another migration"
            " process is currently running."
        )
    except psycopg2.Error as error:
        settings.abort(f"StandardError: this and all later migrations are canceled:\n\n{describe(error)}")


def describe(error):
    return f"PG::{type(error).__name__}: {str(error).strip()}"


def db_prepare(connection):
    if is_empty(connection):
        check_server(connection)
        migrations.load_schema(connection, seed)
        print("Created the schema and its seed")
    else:
        db_migrate(connection)


def db_setup(connection):
    if not is_empty(connection):
        settings.abort("ActiveRecord::ProtectedEnvironmentError: the database is not empty")
    db_prepare(connection)


def db_seed(connection):
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM accounts WHERE id = -99")
        if cursor.fetchone() is None:
            seed(cursor)


def db_version(connection):
    print(f"Current version: {max(migrations.applied(connection), default='0')}")


def db_status(connection):
    done = migrations.applied(connection)
    if not done:
        settings.abort("Schema migrations table does not exist yet.")
    known = {migration.version: migration.name for migration in migrations.available()}
    print(f"\n Status   Migration ID    Migration Name\n{'-' * 50}")
    for version in sorted(done | set(known)):
        print(f"  {'up' if version in done else 'down':^6}  {version}  {known.get(version, '*** NO FILE ***')}")
    print()


def db_abort_if_pending(connection):
    waiting = migrations.pending(connection)
    if waiting:
        print(f"You have {len(waiting)} pending {'migration' if len(waiting) == 1 else 'migrations'}:")
        for migration in waiting:
            print(f"  {migration.version} {migration.name}")
        settings.abort("Run `bin/rails db:migrate` to update your database then try again.")


def db_nothing(_connection):
    """db:create: connecting has already made the database if it was missing."""


def encryption_init(_arguments):
    """Prints fresh keys; boots nothing, needs nothing, refuses where keys are set already."""
    if any(settings.text(f"ACTIVE_RECORD_ENCRYPTION_{key}") for key in KEYS):
        if settings.text("IGNORE_ALREADY_SET_SECRETS") != "true":
            settings.abort("stand-in: encryption secrets are already set")
    alphabet = string.ascii_letters + string.digits
    print("Add the following secret environment variables to your Mastodon environment:\n")
    for key in KEYS:
        print(f"ACTIVE_RECORD_ENCRYPTION_{key}={''.join(secrets.choice(alphabet) for _ in range(32))}")


def vapid_key(_arguments):
    """Random bytes of the right size: the stand-in never signs a push message."""
    for name, size in (("PRIVATE", 32), ("PUBLIC", 65)):
        print(f"VAPID_{name}_KEY={base64.urlsafe_b64encode(secrets.token_bytes(size)).decode()}")


WITHOUT_BOOT = {
    "db:encryption:init": encryption_init,
    "mastodon:webpush:generate_vapid_key": vapid_key,
    "secret": lambda _arguments: print(secrets.token_hex(64)),
}
TASKS = {
    "db:migrate": db_migrate,
    "db:prepare": db_prepare,
    "db:setup": db_setup,
    "db:seed": db_seed,
    "db:create": db_nothing,
    "db:version": db_version,
    "db:migrate:status": db_status,
    "db:abort_if_pending_migrations": db_abort_if_pending,
}
MAY_CREATE = {"db:prepare", "db:setup", "db:create"}


def connect(may_create):
    """Some tasks create the database when only it is missing and the server is there."""
    try:
        return stores.connect(application_name="standin rails")
    except stores.BROKEN as error:
        if may_create and "does not exist" in str(error) and "database" in str(error):
            wanted = psycopg2.extensions.make_dsn(**settings.database())
            name = psycopg2.extensions.parse_dsn(wanted)["dbname"]
            maintenance = psycopg2.connect(wanted, dbname="postgres", connect_timeout=5)
            maintenance.autocommit = True
            maintenance.cursor().execute(f'CREATE DATABASE "{name}"')
            maintenance.close()
            print(f"Created database '{name}'")
            return stores.connect(application_name="standin rails")
        return settings.abort(f"ActiveRecord::ConnectionNotEstablished: {error}")


def main(arguments):
    if not arguments:
        settings.abort("stand-in: a task is needed")
    for task in arguments:
        if task in WITHOUT_BOOT:
            WITHOUT_BOOT[task](arguments)
        elif task not in TASKS:
            settings.abort(f"Don't know how to build task '{task}' (stand-in)")
    wanted = [task for task in arguments if task in TASKS]
    if wanted:
        settings.check()
        settings.boot("rails", BOOT_SECONDS)
        connection = connect(bool(MAY_CREATE & set(wanted)))
        for task in wanted:
            TASKS[task](connection)
        sys.stdout.flush()
    return 0

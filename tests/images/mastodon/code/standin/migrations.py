"""Migrations: the files of db/migrate and db/post_migrate, and how they are applied. Each runs in a
transaction of its own together with its row in schema_migrations, under the advisory lock Rails takes."""

import glob
import os
import re
import time
import zlib
from contextlib import contextmanager

from . import release, settings

LOCK_SALT = 2053462845  # Rails' own; the lock is this times the CRC of the database's name
BLOCK = re.compile(r"execute <<~(SQL|DATA)\n(.*?)\n[ ]*\1[ ]*$", re.DOTALL | re.MULTILINE)


class ConcurrentMigrationError(Exception):
    """Another migration holds the lock."""


class Migration:
    """One file. DATA blocks change data only: loading a schema into an empty database leaves them out."""

    def __init__(self, path):
        self.version, name = re.fullmatch(r"(\d{14})_(\w+)\.rb", os.path.basename(path)).groups()
        self.name = "".join(word.capitalize() for word in name.split("_"))
        self.post = "/post_migrate/" in path
        with open(path, encoding="utf-8") as file:
            source = file.read()
        self.blocks = BLOCK.findall(source)
        self.in_transaction = "disable_ddl_transaction!" not in source


def available(skip_post=None):
    """All of this image's migrations, oldest first. SKIP_POST_DEPLOYMENT_MIGRATIONS counts when it is
    there at all: `false` and even the empty string skip, as in Ruby."""
    if skip_post is None:
        skip_post = "SKIP_POST_DEPLOYMENT_MIGRATIONS" in os.environ
    folders = ["migrate"] if skip_post else ["migrate", "post_migrate"]
    paths = [path for folder in folders for path in glob.glob(f"{release.ROOT}/db/{folder}/*.rb")]
    return sorted((Migration(path) for path in paths), key=lambda migration: migration.version)


def applied(connection):
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('schema_migrations')")
        if cursor.fetchone()[0] is None:
            return set()
        cursor.execute("SELECT version FROM schema_migrations")
        return {row[0] for row in cursor.fetchall()}


def pending(connection):
    done = applied(connection)
    return [migration for migration in available() if migration.version not in done]


def create_bookkeeping(cursor):
    cursor.execute("CREATE TABLE IF NOT EXISTS schema_migrations (version varchar NOT NULL PRIMARY KEY)")
    cursor.execute(
        "CREATE TABLE IF NOT EXISTS ar_internal_metadata (key varchar NOT NULL PRIMARY KEY, value varchar,"
        " created_at timestamp NOT NULL, updated_at timestamp NOT NULL)"
    )
    cursor.execute(
        "INSERT INTO ar_internal_metadata VALUES ('environment', 'production', now(), now())"
        " ON CONFLICT (key) DO NOTHING"
    )


@contextmanager
def lock(connection):
    with connection.cursor() as cursor:
        name = connection.get_dsn_parameters()["dbname"]
        number = LOCK_SALT * zlib.crc32(name.encode())
        cursor.execute("SELECT pg_try_advisory_lock(%s)", (number,))
        if not cursor.fetchone()[0]:
            raise ConcurrentMigrationError()
        yield
        cursor.execute("SELECT pg_advisory_unlock(%s)", (number,))


def apply(connection, migration):
    title = f"{migration.version} {migration.name}"
    print(f"== {title}: migrating ".ljust(79, "="))
    began = time.monotonic()
    connection.autocommit = not migration.in_transaction
    try:
        with connection.cursor() as cursor:
            # Slow, but before it takes any lock: a long migration that blocked readers would be another test.
            time.sleep(settings.number("STANDIN_MIGRATION_SECONDS", 0))
            for _, sql in migration.blocks:
                cursor.execute(sql)
            cursor.execute("INSERT INTO schema_migrations (version) VALUES (%s)", (migration.version,))
        if migration.in_transaction:
            connection.commit()
    except BaseException:
        if migration.in_transaction and not connection.closed:
            connection.rollback()
        raise
    finally:
        if not connection.closed:
            connection.autocommit = True
    print(f"== {title}: migrated ({time.monotonic() - began:.4f}s) ".ljust(79, "=") + "\n")


def migrate(connection):
    # Held until the end, so that a memory limit is met while migrations are half done.
    ballast = b"\x01" * (int(settings.number("STANDIN_MIGRATION_MEMORY_MIB", 0)) << 20)
    with lock(connection):
        with connection.cursor() as cursor:
            create_bookkeeping(cursor)
        for migration in pending(connection):
            apply(connection, migration)
    return len(ballast)


def load_schema(connection, seed):
    """An empty database gets everything at once, post-deployment migrations included, whatever is skipped."""
    connection.autocommit = False
    with connection.cursor() as cursor:
        create_bookkeeping(cursor)
        for migration in available(skip_post=False):
            for kind, sql in migration.blocks:
                if kind == "SQL":
                    cursor.execute(sql.replace(" CONCURRENTLY", ""))
            cursor.execute("INSERT INTO schema_migrations (version) VALUES (%s)", (migration.version,))
        seed(cursor)
    connection.commit()
    connection.autocommit = True

"""`tootctl COMMAND...`: upkeep with small but real effects on the database, Redis and public/system."""

import os
import secrets

import redis as redis_module

from . import release, settings, stores

BOOT_SECONDS = 0.2


def option(words, name, default):
    """The value of `--name value` or `--name=value`."""
    for index, word in enumerate(words):
        if word == name and index + 1 < len(words):
            return words[index + 1]
        if word.startswith(name + "="):
            return word.partition("=")[2]
    return default


def rows(query, *parameters):
    connection = stores.connect(application_name="standin tootctl")
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchall()


def version(_words):
    print(release.version())


def media_remove(words):
    """Remote media older than --days: the file goes, the row stays and can be fetched again."""
    dry = "--dry-run" in words
    found = rows(
        "SELECT id, file_file_name, coalesce(file_file_size, 0) FROM media_attachments WHERE remote_url <> ''"
        " AND file_file_name IS NOT NULL AND created_at < now() - make_interval(days => %s)",
        int(option(words, "--days", "7")),
    )
    for identity, name, _ in [] if dry else found:
        path = os.path.join(release.ROOT, "public", "system", "cache", os.path.basename(name))
        if os.path.exists(path):
            os.unlink(path)
        rows("UPDATE media_attachments SET file_file_name = NULL WHERE id = %s RETURNING 1", identity)
    size = sum(row[2] for row in found)
    print(f"Removed {len(found)} media attachments (approx. {size} Bytes){' (DRY RUN)' if dry else ''}")


def preview_cards_remove(words):
    dry, days = "--dry-run" in words, int(option(words, "--days", "180"))
    old = "image_file_name IS NOT NULL AND created_at < now() - make_interval(days => %s)"
    if dry:
        found = rows(f"SELECT id FROM preview_cards WHERE {old}", days)
    else:
        found = rows(f"UPDATE preview_cards SET image_file_name = NULL WHERE {old} RETURNING id", days)
    print(f"Removed {len(found)} preview cards{' (DRY RUN)' if dry else ''}")


def search_deploy(_words):
    if settings.text("ES_ENABLED") != "true":
        settings.abort("Elasticsearch is not enabled")
    (count,) = rows("SELECT count(*) FROM statuses")[0]
    print(f"Indexed {count} records, de-indexed 0 (stand-in: nowhere)")


def feeds_build(_words):
    redis = stores.connect_redis()
    users = rows("SELECT account_id FROM users")
    posts = {str(row[0]): row[0] for row in rows("SELECT id FROM statuses ORDER BY id DESC LIMIT 400")}
    for (account,) in users:
        if posts:
            redis.zadd(f"feed:home:{account}", posts)
    print(f"Regenerated feeds for {len(users)} accounts")


def cache_clear(_words):
    redis = stores.connect_redis("CACHE_")
    for key in redis.scan_iter("cache:*"):
        redis.delete(key)
    print("OK")


def accounts_create(words):
    if not words or words[0].startswith("-"):
        settings.abort("stand-in: accounts create USERNAME --email EMAIL")
    name, email = words[0], option(words, "--email", "")
    if rows("SELECT 1 FROM accounts WHERE lower(username) = lower(%s) AND domain IS NULL", name):
        settings.abort("Failure/Error: Username has already been taken")
    rows(
        "WITH account AS (INSERT INTO accounts (username) VALUES (%s) RETURNING id),"
        " stats AS (INSERT INTO account_stats (account_id) SELECT id FROM account)"
        " INSERT INTO users (account_id, email, role_id)"
        " SELECT id, %s, (SELECT id FROM user_roles WHERE name = %s) FROM account RETURNING id",
        name, email, option(words, "--role", ""),
    )
    print(f"OK\nNew password: {secrets.token_hex(16)}")


def accounts_delete(words):
    found = rows("DELETE FROM accounts WHERE username = %s AND domain IS NULL RETURNING id", words[0] if words else "")
    if not found:
        settings.abort("No user with such username")
    print("OK")


def accounts_other(_words):
    print("OK (stand-in: nothing done)")


COMMANDS = {
    "media remove": media_remove,
    "preview_cards remove": preview_cards_remove,
    "search deploy": search_deploy,
    "feeds build": feeds_build,
    "cache clear": cache_clear,
    "accounts create": accounts_create,
    "accounts delete": accounts_delete,
}


def main(words):
    if words[:1] == ["version"]:
        version(words)
        return 0
    command = COMMANDS.get(" ".join(words[:2])) or (accounts_other if words[:1] == ["accounts"] else None)
    if command is None:
        print(f"Could not find command \"{' '.join(words[:2])}\" (stand-in).")
        return 1
    settings.check()
    settings.boot("tootctl", BOOT_SECONDS)
    try:
        command(words[2:])
    except (*stores.BROKEN, redis_module.RedisError) as error:
        settings.abort(f"{type(error).__name__}: {error}")
    return 0

"""The environment: Mastodon's own variables, the stand-in's knobs, and the checks that abort a boot.
Every knob is described in tests/images/README.md."""

import os
import sys
import time
import urllib.parse

from . import release

NEEDED = (
    "LOCAL_DOMAIN",
    "SECRET_KEY_BASE",
    "ACTIVE_RECORD_ENCRYPTION_PRIMARY_KEY",
    "ACTIVE_RECORD_ENCRYPTION_DETERMINISTIC_KEY",
    "ACTIVE_RECORD_ENCRYPTION_KEY_DERIVATION_SALT",
)


def text(name, default=""):
    """A variable that is set but empty counts as not set."""
    return os.environ.get(name) or default


def number(name, default):
    try:
        return float(text(name, str(default)))
    except ValueError:
        sys.exit(f"stand-in: {name} is not a number: {os.environ[name]}")


def domains():
    """The Host names that are let in."""
    names = [text("LOCAL_DOMAIN"), text("WEB_DOMAIN")] + text("ALTERNATE_DOMAINS").split(",")
    return {name.strip().lower() for name in names if name.strip()}


def abort(message):
    print(f"bin/rails aborted!\n{message}", file=sys.stderr)
    sys.exit(1)


def check():
    """What Mastodon 4.3 and later refuse to boot without, and with."""
    missing = [name for name in NEEDED if not text(name).strip()]
    if missing:
        abort(f"stand-in: Mastodon does not boot without {', '.join(missing)}")
    for name in NEEDED[2:]:
        if text(name).endswith("DO_NOT_USE_IN_PRODUCTION"):
            abort(f"stand-in: {name} is the example value")
    if "REDIS_NAMESPACE" in os.environ:
        abort("stand-in: REDIS_NAMESPACE is no longer supported, even empty")


def boot(process, seconds):
    """Takes as long as asked, and fails if asked: STANDIN_FAIL_BOOT names processes, or is 1 for all; some
    releases never boot some of them."""
    time.sleep(number("STANDIN_BOOT_SECONDS", seconds))
    if process in release.facts().get("fails_boot", []):
        abort(f"stand-in: {process} of {release.version()} never boots")
    unlucky = text("STANDIN_FAIL_BOOT").split(",")
    if process in unlucky or "1" in unlucky or "all" in unlucky:
        abort(f"stand-in: {process} fails to boot because STANDIN_FAIL_BOOT says so")


def database():
    """Arguments for psycopg2.connect; DATABASE_URL wins."""
    if text("DATABASE_URL"):
        return {"dsn": text("DATABASE_URL")}
    return {
        "host": text("DB_HOST", "localhost"),
        "port": text("DB_PORT", "5432"),
        "dbname": text("DB_NAME", "mastodon_production"),
        "user": text("DB_USER", "mastodon"),
        "password": text("DB_PASS"),
        "sslmode": text("DB_SSLMODE", "prefer"),
    }


def redis_url(role=""):
    """Role: '', 'SIDEKIQ_' or 'CACHE_'; a role without settings of its own uses the common ones."""
    for prefix in (role, ""):
        if text(prefix + "REDIS_URL"):
            return text(prefix + "REDIS_URL")
        if text(prefix + "REDIS_HOST") or prefix == "":
            password = urllib.parse.quote(text(prefix + "REDIS_PASSWORD"), safe="")
            user = urllib.parse.quote(text(prefix + "REDIS_USER"), safe="")
            login = f"{user}:{password}@" if password else ""
            host, port = text(prefix + "REDIS_HOST", "localhost"), text(prefix + "REDIS_PORT", "6379")
            return f"redis://{login}{host}:{port}/{text(prefix + 'REDIS_DB', '0')}"
    raise AssertionError("unreachable")

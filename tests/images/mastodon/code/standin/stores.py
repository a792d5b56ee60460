"""Connections to PostgreSQL and Redis. One database connection for each thread, made when first needed and
made again after the server was away."""

import threading

import psycopg2
import redis

from . import settings

BROKEN = (psycopg2.OperationalError, psycopg2.InterfaceError)


def connect(**more):
    connection = psycopg2.connect(**settings.database(), connect_timeout=5, **more)
    connection.autocommit = True
    return connection


def connect_or_abort():
    """At boot the database must be there; its schema is not looked at."""
    try:
        return connect(application_name="standin boot")
    except BROKEN as error:
        return settings.abort(f"ActiveRecord::ConnectionNotEstablished: {error}")


def connect_redis(role=""):
    return redis.Redis.from_url(settings.redis_url(role), socket_timeout=5, socket_connect_timeout=2)


class Database:
    """`run(work)` calls work(cursor). A connection that broke while it lay idle is made anew once; work
    which must not happen twice says again=False."""

    def __init__(self, name):
        self.name = name
        self.local = threading.local()

    def run(self, work, again=True):
        reused = getattr(self.local, "connection", None) is not None
        if not reused:
            self.local.connection = connect(application_name=self.name)
        try:
            with self.local.connection.cursor() as cursor:
                return work(cursor)
        except BROKEN:
            self.local.connection.close()
            self.local.connection = None
            if reused and again:
                return self.run(work, again=False)
            raise

"""`puma`: the web process. What it answers is little; when it answers 403, 301, 500 and 200 is what was
measured on Mastodon. Work that waits for PostgreSQL or Redis runs on MAX_THREADS threads."""

import asyncio
import os
import select
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import psycopg2
import redis
import uvloop
from aiohttp import web

from . import release, routes, settings, stores

BOOT_SECONDS = 1.0
FINISH_SECONDS = 30
SYSTEM = os.path.join(release.ROOT, "public", "system")


class Health:
    """/health is a constant and asks nobody. Yet Mastodon was measured to answer 500 when PostgreSQL has
    closed the connection and refuses a new one, and 200 when PostgreSQL is merely frozen: so watch an idle
    connection for being closed, without ever sending anything on it."""

    def __init__(self, connection):
        self.connection = connection

    def closed_by_server(self):
        if self.connection is None or self.connection.closed:
            return True
        return bool(select.select([self.connection.fileno()], [], [], 0)[0])

    def reconnect(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None
        try:
            self.connection = stores.connect(application_name="standin health")
        except stores.BROKEN:
            pass

    async def answer(self, request):
        if self.closed_by_server():
            await request.app["run"](self.reconnect)
            if self.connection is None:
                return web.Response(status=500, text="stand-in: the database has gone")
        return web.Response(text="OK")


def failure(error):
    """What Rails answers when an exception reaches the top; the cause also goes to the log."""
    message = str(error).strip().split("\n")[0]
    kind = "PG::" if isinstance(error, psycopg2.Error) else ""
    cause = f"{kind}{type(error).__name__}: {message}"
    print(f"stand-in: 500 {cause}", file=sys.stderr, flush=True)
    return web.json_response({"error": cause}, status=500)


@web.middleware
async def front(request, handler):
    """In the order of Mastodon's middleware: host, then https, then the application."""
    if request.path.startswith("/health"):
        return await handler(request)
    if request.headers.get("Host", "").rsplit(":", 1)[0].lower() not in request.app["domains"]:
        return web.Response(status=403, text="Blocked host")
    if request.headers.get("X-Forwarded-Proto", "").split(",")[0].strip() != "https":
        return web.Response(status=301, headers={"Location": f"https://{request.host}{request.path_qs}"})
    if time.monotonic() >= request.app["fails_from"]:
        return failure(RuntimeError("stand-in: told to fail"))
    if request.app["request_seconds"]:
        await asyncio.sleep(request.app["request_seconds"])
    try:
        return await handler(request)
    except (psycopg2.Error, redis.RedisError) as error:
        return failure(error)


async def mark(request, response):
    response.headers["X-Stand-In"] = "mastodon"
    if request.app["stopping"]:
        response.force_close()  # says Connection: close, so that the client goes elsewhere next


def fails_from(facts):
    """The moment (of time.monotonic) from which on all but /health answers 500."""
    if settings.text("STANDIN_API_500") or facts.get("always_500"):
        return 0
    return time.monotonic() + settings.number(
        "STANDIN_API_500_AFTER_SECONDS", facts.get("fails_after_seconds", float("inf")))


def application(health):
    facts = release.facts()
    threads = int(settings.number("MAX_THREADS", 5))
    pool = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="puma")
    app = web.Application(middlewares=[front], client_max_size=100 << 20)
    app["run"] = lambda work, *args: asyncio.get_running_loop().run_in_executor(pool, work, *args)
    app["domains"] = settings.domains()
    app["fails_from"] = fails_from(facts)
    app["request_seconds"] = settings.number("STANDIN_REQUEST_MS", 0) / 1000
    app["stopping"] = []  # truthy once TERM has come; a list because a started app is frozen
    app["pages"] = routes.Pages(facts)
    app.on_response_prepare.append(mark)
    app.router.add_get("/health", health.answer)
    routes.add(app)
    if settings.text("RAILS_SERVE_STATIC_FILES") == "true":
        app.router.add_static("/system", SYSTEM)
    return app


async def serve(app):
    bind, port = settings.text("BIND", "127.0.0.1"), int(settings.number("PORT", 3000))
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    runner = web.AppRunner(app, access_log=None, keepalive_timeout=settings.number("PERSISTENT_TIMEOUT", 20))
    await runner.setup()
    server = await loop.create_server(runner.server, bind, port, backlog=1024)
    print(f"* Listening on http://{bind}:{port}\nUse Ctrl-C to stop", flush=True)

    await stop.wait()
    print("- Gracefully stopping, waiting for requests to finish", flush=True)
    app["stopping"].append(time.time())
    server.close()  # no new connections; those there are still served
    await asyncio.sleep(settings.number("STANDIN_DRAIN_SECONDS", 0))
    await runner.server.shutdown(FINISH_SECONDS)


def main(_arguments):
    settings.check()
    print(f"Puma starting in single mode...\n* Stand-in for Mastodon {release.version()}", flush=True)
    settings.boot("web", BOOT_SECONDS)
    health = Health(stores.connect_or_abort())
    uvloop.install()
    asyncio.run(serve(application(health)))
    # Puma lets the signal have its way at the end: exit status 143.
    sys.stdout.flush()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.kill(os.getpid(), signal.SIGTERM)
    return 143

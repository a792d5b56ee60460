"""The pages of the web process. Each first reads the columns its release is said to need (release.d), so that
it fails on a wrong schema where and as real code would."""

import json
import secrets
import time

from aiohttp import web

from . import release, settings, stores

CACHE_KEY, CACHE_SECONDS = "cache:standin:instance", 300


def select_of(columns):
    """One query that touches all of `table.column`... and returns one row even if tables are empty. `{also}` is left
    for what a page wants to know besides: a round trip less."""
    tables = {}
    for name in columns:
        table, column = name.split(".")
        tables.setdefault(table, []).append(column)
    parts = [f"(SELECT ROW({', '.join(cols)})::text FROM {table} LIMIT 1)" for table, cols in tables.items()]
    return "SELECT {also} " + ", ".join(parts)


def status_json(row):
    return {
        "id": str(row[0]),
        "created_at": row[1].isoformat() + "Z",
        "content": f"<p>{row[2]}</p>",
        "visibility": ("public", "unlisted", "private", "direct")[row[3]],
        "account": {"id": str(row[4]), "username": row[5], "acct": row[5]},
    }


class Pages:
    """All methods but the constructor run on a pool thread and may wait."""

    def __init__(self, facts):
        self.version = release.version()
        self.domain = settings.text("LOCAL_DOMAIN")
        self.reads = {page: select_of(columns) for page, columns in facts["reads"].items()}
        self.database = stores.Database("standin web")
        self.redis = stores.connect_redis()
        self.queues = stores.connect_redis("SIDEKIQ_")
        self.cache = stores.connect_redis("CACHE_")
        self.cached = settings.text("STANDIN_CACHE_INSTANCE") == "1"

    def read(self, page, also="1"):
        """Touches what the page needs; returns the row, which begins with the values of `also`."""

        def work(cursor):
            cursor.execute(self.reads[page].format(also=also + ","))
            return cursor.fetchone()

        return self.database.run(work)

    def find(self, page, query, parameters):
        def work(cursor):
            cursor.execute(self.reads[page].format(also="1,"))
            cursor.execute(query, parameters)
            return cursor.fetchall()

        return self.database.run(work)

    def instance(self):
        if self.cached and (hit := self.cache.get(CACHE_KEY)):
            return json.loads(hit)
        users = self.read("instance", "(SELECT count(*) FROM users)")[0]
        self.redis.get("standin:nothing")
        answer = {
            "domain": self.domain,
            "title": "Stand-in",
            "version": self.version,
            "source_url": "https://github.com/mastodon/mastodon",
            "description": "A stand-in for Mastodon, for tests",
            "usage": {"users": {"active_month": users}},
            "configuration": {"urls": {"streaming": f"wss://{settings.text('WEB_DOMAIN', self.domain)}"}},
        }
        if self.cached:
            self.cache.set(CACHE_KEY, json.dumps(answer), ex=CACHE_SECONDS)
        return answer

    def home(self):
        self.read("home")
        return f"<!DOCTYPE html><title>{self.domain}</title><p>Stand-in for Mastodon {self.version}</p>\n"

    def nodeinfo(self):
        users, posts = self.read("lookup", "(SELECT count(*) FROM users), (SELECT count(*) FROM statuses)")[:2]
        return {
            "version": "2.0",
            "software": {"name": "mastodon", "version": self.version},
            "protocols": ["activitypub"],
            "usage": {"users": {"total": users}, "localPosts": posts},
        }

    def lookup(self, acct):
        name, _, domain = acct.lstrip("@").partition("@")
        domain = None if domain.lower() in ("", self.domain.lower()) else domain
        rows = self.find(
            "lookup",
            "SELECT id, username, created_at FROM accounts WHERE lower(username) = lower(%s)"
            " AND lower(domain) IS NOT DISTINCT FROM lower(%s) AND id > 0 LIMIT 1",
            (name, domain),
        )
        if not rows:
            return None
        identity, username, created = rows[0]
        full = username if domain is None else f"{username}@{domain}"
        return {"id": str(identity), "username": username, "acct": full, "created_at": created.isoformat() + "Z"}

    def timeline(self, limit):
        rows = self.find(
            "timeline",
            "SELECT s.id, s.created_at, s.text, s.visibility, a.id, a.username FROM statuses s"
            " JOIN accounts a ON a.id = s.account_id WHERE s.visibility = 0 ORDER BY s.id DESC LIMIT %s",
            (limit,),
        )
        return [status_json(row) for row in rows]

    def post(self, text):
        """Row first, job second, as Rails does after its commit: Redis down means a row without a job."""
        self.read("post")  # also renews a connection that broke while idle; the insert is never repeated

        def insert(cursor):
            cursor.execute(
                "WITH author AS"
                " (SELECT id, username FROM accounts WHERE domain IS NULL AND id > 0 ORDER BY id LIMIT 1),"
                " added AS (INSERT INTO statuses (account_id, text) SELECT id, %s FROM author"
                "           RETURNING id, created_at, text, visibility)"
                " SELECT added.*, author.* FROM added, author",
                (text,),
            )
            return cursor.fetchone()

        row = self.database.run(insert, again=False)
        if row is None:
            return None, None
        return status_json(row), self.enqueue("DistributionWorker", [row[0]])

    def enqueue(self, worker, arguments, queue="default"):
        jid, now = secrets.token_hex(12), time.time()
        job = {"class": worker, "args": arguments, "queue": queue, "jid": jid, "retry": True,
               "created_at": now, "enqueued_at": now}
        with self.queues.pipeline() as pipe:  # all or nothing: what counts as enqueued really was
            pipe.sadd("queues", queue).lpush(f"queue:{queue}", json.dumps(job)).rpush("standin:enqueued", jid).execute()
        return jid


async def instance(request):
    return web.json_response(await request.app["run"](request.app["pages"].instance))


async def home(request):
    return web.Response(text=await request.app["run"](request.app["pages"].home), content_type="text/html")


async def nodeinfo(request):
    return web.json_response(await request.app["run"](request.app["pages"].nodeinfo))


async def lookup(request):
    found = await request.app["run"](request.app["pages"].lookup, request.query.get("acct", ""))
    return web.json_response(found or {"error": "Record not found"}, status=200 if found else 404)


async def timeline(request):
    wanted = request.query.get("limit", "20")
    limit = min(int(wanted), 40) if wanted.isdecimal() else 20
    return web.json_response(await request.app["run"](request.app["pages"].timeline, limit))


async def post(request):
    try:
        body = await (request.json() if request.content_type == "application/json" else request.post())
        text = str(body.get("status", "")).strip()
    except (ValueError, AttributeError):
        text = ""
    if not text:
        return web.json_response({"error": "Validation failed: Text can't be blank"}, status=422)
    status, jid = await request.app["run"](request.app["pages"].post, text)
    if status is None:
        return web.json_response({"error": "stand-in: no local account to post as"}, status=422)
    return web.json_response(status, headers={"X-Stand-In-Jid": jid})


def add(app):
    app.router.add_get("/", home)
    app.router.add_get("/api/v1/instance", instance)
    app.router.add_get("/api/v2/instance", instance)
    app.router.add_get("/nodeinfo/2.0", nodeinfo)
    app.router.add_get("/api/v1/accounts/lookup", lookup)
    app.router.add_get("/api/v1/timelines/public", timeline)
    app.router.add_post("/api/v1/statuses", post)

"""`sidekiq [-q QUEUE[,WEIGHT]]... [-c N] [-t SECONDS]`: the job runner. Fetches with BRPOP, so a KILL loses the
jobs in progress as the real one does; TERM waits, then pushes back what is unfinished. Each job that is done
leaves a row in standin_jobs."""

import argparse
import json
import os
import random
import signal
import socket
import sys
import threading
import time

import psycopg2
import redis
import setproctitle

from . import presence, release, settings, stores

BOOT_SECONDS = 0.5
DEFAULT_QUEUES = ["default,8", "push,6", "ingress,4", "mailers,2", "pull", "scheduler", "fasp"]
FETCH_SECONDS = 1
RETRY_SECONDS = 5


def arguments_of(words):
    parser = argparse.ArgumentParser(prog="sidekiq")
    parser.add_argument("-q", "--queue", action="append", default=[])
    parser.add_argument("-c", "--concurrency", type=int, default=int(settings.number("SIDEKIQ_CONCURRENCY", 5)))
    parser.add_argument("-t", "--timeout", type=float, default=25)
    for ignored in ("-C", "-e", "-g", "-r"):
        parser.add_argument(ignored, dest="ignored")
    return parser.parse_args(words)


class Queues:
    """The order in which queues are asked: by lot with the weights, or as given when no weight is."""

    def __init__(self, words):
        pairs = [word.partition(",") for word in words]
        self.names = [name for name, _, _ in pairs]
        self.strict = all(not weight for _, _, weight in pairs)
        self.lots = [name for name, _, weight in pairs for _ in range(int(weight or 1))]

    def keys(self):
        names = self.names if self.strict else random.sample(self.lots, len(self.lots))
        return [f"queue:{name}" for name in dict.fromkeys(names)]


class Runner:
    """The threads that fetch and do jobs, and the state they share under one lock."""

    def __init__(self, queues, concurrency):
        self.queues, self.concurrency = queues, concurrency
        self.redis = stores.connect_redis("SIDEKIQ_")
        self.database = stores.Database("standin sidekiq")
        self.job_seconds = settings.number("STANDIN_JOB_MS", 20) / 1000
        self.host = socket.gethostname()
        self.lock = threading.Lock()
        self.quiet = threading.Event()
        self.abandoned = False
        self.doing, self.recording = {}, 0
        self.threads = [threading.Thread(target=self.work, daemon=True) for _ in range(concurrency)]

    def start(self):
        for thread in self.threads:
            thread.start()

    def busy(self):
        with self.lock:
            return len(self.doing) + self.recording

    def idle(self):
        return not any(thread.is_alive() for thread in self.threads)

    def work(self):
        while not self.quiet.is_set():
            try:
                fetched = self.redis.brpop(self.queues.keys(), timeout=FETCH_SECONDS)
            except redis.RedisError as error:
                print(f"stand-in: fetching failed: {error}", file=sys.stderr, flush=True)
                time.sleep(1)
                continue
            if fetched:
                try:
                    self.take(*fetched)
                except redis.RedisError as error:
                    # As in Sidekiq: what cannot be given back is lost. The thread goes on.
                    print(f"stand-in: a job is lost: {error}: {fetched[1]}", file=sys.stderr, flush=True)

    def take(self, key, raw):
        with self.lock:
            if self.quiet.is_set():  # fetched in the very moment: back to where it came from
                self.redis.rpush(key, raw)
                return
            self.doing[threading.get_ident()] = (key, raw)
        self.do(raw, json.loads(raw))

    def do(self, raw, job):
        began = time.time()
        until = began + float(job.get("standin_ms", self.job_seconds * 1000)) / 1000
        while time.time() < until and not self.abandoned:
            time.sleep(max(0, min(0.05, until - time.time())))
        with self.lock:
            if self.abandoned:
                return  # it was pushed back and is somebody else's now
            del self.doing[threading.get_ident()]
            self.recording += 1
        try:
            self.database.run(lambda cursor: cursor.execute(
                "INSERT INTO standin_jobs (jid, started_at, done_at, host)"
                " VALUES (%s, to_timestamp(%s), to_timestamp(%s), %s)",
                (job.get("jid", "?"), began, time.time(), self.host)), again=False)
        except psycopg2.Error as error:
            # As in Sidekiq: a job that raises goes to the retry set and comes back later.
            print(f"stand-in: job {job.get('jid')} failed: {error}", file=sys.stderr, flush=True)
            self.redis.zadd("retry", {raw: time.time() + RETRY_SECONDS})
        finally:
            with self.lock:
                self.recording -= 1

    def bring_back_retries(self):
        for name in ("retry", "schedule"):
            for raw in self.redis.zrangebyscore(name, "-inf", time.time(), start=0, num=100):
                if self.redis.zrem(name, raw):  # one process alone gets a 1 for it
                    self.redis.lpush(f"queue:{json.loads(raw).get('queue', 'default')}", raw)

    def push_back(self):
        """After the time is up: unfinished jobs return to the end that is fetched next."""
        with self.lock:
            self.abandoned = True
            unfinished = list(self.doing.values())
            self.doing.clear()
        for key, raw in unfinished:
            self.redis.rpush(key, raw)
        until = time.time() + 3
        while self.busy() and time.time() < until:
            time.sleep(0.02)
        return len(unfinished)


def main(words):
    options = arguments_of(words)
    settings.check()
    settings.boot("sidekiq", BOOT_SECONDS)
    stores.connect_or_abort().close()
    queues = Queues(options.queue or DEFAULT_QUEUES)
    runner = Runner(queues, options.concurrency)
    try:
        runner.redis.ping()
    except redis.RedisError as error:
        settings.abort(f"RedisClient::CannotConnectError: {error}")

    asked = {"quiet": False, "stop": False}
    signal.signal(signal.SIGTSTP, lambda *_: asked.update(quiet=True))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: asked.update(quiet=True, stop=True))

    gem = release.facts().get("sidekiq", "8.0.9")
    here = presence.Presence(runner, queues.names, gem)
    ready_name = settings.text("MASTODON_SIDEKIQ_READY_FILENAME")
    ready = os.path.join(release.ROOT, "tmp", ready_name) if ready_name else None
    if ready:
        with open(ready, "w", encoding="utf-8"):
            pass
    here.start()
    runner.start()
    print(f"Stand-in for Mastodon {release.version()}: sidekiq {gem}, queues {' '.join(queues.names)}", flush=True)

    next_poll = 0.0
    while not asked["stop"]:
        if asked["quiet"] and not runner.quiet.is_set():
            quieten(runner, here)
        here.beat()
        setproctitle.setproctitle(title(gem, runner))
        if time.time() >= next_poll and not runner.quiet.is_set():
            next_poll = time.time() + 1
            quietly(runner.bring_back_retries)
        time.sleep(presence.BEAT_SECONDS)

    quieten(runner, here)
    setproctitle.setproctitle(title(gem, runner))
    until = time.time() + options.timeout
    while not runner.idle() and time.time() < until:
        here.beat()
        time.sleep(0.05)
    pushed = runner.push_back()
    if ready and os.path.exists(ready):
        os.unlink(ready)
    time.sleep(settings.number("STANDIN_DRAIN_SECONDS", 0))
    here.stop()
    print(f"Bye! pushed {pushed} unfinished jobs back", flush=True)
    os._exit(0)  # threads may hang in Redis or PostgreSQL; nothing of theirs matters any more


def title(gem, runner):
    ending = " stopping" if runner.quiet.is_set() else ""
    return f"sidekiq {gem} mastodon [{runner.busy()} of {runner.concurrency} busy]{ending}"


def quieten(runner, here):
    if not runner.quiet.is_set():
        runner.quiet.set()
        here.quiet()
        print("stand-in: no longer fetching", flush=True)


def quietly(work):
    try:
        work()
    except redis.RedisError:
        pass

"""Who is there: Sidekiq's own registration of processes in Redis, and the stand-in's record of schedulers.
A process that listens to `scheduler` leaves a hash standin:scheduler:<id> with the times it started, last
beat, went quiet and stopped (of Redis' clock), from which any overlap can be computed afterwards."""

import json
import os
import secrets
import socket
import time

import redis

from . import release

BEAT_SECONDS = 0.25
STALE_SECONDS = 0.75
PROCESS_SECONDS = 60


class Presence:
    """Redis being away never stops a process: what cannot be written now is written at a later beat."""

    def __init__(self, runner, queues, gem):
        self.runner, self.redis = runner, runner.redis
        self.schedules = "scheduler" in queues
        self.identity = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(6)}"
        self.key = f"standin:scheduler:{self.identity}"
        self.info = json.dumps({
            "hostname": socket.gethostname(), "started_at": time.time(), "pid": os.getpid(), "tag": "mastodon",
            "concurrency": runner.concurrency, "queues": queues, "identity": self.identity, "version": gem,
            "standin": release.version(),
        })
        self.seen, self.next_process_beat, self.is_quiet = set(), 0.0, False
        self.unwritten = []  # what happened and is not in Redis yet, with the time of our own clock

    def now(self):
        seconds, micros = self.redis.time()
        return seconds + micros / 1e6

    def log(self, event, **more):
        record = {"event": event, "id": self.identity, "at": self.now(), "version": release.version(), **more}
        self.redis.rpush("standin:schedulers:log", json.dumps(record))

    def guarded(self, work):
        try:
            work()
        except redis.RedisError:
            pass

    def mark(self, event):
        if self.schedules:
            self.unwritten.append((event, time.monotonic()))
        self.beat()

    def write_marks(self):
        while self.unwritten:
            event, when = self.unwritten[0]
            with self.redis.pipeline() as pipe:
                pipe.hset(self.key, mapping={event: self.now() - (time.monotonic() - when), "version": release.version()})
                if event == "start":
                    pipe.rpush("standin:schedulers", self.identity)
                else:
                    pipe.zrem("standin:schedulers:alive", self.identity)
                pipe.execute()
            self.unwritten.pop(0)
            self.log(event)

    def start(self):
        self.mark("start")

    def beat(self):
        self.guarded(self.write_beat)

    def write_beat(self):
        self.write_marks()
        if self.schedules and not self.is_quiet:
            now = self.now()
            self.redis.hset(self.key, "beat", now)
            self.redis.zadd("standin:schedulers:alive", {self.identity: now})
            others = self.redis.zrangebyscore("standin:schedulers:alive", now - STALE_SECONDS, "+inf")
            for other in {name.decode() for name in others} - {self.identity} - self.seen:
                self.seen.add(other)
                self.log("overlap", other=other)
        if time.time() >= self.next_process_beat:
            self.next_process_beat = time.time() + 1
            with self.redis.pipeline() as pipe:
                pipe.sadd("processes", self.identity)
                pipe.hset(self.identity, mapping={
                    "info": self.info, "busy": self.runner.busy(), "beat": time.time(),
                    "quiet": "true" if self.is_quiet else "false"})
                pipe.expire(self.identity, PROCESS_SECONDS)
                pipe.execute()

    def quiet(self):
        """A quiet process schedules nothing any more."""
        if not self.is_quiet:
            self.is_quiet, self.next_process_beat = True, 0.0
            self.mark("quiet")

    def stop(self):
        self.mark("stop")
        self.guarded(lambda: (self.redis.srem("processes", self.identity), self.redis.delete(self.identity)))

"""People at a host: what they do to a running instance on the docker command line, at random but by
a seed, one after the other. Each time it must be as git says again, with the same data.

    hands = Hands(it, random.Random(7))
    hands.act(12, over=60)
    print(hands.words())

Requests go on at the edge meanwhile. One that is lost while what answers (edge, web, PostgreSQL,
Redis) is away by an act is the act's; any other is ours, and counts besides.
"""
import json
import os
import time

from . import edge
from .engine import EngineError, LABEL, is_job, is_running, role

ANSWERING = ("edge", "web", "postgres", "redis")
PARTS = ANSWERING + ("streaming", "sidekiq")
BACK = 180  # seconds, until it is as git says again


class Hands:
    def __init__(self, it, random):
        self.it, self.random = it, random
        self.done, self.away = [], []  # what was done; when what answers was away by it
        self.data, self.shape = data_of(it), shape_of(it)
        self.load = edge.Load(it.http, it.domain, per_second=40)

    def act(self, count, over=0.0):
        """So many acts, spread over so many seconds; each begins when all is well."""
        self.load.start()
        try:
            for number in range(count):
                began = time.monotonic()
                self.one()
                pause = over / count - (time.monotonic() - began)
                if number + 1 < count:
                    time.sleep(max(0.0, pause))
        finally:
            self.load.stop()

    def one(self):
        act = self.random.choice(ACTS)
        part = self.random.choice(PARTS)
        began = time.monotonic()
        words, hit = act(self, part)
        self.done.append(words)
        self.it.note("   %s" % words)
        if hit & set(ANSWERING):
            self.until(lambda: self.is_back(hit), words)
            self.away.append((began, time.monotonic()))
        self.until(self.is_well, words)

    def until(self, check, words):
        limit = time.monotonic() + BACK
        while True:
            try:
                reason = check()
            except (EngineError, OSError, AssertionError) as error:
                reason = str(error)
            if not reason:
                return
            if time.monotonic() > limit:
                raise AssertionError("after %s, not within %d s: %s" % (words, BACK, reason))
            time.sleep(0.05)

    def is_back(self, hit):
        """Those who were hit are there as before, and the edge answers."""
        shape = shape_of(self.it)
        missing = sorted(part for part in hit if shape.get(part) != self.shape[part])
        return "away: " + ", ".join(missing) if missing else edge.version(
            self.it.http, self.it.domain)[1]

    def is_well(self):
        if shape_of(self.it) != self.shape:
            return "not as before: %s" % shape_of(self.it)
        status = self.it.controller.published(self.it.name) or {}
        if not (status.get("ready") and status.get("settled")) or status.get("drift"):
            return "not at rest: " + json.dumps(status.get("conditions"))
        return edge.version(self.it.http, self.it.domain)[1]

    # --- what came of it -----------------------------------------------------------------------

    def touched(self):
        """Data volumes that are not what they were."""
        now = data_of(self.it)
        return sorted(name for name in self.data.keys() | now.keys()
                      if self.data.get(name) != now.get(name))

    def failed(self):
        """(by the acts, besides)"""
        by_act = sum(any(begin <= over and sent <= end for begin, end in self.away)
                     for sent, over in self.load.lost)
        return by_act, len(self.load.lost) - by_act

    def words(self):
        return "human_acts %d, data_volumes_touched %d; %d requests, %d failed by the act, " \
            "%d failed besides" % (len(self.done), len(self.touched()), self.load.sent,
                                   *self.failed())

    # --- acts: each returns its words, and whom it hit ------------------------------------------

    def container(self, part):
        return self.it.service(part)

    def remove(self, part):
        self.it.engine.remove(self.container(part)["Id"])
        return "docker rm -f " + part, {part}

    def stop(self, part):
        self.it.engine.stop(self.container(part)["Id"], 3)
        return "docker stop " + part, {part}

    def kill(self, part):
        self.it.engine.kill(self.container(part)["Id"])
        return "docker kill " + part, {part}

    def pause(self, part):
        self.it.engine.pause(self.container(part)["Id"])
        return "docker pause " + part, {part}

    def rename(self, part):
        """As one does who wants to keep the old one beside a new one."""
        self.it.engine.rename(self.container(part)["Id"], "%s-%s-old%d" % (
            self.it.name, part, len(self.done)))
        return "docker rename " + part, {part}

    def update(self, part):
        count = (200 + self.random.randrange(100)) << 20
        self.it.engine.update_memory(self.container(part)["Id"], count)
        return "docker update --memory %d %s" % (count, part), set()

    def disconnect(self, part):
        one = self.container(part)
        networks = one["NetworkSettings"]["Networks"]
        name = self.random.choice(sorted(networks))
        self.it.engine.disconnect(one["Id"], networks[name]["NetworkID"])
        return "docker network disconnect %s %s" % (name, part), {part}

    def compose_down(self, _):
        self.it.engine.compose_down(self.it.name)
        return "docker-compose down", set(PARTS)

    def join(self, _):
        """Somebody's container on our network: told, left alone, and taken away by its owner."""
        network, name = self.it.name + "-internal", "hand-" + self.it.name
        made = json.loads(self.it.engine.ask("POST", "/containers/create", {
            "Image": self.container("redis")["Config"]["Image"],
            "HostConfig": {"NetworkMode": network}}, name=name))
        try:
            self.it.engine.ask("POST", "/containers/%s/start" % made["Id"])
            self.until(lambda: "" if name in self.it.controller.of_state(
                "drift", self.it.name).out else "it is not told", "docker run --network")
        finally:
            self.it.engine.remove(made["Id"])
        return "docker run --network " + network, set()


ACTS = [Hands.remove, Hands.stop, Hands.kill, Hands.pause, Hands.rename, Hands.update,
        Hands.disconnect, Hands.compose_down, Hands.join]


def shape_of(it):
    """Of each part, who stands for it: what a hand can change of it."""
    shape = {}
    for one in it.containers().values():
        if is_job(one):
            continue
        health = one["State"].get("Health", {}).get("Status") != "unhealthy"
        shape.setdefault(role(one), []).append((
            is_running(one) and health, one["HostConfig"]["Memory"],
            sorted(one["NetworkSettings"]["Networks"]), "-old" in one["Name"]))
    return shape


def data_of(it):
    """Who each volume is, by its identity and by the folder that it is."""
    return {name: (one["Labels"].get(LABEL + "volume"), os.stat(one["Mountpoint"]).st_ino)
            for name, one in it.engine.volumes(it.name).items()}

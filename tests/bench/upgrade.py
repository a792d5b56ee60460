"""Upgrades in a row, pushed one after the other while people use the instance.

Every figure is explained in README.md. By its name the bench takes its full form: ten upgrades,
three under kill -9, one stop-first, three peers; with MATRIARCH_SHARE a short one.
"""
import os
import time

from compose import Compose
from figures import log, until
from harness import scenario as words
from harness.engine import is_running
from harness.jobs import Account
from harness.killing import killed_again_and_again
from harness.load import Load
from harness.watch import Watch
from parts import Parts
from rollout import Rollout
from share import is_share
from swarm import Swarm

NAME = "upgrade"
# Each step is the next patch or the next minor; those with migrations are known by them.
LADDER = ["v4.5.0", "v4.5.1", "v4.6.0", "v4.6.1", "v4.7.1", "v4.7.4", "v4.8.0", "v4.8.1", "v4.9.0",
          "v4.10.0"]
LIMIT = 240  # seconds for one upgrade


class Form:
    """How much is measured."""

    def __init__(self, is_short):
        self.steady = 8 if is_short else 20
        self.ladder = LADDER[:3] if is_short else LADDER
        self.requests = 600 if is_short else 2000  # of each upgrade, at least
        # The short one goes on where its ladder ended.
        self.killed_from = None if is_short else "v4.5.1"
        self.killed = ["v4.7.1"] if is_short else ["v4.6.0", "v4.6.1", "v4.7.1"]
        self.stopped = "v4.8.0"
        self.parts = 1 if is_short else 3
        self.peers = [Compose] if is_short else [Compose, Rollout, Swarm]
        self.peer_steady = 4 if is_short else 10


class Upgrades:
    """One instance, upgraded under load."""

    def __init__(self, world, version):
        world.renew()
        self.it = it = world.it
        self.promised, self.walls, self.lives = [], {}, {}
        # Like the peers' edges: what waits while web is away takes memory.
        it.document = words.merged(it.document, {
            "mastodon": version, "upgrade": {"strategy": "auto"}, "edge": {"memory": "256MiB"}})
        it.push("deploy")
        it.controller.start()
        self.settle()

    def settle(self):
        """Until the newest commit is in force and nothing is left to be done."""
        until(self.is_settled, LIMIT, "settled at %s" % self.it.document["mastodon"])

    def is_settled(self):
        status = self.it.controller.published(self.it.name)
        return bool(status and status["ready"] and status["settled"]
                    and self.it.head.startswith((status["running"]["revision"] or "?")[:7]))

    def restart(self, engine):
        self.it.controller.stop()
        self.it.controller.environment["DOCKER_HOST"] = engine
        self.it.controller.start()

    def load(self):
        return Load(self.it.http, self.it.domain, self.it.folder).start()

    def upgrade(self, load, version, settle=None, **changes):
        load.phase(version)
        watch = Watch(self.it.engine, self.it.name).start()
        began = time.monotonic()
        self.it.push("upgrade", words.merged(self.it.document, {"mastodon": version, **changes}))
        (settle or self.settle)()
        self.walls[version] = time.monotonic() - began
        self.lives[version] = watch.stop()
        return self.walls[version]

    def finish(self, load):
        report = load.stop()
        self.promised += report.all.jids
        for phase, found in report.phases.items():
            log("%-8s %s" % (phase, found.words()))
            for reason in found.reasons(3):
                log("           " + reason)
        return report

    def account(self):
        web = next(one for one in self.it.of_role("web") if is_running(one))
        account = Account(self.it.engine, web["Id"], self.promised)
        log(account.words())
        return account


def bench_upgrade(world, report):
    form = Form(is_share())
    world.clear()
    world.pull(["v4.4.8", *LADDER])
    rolled = Upgrades(world, "v4.4.8")
    phases = roll(rolled, form)
    parts = alone(rolled, form)
    accounts = []
    if form.killed_from:
        accounts.append(rolled.account())
        world.it.close()
        rolled_on = Upgrades(world, form.killed_from)
    else:
        rolled_on = rolled
    killed = kill(rolled_on, form)
    gap = stop(rolled_on, form, parts)
    accounts.append(rolled_on.account())
    world.clear()
    peers = [measure_peer(world, peer, form) for peer in form.peers]
    tell(report, rolled, phases, parts, peers)
    tell_rest(report, accounts, peers, killed, gap)


# --- ours ----------------------------------------------------------------------------------------

def roll(rolled, form):
    """The upgrades in a row; returns the phases of the load."""
    load = rolled.load()
    time.sleep(2)
    load.phase("steady")
    time.sleep(form.steady)
    for version in form.ladder:
        began = time.monotonic()
        wall = rolled.upgrade(load, version)
        log("%s in %.2f s" % (version, wall))
        # What comes late fails, too; and enough are to be asked.
        time.sleep(max(2.0, form.requests / load.rate - (time.monotonic() - began)))
    return rolled.finish(load)


def alone(rolled, form):
    load = rolled.load()
    load.phase("alone")
    parts = Parts(rolled.it, form.parts)
    rolled.finish(load)
    log(parts.words())
    return parts


def kill(rolled, form):
    """The same through the tap, with kill -9 at every second call that changes something."""
    it = rolled.it
    direct = it.controller.environment["DOCKER_HOST"]
    rolled.restart("unix://" + it.tap.path)
    load, kills = rolled.load(), 0
    time.sleep(1)
    for version in form.killed:
        killer = killed_again_and_again(
            2, lambda _: "" if rolled.is_settled() else "not settled", LIMIT, start=False)
        wall = rolled.upgrade(load, version, settle=lambda: killer.run(it))
        kills += killer.kills
        log("%s in %.2f s, killed %d times" % (version, wall, killer.kills))
        time.sleep(2)
    rolled.restart(direct)
    found = rolled.finish(load).all
    return {"requests": found.sent, "failed": found.failed, "kills": kills}


def stop(rolled, form, parts):
    """Stop-first: (the gap, what stop, migrate and start take alone)"""
    load = rolled.load()
    time.sleep(2)
    rolled.upgrade(load, form.stopped, upgrade={"strategy": "stop"})
    time.sleep(2)
    gap = rolled.finish(load)[form.stopped].gap
    return gap, parts.stopped(parts.migrations(rolled.lives[form.stopped]))


# --- the peers -----------------------------------------------------------------------------------

def measure_peer(world, kind, form):
    """One upgrade with migrations, v4.5.1 -> v4.6.0, of a peer."""
    peer = kind(os.environ["MATRIARCH_ENGINE_DIR"], 18999)
    try:
        peer.deploy("v4.5.1")
        load = Load(peer.port, peer.domain, peer.folder).start()
        time.sleep(2)
        load.phase("steady")
        time.sleep(form.peer_steady)
        load.phase("upgrade")
        wall = peer.upgrade("v4.6.0")
        time.sleep(3)
        found = load.stop()
        account = Account(peer.engine, peer.web(), found.all.jids)
        log("%s in %.2f s" % (peer.name, wall))
        for phase, part in found.phases.items():
            log("%-8s %s" % (phase, part.words()))
        for reason in found["upgrade"].reasons(5):
            log("           " + reason)
        log(account.words())
        return {"name": peer.name, "wall": wall, "load": found["upgrade"], "account": account}
    finally:
        peer.down()


# --- the figures ---------------------------------------------------------------------------------

def tell(report, rolled, load, parts, peers):
    upgrades = [phase for name, phase in load.phases.items() if name != "steady"]

    def figure(name, unit, values, of_peer=None):
        beside = {one["name"]: [of_peer(one)] for one in peers} if of_peer else None
        report.figure(NAME, name, unit, values, beside)

    figure("upgrade_requests", "requests", [sum(one.sent for one in upgrades)])
    figure("upgrade_failed_requests", "requests", [sum(one.failed for one in upgrades)],
           lambda peer: peer["load"].failed)
    figure("upgrade_reopened_requests", "requests", [sum(one.reopened for one in upgrades)],
           lambda peer: peer["load"].reopened)
    figure("upgrade_late_requests", "requests", [sum(one.late for one in upgrades)],
           lambda peer: peer["load"].late)
    figure("upgrade_longest_gap_ms", "ms", [max(one.gap for one in upgrades) * 1000],
           lambda peer: peer["load"].gap * 1000)
    figure("steady_longest_gap_ms", "ms", [load["steady"].gap * 1000])
    figure("upgrade_p99_ms", "ms", [one.p99 * 1000 for one in upgrades],
           lambda peer: peer["load"].p99 * 1000)
    figure("steady_p99_ms", "ms", [load["steady"].p99 * 1000])
    figure("upgrade_streaming_away_ms", "ms",
           [max(one.longest_away for one in upgrades) * 1000],
           lambda peer: peer["load"].longest_away * 1000)
    migrations = {name: parts.migrations(lives) for name, lives in rolled.lives.items()}
    walls = {name: rolled.walls[name] for name, took in migrations.items() if took}
    figure("upgrade_wall_s", "s", list(walls.values()), lambda peer: peer["wall"])
    figure("upgrade_unavoidable_ratio", "ratio",
           [wall / parts.rolling(migrations[name]) for name, wall in walls.items()])


def tell_rest(report, accounts, peers, killed, gap):
    beside = {one["name"]: one["account"] for one in peers}
    report.figure(NAME, "jobs_enqueued", "jobs", [sum(one.enqueued for one in accounts)])
    report.figure(NAME, "jobs_lost", "jobs", [sum(one.lost for one in accounts)],
                  {name: [one.lost] for name, one in beside.items()})
    report.figure(NAME, "jobs_doubled", "jobs", [sum(one.doubled for one in accounts)],
                  {name: [one.doubled] for name, one in beside.items()})
    report.figure(NAME, "schedulers_max", "schedulers",
                  [max(one.schedulers_max for one in accounts)],
                  {name: [one.schedulers_max] for name, one in beside.items()})
    report.figure(NAME, "upgrade_killed_requests", "requests", [killed["requests"]])
    report.figure(NAME, "upgrade_killed_failed_requests", "requests", [killed["failed"]])
    report.figure(NAME, "upgrade_kills", "kills", [killed["kills"]])
    report.figure(NAME, "stop_first_gap_s", "s", [gap[0]])
    report.figure(NAME, "stop_first_gap_ratio", "ratio", [gap[0] / gap[1]])

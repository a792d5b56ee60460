"""Figures beside docker-compose doing the same in the same run: run.py [NAME] [-o text|json]

Never a verdict: it prints what it measured. Each figure is a median. The peer's turn and ours
alternate, so that a busy machine is busy for both. NAME keeps the benches whose name contains it.

  deploy   first_deploy_s: from the push (images are on the host) to the first answer at the edge;
           engine_chain_s: what the Engine alone needs for database, setup job and web in a row;
           first_deploy_ratio: the one to the other, run by run
  limit    limit_change_s, limit_change_failed_requests: a new memory limit for web, under load
  noop     noop_pass_ms, plan_wall_ms: nothing to do; the peer's is docker-compose up -d
  idle     idle_rss_mib, idle_cpu_percent: the controller left alone (the peer has no controller)
  backup   a backup's jobs beside pg_dump and restic by hand: see README.md
  rehearsal  an upgrade tried on a copy, beside the same by hand: see README.md
  drift    how soon a removed container is noticed and healed; a large fleet; every field: drift.py
  upgrade  upgrades in a row under load, beside three peers: see upgrade.py and README.md
"""
import json
import os
import re
import statistics
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(HERE, "..", "support"))

from backup import bench_backup  # noqa: E402
from drift import bench_drift  # noqa: E402
from figures import Report, log, rss, until  # noqa: E402
from harness import edge, scenario as words  # noqa: E402
from rehearsal import bench_rehearsal  # noqa: E402
from share import is_share  # noqa: E402
from upgrade import bench_upgrade  # noqa: E402
from world import World  # noqa: E402

# Of how many values a figure is the median; fewer where others wait.
SHORT = is_share()
# Seconds: the slowest of the containers' own health checks.
AT_REST_AFTER = 15


def bench_deploy(world, report, runs=1 if SHORT else 3):
    ours, peers, chains = [], [], []
    for _ in range(runs):
        peers.append(world.deploy_peer())
        world.peer.down()
        chains.append(world.peer.chain())
        world.peer.down()
        if world.it.controller.is_running():
            world.it.close()
            world.renew()
        # The controller runs before the push, as it does in life.
        world.it.fleet.push("begin", {})
        world.it.controller.start()
        ours.append(world.deploy())
        log("first deployment: %.2f s, peer %.2f s, the Engine's own chain %.2f s" %
            (ours[-1], peers[-1], chains[-1]))
        world.settle()
    report.figure("deploy", "first_deploy_s", "s", ours, peers)
    report.figure("deploy", "engine_chain_s", "s", chains)
    # Of each pair: a machine that gets slower does so for both.
    report.figure("deploy", "first_deploy_ratio", "ratio",
                  [mine / chain for mine, chain in zip(ours, chains)])


def bench_limit(world, report, runs=1 if SHORT else 3):
    world.ensure()
    world.ensure_peer()
    ours, peers, our_failures, peer_failures = [], [], [], []
    for turn in range(runs):
        size = 270 + turn * 10
        load = edge.Load(world.it.http, world.it.domain).start()
        document = words.merged(world.it.document, {"web": {"memory": "%dMiB" % size}})
        started = time.monotonic()
        world.it.push("limit", document)
        check = words.memory("web", "%dMiB" % size)
        until(lambda: not check(world.it), 30, "our limit")
        ours.append(time.monotonic() - started)
        time.sleep(1)  # failures that come late are failures too
        our_failures.append(len(load.stop().failures))

        load = edge.Load(world.peer.port, world.peer.domain).start()
        world.peer.write(memory="%dm" % size)
        started = time.monotonic()
        world.peer.run("up", "-d")
        until(world.peer.answers, 60, "the peer's answer")
        peers.append(time.monotonic() - started)
        time.sleep(1)
        peer_failures.append(len(load.stop().failures))
        log("limit: %.2f s, %d failed; peer %.2f s, %d failed" % (
            ours[-1], our_failures[-1], peers[-1], peer_failures[-1]))
        world.settle()
    report.figure("limit", "limit_change_s", "s", ours, peers)
    report.figure("limit", "limit_change_failed_requests", "requests", our_failures, peer_failures)


def bench_noop(world, report, runs=3 if SHORT else 15):
    """Each alone on the Engine, and at rest: soon after a change a plan still asks for health."""
    world.peer.down()
    world.ensure()
    time.sleep(AT_REST_AFTER)
    folder = os.path.join(world.it.fleet.work, "fleet")
    plans, peers = [], []
    for _ in range(runs):
        done = world.it.controller.of_state("plan", folder)
        if done.code != 0:
            raise RuntimeError("plan ended with %d: %s%s" % (done.code, done.out, done.err))
        plans.append(done.took * 1000)
        time.sleep(1)
    ours = passes(world, runs + 2)
    world.it.close()
    world.ensure_peer()
    time.sleep(AT_REST_AFTER)
    for _ in range(runs):
        peers.append(world.peer.run("up", "-d") * 1000)
        time.sleep(1)
    world.renew()
    report.figure("noop", "noop_pass_ms", "ms", ours, peers)
    report.figure("noop", "plan_wall_ms", "ms", plans, peers)


def passes(world, runs):
    """How long passes with nothing to do took, as the controller measured them."""
    controller = world.it.controller
    restart(controller, "1s")  # a nudge without a new commit makes no pass
    values, seen = [], metric(controller, "matriarch_passes_total")
    while len(values) < runs:
        until(lambda: metric(controller, "matriarch_passes_total") > seen, 40, "a pass")
        seen = metric(controller, "matriarch_passes_total")
        values.append(metric(controller, "matriarch_pass_duration_seconds") * 1000)
    restart(controller, "30s")
    return values[2:]  # the first ones after a start still learn what never changes


def restart(controller, interval):
    controller.stop()
    controller.interval = interval
    controller.start()


def metric(controller, name):
    text = controller.ask("GET", "/metrics")[1]
    found = re.search(r"^%s(\{[^}]*\})? ([0-9.e+-]+)" % name, text, re.M)
    return float(found.group(2)) if found else 0.0


def bench_idle(world, report, seconds=20 if SHORT else 60):
    """With the intervals that it has by itself."""
    world.ensure()
    world.it.controller.stop()
    world.it.controller.poll = "1m"
    world.it.controller.start()
    time.sleep(10)
    pid = world.it.controller.child.pid
    ticks = os.sysconf("SC_CLK_TCK")
    before, began = cpu(pid), time.monotonic()
    sizes = []
    while time.monotonic() - began < seconds:
        sizes.append(rss(pid))
        time.sleep(1)
    used = (cpu(pid) - before) / ticks / (time.monotonic() - began) * 100
    report.figure("idle", "idle_rss_mib", "MiB", sizes)
    report.figure("idle", "idle_cpu_percent", "percent", [used])


def cpu(pid):
    """Ticks of the controller and of the children it waited for (it reads git in one)."""
    with open("/proc/%d/stat" % pid) as text:
        fields = text.read().rsplit(")", 1)[1].split()
    return sum(int(field) for field in fields[11:15])


BENCHES = [("deploy", bench_deploy), ("limit", bench_limit), ("noop", bench_noop),
           ("idle", bench_idle), ("backup", bench_backup), ("rehearsal", bench_rehearsal),
           ("drift", bench_drift), ("upgrade", bench_upgrade)]


def main():
    arguments = sys.argv[1:]
    output = "text"
    if "-o" in arguments:
        at = arguments.index("-o")
        output = arguments[at + 1]
        del arguments[at:at + 2]
    name = arguments[0] if arguments else ""
    chosen = [each for each in BENCHES if name in each[0]]
    if not name:
        # These take too long beside all the others.
        chosen = [each for each in chosen if each[0] not in ("backup", "drift", "upgrade")]
    if not chosen:
        print("no bench is called '%s'; there are: %s" % (name, ", ".join(b[0] for b in BENCHES)),
              file=sys.stderr)
        return 1
    world, code = World(), 0
    try:
        world.pull()
        for _, bench in chosen:
            bench(world, Report(output))
    except Exception as error:  # whatever it was, what was measured so far stands
        print("the bench stopped: %s" % words.describe(error), file=sys.stderr)
        world.it.save(os.path.join(os.environ.get("MATRIARCH_RESULTS", "."), "scene"), str(error))
        code = 1
    finally:
        world.it.close()
        try:
            world.peer.down()
        except RuntimeError:
            pass
    return code


if __name__ == "__main__":
    sys.exit(main())

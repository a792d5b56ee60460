"""Drift: how soon it is noticed, how soon healed beside what the Engine itself needs, what the
comparison of a large fleet costs, and whether every field is seen. README.md explains the figures.
"""
import calendar
import json
import os
import random
import re
import statistics
import subprocess
import sys
import time

from figures import log, until
from harness import edge
from harness.hands import Hands
from parts import Doubles
from share import is_share, seed

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
import drift_fields  # noqa: E402

TRIES = 12 if is_share() else 50
ACTS = int(os.environ.get("MATRIARCH_ACTS", "12" if is_share() else "100"))


def bench_drift(world, report):
    world.ensure()
    world.settle()
    removals(world, report)
    hands(world, report)
    fields(world, report)
    fleet(report)


def hands(world, report):
    """As tests/e2e/hands.py does them."""
    people = Hands(world.it, random.Random(seed()))
    people.act(ACTS)
    log("seed %s: %s" % (seed(), people.words()))
    report.figure("drift", "human_acts", "acts", [len(people.done)])
    report.figure("drift", "data_volumes_touched", "volumes", [len(people.touched())])
    for name, count in zip(("by_act", "besides"), people.failed()):
        report.figure("drift", "human_acts_failed_" + name, "requests", [count])


def fleet(report):
    """A thousand instances on simulated machines (tests/property/fleet_test.cpp)."""
    program = os.path.join(os.path.dirname(os.environ["MATRIARCH_PROGRAM"]), "tests", "property",
                           "property_tests")
    done = subprocess.run([program, "--gtest_also_run_disabled_tests",
                           "--gtest_filter=Fleet.*", "--gtest_brief=1"],
                          capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=900)
    if done.returncode != 0:
        raise RuntimeError("the fleet is not compared: " + done.stdout[-2000:])
    values = {}
    for name, value in re.findall(r"^figure (\S+) (\S+)$", done.stdout, re.M):
        values.setdefault(name, []).append(float(value))
    units = {"ms": "ms", "mib": "MiB", "calls": "calls"}
    for name, all_of_one in values.items():
        report.figure("drift", name, units[name.rsplit("_", 1)[-1]], all_of_one)


def removals(world, report):
    """docker rm -f of web, again and again: by the Engine's own clock, and by who asks at the
    edge."""
    detected, asked, healthy = [], [], []
    for turn in range(TRIES):
        it = world.it
        web = it.service("web")
        since = time.time()
        it.engine.remove(web["Id"])
        gone = time.monotonic()
        until(lambda: edge.version(it.http, it.domain)[0], 120, "web answers again")
        healthy.append(time.monotonic() - gone)
        world.settle()
        first, gone_at, made_at = moments(it, web["Id"], since)
        detected.append(seen_at(it, since) - first)
        asked.append((made_at - gone_at) * 1000)
        if turn % 10 == 9:
            log("%d removals: noticed after %.0f ms, answers after %.2f s" % (
                turn + 1, statistics.median(detected), statistics.median(healthy)))
    report.figure("drift", "drift_detect_p99_ms", "ms", [p99(detected)])
    report.figure("drift", "drift_detect_ms", "ms", detected)
    report.figure("drift", "drift_acted_ms", "ms", asked)
    report.figure("drift", "heal_s", "s", healthy)
    answers, needs = zip(*[Doubles(world.it).health_of_web() for _ in range(5)])
    report.figure("drift", "engine_heal_s", "s", needs)
    report.figure("drift", "engine_answers_s", "s", answers)
    for name, alone in (("heal_ratio", needs), ("heal_answer_ratio", answers)):
        report.figure("drift", name, "-", [statistics.median(healthy) / statistics.median(alone)])


def moments(it, old, since):
    """When the Engine told of its end first (ms), when it was gone, when there was a new one."""
    events = [one for one in it.engine.events(since, None, it.name) if one["Type"] == "container"]
    of_old = [one for one in events if one["Actor"]["ID"] == old]
    gone = next(one for one in of_old if one["Action"] == "destroy")
    made = next(one for one in events if one["Action"] == "create"
                and one["timeNano"] > gone["timeNano"])
    return (of_old[0]["timeNano"] / 1e6, gone["timeNano"] / 1e9, made["timeNano"] / 1e9)


def seen_at(it, since):
    """When the controller wrote it down, in ms of the same clock."""
    items = it.controller.of_state("drift", "-o", "json", it.name).json()["items"]
    seen = [milliseconds(one["detected_at"]) for one in items
            if one["resource"].endswith("-web-1") and one["field"] in ("existence", "state")]
    seen = [one for one in seen if one >= since * 1000 - 1]
    if not seen:
        raise RuntimeError("it was not noticed: " + json.dumps(items[-3:]))
    return min(seen)


def milliseconds(text):
    whole, fraction = text.rstrip("Z").split(".")
    moment = time.strptime(whole + " UTC", "%Y-%m-%dT%H:%M:%S %Z")
    return calendar.timegm(moment) * 1000 + int(fraction[:3])


def fields(world, report):
    """Each field of each container, as tests/e2e/drift_fields.py changes them."""
    it = world.it
    it.controller.stop()
    reason = drift_fields.every_field(it)
    found, missed, excused = it.kept["fields"]
    if reason:
        log(reason)
    report.figure("drift", "fields_mutated", "fields", [found + missed])
    report.figure("drift", "fields_missed", "fields", [missed])
    report.figure("drift", "fields_not_ours", "fields", [excused])


def p99(values):
    return sorted(values)[max(0, -(-99 * len(values) // 100) - 1)]

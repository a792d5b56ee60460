"""Where and how: every place of a workload's trace with every kind of fault, and which are tried.

A place is a key of the trace ("POST containers/web-1/start #1"). Calls that change something are
all places; of the questions, which differ in number from run to run, the 1st, 4th and 16th of each.
"""
import random

from harness.calls import is_mutation

KILLS = ("kill before", "kill during", "kill after")
ANSWERS = ("lost answer", "cut answer", "delayed answer", "late answer", "500", "409")
QUESTIONS = ("kill before", "lost answer", "cut answer", "delayed answer", "late answer", "500")
ACTS = ("rm -f", "compose down", "update", "network disconnect", "stop", "pause", "rename")
ENGINE = ("engine stopped", "engine killed", "engine stopped, live-restore",
          "engine killed, live-restore")
VOLUME = ("volume rm",)
OCCURRENCES = (" #1", " #4", " #16")

# How a point is counted, in kill_points.json. What ends a workload for good has a run of its own.
CLASSES = {"engine_kill_points": KILLS, "engine_call_faults": ANSWERS, "human_acts": ACTS,
           "engine_restarts": ENGINE, "volumes_removed": VOLUME}
# What a share tries of each workload: so many of a class, so many together in one trial. Kills and
# calls always, one of the others in turn.
SHARE = {"engine_kill_points": 23, "engine_call_faults": 5}
TOGETHER = 14
# Of one workload, in a single trial, among all the other kinds of tests.
SMALL_SHARE = {"engine_kill_points": 12, "engine_call_faults": 2}
IN_TURN = {"human_acts": 4, "engine_restarts": 1, "volumes_removed": 1}
# Trials of all points have more room.
NIGHTLY_TOGETHER = {"engine_kill_points": 8, "engine_call_faults": 10, "human_acts": 4,
                    "engine_restarts": 2, "volumes_removed": 1}


class Point:
    def __init__(self, workload, position, key, kind):
        self.workload, self.position, self.key, self.kind = workload, position, key, kind

    def __str__(self):
        return "%s: %s %s" % (self.workload.name, self.kind, self.key)

    def count_as(self):
        return next(name for name, kinds in CLASSES.items() if self.kind in kinds)

    def is_slow(self):
        """Such an answer is waited for for a minute."""
        return self.kind == "late answer" and "containers/" in self.key and \
            is_mutation(self.key) and "/kill" not in self.key


def every_point(workload, trace):
    points = []
    for position, key in enumerate(trace):
        if is_mutation(key):
            kinds = KILLS + ANSWERS + ACTS + ENGINE + VOLUME
        elif key.endswith(OCCURRENCES):
            kinds = QUESTIONS
        else:
            continue
        for kind in kinds:
            if kind == "late answer" and "images/create" in key:
                continue  # a pull may take half an hour
            points.append(Point(workload, position, key, kind))
    return points


def of_class(points, name):
    return [point for point in points if point.count_as() == name]


def share(points, seed):
    """Lists of points, each for one trial: others with other seeds."""
    chance = chance_of(points, seed)
    calls = []
    for name, count in SHARE.items():
        calls += some(of_class(points, name), count, chance)
    name, count = chance.choice(sorted(IN_TURN.items()))
    return pack(calls, TOGETHER) + pack(some(of_class(points, name), count, chance), count)


def small_share(points, seed):
    chance, calls = chance_of(points, seed), []
    for name, count in SMALL_SHARE.items():
        calls += some(of_class(points, name), count, chance)
    return pack(calls, TOGETHER)


def chance_of(points, seed):
    return random.Random("%s %s" % (seed, points[0].workload.name))


def some(points, count, chance):
    """Three quarters at calls that change something, the rest at any: questions are many."""
    points = [point for point in points if not point.is_slow()]
    changing = [point for point in points if is_mutation(point.key)]
    chosen = chance.sample(changing, min(count - count // 4, len(changing)))
    others = [point for point in points if point not in chosen]
    return chosen + chance.sample(others, min(count // 4, len(others)))


def all_of_them(points):
    plans = []
    for name, together in NIGHTLY_TOGETHER.items():
        plans += pack(of_class(points, name), together)
    return plans


def pack(points, together):
    """Spreads points over runs: far from each other in the trace, one at a key."""
    if not points:
        return []
    points = sorted(points, key=lambda point: (point.position, point.kind))
    plans = [[] for _ in range(-(-len(points) // together))]
    for number, point in enumerate(points):
        for shift in range(len(plans)):
            plan = plans[(number + shift) % len(plans)]
            if all(other.key != point.key for other in plan):
                plan.append(point)
                break
        else:
            plans.append([point])
    return plans

"""All trials of one workload, one after the other, on an Engine of its own: lane.py WORKLOAD [NAME]

Started by run.py inside the lane's namespaces. First the workload without any fault: its trace says
which points there are, its end is what the others are compared with. NAME keeps the points whose
text contains it, of all of them. Writes <workload>.json, which run.py adds up.
"""
import json
import os
import re
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(HERE, "..", "support"))

import points as every  # noqa: E402
from harness.scenario import Failed, describe  # noqa: E402
from trial import Trial  # noqa: E402
from workloads import WORKLOADS  # noqa: E402
from world import World  # noqa: E402


class Lane:
    def __init__(self, workload, name, seed):
        self.workload, self.name, self.seed = workload, name, seed
        self.folder = os.environ["MATRIARCH_RESULTS"]
        self.world = World()
        self.passed, self.failed = 0, []
        self.points, self.tried, self.unmet = [], [], []

    def run(self):
        first = self.attempt("without faults", [], None)
        if first is None:
            return
        self.points = every.every_point(self.workload, first.trace)
        with open(os.path.join(self.folder, "trace.txt"), "w") as out:
            out.write("\n".join(first.trace) + "\n")
        for number, plan in enumerate(self.plans()):
            self.attempt("%d: %s" % (number + 1, counted(plan)), plan, first.state)

    def plans(self):
        if self.name:
            return every.all_of_them([one for one in self.points if self.name in str(one)])
        if os.environ.get("MATRIARCH_NIGHTLY"):
            return every.all_of_them(self.points)
        return every.share(self.points, self.seed)

    def attempt(self, title, plan, reference):
        """A trial; None if it failed."""
        trial = Trial(self.world, self.workload, plan, reference, self.seed)
        title = "%s, %s" % (self.workload.name, title)
        started, reason = time.monotonic(), ""
        try:
            trial.run()
        except Failed as error:
            reason = str(error)
        except Exception as error:
            reason = describe(error)
        print("%s %6.1fs  %s" % ("failed" if reason else "ok    ", time.monotonic() - started,
                                 title), flush=True)
        if reason:
            self.keep(title, plan, trial, reason)
        else:
            self.passed += 1
            self.tried += trial.tried
            self.unmet += [point for point in plan if point not in trial.tried]
        if reason or trial.lost:
            self.world.spoil()
        return None if reason else trial

    def keep(self, title, plan, trial, reason):
        """What a person needs who was not there."""
        self.failed.append("faults: %s: %s" % (title, reason[:300]))
        folder = os.path.join(self.folder, re.sub("[^a-z0-9]+", "-", title.lower()).strip("-"))
        print("        %s\n        see %s" % (reason[:2000], folder), flush=True)
        if self.world.it:
            self.world.it.save(folder, reason)
            with open(os.path.join(folder, "points.txt"), "w") as out:
                met = self.world.it.tap.fired
                out.write("seed %s\n" % self.seed + "".join("%s  %s\n" % (
                    "met" if point.key in met else "not met", point) for point in plan))

    def write(self):
        with open(os.path.join(self.folder, "lane.json"), "w") as out:
            json.dump({
                "passed": self.passed, "failed": self.failed,
                "unmet": [str(point) for point in self.unmet],
                "tried": {name: len(every.of_class(self.tried, name)) for name in every.CLASSES},
                "all": {name: len(every.of_class(self.points, name)) for name in every.CLASSES},
            }, out)


def counted(plan):
    found = {}
    for point in plan:
        found[point.kind] = found.get(point.kind, 0) + 1
    return ", ".join("%d x %s" % (count, kind) for kind, count in sorted(found.items()))


def main():
    workload = next(one for one in WORKLOADS if one.name == sys.argv[1])
    lane = Lane(workload, "".join(sys.argv[2:3]), os.environ["MATRIARCH_SEED"])
    try:
        lane.run()
    finally:
        lane.world.close()
        lane.write()
    return 1 if lane.failed else 0


if __name__ == "__main__":
    sys.exit(main())

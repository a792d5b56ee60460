"""All trials of one workload, one after the other, on an Engine of its own: lane.py WORKLOAD [NAME]

Started by run.py inside the lane's namespaces. First the workload without any fault: its trace says
which points there are, its end is what the others are compared with. NAME keeps the points whose
text contains it, of all of them.
"""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(HERE, "..", "support"))

import points as every  # noqa: E402
from record import Record  # noqa: E402
from trial import Trial  # noqa: E402
from workloads import WORKLOADS  # noqa: E402
from world import World  # noqa: E402


FAILURES_MAX = 5  # by then it is known that something is wrong


class Lane:
    def __init__(self, workload, name, seed):
        self.workload, self.name, self.seed = workload, name, seed
        self.record, self.world = Record(workload.name), World()
        self.points, self.tried, self.unmet = [], [], []

    def run(self):
        first = self.attempt("without faults", [], None)
        if first is None:
            return
        self.points = every.every_point(self.workload, first.trace)
        with open(os.path.join(self.record.folder, "trace.txt"), "w") as out:
            out.write("\n".join(first.trace) + "\n")
        plans = self.plans()
        for number, plan in enumerate(plans):
            self.attempt("%d: %s" % (number + 1, counted(plan)), plan, first.state)
            if len(self.record.failed) > FAILURES_MAX:
                print("        %d more trials are not made" % (len(plans) - number - 1))
                return

    def plans(self):
        if self.name:
            return every.all_of_them([one for one in self.points if self.name in str(one)])
        if os.environ.get("MATRIARCH_NIGHTLY"):
            return every.all_of_them(self.points)
        if os.environ.get("MATRIARCH_SHARE"):
            return every.small_share(self.points, self.seed)
        return every.share(self.points, self.seed)

    def attempt(self, title, plan, reference):
        """A trial; None if it failed."""
        trial = Trial(self.world, self.workload, plan, reference, self.seed)
        is_good = self.record.attempt(title, trial.run, lambda: self.world.it)
        if is_good:
            self.tried += trial.tried
            self.unmet += [point for point in plan if point not in trial.tried]
        if not is_good or trial.lost:
            self.world.spoil()
        return trial if is_good else None

    def close(self):
        self.world.close()
        tried, all_of_them = ({name: len(every.of_class(points, name)) for name in every.CLASSES}
                              for points in (self.tried, self.points))
        self.record.write(tried, all_of_them, self.unmet)


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
        lane.close()
    return 1 if lane.record.failed else 0


if __name__ == "__main__":
    sys.exit(main())

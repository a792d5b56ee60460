"""One run of a workload with its faults, and what must hold at its end."""
import random
import time

import acts
import oracle
from harness.engine import restart, set_live_restore
from harness.fleet import merged
from harness.faults import Act, Cut, Delay, Drop, Kill, Late, Refuse
from harness.scenario import (Failed, answers, attempt, describe, expect, plan_finds_nothing,
                              settled, stalled)
from points import ACTS, ENGINE, VOLUME
from watch import Watch
from world import LIMIT, at_last


class Trial:
    """`reference` is the end of the workload without faults, or None: this is that one."""

    def __init__(self, world, workload, points, reference, seed):
        self.world, self.workload, self.points = world, workload, points
        self.reference, self.seed = reference, seed
        self.lost = None      # (data volume somebody removed, was it in use)
        self.idle = set()     # points at which there was nothing to do it to
        self.tried = []

    def run(self):
        """Raises Failed. Afterwards `tried` are the points that were met."""
        pulls = [point.key.split(" ")[2] for point in self.points if "images/create" in point.key]
        it = self.it = self.world.at_begin_of(self.workload, pulls)
        if self.workload.before is not None:
            self.before = oracle.data(it)
        set_live_restore(any("live-restore" in point.kind for point in self.points))
        watch, self.mark = Watch(it), it.tap.mark()
        it.note("%s, seed %s" % (self.workload.name, self.seed))
        for point in self.points:
            it.note("   %s" % point)
        it.tap.watch({point.key: self.fault(point) for point in self.points})
        try:
            it.push("the change", merged(it.document, self.workload.change))
            self.await_goal()
        finally:
            self.trace = it.tap.let_be()
            violations = watch.stop()
        self.tried = [point for point in self.points
                      if point.key in it.tap.fired and point not in self.idle]
        it.note("   not met: " + ", ".join(
            str(point) for point in self.points if point not in self.tried))
        if self.lost:
            violations = [one for one in violations if self.lost[0] not in one]
        if violations:
            raise Failed("; ".join(violations))
        if self.lost and attempt(self.goal, it):
            self.check_lost()
        else:
            self.check_end()

    def fault(self, point):
        it, chance = self.it, random.Random("%s %s" % (self.seed, point))
        kind, last = point.kind, point.kind.split(" ")[-1]
        if kind.startswith("kill"):
            return Kill(last, it.controller.kill)
        if kind in ACTS:
            return Act(lambda: self.by_hand(point, chance))
        if kind in ENGINE:
            signal = "TERM" if "stopped" in kind else "KILL"
            return Act(lambda: restart(signal), forwards=False)
        if kind in VOLUME:
            return Act(lambda: self.lose_volume(point, chance))
        return {"lost answer": Drop, "cut answer": Cut, "delayed answer": Delay,
                "late answer": Late, "500": lambda: Refuse(500), "409": lambda: Refuse(409)}[kind]()

    def by_hand(self, point, chance):
        words = acts.perform(point.kind, self.it, chance)
        self.it.note("   by hand: " + (words or "nothing there for " + point.kind))
        if not words:
            self.idle.add(point)

    def lose_volume(self, point, chance):
        name, was_used = acts.lose_volume(self.it, chance)
        self.it.note("   by hand: volume rm %s" % (name or "of none"))
        if name:
            self.lost = (name, was_used)
        else:
            self.idle.add(point)

    # --- the goal ------------------------------------------------------------------------------

    def await_goal(self):
        """Until the controller is done, started again whenever it was killed."""
        started = time.monotonic()
        while True:
            self.it.controller.keep_running()
            if self.it.tap.troubles:
                raise Failed("a fault went wrong: " + describe(self.it.tap.troubles[0]))
            reason = attempt(self.goal, self.it)
            if reason and self.lost:
                reason = attempt(self.alarm, self.it)
            if not reason:
                return
            if time.monotonic() - started > LIMIT:
                raise Failed("not done within %d s: %s" % (LIMIT, reason))
            time.sleep(0.1)

    def goal(self, it):
        if self.lost and self.lost[1]:
            return "a data volume is gone"
        return answers(self.workload.version())(it) or settled()(it)

    def alarm(self, it):
        """Said, and the work has stopped for it."""
        return stalled(self.lost[0])(it)

    # --- what must hold at the end -------------------------------------------------------------

    def passes_by(self):
        """Two more looks; returns what they changed."""
        it, before = self.it, self.it.tap.mark()
        for _ in range(2):
            seen = it.controller.passes()
            it.controller.nudge()
            at_last(lambda it: expect(it.controller.passes() > seen, "no pass yet")).run(it)
        return it.tap.mutations(before)

    def check_lost(self):
        """The work has stopped with an alarm; nothing is made in the volume's place."""
        self.passes_by()
        name = self.lost[0]
        if name in self.it.engine.volumes(self.it.name):
            raise Failed("%s was made anew" % name)
        for container, one in self.it.containers().items():
            if any(mount.get("Name") == name for mount in one["Mounts"]):
                raise Failed("%s was made on %s, which is lost" % (container, name))

    def check_end(self):
        it = self.it
        changed = self.passes_by()
        if changed:
            raise Failed("at rest, and a further pass asked for " + "; ".join(changed))
        removed = [call for call in it.tap.since(self.mark)
                   if call.startswith("DELETE") and "/volumes" in call]
        if removed:
            raise Failed("the Engine was asked to " + "; ".join(removed))
        self.state = oracle.state(it)
        wrong = oracle.differences(self.reference or self.state, self.state)
        if self.workload.before is not None:
            wrong += oracle.differences(self.before, oracle.data(it))
        if wrong:
            raise Failed("not as without faults: " + "; ".join(wrong))
        for check in (oracle.one_scheduler_at_most, plan_finds_nothing,
                      lambda it: oracle.post(it, "after"),
                      at_last(oracle.all_work_is_done).run):
            reason = check(it)
            if reason:
                raise Failed(reason)

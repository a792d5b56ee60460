"""kill -9 of the controller: before or after the n-th call that changes a thing."""
from .faults import Fault, Kill
from .scenario import Part, eventually


class killed_again_and_again(Part):
    """From now on the controller is killed at every n-th mutation, in turn before the Engine sees
    it and after the Engine took it, and started again, until the goal is reached."""

    def __init__(self, every, goal, limit, start=True):
        self.every, self.goal, self.limit, self.start = every, goal, limit, start

    def run(self, it):
        self.kills = 0
        self.set_trap(it)
        if self.start:
            it.controller.keep_running()
        eventually(self.reached, self.limit).run(it)
        it.tap.at_mutation(10**9, Fault())
        it.note("   killed %d times" % self.kills)

    def set_trap(self, it):
        moment = ("before", "after")[self.kills % 2]
        it.tap.at_mutation(self.every, Kill(moment, it.controller.kill))

    def reached(self, it):
        if it.tap.sprung():
            if it.controller.is_running():
                return "about to be killed"
            self.kills += 1
            self.set_trap(it)
        it.controller.keep_running()
        return self.goal(it)

    def verdict(self, it):
        return "" if self.kills >= 3 else "it was killed only %d times" % self.kills

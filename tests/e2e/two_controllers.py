"""Two controllers that both mean to look after one instance."""
import os

from harness.controller import Controller
from harness.engine import is_running, role
from harness.scenario import (answers, eventually, expect, fingerprint, deployed, pending, remember,
                              settled, throughout, unchanged)
from harness.tap import Tap


def other_controller(it):
    """A second one on the same Engine and fleet, with a state folder, port and tap of its own."""
    folder = os.path.join(it.folder, "other")
    os.makedirs(folder, exist_ok=True)
    it.other_tap = Tap(os.path.join(folder, "engine.sock"), it.engine.path, it.name)
    it.other = Controller(folder, it.fleet.url, it.controller.port + 500, it.other_tap.path)
    return it.other


def one_at_most(*roles):
    def check(it):
        found = [name for name, one in it.containers().items()
                 if role(one) in roles and is_running(one)]
        return expect(len(found) <= 1, "run at once: " + ", ".join(found))
    return check


def end_other(it):
    it.other.kill()
    it.other_tap.close()


@pending("two controllers with state folders of their own must not both change one instance")
def two_states(it):
    it.push("the whole instance")
    try:
        it.step("both deploy it at once", throughout(one_at_most("sidekiq")),
                throughout(one_at_most("setup", "migrate")), lambda it: it.controller.start(),
                lambda it: other_controller(it).start(), eventually(answers("4.5.0"), 180),
                eventually(settled(), 60))
        it.step("and then leave it alone", remember("containers", fingerprint))
        before = it.tap.mark(), it.other_tap.mark()
        it.step("for two looks", lambda it: it.controller.nudge() and None,
                lambda it: it.other.nudge() and None, unchanged("containers", fingerprint))
        it.step("one of them changed everything", lambda it: expect(
            not it.tap.mutations() or not it.other_tap.mutations(), "both changed something"))
        it.step("nothing was changed any more", lambda it: expect(
            not it.tap.mutations(before[0]) + it.other_tap.mutations(before[1]),
            "; ".join(it.tap.mutations(before[0]) + it.other_tap.mutations(before[1]))))
    finally:
        end_other(it)


@pending("a controller with an empty state folder must leave an instance that another one tends")
def empty_state(it):
    it.step("the instance runs", deployed(), remember("containers", fingerprint))
    other = other_controller(it)
    try:
        it.step("another controller starts, with nothing in its state folder",
                throughout(unchanged("containers", fingerprint)), lambda it: other.start(),
                eventually(lambda it: expect(other.passes() > 3, "no pass yet"), 60))
        it.step("it changed nothing", answers("4.5.0"), lambda it: expect(
            not it.other_tap.mutations(), "; ".join(it.other_tap.mutations())))
    finally:
        end_other(it)

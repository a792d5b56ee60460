"""Two controllers that both mean to look after one instance, each with a state folder of its own.

Nothing keeps them apart yet: these two scenarios fail, and run only when asked for by name. (One on
the same state folder, and one with an empty state folder beside a deployed instance, stand by: see
commands.py.)
"""
import os
import shutil

from harness.controller import Controller
from harness.engine import is_running, role
from harness.scenario import (answers, commit, deployed, eventually, expect, pending, settled,
                              throughout)
from harness.tap import Tap


def other_controller(it):
    """A second one on the same Engine and fleet, with a state folder, port and tap of its own."""
    folder = os.path.join(it.folder, "other")
    os.makedirs(folder, exist_ok=True)
    it.other_tap = Tap(os.path.join(folder, "engine.sock"), it.engine.path, it.name)
    it.other = Controller(folder, it.fleet.url, it.controller.port + 500, it.other_tap.path)
    return it.other


def end_other(it):
    it.other.kill()
    it.other_tap.close()


def one_at_most(*roles):
    def check(it):
        found = [name for name, one in it.containers().items()
                 if role(one) in roles and is_running(one)]
        return expect(len(found) <= 1, "run at once: " + ", ".join(found))
    return check


def one_of_them(it):
    """Changed everything; the other one nothing."""
    ours, theirs = it.tap.mutations(it.kept["mark"]), it.other_tap.mutations()
    return expect(not ours or not theirs, "one made %d changes, the other %d: %s" % (
        len(ours), len(theirs), "; ".join(theirs)))


@pending("two controllers that deploy one instance at once must not both change it")
def two_deploy(it):
    it.push("the whole instance")
    it.kept["mark"] = it.tap.mark()
    other_controller(it)
    try:
        it.step("both deploy it at once", throughout(one_at_most("sidekiq")),
                throughout(one_at_most("setup", "migrate")), lambda it: it.controller.start(),
                lambda it: it.other.start(), eventually(answers("4.5.0"), 180))
        it.step("one of them did it", one_of_them)
    finally:
        end_other(it)


@pending("two controllers with copies of one state folder must not both change an instance")
def two_copies(it):
    it.step("v4.4.8 runs", commit(mastodon="v4.4.8"), deployed())
    shutil.copytree(it.controller.state, other_controller(it).state)
    it.kept["mark"] = it.tap.mark()
    try:
        it.step("a second controller starts on a copy of the state folder, and v4.5.0 is pushed",
                throughout(one_at_most("sidekiq")), throughout(one_at_most("setup", "migrate")),
                lambda it: it.other.start(), commit(mastodon="v4.5.0"),
                lambda it: it.other.nudge() and None, eventually(answers("4.5.0"), 180),
                eventually(settled(), 60))
        it.step("one of them did it", one_of_them)
    finally:
        end_other(it)

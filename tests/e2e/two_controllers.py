"""Two controllers that both mean to look after one instance, each with a state folder of its own.

(One on the same state folder, and one with an empty state folder beside a deployed instance: see
commands.py.)
"""
import os
import shutil

from harness.controller import Controller
from harness.engine import is_running, role
from harness.scenario import (answers, commit, deployed, eventually, expect, memory, scenario,
                              settled, throughout)
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


def changes(tap, mark=0):
    """Without asking for the instance, which both may do at once."""
    return [call for call in tap.mutations(mark) if "volumes/create holder-" not in call]


def one_of_them(it):
    """Changed everything; the other one nothing."""
    ours, theirs = changes(it.tap, it.kept["mark"]), changes(it.other_tap)
    return expect(bool(ours) != bool(theirs), "one made %d changes, the other %d: %s" % (
        len(ours), len(theirs), "; ".join(theirs)))


def stands_by(controller):
    def check(it):
        said = controller(it).of_state("status").out
        return expect("another controller holds it" in said, "its status says: " + said)
    return check


def may_not_apply(it):
    done = it.other.of_state("apply", os.path.join(it.fleet.work, "fleet"))
    return expect(done.code == 6 and "matriarch take-over " + it.name in done.err,
                  "apply ended with %d: %s" % (done.code, done.err))


def ours(it):
    return it.controller


def theirs(it):
    return it.other


@scenario("two controllers that deploy one instance at once must not both change it")
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


@scenario("two controllers with copies of one state folder must not both change an instance")
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


@scenario("an instance that was taken over must be changed by who took it over, and nobody else")
def taken_over(it):
    it.step("the instance runs", deployed())
    shutil.copytree(it.controller.state, other_controller(it).state)
    try:
        it.step("from a copy of its state folder nothing can be applied", may_not_apply)
        it.step("a second controller stands by", lambda it: it.other.start(),
                eventually(stands_by(theirs), 20))

        def take_over(it):
            done = it.other.of_state("take-over", it.name)
            return expect(done.code == 0, done.err)

        it.step("it is given the instance", take_over)
        it.kept["mark"] = it.tap.mark()
        it.step("a limit is pushed", commit(web={"memory": "300MiB"}),
                lambda it: it.other.nudge() and None, eventually(memory("web", "300MiB"), 40))
        it.step("the second one changed it", one_of_them,
                lambda it: expect(changes(it.other_tap), "it did not"))
        it.step("the first one stands by", eventually(stands_by(ours), 20))
        it.step("killed and started again, the second one is the holder as before",
                lambda it: it.other.kill(), lambda it: it.other.start(),
                commit(web={"memory": "280MiB"}), lambda it: it.other.nudge() and None,
                eventually(memory("web", "280MiB"), 40), one_of_them)
    finally:
        end_other(it)

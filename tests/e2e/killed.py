"""The controller ends, is killed, or loses what it wrote. For upgrades see rolling.py; for kill -9
at every place of a workload, tests/faults."""
import os
import shutil

from harness.engine import is_job, role
from harness.killing import killed_again_and_again
from harness.scenario import (Failed, answers, deployed, eventually, expect, plan_finds_nothing,
                              scenario, settled)

EXPECTED_ROLES = ["edge", "postgres", "redis", "sidekiq", "streaming", "web"]


def one_of_each(it):
    seen = sorted(role(one) for one in it.containers().values() if not is_job(one))
    return expect(seen == EXPECTED_ROLES, "services: " + ", ".join(seen))


@scenario("a controller killed again and again while it deploys must end where it would have",
          always=True)
def killed_while_deploying(it):
    # The Engine drops a pull whose client is gone: killed at every third call, none would ever end.
    it.pull_images([it.document["mastodon"]])
    it.push("the whole instance")
    it.step("it is killed at every third change", killed_again_and_again(
        3, lambda it: answers("4.5.0")(it) or settled()(it), 240))
    it.step("the end is the same", one_of_each, plan_finds_nothing)


def loses(*names):
    """Killed; its files that begin so are gone when it starts again."""
    def lose(it):
        it.controller.kill()
        for name in os.listdir(it.controller.state):
            path = os.path.join(it.controller.state, name)
            if name.startswith(names):
                shutil.rmtree(path) if os.path.isdir(path) else os.unlink(path)
        it.controller.start()
    return lose


@scenario("a controller that lost its store must pick up from what is there")
def lost_store(it):
    it.step("the instance runs", deployed())
    before = it.tap.mark()
    it.step("the journal is lost", loses("journal.db"), eventually(settled(), 30))
    it.step("the clone, too", loses("journal.db", "fleet.git"), eventually(settled(), 30))
    it.step("nothing was changed", answers("4.5.0"),
            lambda it: expect(not it.tap.mutations(before), "; ".join(it.tap.mutations(before))))


@scenario("a controller asked to stop must be gone at once, and leave the instance serving")
def terminated(it):
    it.step("the instance runs", deployed())

    def stop(it):
        took = it.controller.stop()
        it.note("   gone after %.2f s" % took)
        if took > 2:
            raise Failed("it took %.1f s" % took)
    it.step("SIGTERM", stop, answers("4.5.0"))
    it.push("a commit while it is away")
    it.step("it comes back", lambda it: it.controller.start(), eventually(settled(), 20))

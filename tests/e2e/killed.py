"""The controller ends or loses what it wrote. kill -9 at exact places is in tests/faults."""
import os
import shutil

from harness.scenario import Failed, answers, deployed, eventually, expect, scenario, settled


@scenario("a controller that lost its store must pick up from what is there")
def lost_store(it):
    it.step("the instance runs", deployed())
    before = it.tap.mark()

    def lose(it):
        it.controller.kill()
        for name in os.listdir(it.controller.state):
            if ".db" in name or ".sqlite" in name:
                os.unlink(os.path.join(it.controller.state, name))
        shutil.rmtree(os.path.join(it.controller.state, "repository"), ignore_errors=True)
        it.controller.start()
    it.step("the journal is lost, the controller starts again", lose, eventually(settled(), 30))
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

"""kill -9 of the controller at exact places: before or after the n-th call that changes a thing."""
from harness.engine import is_job, is_running, role
from harness.killing import killed_again_and_again
from harness.scenario import (Failed, answers, commit, deployed, eventually, expect, scenario,
                              settled, throughout)


def one_scheduler_at_most(it):
    schedulers = []
    for name, one in it.containers().items():
        command = " ".join((one["Config"]["Entrypoint"] or []) + (one["Config"]["Cmd"] or []))
        if role(one).startswith("sidekiq") and is_running(one) and "scheduler" in command:
            schedulers.append(name)
    return expect(len(schedulers) <= 1, "schedulers: " + ", ".join(schedulers))


def shape(it):
    """The state without what must differ: what runs, with which image, limits and settings."""
    return sorted((role(one), one["Config"]["Image"].split("@")[0].rsplit("/", 1)[-1],
                   one["HostConfig"]["Memory"], len(one["Config"]["Env"]),
                   one["State"]["Status"])
                  for one in it.containers().values() if not is_job(one))


def both(*checks):
    def check(it):
        for one in checks:
            reason = one(it)
            if reason:
                return reason
        return ""
    return check


def at_rest(it):
    done = it.controller.of_state("plan", it.fleet.work + "/fleet")
    return expect(done.code == 0, "plan ended with %d: %s" % (done.code, done.out + done.err))


EXPECTED_ROLES = ["edge", "postgres", "redis", "sidekiq", "streaming", "web"]


def one_of_each(it):
    seen = [one[0] for one in shape(it)]
    return expect(seen == EXPECTED_ROLES, "services: " + ", ".join(seen))


@scenario("a controller killed again and again while it deploys must end where it would have")
def killed_while_deploying(it):
    it.push("the whole instance")
    it.step("it is killed at every third change", throughout(one_scheduler_at_most),
            killed_again_and_again(3, both(answers("4.5.0"), settled()), 240))
    it.step("the end is the same", one_of_each, at_rest)


@scenario("a controller killed again and again while it upgrades must end where it would have")
def killed_while_upgrading(it):
    it.step("v4.4.8 runs", commit(mastodon="v4.4.8"), deployed())
    it.step("v4.5.0 is pushed, and it is killed at every second change",
            throughout(one_scheduler_at_most), commit(mastodon="v4.5.0"),
            killed_again_and_again(2, both(answers("4.5.0"), settled()), 240, start=False))
    it.step("the end is the same", one_of_each, at_rest)


@scenario("a controller that lost its store must pick up from what is there")
def lost_store(it):
    import os
    import shutil
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

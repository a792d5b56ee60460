"""Waves: another release is taken by the canaries first, and by the others once those are well."""
from harness.engine import is_job
from harness.fleet import instance_file
from harness.scenario import (answers, eventually, expect, remember, scenario, settled, stalled,
                              throughout, unchanged)


def names(it):
    """The canary, then the two that come after it."""
    return [it.name, it.name + "b", it.name + "c"]


def pushed(version):
    """All of them want this version."""
    def act(it):
        files = {"defaults": {"waves": [[it.name], 1]}}
        for at, name in enumerate(names(it)):
            files[name] = instance_file(name, it.http + at, it.https + at, version)
        it.document = files[it.name]
        it.head = it.fleet.push("all of them: " + version, files)
        if it.controller.is_running():
            it.controller.nudge()
    return act


def runs(version):
    """Each of them is well at it."""
    def check(it):
        wrong = []
        for name in names(it):
            status = it.controller.published(name) or {}
            if (status.get("running", {}).get("mastodon"), status.get("ready"),
                    status.get("settled")) != (version, True, True):
                wrong.append("%s: %s" % (name, status.get("waits_for") or status.get("running")))
        return expect(not wrong, "; ".join(wrong))
    return check


def containers_of_others(it):
    return {name: (one["Id"], one["State"]["StartedAt"]) for other in names(it)[1:]
            for name, one in it.engine.containers(other).items()}


def waits(place, *words):
    """It is kept at what it has, and says for whom."""
    def check(it):
        name = names(it)[place]
        done = it.controller.of_state("status", name)
        missing = [word for word in words if word % it.name not in done.out]
        return expect(not missing, "not said: %s in %s" % (missing, done.out))
    return check


def one_after_the_other(it):
    """What the next wave runs was made after all of the one before it ran."""
    spans = []
    for name in names(it):
        made = [one for one in it.engine.containers(name).values()
                if not is_job(one) and "/mastodon" in one["Config"]["Image"]]
        spans.append((min(one["Created"] for one in made),
                      max(one["State"]["StartedAt"] for one in made)))
    return expect(spans[0][1] < spans[1][0] and spans[1][1] < spans[2][0], "times: %s" % spans)


@scenario("another release must be taken wave by wave, and no further than the first failure",
          long=True)
def waves(it):
    try:
        it.step("all of them run", pushed("v4.7.1"), lambda it: it.controller.start(),
                eventually(runs("v4.7.1"), 240), remember("others", containers_of_others))
        it.step("a release that the canary gives up", pushed("v4.7.3-neverhealthy"),
                throughout(answers("4.7.1")), eventually(waits(1, "waits for wave 1: %s"), 20),
                eventually(stalled("rolled back"), 150),
                waits(1, "waits for wave 1: %s"), waits(2, "waits for wave 1: %s"),
                unchanged("others", containers_of_others))
        it.step("the controller starts anew", lambda it: it.controller.stop() and None,
                lambda it: it.controller.start(),
                eventually(waits(2, "waits for wave 1: %s"), 20),
                unchanged("others", containers_of_others))
        it.step("one that all can take", pushed("v4.7.4"), throughout(answers()),
                eventually(waits(2, "wave 2: %sb"), 120),
                eventually(runs("v4.7.4"), 240), one_after_the_other)
        it.step("nothing is left to wait for", eventually(settled(), 10), eventually(
            lambda it: expect("HeldByWave" not in it.controller.of_state("status").out,
                              it.controller.of_state("status").out), 10))
    finally:
        it.controller.kill()
        for name in names(it)[1:]:
            it.engine.wipe(name)

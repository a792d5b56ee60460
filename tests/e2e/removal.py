"""A file that left the repository: what runs goes where the host says so, its data never does."""
import json
import os

from drift import items
from harness.engine import LABEL
from harness.fleet import instance_file
from harness.scenario import (answers, commit_text, deployed, eventually, expect, fingerprint,
                              refused, remember, scenario, settled, taken, throughout, unchanged)
from restores import COUNT, psql


def rows(it):
    return psql(it, COUNT)


def data(it):
    """Who the volumes are: one that was made anew would have another identity."""
    return {name: one["Labels"].get(LABEL + "volume")
            for name, one in it.engine.volumes(it.name).items()}


def looked(it):
    return expect(it.controller.passes() > 1, "no pass yet")


def push(message, files, more=(), less=()):
    """Files of the fleet by name, and others by what stands behind the instance's name."""
    def act(it):
        for ending in more:
            with open(it.fleet.path(it.name) + ending, "w") as out:
                out.write("instance: %s\n" % it.name)
        for ending in less:
            os.unlink(it.fleet.path(it.name) + ending)
        it.head = it.fleet.push(message, files(it))
        if it.controller.is_running():
            it.controller.nudge()
    return act


def told(*words):
    """The drift report says so of the instance whose file is gone."""
    def check(it):
        found = [one for one in items(it) if one["field"] == "instance file"]
        missing = [word for word in words if not found or word not in found[-1]["heal"]]
        return expect(not missing, "not said: %s in %s" % (missing, json.dumps(found)))
    return check


def gone(it):
    left = sorted(it.containers()) + sorted(it.engine.networks(it.name))
    return expect(not left, "still there: " + ", ".join(left))


def said(it):
    events = it.controller.of_state("events", "-o", "json").out
    words = ["docker volume rm", it.name + "-postgres-15", "rm -r " + it.controller.state]
    missing = [word for word in words if word not in events]
    return expect(not missing, "events do not say: %s" % missing)


@scenario("an instance may be removed only by a host that allows it and a commit without its file")
def removed_from_git(it):
    other = it.name + "z"
    # Of a release that no registry has: they are in the fleet, and nothing of them runs.
    second = instance_file(other, it.http + 5, it.https + 5, "v4.5.99")
    slip = instance_file(it.name + "x", it.http + 6, it.https + 6, "v4.5.99")
    try:
        it.step("the instance runs", deployed(), remember("rows", rows), remember("data", data),
                remember("containers", fingerprint))
        it.step("its file leaves; the host does not allow removals",
                push("take it out", lambda it: {other: second, it.name: None}),
                eventually(taken(), 15), eventually(told("--prune", "bring its file back"), 45),
                unchanged("containers", fingerprint))
        it.step("the host allows it; the file is there under a name that is not read",
                lambda it: it.controller.stop() and "",
                lambda it: it.controller.options.append("--prune"),
                push("turn it off", lambda it: {}, more=[".off"]),
                lambda it: it.controller.start(), eventually(taken(), 15), eventually(looked, 45),
                eventually(told(".yaml.off is there"), 45),
                throughout(unchanged("containers", fingerprint)))
        it.step("its file is back with a mistyped name in it",
                push("a slip", lambda it: {it.name: slip}, less=[".off"]),
                eventually(taken(), 15), eventually(told("calls itself"), 45),
                throughout(unchanged("containers", fingerprint)))
        it.step("a broken commit", commit_text("instance: [\n"), eventually(refused(".yaml:"), 15),
                unchanged("containers", fingerprint))
        it.step("its file is gone", push("take it out", lambda it: {it.name: None}),
                eventually(gone, 120), eventually(said, 10), unchanged("data", data))
        it.step("what this host keeps of it stays", lambda it: expect(
            os.path.exists(it.controller.state + "/instances/%s/identity" % it.name), "it is gone"))
        it.step("its file is back, and so is all that it wrote",
                push("bring it back", lambda it: {it.name: it.document}),
                eventually(answers("4.5.0"), 120), eventually(settled(), 60),
                unchanged("rows", rows), unchanged("data", data))
    finally:
        it.controller.kill()
        it.engine.wipe(other)
        it.engine.wipe(it.name + "x")


@scenario("applying from the command line must remove only with --prune, and never data")
def apply_prune(it):
    def applied(*options):
        def run(it):
            done = it.controller.of_state(
                "apply", os.path.join(it.fleet.work, "fleet"), *options, timeout=240)
            return expect(done.code == 0, "apply ended with %d: %s" % (
                done.code, done.out + done.err))
        return run
    # A folder without any instance is refused as a mistake.
    other = it.name + "z"
    second = instance_file(other, it.http + 5, it.https + 5)
    try:
        it.push("the whole instance")
        it.step("the instance runs", applied(), answers("4.5.0"), remember("rows", rows),
                remember("data", data), remember("containers", fingerprint))
        it.step("its file is gone", push("take it out", lambda it: {other: second, it.name: None}),
                applied(), unchanged("containers", fingerprint))
        it.step("it is removed where that is asked for", applied("--prune"), gone, said,
                unchanged("data", data))
        it.step("its file is back, and so is all that it wrote",
                push("bring it back", lambda it: {it.name: it.document}), applied(),
                answers("4.5.0"), unchanged("rows", rows), unchanged("data", data))
    finally:
        it.engine.wipe(other)

"""Drift reports as files on a branch of the fleet repository."""
import subprocess

from drift import update
from harness.scenario import (answers, commit, deployed, eventually, expect, memory, scenario,
                              settled)

BRANCH = "matriarch/drift"


def git(it, *arguments):
    done = subprocess.run(["git", "--git-dir", it.fleet.bare, *arguments], text=True,
                          capture_output=True, stdin=subprocess.DEVNULL)
    return done.stdout if done.returncode == 0 else done.stderr


def reported(*words):
    def check(it):
        text = git(it, "show", "%s:reports/%s.md" % (BRANCH, it.name))
        missing = [word for word in words if word not in text]
        return expect(not missing, "not there: %s in %s" % (missing, text))
    return check


def said_once(it):
    said = [one for one in it.controller.of_state("events", "-o", "json").lines()
            if one["kind"] == "drift-reports-not-pushed"]
    return expect(len(said) == 1 and said[0]["message"], "said %d times: %s" % (len(said), said))


@scenario("drift reports must come to their branch, hold nothing up, and leave the fleet alone")
def drift_branch(it):
    it.controller.options += ["--drift-branch", BRANCH, "--drift-every", "1s"]
    it.step("the instance runs", deployed(), eventually(reported("Nothing differs"), 15))
    it.step("docker update --memory", update("web", 400 << 20),
            eventually(memory("web", "256MiB"), 15),
            eventually(reported("web-1 memory", "400MiB", "put right", "container update"), 15))
    it.step("the fleet is as it was pushed", lambda it: expect(
        git(it, "rev-parse", "main").strip() == it.head, "main is another"))
    # A branch of that name is in the way of every branch below it.
    it.step("no push is possible any more",
            lambda it: git(it, "branch", "-D", BRANCH) and None,
            lambda it: expect(not git(it, "branch", "matriarch", "main"), "no such branch"),
            update("web", 410 << 20), eventually(memory("web", "256MiB"), 15),
            eventually(said_once, 15))
    it.step("commits go on being applied", commit(web={"memory": "320MiB"}),
            eventually(memory("web", "320MiB"), 15), eventually(settled(), 15), said_once)
    it.step("it is pushed once that is possible",
            lambda it: git(it, "branch", "-D", "matriarch") and None,
            eventually(reported("410MiB"), 15), answers("4.5.0"))

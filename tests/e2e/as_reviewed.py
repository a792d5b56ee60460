"""What is applied must be what was reviewed: said where it is not, held where the host asks it."""
import json

from harness.scenario import (answers, deployed, eventually, expect, fingerprint, memory, remember,
                              scenario, settled, taken, throughout, unchanged)
from pulls import applied, begin, change, git, judged, no_problems, opened, said
from requirements import add_to_policy, fetched, held, nothing_run, pushed, wound_back


def suspended(it):
    """So that what changes by hand stays so: the plan of the next merge is another one then."""
    done = it.controller.of_state("suspend", it.name)
    return expect(done.code == 0, done.err)


def resumed(it):
    done = it.controller.of_state("resume", it.name)
    it.controller.nudge()
    return expect(done.code == 0, done.err)


def merges(number, squash=False):
    def act(it):
        it.forge.merge(number, squash=squash)
        fetched(it)
    return act


def streaming_is_removed(it):
    it.engine.remove(it.service("streaming")["Id"])


def told_of(number):
    """The event of the commit in force, with what is new."""
    def check(it):
        done = it.controller.of_state("events", "-o", "json")
        events = [json.loads(line) for line in done.out.splitlines() if line.startswith("{")]
        told = [one for one in events if one["kind"] == "not-as-reviewed"
                and one["revision"] == it.head]
        return expect(len(told) == 1 and "pull request %d showed" % number in told[0]["message"] and
                      "new: create container" in told[0]["message"], "told: %s" % told)
    return check


def as_shown(it):
    """The newest merge was applied, and nothing else is said of it."""
    wrong = applied("success", "applied to 1 instance")(it)
    return wrong or expect(applied("success", "than reviewed")(it),
                           "it is said to be otherwise than reviewed")


def of_size(size):
    return lambda it: change(it, web={"memory": size})


def nothing_but_again(it):
    """An empty commit on top of what was merged last."""
    return git(it, "commit-tree", "main^{tree}", "-p", "main", "-m", "Again")


@scenario("a merge that does other things than were reviewed must be said on its commit")
def not_as_reviewed(it):
    begin(it, "github")
    it.step("the instance runs", deployed())
    it.step("what was reviewed is merged", opened(7, of_size("320MiB")),
            eventually(judged(7, "success", "1 step"), 20), merges(7),
            eventually(memory("web", "320MiB"), 15), eventually(settled(), 15),
            eventually(as_shown, 10))
    for number, size, squash in ((8, "336MiB", False), (9, "352MiB", True)):
        how = "squashed" if squash else "merged"
        it.step("reviewed, and then a container is removed by hand", opened(number, of_size(size)),
                eventually(judged(number, "success", "1 step"), 20), suspended,
                streaming_is_removed)
        it.step("it is %s: that is said before anything is done" % how, merges(number, squash),
                eventually(taken(), 15), eventually(told_of(number), 10))
        it.step("it is applied all the same", resumed, eventually(memory("web", size), 20),
                eventually(settled(), 30),
                eventually(applied("success", "otherwise than reviewed: %s: new: create container"
                                   % it.name), 10), no_problems)


@scenario("where the host takes only what was reviewed, everything else must be held")
def held_as_reviewed(it):
    begin(it, "github")
    add_to_policy("as_reviewed: true\n")(it)
    it.applied_although = 0
    it.step("the instance runs: the first commit ever cannot have been reviewed", deployed())
    it.step("reviewed, and then a container is removed by hand", opened(7, of_size("320MiB")),
            eventually(judged(7, "success", "1 step"), 20),
            said(7, "comes into force only while this is what it would do"), suspended,
            streaming_is_removed, remember("containers", fingerprint))
    it.kept["otherwise"] = it.tap.mark()
    it.step("it is merged, and held", merges(7), eventually(held("new: create container"), 15),
            throughout(memory("web", "256MiB")))
    it.step("another one on top shows all that would be done now", opened(8, nothing_but_again),
            eventually(said(8, "create container", "320MiB"), 20),
            eventually(judged(8, "success"), 10), nothing_run("otherwise"),
            unchanged("containers", fingerprint))
    it.step("it is merged", merges(8), eventually(taken(), 15), resumed,
            eventually(memory("web", "320MiB"), 20), eventually(settled(), 30),
            eventually(as_shown, 10))
    it.step("reviewed, removed by hand, merged: held again", opened(9, of_size("336MiB")),
            eventually(judged(9, "success", "1 step"), 20), suspended, streaming_is_removed,
            merges(9), eventually(held("new: create container"), 15))
    it.step("it goes on by itself once the server is as it was", resumed, eventually(taken(), 30),
            eventually(memory("web", "336MiB"), 20), eventually(settled(), 30), answers("4.5.0"))
    never_merged(it)
    planned_early(it)


def planned_early(it):
    both = {"web": {"memory": "368MiB"}, "streaming": {"memory": "200MiB"}}
    it.step("merged, and not reached yet", opened(11, of_size("368MiB")),
            eventually(judged(11, "success", "1 step"), 20), suspended, merges(11),
            eventually(taken(), 15))
    it.step("the next one shows what is left to do of that too",
            opened(12, lambda it: change(it, **both)),
            eventually(judged(12, "success", "2 steps"), 20))
    it.step("once that is done it shows only its own", resumed,
            eventually(memory("web", "368MiB"), 20), eventually(settled(), 30),
            eventually(judged(12, "success", "1 step"), 20))
    it.step("it is merged", merges(12), eventually(taken(), 15),
            eventually(memory("streaming", "200MiB"), 20), eventually(settled(), 30),
            eventually(as_shown, 10), no_problems)


def never_merged(it):
    it.step("one that is only open", opened(10, of_size("352MiB")),
            eventually(judged(10, "success", "1 step"), 20), remember("containers", fingerprint))
    it.kept["never"] = it.tap.mark()
    it.step("the same is pushed past it", pushed({"web": {"memory": "352MiB"}}),
            eventually(held("no merged pull request showed what it does to " + it.name), 15),
            nothing_run("never"), unchanged("containers", fingerprint))
    it.step("the branch is wound back", wound_back, eventually(taken(), 15))
    it.step("it is merged in one commit", merges(10, squash=True), eventually(taken(), 15),
            eventually(memory("web", "352MiB"), 20), eventually(settled(), 30),
            eventually(as_shown, 10), no_problems)

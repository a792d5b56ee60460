"""Pull requests: what a merge would do is said where it is reviewed, and nothing is touched."""
import os
import statistics
import subprocess
import time

from harness.fleet import as_yaml, merged
from harness.forge import Forge
from harness.scenario import (answers, commit, deployed, eventually, expect, fingerprint, memory,
                              remember, scenario, settled, throughout, unchanged)

TOKEN = "canary-token-of-the-forge"


def git(it, *arguments, text=None):
    done = subprocess.run(["git", "--git-dir", it.fleet.bare, "-c", "user.name=maria", "-c",
                           "user.email=maria@example.test", *arguments], text=True, input=text,
                          capture_output=True, env=dict(os.environ, GIT_INDEX_FILE="review-index"),
                          cwd=it.folder)
    if done.returncode != 0:
        raise AssertionError("git %s: %s" % (" ".join(arguments), done.stderr))
    return done.stdout.strip()


def proposed(it, content, name=None):
    """A commit on top of main with the instance's file as given, on no branch."""
    blob = git(it, "hash-object", "-w", "--stdin", text=content)
    git(it, "read-tree", "main")
    git(it, "update-index", "--add", "--cacheinfo",
        "100644,%s,fleet/%s.yaml" % (blob, name or it.name))
    return git(it, "commit-tree", git(it, "write-tree"), "-p", "main", "-m", "A proposal")


def change(it, **changes):
    return proposed(it, as_yaml(merged(it.document, changes)))


def begin(it, kind):
    forge = it.forge = Forge(kind, it.fleet.bare, TOKEN)
    token, settings = it.folder + "/forge-token", it.folder + "/forge.yaml"
    with open(os.open(token, os.O_CREAT | os.O_WRONLY, 0o600), "w") as out:
        out.write(TOKEN + "\n")
    with open(settings, "w") as out:
        out.write("kind: %s\nurl: %s\nrepository: %s\ntoken_file: %s\n" % (
            kind, forge.url, forge.repository, token))
    it.controller.options += ["--forge", settings]
    it.controller.poll = "1s"


def opened(number, make):
    def act(it):
        it.forge.open(number, make(it))
        it.controller.nudge()
    return act


def pushed(number, make):
    def act(it):
        it.forge.push(number, make(it))
        it.controller.nudge()
    return act


def said(number, *words, absent=()):
    """One comment of ours, with these words."""
    def check(it):
        ours = [one for one in it.forge.comments(number) if "matriarch plan" in one["body"]]
        if len(ours) != 1:
            return "%d comments" % len(ours)
        missing = [word for word in words if word not in ours[0]["body"]]
        wrong = [word for word in absent if word in ours[0]["body"]]
        return expect(not missing and not wrong, "missing %s, wrong %s: %s" % (
            missing, wrong, ours[0]["body"]))
    return check


def said_by_hand(number):
    """`plan --from --to` in a clone says what the comment says, word for word."""
    def check(it):
        it.fleet.git("fetch", "-q", "origin", "refs/pull/%d/head" % number)
        done = it.controller.of_state("plan", it.fleet.work + "/fleet", "--from", "main", "--to",
                                      "FETCH_HEAD", "-o", "markdown", "--note")
        noted = it.fleet.git("notes", "--ref", "matriarch", "show", "FETCH_HEAD")
        _, _, said = it.forge.comments(number)[0]["body"].partition("\n")
        return expect(done.code == 2 and done.out.strip() == said.strip() == noted.strip(),
                      "code %d: %s instead of %s" % (done.code, done.out + done.err, said))
    return check


def judged(number, state, description=""):
    """The newest status of the head, for all and for the instance."""
    def check(it):
        statuses = it.forge.statuses(it.forge.requests[number]["commit"])
        newest = {one["context"]: one for one in statuses}
        of_all = newest.get("matriarch", {})
        return expect(of_all.get("state") == state and
                      any(description in one["description"] for one in newest.values()),
                      "statuses: %s" % statuses)
    return check


def applied(state, description):
    """What is said of the commit in force, after the merge."""
    def check(it):
        found = [one for one in it.forge.statuses(it.head) if one["context"].endswith("/applied")]
        return expect(found and found[-1]["state"] == state and
                      description in found[-1]["description"], "said: %s" % found)
    return check


def no_problems(it):
    return expect(not it.forge.problems, "; ".join(it.forge.problems[:5]))


def nothing_secret(it):
    with open(it.controller.log) as log:
        text = log.read() + "".join(one["body"] for number in it.forge.requests
                                    for one in it.forge.comments(number))
    with open(it.controller.state + "/instances/%s/secrets.env" % it.name) as env:
        values = [line.split("=", 1)[1].strip().strip('"') for line in env if "=" in line]
    found = [value for value in values + [TOKEN] if len(value) > 7 and value in text]
    return expect(not found, "%d secrets were said" % len(found))


def pushed_ten_times(it):
    """Each time from the webhook's call until comment and statuses are there."""
    took = []
    for turn in range(10):
        time.sleep(1.5)  # of several calls within a second the webhook makes one
        head = change(it, web={"memory": "%dMiB" % (330 + turn)})
        it.forge.push(7, head)
        began = time.monotonic()
        it.controller.nudge()
        while judged(7, "success")(it) or said(7, "%dMiB" % (330 + turn))(it):
            if time.monotonic() - began > 20:
                return judged(7, "success")(it) or said(7, "%dMiB" % (330 + turn))(it)
            time.sleep(0.005)
        took.append(1000 * (time.monotonic() - began))
    print("        pr_plan_ms %d (longest of 10: %d); pr_comments %d" % (
        statistics.median(took), max(took), len(it.forge.comments(7))), flush=True)


@scenario("a pull request must say in one comment what a merge would do, and touch nothing")
def pull_request(it):
    begin(it, "github")
    it.step("the instance runs", deployed(), remember("containers", fingerprint))
    mark = it.tap.mark()
    it.step("a larger limit is proposed",
            opened(7, lambda it: change(it, web={"memory": "320MiB"})),
            eventually(said(7, "1 step, stays up, a revert takes it back", "320MiB"), 20),
            eventually(judged(7, "success", "1 step, stays up"), 10))
    it.step("it is pushed to ten times", pushed_ten_times,
            said(7, "339MiB", absent=["320MiB"]), judged(7, "success"))
    it.step("a release is proposed",
            pushed(7, lambda it: change(it, mastodon="v4.6.0")),
            eventually(said(7, "v4.5.0 to v4.6.0", "migration", "for a moment",
                            "Every step, with its reason"), 20),
            eventually(judged(7, "success", "v4.6.0"), 10), said_by_hand(7))
    it.step("more than this host has", pushed(7, lambda it: change(it, web={"memory": "900GiB"})),
            eventually(said(7, "refused", "> **"), 20),
            eventually(judged(7, "failure", "refused"), 10))
    it.step("a file that is none", pushed(7, lambda it: proposed(
        it, "instance: %s\n![x](http://evil.test)@everyone: [" % it.name)),
            eventually(said(7, "A merge would change nothing", absent=["@everyone", "![x]"]), 20),
            eventually(judged(7, "failure"), 10))
    it.step("nothing was touched", unchanged("containers", fingerprint), lambda it: expect(
        not it.tap.mutations(mark), "; ".join(it.tap.mutations(mark))), no_problems,
            nothing_secret)
    it.step("it is merged", lambda it: it.forge.close(7, merged=True),
            commit(web={"memory": "352MiB"}), eventually(memory("web", "352MiB"), 15),
            eventually(settled(), 15), eventually(applied("success", "applied to 1 instance"), 10))
    it.step("a merge that cannot be done", commit(web={"memory": "900GiB"}),
            eventually(applied("failure", it.name + " is held: "), 20), no_problems)


@scenario("another forge's API must be spoken as it is")
def pull_request_elsewhere(it):
    for kind in ("gitea", "gitlab"):
        if it.controller.is_running():
            it.controller.stop()
            it.controller.options = it.controller.options[:-2]
        begin(it, kind)
        it.step("%s: the instance runs" % kind, deployed())
        it.step("a larger limit is proposed",
                opened(7, lambda it: change(it, web={"memory": "320MiB"})),
                eventually(said(7, "1 step", "320MiB"), 20),
                eventually(judged(7, "success"), 10))
        it.step("it is pushed to, from a fork, after others have said something",
                lambda it: [it.forge.say(7, "maria", "I like it") for _ in range(120)] and None,
                pushed(7, lambda it: change(it, web={"memory": "330MiB"})),
                eventually(said(7, "330MiB", absent=["320MiB"]), 20),
                eventually(judged(7, "success"), 10), no_problems)


@scenario("a forge that is down, slow or tired must hold nothing up, and be told later", long=True)
def forge_in_trouble(it):
    begin(it, "github")
    it.step("the instance runs", deployed())
    for turn, fault in enumerate(("down", "slow", "limited", "unauthorised", "error")):
        def trouble(it):
            it.forge.delay = 3
            it.forge.fault = fault
        size = 300 + turn
        it.step("the forge: " + fault, trouble,
                opened(20 + turn, lambda it: change(it, web={"memory": "400MiB"})),
                commit(web={"memory": "%dMiB" % size}),
                eventually(memory("web", "%dMiB" % size), 15), eventually(settled(), 15))
        it.step("it is itself again", lambda it: setattr(it.forge, "fault", None),
                lambda it: it.controller.nudge() and None,
                eventually(said(20 + turn, "400MiB"), 40),
                eventually(judged(20 + turn, "success"), 10))
    def locked(it):
        it.forge.at, it.forge.fault = "/issues/31/comments", "unauthorised"
    it.step("one of them is locked: the other is told of", locked,
            opened(30, lambda it: change(it, web={"memory": "410MiB"})),
            opened(31, lambda it: change(it, web={"memory": "420MiB"})),
            eventually(said(30, "410MiB"), 20), lambda it: expect(
                not it.forge.comments(31), "the locked one has a comment"))
    it.step("no longer", lambda it: setattr(it.forge, "fault", None),
            eventually(said(31, "420MiB"), 20))
    it.step("there are ten thousand", lambda it: it.forge.open_all(
        [(number, git(it, "rev-parse", "main")) for number in range(100, 10100)]),
            lambda it: it.controller.nudge() and None,
            commit(web={"memory": "352MiB"}), eventually(memory("web", "352MiB"), 15),
            throughout(answers("4.5.0")), eventually(settled(), 15),
            eventually(said(10099, "no instance"), 60))
    it.step("another one need not wait for all of them",
            opened(20000, lambda it: change(it, web={"memory": "430MiB"})),
            eventually(said(20000, "430MiB"), 60), nothing_secret)

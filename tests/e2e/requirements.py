"""What the host asks of a commit: each requirement violated once by somebody who may push."""
import glob
import os
import subprocess

from drift_branch import BRANCH, git as of_bare
from harness.controller import SECRET
from harness.fleet import as_yaml, merged
from harness.scenario import (answers, commit, deployed, eventually, expect, fingerprint, memory,
                              refused, remember, scenario, settled, taken, throughout, unchanged)
from pulls import TOKEN, applied, begin, change, judged, no_problems, opened, said

BOUNDS = """
versions: {lowest: v4.5.0}
ceilings: {memory: 2GiB, cpus: 9, replicas: 2, backup_interval: 24h}
floors: {memory: 64MiB, backups_kept: 4, schedule_interval: 15m}
"""
REVIEWS = "reviews: {approvals: 1, by: [paula]}\n"

# What is pushed, and what is said of it.
VIOLATIONS = [
    ({"mastodon": "v4.4.0"}, "nothing older than v4.5.0"),
    ({"images": {"mastodon": "127.0.0.1:5000/mastodon/mastodon:v4.4.0"}}, "nobody can tell"),
    ({"web": {"memory": "3GiB"}}, "this host gives an instance 2GiB"),
    ({"web": {"cpus": 1.9}}, "cpus together; this host gives an instance 9"),
    ({"streaming": {"replicas": 3}}, "streaming.replicas is 3; the most on this host is 2"),
    ({"backups": {"database": {"schedule": "@weekly"}}}, "more than 1d between two backups"),
    ({"backups": {"database": {"keep": {"last": 1, "daily": 0, "weekly": 0, "monthly": 0}}}},
     "keeps 1; the least on this host is 4"),
    ({"redis": {"memory": "32MiB"}}, "has 32MiB of memory; the least on this host is 64MiB"),
    ({"storage": {"cache": {"schedule": "* * * * *"}}}, "more often than each 15m"),
    ({"images": {"redis": "evil.example/library/redis"}}, "does not allow images from evil"),
    ({"secrets": "file:/etc/shadow"}, "does not allow secrets from /etc/shadow"),
]


def secret_values(it):
    """Of every kind, by what they are for; the program makes more by itself."""
    for name in ("canary-key", "age.key"):
        tool = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f"] \
            if name == "canary-key" else ["age-keygen", "-o"]
        subprocess.run([*tool, it.folder + "/" + name], check=True, capture_output=True)
    with open(it.folder + "/canary-key") as key:
        ssh_key = key.read()
    with open(it.folder + "/age.key") as key:
        identity = key.read().split()[-1]
    given = {"restic-password": "canary-of-restic", "SMTP_PASSWORD": "canary-of-smtp",
             "AWS_SECRET_ACCESS_KEY": "canary-of-media", "restic-ssh-key": ssh_key,
             "restic-AWS_SECRET_ACCESS_KEY": "canary-of-backups"}
    recipient = subprocess.run(["age-keygen", "-y", it.folder + "/age.key"], check=True,
                               capture_output=True, text=True).stdout.strip()
    text = "".join('%s="%s"\n' % one for one in given.items())
    os.makedirs(it.fleet.work + "/fleet/secrets")
    subprocess.run(["age", "-r", recipient, "-o", it.fleet.work + "/fleet/secrets/canary.age"],
                   input=text, text=True, check=True)
    it.document["secrets"] = "secrets/canary.age"
    it.canaries = {**given, "restic-ssh-key": ssh_key.splitlines()[4], "age": identity,
                   "forge": TOKEN, "webhook": SECRET}


def prepare(it):
    begin(it, "github")
    secret_values(it)
    it.controller.options += ["--age-key", it.folder + "/age.key", "--drift-branch", BRANCH,
                              "--drift-every", "1s"]
    bounded = {"cpus": 1.5}
    it.document = merged(it.document, {
        "web": bounded, "streaming": bounded, "sidekiq": {"main": bounded}, "postgres": bounded,
        "redis": bounded, "edge": bounded,
        "backups": {"database": {"schedule": "30 3 * * *"}}})
    add_to_policy(BOUNDS)(it)
    it.applied_although = 0


def add_to_policy(text):
    def act(it):
        with open(it.folder + "/policy.yaml", "a") as out:
            out.write(text)
    return act


def pushed(changes):
    """Past everything, on top of what is there; the scene's own document stays as it was."""
    def act(it):
        it.good = getattr(it, "good", it.head)
        it.head = it.fleet.push("hostile", {it.name: merged(it.document, changes)})
        it.controller.nudge()
    return act


def rewritten(it):
    """A commit with the same files and without a past."""
    it.head = it.fleet.git("commit-tree", "-m", "rewritten", "HEAD^{tree}").strip()
    it.fleet.git("push", "-q", "--force", "origin", it.head + ":refs/heads/main")
    it.controller.nudge()


def wound_back(it):
    it.fleet.git("reset", "-q", "--hard", "HEAD~1")
    it.fleet.git("push", "-q", "--force", "origin", "main")
    fetched(it)


def held(words):
    """Said in status, in the log and on the commit itself; and nothing was run."""
    def check(it):
        state = "failed" if it.forge.kind == "gitlab" else "failure"
        wrong = refused(words)(it) or applied(state, "held: ")(it)
        with open(it.controller.log) as log:
            return wrong or expect(words in log.read(), "the log does not say it")
    return check


def nothing_run(mark):
    def check(it):
        mutations = it.tap.mutations(it.kept[mark])
        it.applied_although += bool(mutations)
        return expect(not mutations, "; ".join(mutations))
    return check


def fetched(it):
    it.fleet.git("fetch", "-q", "origin")
    it.fleet.git("reset", "-q", "--hard", "origin/main")
    it.head = it.fleet.head()
    it.controller.nudge()


def merges(number):
    def act(it):
        it.forge.merge(number)
        fetched(it)
    return act


def restarted(it):
    it.controller.stop()
    it.controller.start()


def outputs(it):
    """Everything that this program says to anybody, by where it says it."""
    command, fleet = it.controller.of_state, it.fleet.work + "/fleet"
    key = ["--age-key", it.folder + "/age.key"]
    texts = {"log": open(it.controller.log).read()}
    for form in ("text", "json", "markdown"):
        for words in (["status"], ["drift", "--since", "1h"], ["history"], ["events"],
                      ["plan", fleet, *key],
                      ["plan", fleet, "--from", it.good, "--to", "HEAD", *key]):
            done = command(*words, "-o", form)
            texts[" ".join([*words, form])] = done.out + done.err
    for path in ("/", "/metrics", "/instances/" + it.name, "/healthz"):
        texts[path] = it.controller.ask("GET", path)[1]
    with open(it.controller.state + "/http.token") as token:
        given = {"Authorization": "Bearer " + token.read().strip()}
    for path in ("status", "plan", "drift", "events"):
        texts["api " + path] = it.controller.ask("GET", "/api/v1/" + path, headers=given)[1]
    for number in it.forge.requests:
        texts["comments %d" % number] = repr(it.forge.comments(number))
    texts["statuses"] = repr(dict(it.forge.posted))
    texts["drift branch"] = of_bare(it, "log", "-p", BRANCH)
    for path in glob.glob(it.controller.state + "/*") + glob.glob(
            it.controller.state + "/instances/*/*"):
        if os.path.isfile(path) and not path.endswith(("secrets.env", "/http.token")):
            texts[path] = open(path, "rb").read().decode(errors="replace")
    for name, one in it.containers().items():
        texts["labels of " + name] = repr(one["Config"]["Labels"]) + repr(one["Config"]["Cmd"])
    texts["processes"] = "".join(open(path, "rb").read().decode(errors="replace")
                                 for path in glob.glob("/proc/[0-9]*/cmdline")
                                 if os.path.exists(path))
    return texts


def nothing_leaked(it):
    canaries = dict(it.canaries)
    with open(it.controller.state + "/instances/%s/secrets.env" % it.name) as env:
        for line in env:
            name, _, value = line.strip().partition("=")
            canaries["generated " + name] = value.strip('"')
    texts = outputs(it)
    silent = [where for where, text in texts.items() if not text]
    leaks = ["%s in %s" % (name, where) for name, value in canaries.items()
             for where, text in texts.items() if len(value) > 7 and value in text]
    print("        requirements_violated_applied %d; canaries_leaked %d (%d in %d texts)" % (
        it.applied_although, len(leaks), len(canaries), len(texts)), flush=True)
    environment = it.service("web")["Config"]["Env"]
    return expect(not leaks and not silent and "SMTP_PASSWORD=canary-of-smtp" in environment,
                  "leaked: %s, empty: %s" % (leaks, silent))


@scenario("a commit that does not meet the host's requirements must be held, said, and run nothing")
def requirements(it):
    prepare(it)
    it.step("the instance runs", deployed(), remember("containers", fingerprint))
    it.kept["bounds"] = it.tap.mark()
    changes, words = VIOLATIONS[2]
    it.step("a pull request that violates one", opened(7, lambda it: change(it, **changes)),
            eventually(said(7, "A merge would change nothing", words), 20),
            eventually(judged(7, "failure", "policy"), 10))
    for changes, words in VIOLATIONS:
        it.step("pushed: " + as_yaml(changes).strip(), pushed(changes),
                throughout(answers("4.5.0")), eventually(held(words), 15),
                unchanged("containers", fingerprint))
    it.step("the branch is rewritten", rewritten,
            eventually(held("the branch was rewritten"), 15))
    it.step("nothing of that was run", nothing_run("bounds"), unchanged("containers", fingerprint))
    it.step("a good one on top", lambda it: it.fleet.git(
        "push", "-q", "--force", "origin", "main") and None, commit(web={"memory": "272MiB"}),
            eventually(memory("web", "272MiB"), 15), eventually(settled(), 15),
            eventually(applied("success", "applied to 1 instance"), 10))
    asks_for_reviews(it)
    it.step("no secret was said to anybody", nothing_leaked)


def asks_for_reviews(it):
    it.step("from now on somebody must have approved", add_to_policy(REVIEWS), restarted,
            eventually(settled(), 30), remember("containers", fingerprint))
    it.kept["reviews"] = it.tap.mark()
    it.step("pushed past it", pushed({"web": {"memory": "280MiB"}}),
            eventually(held("came with no pull request"), 15))
    it.step("the branch is wound back", wound_back, eventually(taken(), 15))
    it.step("merged without an approval that counts",
            opened(8, lambda it: change(it, web={"memory": "288MiB"})),
            lambda it: it.forge.approve(8, "maria"), lambda it: it.forge.approve(8, "stranger"),
            merges(8), eventually(held("it has 0 of 1 approval"), 15),
            throughout(memory("web", "272MiB")))
    it.step("nothing of that was run", nothing_run("reviews"), unchanged("containers", fingerprint))
    it.step("it is approved later", lambda it: it.forge.approve(8, "paula"),
            eventually(taken(), 15), eventually(memory("web", "288MiB"), 15),
            eventually(settled(), 15))
    it.kept["stale"] = it.tap.mark()
    it.step("approved, and then pushed to",
            opened(9, lambda it: change(it, web={"memory": "296MiB"})),
            lambda it: it.forge.approve(9, "paula"),
            lambda it: it.forge.push(9, change(it, web={"memory": "304MiB"})), merges(9),
            eventually(held("it has 0 of 1 approval"), 15))
    it.step("the forge is down", lambda it: setattr(it.forge, "fault", "down"),
            eventually(refused("cannot ask the forge"), 15))
    it.step("it is back", lambda it: setattr(it.forge, "fault", None),
            eventually(held("it has 0 of 1 approval"), 15))
    it.step("an approved one on top does not cover for it",
            opened(10, lambda it: change(it, web={"memory": "312MiB"})),
            lambda it: it.forge.approve(10, "paula"), merges(10),
            eventually(held("below it came with pull request 9"), 15), nothing_run("stale"),
            no_problems)


@scenario("approvals must be asked of each forge as its API says")
def reviewed_elsewhere(it):
    for number, kind in ((8, "gitea"), (9, "gitlab")):
        if it.controller.is_running():
            it.controller.stop()
            it.controller.options = it.controller.options[:-2]
        begin(it, kind)
        size = "%dMiB" % (300 + number)
        it.step("%s: the instance runs" % kind, deployed())
        it.step("somebody must have approved", add_to_policy(REVIEWS if number == 8 else ""),
                restarted, eventually(settled(), 30))
        it.step("pushed past it", pushed({"web": {"memory": "280MiB"}}),
                eventually(held("came with no pull request"), 15))
        it.step("the branch is wound back", wound_back, eventually(taken(), 15))
        it.step("merged without an approval",
                opened(number, lambda it: change(it, web={"memory": size})), merges(number),
                eventually(held("it has 0 of 1 approval"), 15))
        it.step("it is approved later", lambda it: it.forge.approve(number, "paula"),
                eventually(taken(), 15), eventually(memory("web", size), 15),
                eventually(settled(), 15), no_problems)

"""Upgrades tried on a restored copy of the real data, which reaches nothing, before they are
made."""
import json

from backups import asked, keeps_backups
from changes import applied_migrations, image_is
from harness.scenario import (answers, commit, deployed, eventually, expect, remember, scenario,
                              settled, throughout, unchanged)
from pulls import begin, change, judged, no_problems, opened, said
from restores import live_in_it, psql
from rolling import says

# Of the blocks for documentation and for examples: nobody is there.
ELSEWHERE = "203.0.113.7:443 somebody.example:443"


def tried(it, version, code=0):
    """`matriarch rehearse`, as scripts read it; kept for what comes after."""
    done = it.controller.of_state("rehearse", it.name, "--to", version, "-o", "json", timeout=300)
    it.kept["rehearsal"] = json.loads(done.out) if done.out else {}
    return expect(done.code == code, "rehearse ended with %d: %s" % (done.code,
                                                                     done.out + done.err))


def rehearse(version, code=0):
    return lambda it: tried(it, version, code)


def found(check, words):
    return lambda it: expect(check(it.kept["rehearsal"]),
                             "%s is not in %s" % (words, it.kept["rehearsal"]))


def nothing_is_left(it):
    left = [one["Names"][0] for one in it.engine.get("/containers/json?all=1")
            if "rehearsal" in one["Names"][0]]
    left += [one["Name"] for one in it.engine.get("/networks") if "rehearsal" in one["Name"]]
    return expect(not left, "left over: " + ", ".join(left))


def begins(it, **more):
    keeps_backups(it)
    it.document["upgrade"] = {"backup": "none", "rehearse": True}
    it.document["settings"] = dict(it.document.get("settings", {}), **more)
    it.document["mastodon"] = "v4.5.1"
    it.step("the instance runs, and people live in it", deployed(), live_in_it,
            asked("run", 0, "read back"), remember("migrations", applied_migrations))


@scenario("an upgrade must be tried on a copy of the real data that reaches nothing", long=True)
def rehearsed(it):
    begins(it, STANDIN_CALLS_OUT=ELSEWHERE)
    it.step("it is tried", rehearse("v4.6.0"), throughout(answers()),
            unchanged("migrations", applied_migrations), eventually(nothing_is_left, 60))
    it.step("each migration and phase is in the report",
            found(lambda one: one["passed"] and len(one["migrations"]) == 5, "five migrations"),
            found(lambda one: [phase["name"] for phase in one["phases"]] ==
                  ["regular", "post-deployment"], "two phases"),
            found(lambda one: one["disk_before"] > 0 and one["disk_peak"] >= one["disk_before"],
                  "the space"),
            found(lambda one: one["memory_peak"] > 0, "the memory"))
    it.step("that it tried to call out, and reached nobody, too",
            found(lambda one: one["calls_out"] > 0, "an attempt"))
    it.note("   %s" % json.dumps(it.kept["rehearsal"]))
    it.step("it is pushed: tried already, it is made", commit(mastodon="v4.6.0"),
            eventually(settled(), 120), image_is("web", "v4.6.0"), nothing_is_left)


@scenario("a migration that fails on the data there is must be found before anything is touched",
          long=True)
def rehearsal_fails(it):
    begins(it)
    psql(it, "INSERT INTO accounts (username) VALUES ('Twin'), ('twin');")
    it.step("two accounts differ in case alone", asked("run", 0, "read back"))
    it.step("a release that forbids that is pushed", commit(mastodon="v4.5.2-dup"),
            eventually(says("failed on a copy", "unique"), 180), throughout(answers()),
            unchanged("migrations", applied_migrations), image_is("web", "v4.5.1"),
            eventually(nothing_is_left, 60))
    it.step("asked again, it says so again", rehearse("v4.5.2-dup", 4),
            found(lambda one: not one["passed"] and "twin" in one["last_words"].lower(), "why"),
            unchanged("migrations", applied_migrations))
    psql(it, "DELETE FROM accounts WHERE username = 'twin';")
    it.step("mended, backed up and tried, it goes on by itself", asked("run", 0, "read back"),
            rehearse("v4.5.2-dup"), eventually(settled(), 120), image_is("web", "v4.5.2-dup"))


@scenario("a pull request must say what came of trying it on a copy, and in red that it failed",
          long=True)
def pull_request_rehearsed(it):
    begin(it, "gitea")
    begins(it)
    psql(it, "INSERT INTO accounts (username) VALUES ('Twin'), ('twin');")
    it.step("two accounts differ in case alone", asked("run", 0, "read back"))
    it.step("one with a release that can be taken",
            opened(3, lambda it: change(it, mastodon="v4.6.0")),
            eventually(said(3, "being rehearsed"), 20), eventually(judged(3, "pending"), 10),
            eventually(said(3, "rehearsal passed", "CreateCollections"), 120),
            eventually(judged(3, "success"), 10), throughout(answers()))
    it.step("one with a release that forbids what is there",
            opened(4, lambda it: change(it, mastodon="v4.5.2-dup")),
            eventually(said(4, "rehearsal failed", "twin"), 120),
            eventually(judged(4, "failure", "rehearsal failed"), 10), throughout(answers()),
            unchanged("migrations", applied_migrations), no_problems,
            eventually(nothing_is_left, 60))

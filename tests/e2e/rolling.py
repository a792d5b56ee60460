"""Upgrades that nobody notices, and what becomes of those that fail."""
import time

from changes import applied_migrations, image_is
from harness import edge
from harness.engine import is_running
from harness.jobs import Account
from harness.killing import killed_again_and_again
from harness.load import Load
from harness.scenario import (Part, answers, commit, deployed, eventually, expect, fingerprint,
                              plan_finds_nothing, remember, revert, scenario, settled,
                              start_controller, throughout, unchanged)

AT_LEAST = 4  # seconds of load


class people(Part):
    """Reads, writes and streaming at the edge for the length of the step (see harness/load.py).
    Not one request may fail, and no job be lost or done twice. How late answers were is the
    bench's to say."""

    def begin(self, it):
        self.began = time.monotonic()
        self.load = Load(it.http, it.domain, it.folder).start()
        self.load.phase("step")

    def stop(self, it):
        time.sleep(max(0.0, self.began + AT_LEAST - time.monotonic()))
        self.found = self.load.stop()["step"]
        it.note("   " + self.found.words())
        for reason in self.found.reasons():
            it.note("      " + reason)

    def verdict(self, it):
        found = self.found
        if found.sent < 100 or not found.messages:
            return "only %d requests and %d messages" % (found.sent, found.messages)
        if found.failed:
            return "%d of %d requests failed, first: %s" % (found.failed, found.sent,
                                                            found.reasons(1)[0])
        return self.jobs(it)

    def jobs(self, it):
        web = next(one for one in it.of_role("web") if is_running(one))
        jobs = Account(it.engine, web["Id"], self.load.stop().all.jids)
        it.note("   " + jobs.words())
        if jobs.schedulers_max > 1:
            return "%d schedulers at once" % jobs.schedulers_max
        return expect(jobs.lost + jobs.doubled == 0 and jobs.enqueued, jobs.words())


def runs(version):
    """The usual beginning, of an instance that may roll."""
    return commit("deploy", mastodon=version, upgrade={"strategy": "auto", "backup": "none"})


def says(*words):
    """A condition that is not good news says all of these words."""
    def check(it):
        status = it.controller.status(it.name) or {}
        if status.get("ready") and status.get("settled"):
            return "status says all is well"
        text = " ".join(one["message"] for one in status.get("conditions", [])).lower()
        missing = [word for word in words if word.lower() not in text]
        return expect(not missing, "status does not say '%s': %s" % (", ".join(missing), text))
    return check


def every_part_runs(version):
    parts = [image_is(role, version) for role in ("web", "streaming", "sidekiq")]
    return lambda it: next((reason for reason in (part(it) for part in parts) if reason), "")


def nothing_was_made(it):
    made = [call for call in it.tap.mutations(it.kept["mark"]) if "/containers/create" in call]
    return expect(not made, "it tried again: " + "; ".join(made))


def looked_again(it):
    """The controller has made another pass since it was started."""
    text = it.controller.ask("GET", "/metrics")[1]
    passes = [line for line in text.splitlines() if line.startswith("matriarch_passes_total")]
    return expect(passes and float(passes[0].split()[-1]) >= 1, "it made no pass yet")


@scenario("a rolling upgrade under load must drop nothing: no request, no job, one scheduler")
def rolling_upgrade(it):
    it.step("v4.5.1 runs", runs("v4.5.1"), deployed(),
            remember("migrations", applied_migrations))
    it.step("v4.6.0 is pushed", people(), commit(mastodon="v4.6.0"), eventually(settled(), 240))
    it.step("both phases of its migrations have run", lambda it: expect(
        len(applied_migrations(it)) == len(it.kept["migrations"]) + 5, "not all of them"))
    it.step("every part runs it", every_part_runs("v4.6.0"), answers("4.6.0"), plan_finds_nothing)
    it.step("a patch without migrations is pushed", people(), commit(mastodon="v4.6.1"),
            eventually(settled(), 240))
    it.step("every part runs it", every_part_runs("v4.6.1"), answers("4.6.1"), plan_finds_nothing)


@scenario("a release that never becomes healthy must leave the old one serving, and not come back")
def never_healthy(it):
    it.step("v4.7.1 runs", runs("v4.7.1"), deployed())
    it.step("the controller is away", lambda it: it.controller.stop() and None)
    it.push("a release that answers 500", dict(it.document, mastodon="v4.7.3-neverhealthy"))
    fleet = it.fleet.work + "/fleet"

    def apply(it):
        done = it.controller.of_state("apply", fleet, timeout=400)
        said = done.out + done.err
        return expect(done.code == 4, "apply ended with %d: %s" % (done.code, said[-800:]))
    it.step("it is applied once", people(), apply)
    it.step("the old one serves", answers("4.7.1"), every_part_runs("v4.7.1"),
            remember("containers", fingerprint))
    it.step("the controller starts", lambda it: it.kept.update(mark=it.tap.mark()),
            start_controller(), eventually(looked_again, 30), eventually(says("rolled back"), 30))
    it.step("it knows that this commit is bad", nothing_was_made,
            unchanged("containers", fingerprint))
    it.step("the next release is pushed", people(), commit(mastodon="v4.7.4"),
            eventually(settled(), 240))
    it.step("every part runs it", every_part_runs("v4.7.4"), answers("4.7.4"))


@scenario("a release of which one part never starts must leave the old one serving", long=True)
def broken_part(it):
    it.step("v4.8.1 runs", runs("v4.8.1"), deployed())
    it.step("its sidekiq never starts", commit(mastodon="v4.8.5-nosidekiq"),
            throughout(answers()), eventually(says("sidekiq-main-1-b was rolled back"), 300))
    it.step("the old one serves and works", eventually(every_part_runs("v4.8.1"), 180), people())
    it.step("its streaming never becomes healthy", commit(mastodon="v4.8.6-nostreaming"),
            throughout(answers()), eventually(says("streaming-1-b was rolled back"), 300))
    it.step("the old one serves and works", eventually(every_part_runs("v4.8.1"), 180), people())


@scenario("a failing pre-deployment migration must leave the old release serving")
def failing_migration(it):
    it.step("v4.8.1 runs", runs("v4.8.1"), deployed(), remember("containers", fingerprint),
            remember("migrations", applied_migrations))
    it.step("a release whose migration fails is pushed", people(),
            commit(mastodon="v4.8.3-badfirst"), eventually(says("migration"), 120))
    it.step("nothing was restarted", unchanged("containers", fingerprint), answers("4.8.1"),
            unchanged("migrations", applied_migrations))
    it.step("the revert puts it to rest", people(), revert(), eventually(settled(), 60),
            unchanged("containers", fingerprint))


@scenario("a failing post-deployment migration must leave the new release serving, and say so")
def failing_post_migration(it):
    it.step("v4.8.1 runs", runs("v4.8.1"), deployed())
    it.step("a release whose second phase fails is pushed", people(),
            commit(mastodon="v4.8.2-badpost"), eventually(says("post-deployment"), 240))
    it.step("the new one serves", answers("4.8.2"), every_part_runs("v4.8.2-badpost"), people())


@scenario("a new commit during a failing upgrade must be taken up at once")
def cure(it):
    def is_tried(it):
        return expect(any(one["Config"]["Image"].split("@")[0].endswith(":v4.7.3-neverhealthy")
                          and is_running(one) for one in it.of_role("web")), "it is not tried yet")
    it.step("v4.7.1 runs", runs("v4.7.1"), deployed())
    it.step("a release that answers 500 is pushed", commit(mastodon="v4.7.3-neverhealthy"),
            eventually(is_tried, 60))
    it.step("a good one is pushed while it is tried", people(), commit(mastodon="v4.7.4"),
            eventually(settled(), 240))
    it.step("every part runs the good one", every_part_runs("v4.7.4"), answers("4.7.4"),
            plan_finds_nothing)
    # Had it waited for the verdict on the bad one, it would have one to tell.
    it.step("nothing was waited for", lambda it: expect(
        "rolled back" not in it.controller.of_state("events").out, "it was rolled back first"))


@scenario("a controller killed again and again during a rolling upgrade must drop no request")
def killed_while_rolling(it):
    it.step("v4.5.1 runs", runs("v4.5.1"), deployed())
    it.pull_images(["v4.6.0"])  # as in killed_while_deploying: no pull would ever end
    goal = settled()
    it.step("v4.6.0 is pushed, and it is killed at every second change", people(),
            commit(mastodon="v4.6.0"),
            killed_again_and_again(2, goal, 300, start=False))
    it.step("the end is the same", every_part_runs("v4.6.0"), answers("4.6.0"), plan_finds_nothing)


@scenario("a host without room for two must stop the old release first, and say so at the edge")
def without_room(it):
    room = it.engine.get("/info")["MemTotal"] * 6 // 10 // (1 << 20)

    def planned(it):
        done = it.controller.of_state("plan", it.fleet.work + "/fleet")
        missing = [word for word in ("memory", "stop") if word not in done.out.lower()]
        return expect(done.code == 2 and not missing,
                      "plan ended with %d, without '%s': %s" % (done.code, ", ".join(missing),
                                                                done.out))

    def maintenance(it):
        status, _, headers = edge.answer(it.http, it.domain, "/")
        return expect(status == 503 and headers.get("Retry-After"), "status %d, %s" % (
            status, dict(headers)))
    it.step("an instance runs that takes most of the memory",
            commit("deploy", mastodon="v4.5.1", web={"memory": "%dMiB" % room},
                   upgrade={"strategy": "auto", "backup": "none"}), deployed())
    it.step("the controller is away", lambda it: it.controller.stop() and None)
    it.push("the next release", dict(it.document, mastodon="v4.6.0"))
    it.step("the plan says that it stops, and why", planned)
    it.step("the controller starts", start_controller(), eventually(maintenance, 60),
            eventually(settled(), 240))
    it.step("every part runs it", every_part_runs("v4.6.0"), answers("4.6.0"))

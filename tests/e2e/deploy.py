"""From an empty Engine to an instance that answers, and then: nothing more to do."""
import time

from harness.engine import is_job, is_running, role
from harness.scenario import (answers, commit, deployed, eventually, expect, fingerprint, memory,
                              plan_finds_nothing, remember, scenario, settled,
                              start_controller, unchanged)


def every_container_has_its_limits(it):
    for name, one in it.containers().items():
        limits = one["HostConfig"]
        if not limits["Memory"] or limits["MemorySwap"] != limits["Memory"]:
            return "%s: memory %s, with swap %s" % (name, limits["Memory"], limits["MemorySwap"])
        if not limits["PidsLimit"]:
            return name + " may start any number of processes"
    return ""


def services_are_healthy(it):
    for name, one in it.containers().items():
        if is_job(one):
            continue
        health = one["State"].get("Health", {}).get("Status", "healthy")
        if not is_running(one) or health != "healthy":
            return "%s is %s, %s" % (name, one["State"]["Status"], health)
    return ""


def every_role_is_there(it):
    roles = {role(one) for one in it.containers().values() if not is_job(one)}
    missing = {"postgres", "redis", "web", "streaming", "sidekiq", "edge"} - roles
    return expect(not missing, "no container for " + ", ".join(sorted(missing)))


def compose_would_group_them(it):
    for name, one in it.containers().items():
        if one["Config"]["Labels"].get("com.docker.compose.project") != it.name:
            return name + " has no compose project"
    return ""


def a_cut_off_question_ends_no_session(it):
    """A health check that is killed leaves its psql behind, to whoever is process 1."""
    orphan = "sh -c 'sh -c \"sleep 0.3; kill -13 \\$\\$\" & exit 0'"
    session = "exec psql -At -U mastodon -c 'select pg_sleep(1)' mastodon_production"
    code, out = it.engine.execute(it.service("postgres")["Id"], ["sh", "-c",
                                                                orphan + "; " + session])
    return expect(code == 0, "the session ended: " + out)


@scenario("a push to an empty Engine must end in an instance that answers as the version asked for",
          always=True)
def first_deployment(it):
    it.step("the first commit is pushed", commit(mastodon="v4.5.0"))
    it.step("the controller starts", start_controller(), eventually(answers("4.5.0"), 180))
    it.step("everything is there", eventually(settled(), 60), every_role_is_there,
            eventually(services_are_healthy, 60))
    it.step("within its limits", every_container_has_its_limits, memory("web", "256MiB"),
            memory("postgres", "256MiB"), memory("redis", "64MiB"), memory("streaming", "128MiB"))
    it.step("other tools see one project", compose_would_group_them)
    it.step("a health check that is cut off disturbs nobody", a_cut_off_question_ends_no_session)


def quiet(it, seconds=1.0):
    """No call for a while: the pass that was on its way is over."""
    before = it.tap.mark()
    time.sleep(seconds)
    return expect(not it.tap.since(before), "a pass is on its way")


def asked_for(it):
    """Another look is asked for, and made: (lists, other calls)."""
    before = it.tap.mark()
    it.controller.nudge()
    eventually(lambda it: expect(it.tap.since(before), "no pass yet"), 40).run(it)
    eventually(quiet, 60).run(it)
    calls = it.tap.since(before)
    lists = [call for call in calls if "/containers/json" in call]
    it.note("   %d calls in %d passes" % (len(calls), len(lists)))
    return len(lists), len(calls) - len(lists)


def few_questions(it):
    """Of two looks in a row one at most asks for all that is known from before, as one does each
    half a minute."""
    lists, others = min((asked_for(it) for _ in range(2)), key=lambda one: one[1] / max(one[0], 1))
    return expect(lists and others <= lists * len(it.containers()),
                  "%d lists and %d other calls" % (lists, others))


@scenario("a pass with nothing to do must change nothing, and plan must say so",
          always=True)
def nothing_to_do(it):
    # A container whose Engine has not looked at its health yet is asked in every pass.
    it.step("the instance runs and is at rest", deployed(), eventually(services_are_healthy, 60),
            eventually(quiet, 60), remember("containers", fingerprint))
    before = it.tap.mark()
    it.step("a pass asks for one list, and once for each container", few_questions)
    it.step("plan exits 0", plan_finds_nothing)
    it.step("no call that changes anything was made",
            lambda it: expect(not it.tap.mutations(before),
                              "the Engine was asked to " + "; ".join(it.tap.mutations(before))),
            unchanged("containers", fingerprint))


@scenario("applying from the command line must converge once and then have nothing to do")
def apply_once(it):
    it.push("the whole instance")
    folder = it.fleet.work + "/fleet"

    def applied(code):
        def check(it):
            done = it.controller.of_state("apply", folder, timeout=240)
            return expect(done.code == code, "apply ended with %d: %s" % (done.code, done.err))
        return check

    def planned(code):
        def check(it):
            done = it.controller.of_state("plan", folder)
            return expect(done.code == code, "plan ended with %d: %s" % (done.code, done.err))
        return check

    it.step("plan finds changes", planned(2))
    it.step("apply makes them", applied(0), answers("4.5.0"))
    it.step("plan finds none", planned(0))
    before = it.tap.mark()
    it.step("a second apply changes nothing", applied(0),
            lambda it: expect(not it.tap.mutations(before), "; ".join(it.tap.mutations(before))))

"""What a hand changed and what is left so: by `ignore` until a day, by `drift: report` for good."""
import json
import os
import signal

from drift import disconnect, items, join, nothing_open, only, stop, told, update
from harness.engine import is_running
from harness.scenario import (answers, commit, deployed, eventually, expect, fingerprint, memory,
                              refused, remember, scenario, settled, throughout, unchanged)

LEFT = {"resource": "web", "field": "memory", "reason": "a load test", "until": "2999-12-31"}


def none_done(mark):
    return lambda it: expect(not it.tap.mutations(it.kept[mark]),
                             "; ".join(it.tap.mutations(it.kept[mark])))


def mark(name):
    return lambda it: it.kept.update({name: it.tap.mark()})


@scenario("what the file ignores must be shown with its reason, and put right once its day is over")
def drift_ignored(it):
    def left(it):
        found = only(it, "web-1", ["memory"])
        return expect(found and found[-1]["healed_at"] is None and found[-1]["ignored"] ==
                      {"reason": "a load test", "until": "2999-12-31"}, json.dumps(found))

    def in_words(it):
        done = it.controller.of_state("drift", it.name)
        return expect(done.code == 0 and "0 open, 1 ignored" in done.out and
                      "ignored until 2999-12-31: a load test" in done.out,
                      "%d %s" % (done.code, done.out))
    it.step("the instance runs", commit(ignore=[LEFT]), deployed(),
            remember("containers", fingerprint), mark("start"))
    it.step("a limit is changed by hand", update("web", 400 << 20), eventually(left, 15), in_words,
            lambda it: expect(not it.condition("Drifted")[0], "it is called drifted"))
    it.step("it is left, and all else is not", update("redis", 100 << 20),
            eventually(memory("redis", "64MiB"), 15), throughout(memory("web", "400MiB")),
            unchanged("containers", fingerprint))
    it.step("what keeps data safe is never ignored", commit(ignore=[{**LEFT, "field": "mounts"}]),
            eventually(refused("cannot ignore 'mounts' of web: it keeps the data safe"), 15))
    it.step("its day is over", commit(ignore=[{**LEFT, "until": "2020-12-31 Asia/Tokyo"}]),
            eventually(memory("web", "256MiB"), 15), eventually(nothing_open, 15),
            eventually(lambda it: expect("a load test" in it.condition("IgnoreOver")[1],
                                         "nobody is told"), 15))
    it.step("the entry is taken out", commit(ignore=None), eventually(settled(), 15),
            lambda it: expect(not it.condition("IgnoreOver")[0], "it is told still"),
            unchanged("containers", fingerprint))


def crash(it):
    """The program ends by itself, as one with a bug does."""
    os.kill(it.service("streaming")["State"]["Pid"], signal.SIGKILL)


@scenario("with `drift: report` each act of a hand must stay, and be told")
def report_each_act(it):
    it.step("the instance runs", commit(drift="report"), deployed(), mark("start"))
    it.step("a program crashes: the Engine starts it again", crash, eventually(
        lambda it: expect(it.service("streaming")["RestartCount"] > 0 and
                          is_running(it.service("streaming")), "it does not run"), 30))
    it.step("docker update, stop, rm and pause", update("redis", 100 << 20),
            lambda it: it.engine.update_restart(it.service("streaming")["Id"], "no"),
            stop("streaming"),
            lambda it: it.engine.remove(it.service("sidekiq")["Id"]),
            disconnect("web", "-external"),
            eventually(told("redis", ["memory"], "container update", False, "100MiB"), 15),
            eventually(told("streaming-1", ["state"], "signal=", False, "exited"), 15),
            eventually(told("sidekiq-main-1", ["existence"], "", False, "absent"), 15),
            eventually(told("web-1", ["network %s-external" % it.name], "network disconnect",
                            False), 15))
    try:
        it.step("somebody joins the network", join, eventually(lambda it: expect(
            only(it, "network", ["container stranger-" + it.name]), json.dumps(items(it))), 45))
        it.step("nothing was done", none_done("start"), lambda it: expect(
            it.condition("Drifted")[0], "it is not called drifted"))
        it.step("a commit is done, beside all that stays",
                commit(redis={"pids": 50}, postgres={"memory": "300MiB"}),
                eventually(memory("postgres", "300MiB"), 15),
                eventually(lambda it: expect(
                    it.service("redis")["HostConfig"]["PidsLimit"] == 50, "it is not done"), 15),
                memory("redis", "100MiB"), lambda it: expect(
                    not is_running(it.service("streaming")) and not it.of_role("sidekiq"),
                    "somebody was brought back"))
    finally:
        if "stranger" in it.kept:
            it.engine.remove(it.kept["stranger"])
    it.step("`drift: heal` puts all of it back", commit(drift="heal"),
            eventually(memory("redis", "64MiB"), 30), eventually(answers("4.5.0"), 60),
            eventually(settled(), 60), eventually(nothing_open, 45))


@scenario("with `drift: report` who is removed after a rollout must be told, and stay away")
def report_after_rollout(it):
    it.step("the instance runs", commit(drift="report"), deployed())
    it.step("a commit makes web anew", commit(web={"threads": 4}), eventually(settled(), 90),
            lambda it: expect(it.service("web")["Name"].endswith("-b"), "it has its old name"))
    it.step("docker rm -f", mark("start"), lambda it: it.engine.remove(it.service("web")["Id"]),
            eventually(told("web-1", ["existence"], "", False, "absent"), 15),
            none_done("start"))
    it.step("the edge says so, and nobody makes another", throughout(none_done("start")),
            eventually(lambda it: expect(it.controller.passes() > 2, "no pass yet"), 45))

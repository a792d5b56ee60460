"""Drift: what somebody changes by hand is named, explained, put back or only reported."""
import http.server
import json
import os
import threading

from harness.engine import is_running
from harness.fleet import instance_file
from harness.scenario import (Failed, answers, commit, commit_text, deployed, eventually, expect,
                              fingerprint, memory, refused, remember, scenario, settled,
                              throughout, unchanged)


def items(it, *options):
    done = it.controller.of_state("drift", "-o", "json", *options)
    if done.code not in (0, 2):
        raise Failed("drift ended with %d: %s" % (done.code, done.err))
    found = done.json()["items"]
    is_open = [one for one in found if one["healed_at"] is None and not one["ignored"]]
    if (done.code == 2) != bool(is_open):
        raise Failed("drift ended with %d, open are: %s" % (done.code, json.dumps(is_open)))
    return found


def only(it, name, fields, *options):
    return [one for one in items(it, *options)
            if name in one["resource"] and one["field"] in fields]


def told(name, fields, cause, healed, actual=""):
    """The report has one such item, with what it must say."""
    def check(it):
        found = only(it, it.name + "-" + name, fields)
        if not found:
            return "not in the report: " + json.dumps(items(it))
        one = found[-1]
        missing = [key for key in ("desired", "actual", "detected_at", "risk", "heal")
                   if not one[key]]
        if missing or one["instance"] != it.name:
            return "it does not say %s: %s" % (missing, json.dumps(one))
        if cause not in one["cause"] or actual not in one["actual"]:
            return "it should say '%s' and '%s': %s" % (cause, actual, json.dumps(one))
        return expect(bool(one["healed_at"]) == healed and
                      one["ending"] == ("healed" if healed else "open"),
                      "it ended otherwise: " + json.dumps(one))
    return check


def nothing_open(it):
    return expect(not [one for one in items(it)
                       if one["healed_at"] is None and not one["ignored"]],
                  "open: " + json.dumps(items(it)))


def update(role, count):
    return lambda it: it.engine.update_memory(it.service(role)["Id"], count)


def stop(role):
    return lambda it: it.engine.stop(it.service(role)["Id"], 1)


def network(it, role, ending):
    container = it.service(role)
    return container["Id"], container["NetworkSettings"]["Networks"][it.name + ending]["NetworkID"]


def disconnect(role, ending):
    return lambda it: it.engine.disconnect(*network(it, role, ending))


@scenario("what is changed by hand must be named with its cause, and put back")
def drift_told_and_healed(it):
    it.step("the instance runs", deployed(), nothing_open)
    it.step("docker update --memory", update("web", 400 << 20),
            eventually(told("web-1", ["memory"], "container update", True, "400MiB"), 15))
    it.step("docker stop", stop("streaming"),
            eventually(told("streaming-1", ["state"], "signal=", True), 30))
    it.step("docker pause", lambda it: it.engine.pause(it.service("streaming")["Id"]),
            eventually(lambda it: expect([one for one in only(it, "streaming-1", ["state"])
                                          if one["actual"] == "paused" and one["healed_at"]],
                                         json.dumps(items(it))), 30))
    it.step("docker network disconnect", disconnect("redis", "-internal"),
            eventually(told("redis", ["network %s-internal" % it.name], "network disconnect",
                            True), 30))
    it.step("docker rm -f", lambda it: it.engine.remove(it.service("web")["Id"]),
            eventually(told("web-1", ["existence", "state"], "Engine event", True), 60))
    it.step("docker rename", lambda it: it.engine.rename(it.service("streaming")["Id"],
                                                         "busy_bee"),
            eventually(told("streaming-1", ["name"], "container rename", True, "busy_bee"), 60))
    it.step("the left-over is named until somebody removes it",
            lambda it: expect(only(it, "busy_bee", ["existence"]), json.dumps(items(it))),
            lambda it: it.engine.remove("busy_bee"), eventually(nothing_open, 30))
    it.step("it is as wanted", eventually(settled(), 60), answers("4.5.0"), lambda it: expect(
        not it.condition("Drifted")[0], "it is still called drifted"))

    def forms(it):
        text = it.controller.of_state("drift", it.name).out
        markdown = it.controller.of_state("drift", "-o", "markdown").out
        none = it.controller.of_state("drift", "--since", "1s").out
        words = [word for word in ("web-1 memory", "put right", "container update")
                 if word not in text]
        code = it.controller.of_state("drift", "nobody").code
        return expect(not words and "| what | wanted |" in markdown and "no drift" in none and
                      code == 1, "%s\n%s\n%s%d" % (text, markdown, none, code))

    def served(it):
        with open(it.controller.state + "/http.token") as token:
            code, text = it.controller.ask("GET", "/api/v1/drift", headers={
                "Authorization": "Bearer " + token.read().strip()})
        return expect(code == 200 and json.loads(text)["items"] == items(it),
                      "the API says %d %s" % (code, text))
    it.step("it is told in every form", eventually(forms, 10), served)


@scenario("with `drift: report` nothing that was changed by hand may be put back")
def drift_only_reported(it):
    it.step("the instance runs", commit(drift="report"), deployed(),
            remember("containers", fingerprint))
    before = it.tap.mark()
    it.step("a limit and a container are changed by hand", update("web", 400 << 20),
            stop("streaming"),
            eventually(told("web-1", ["memory"], "container update", False, "400MiB"), 15),
            eventually(told("streaming-1", ["state"], "signal=", False, "exited"), 15))
    it.step("status says so", eventually(lambda it: expect(
        it.condition("Drifted")[0], "it is not called drifted"), 10))
    it.step("the line that would accept it is printed", lambda it: expect(
        "web:\n  memory: 400MiB\n" in it.controller.of_state("drift", "--accept", it.name).out,
        it.controller.of_state("drift", "--accept", it.name).out))
    it.step("nothing was done", lambda it: expect(
        not it.tap.mutations(before), "; ".join(it.tap.mutations(before))))

    def by_command(it):
        folder = os.path.join(it.fleet.work, "fleet")
        plan = it.controller.of_state("plan", folder)
        done = it.controller.of_state("apply", folder)
        return expect(plan.code == 0 and done.code == 0 and "left as it is" in done.err and
                      "web-1 memory: wanted 256MiB, is 400MiB" in done.err,
                      "%d %s\n%d %s %s" % (plan.code, plan.out, done.code, done.out, done.err))
    it.step("plan and apply leave it too", lambda it: it.controller.stop() and "", by_command,
            lambda it: expect(not it.tap.mutations(before), "; ".join(it.tap.mutations(before))),
            lambda it: it.controller.start())
    it.step("a commit is done, and nothing else", commit(redis={"memory": "300MiB"}),
            eventually(memory("redis", "300MiB"), 15), memory("web", "400MiB"),
            lambda it: expect(not is_running(it.service("streaming")), "it was started"))
    it.step("a commit accepts the limit", commit(web={"memory": "400MiB"}),
            eventually(lambda it: expect([one for one in only(it, "web-1", ["memory"])
                                          if one["ending"] == "accepted"],
                                         json.dumps(items(it))), 15),
            memory("web", "400MiB"))


@scenario("what was told of drift must survive a restart, and be told without a controller")
def drift_remembered(it):
    it.step("the instance runs", deployed())
    it.step("a limit is changed by hand", update("web", 400 << 20),
            eventually(told("web-1", ["memory"], "container update", True), 15),
            remember("items", items))
    it.step("the controller is killed", lambda it: it.controller.kill(),
            unchanged("items", items))
    it.step("drift is seen without it", update("redis", 100 << 20),
            lambda it: expect(only(it, "redis", ["memory"])[0]["healed_at"] is None,
                              json.dumps(items(it))))
    it.step("nobody put it back", memory("redis", "100MiB"))
    it.step("the controller starts", lambda it: it.controller.start(),
            eventually(told("redis", ["memory"], "", True, "100MiB"), 30),
            told("web-1", ["memory"], "container update", True, "400MiB"))


def join(it):
    """Somebody's container, on a network of the instance."""
    image = it.service("redis")["Config"]["Image"]
    made = json.loads(it.engine.ask("POST", "/containers/create", {
        "Image": image, "HostConfig": {"NetworkMode": it.name + "-internal"},
        "Labels": {"test.stranger": it.name}}, name="stranger-" + it.name))
    it.kept["stranger"] = made["Id"]
    it.engine.ask("POST", "/containers/%s/start" % made["Id"])


@scenario("a stranger on a network of the instance must be named and left alone")
def drift_stranger(it):
    it.step("the instance runs", deployed())

    def named(it):
        found = [one for one in items(it) if one["field"] == "container stranger-" + it.name]
        return expect(found and found[-1]["healed_at"] is None and "not ours" in found[-1]["heal"],
                      json.dumps(items(it)))
    try:
        it.step("somebody starts one there", join, eventually(named, 45))
        it.step("it runs on", lambda it: expect(
            it.engine.get("/containers/%s/json" % it.kept["stranger"])["State"]["Running"],
            "it was stopped"))
    finally:
        if "stranger" in it.kept:
            it.engine.remove(it.kept["stranger"])
    it.step("it is gone", eventually(nothing_open, 45))


@scenario("what is undone each time it is put back must be left alone for a while, and told",
          long=True)
def drift_undone_again(it):
    it.step("the instance runs", deployed(), remember("containers", fingerprint))
    for size in (400, 401, 402, 404, 405, 406):
        it.step("somebody runs docker update --memory", update("web", size << 20),
                eventually(memory("web", "256MiB"), 15), eventually(nothing_open, 10))
    it.step("and once more", update("web", 403 << 20), eventually(lambda it: expect(
        it.condition("Stalled")[0] and "after it was put right" in it.condition("Stalled")[1],
        "it does not say that it gave up: %s" % (it.condition("Stalled"),)), 15))
    it.step("it is left alone", throughout(memory("web", "403MiB")),
            told("web-1", ["memory"], "container update", False, "403MiB"))
    it.step("also by a controller that was started again", lambda it: it.controller.kill(),
            lambda it: it.controller.start(), eventually(lambda it: expect(
                it.controller.passes() > 1, "it has not looked yet"), 15),
            throughout(memory("web", "403MiB")), told("web-1", ["memory"], "", False, "403MiB"))
    it.step("later it is tried again", eventually(memory("web", "256MiB"), 90),
            unchanged("containers", fingerprint))


class Listener:
    """Somebody who is told: an HTTP server that keeps what is sent to it."""

    def __init__(self):
        self.heard = []
        heard = self.heard

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                heard.append(json.loads(body))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *arguments):
                pass
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = "http://127.0.0.1:%d/%s" % (self.server.server_port, "secret-path")


@scenario("trouble must be told once, and that it is over")
def notices_told(it):
    listener = Listener()
    secret = it.folder + "/notify-url"
    with open(os.open(secret, os.O_CREAT | os.O_WRONLY, 0o600), "w") as out:
        out.write(listener.url + "\n")
    with open(it.folder + "/notify.yaml", "w") as out:
        out.write("- {form: json, url_file: %s}\n" % secret)
    it.controller.options += ["--notify", it.folder + "/notify.yaml"]

    def heard(*statuses):
        return lambda it: expect([one["status"] for one in listener.heard] == list(statuses),
                                 json.dumps(listener.heard))
    it.step("the instance runs", deployed(), heard())
    it.step("a broken file is pushed", commit_text("instance: [\n"),
            eventually(heard("trouble"), 15),
            lambda it: expect("is not in force" in listener.heard[0]["message"],
                              json.dumps(listener.heard)))
    it.step("looks go by", commit_text("instance: [[\n"), eventually(refused(".yaml:"), 15),
            heard("trouble"))
    it.step("it is mended", commit(web={"memory": "300MiB"}),
            eventually(heard("trouble", "cleared"), 15))
    with open(it.controller.log) as log:
        it.step("the address is nowhere", lambda it: expect("secret-path" not in log.read(),
                                                            "it is in the log"))


@scenario("what happens to one instance must cost no look at the others")
def drift_of_one(it):
    other = it.name + "b"
    document = instance_file(other, it.http + 5, it.https + 5)
    it.controller.interval = "10m"  # a full look at all would be none of this

    def both(it):
        it.head = it.fleet.push("another instance", {other: document})
        it.controller.nudge()

    def asked(it):
        ids = [one["Id"] for one in it.engine.containers(other).values()]
        lines = [line for line in it.tap.since(it.kept["mark"]) if "/containers/" in line]
        of_other = [line for line in lines if any(one in line for one in ids)]
        lists = [line for line in lines if "/containers/json" in line]
        return expect(lists and not of_other and all("%%3D%s%%22" % it.name in line
                                                     for line in lists),
                      "asked for: " + "; ".join(lists + of_other))
    try:
        it.step("two instances run", deployed(), both, eventually(lambda it: expect(
            (it.controller.published(other) or {}).get("settled"), "it is not settled"), 180))
        it.step("one is changed by hand", eventually(settled(), 30),
                lambda it: it.kept.update(mark=it.tap.mark()), update("web", 400 << 20),
                eventually(memory("web", "256MiB"), 15),
                eventually(told("web-1", ["memory"], "container update", True, "400MiB"), 15))
        it.step("the other one was not asked for", asked)
    finally:
        it.controller.kill()
        it.engine.wipe(other)

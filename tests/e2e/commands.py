"""The command line as scripts rely on it: exit codes, JSON shapes, and what it never prints."""
import json
import os

from harness.scenario import (Failed, answers, commit, deployed, eventually, expect, fingerprint,
                              remember, scenario, settled, unchanged)
from two_controllers import end_other, other_controller


def command(code, *arguments):
    """Runs a command and holds its exit code; returns how it ended."""
    def run(it):
        done = it.controller.command(*arguments)
        if done.code != code:
            raise Failed("matriarch %s ended with %d instead of %d: %s%s" % (
                " ".join(arguments), done.code, code, done.out[-600:], done.err[-600:]))
        return done
    return run


def has_keys(value, keys, where):
    missing = [key for key in keys if key not in value]
    if missing:
        raise Failed("%s lacks %s: %s" % (where, ", ".join(missing), json.dumps(value)[:600]))


@scenario("the offline commands must work without an Engine and say what is wrong with its place")
def offline(it):
    folder = os.path.join(it.fleet.work, "fleet")
    it.fleet.push("a good file", {it.name: it.document})

    def validate(it):
        command(0, "validate", folder)(it)
        with open(os.path.join(folder, "bad.yaml"), "w") as out:
            out.write("instance: bad\ndomain: bad.test\nmastodon: v4.5.0\nredis: {memori: 64MiB}\n")
        done = command(1, "validate", folder)(it)
        os.unlink(os.path.join(folder, "bad.yaml"))
        text = done.out + done.err
        return expect("bad.yaml:4:9" in text and "memory" in text, "it says: " + text)

    def schema(it):
        done = command(0, "schema")(it)
        has_keys(done.json(), ["$schema", "properties"], "the schema")
        return expect("mastodon" in done.json()["properties"], "the schema knows no mastodon")

    def completion(it):
        for shell in ("bash", "zsh", "fish"):
            done = command(0, "completion", shell)(it)
            if "validate" not in done.out:
                return shell + " completion does not know validate"
        return ""

    def every_command_has_help(it):
        for name in ("validate", "plan", "apply", "run", "status", "schema", "completion", "doctor",
                     "propose", "suspend", "resume", "events", "logs"):
            done = command(0, name, "--help")(it)
            if "matriarch " + name not in done.out:
                return name + " --help has no example"
        return ""

    def out_of_reach(it):
        done = it.controller.of_state("plan", folder,
                                      environment={"DOCKER_HOST": "unix:///nowhere.sock"})
        return expect(done.code == 5, "plan ended with %d: %s" % (done.code, done.err))

    it.step("validate", validate)
    it.step("schema", schema)
    it.step("completion", completion)
    it.step("--help", every_command_has_help)
    it.step("an unknown command is an error", command(1, "frobnicate"))
    it.step("an Engine out of reach is 5", out_of_reach)


@scenario("the commands about a running instance must print what the contract says")
def online(it):
    folder = os.path.join(it.fleet.work, "fleet")

    def plan_of_everything(it):
        done = it.controller.of_state("plan", folder, "-o", "json")
        if done.code != 2:
            raise Failed("plan ended with %d: %s" % (done.code, done.err))
        plan = done.json()
        has_keys(plan, ["schema", "revision", "instances"], "plan")
        has_keys(plan["instances"][0], ["name", "steps", "drift", "blocked", "summary"], "instance")
        has_keys(plan["instances"][0]["summary"], ["create", "update", "remove"], "summary")
        for step in plan["instances"][0]["steps"]:
            has_keys(step, ["id", "action", "resource", "reason", "downtime", "reversible"],
                     "step")
        return expect(plan["schema"] == 1 and plan["instances"][0]["steps"], "nothing is planned")

    def status(it):
        one = it.controller.status(it.name)
        has_keys(one, ["name", "wanted", "running", "ready", "conditions", "backup", "drift"],
                 "status")
        has_keys(one["wanted"], ["revision", "mastodon"], "wanted")
        has_keys(one["running"], ["revision", "mastodon"], "running")
        for condition in one["conditions"]:
            has_keys(condition, ["type", "status", "reason", "message", "since"], "condition")
        return expect(one["running"]["mastodon"] == "v4.5.0",
                      "it runs " + one["running"]["mastodon"])

    def logs(it):
        done = it.controller.of_state("logs", it.name, "web")
        return expect(done.code == 0 and done.out + done.err, "no logs: " + done.err)

    def events(it):
        done = it.controller.of_state("events", "-o", "json")
        return expect(done.code == 0 and "web" in done.out, "no events: " + done.out + done.err)

    def doctor(it):
        done = it.controller.of_state("doctor")
        return expect(done.code == 0,
                      "doctor ended with %d: %s" % (done.code, done.out + done.err))

    def second_controller(it):
        done = it.controller.command("run", "--repo", it.fleet.url, "--branch", "main", "--path",
                                     "fleet", "--state-dir", it.controller.state, "--listen",
                                     "127.0.0.1:%d" % (it.controller.port + 500), timeout=20)
        return expect(done.code == 6 and "state folder" in done.err,
                      "a second controller ended with %d: %s" % (done.code, done.err))

    def controller_of_another_machine(it):
        """With nothing in its state folder: it must see that the instance is somebody's."""
        other = other_controller(it)
        try:
            other.start()
            eventually(lambda it: expect("another controller holds it" in
                                         other.of_state("status").out,
                                         other.of_state("status").out), 20).run(it)
            return expect(not it.other_tap.mutations(), "; ".join(it.other_tap.mutations()))
        finally:
            end_other(it)

    def metrics(it):
        status, body = it.controller.ask("GET", "/metrics")
        return expect(status == 200 and "# TYPE" in body,
                      "no metrics: %d %s" % (status, body[:300]))

    def forged_nudge(it):
        return expect(it.controller.nudge("a wrong secret") in (401, 403),
                      "a forged nudge was taken")

    it.push("the whole instance")
    it.step("plan", plan_of_everything)
    it.step("the instance runs", deployed())
    it.step("status", status)
    it.step("logs", logs)
    it.step("events", events)
    it.step("doctor", doctor)
    it.step("a second controller is told so", second_controller, answers("4.5.0"))
    it.step("one with an empty state folder changes nothing", controller_of_another_machine)
    it.step("metrics", metrics)
    it.step("a forged webhook is refused", forged_nudge)


@scenario("a plan made before the world changed must be refused")
def stale_plan(it):
    folder = os.path.join(it.fleet.work, "fleet")
    saved = os.path.join(it.folder, "plan.json")
    it.step("the instance runs", deployed())
    it.controller.stop()

    def save(it):
        it.push("a larger limit", dict(it.document, web=dict(it.document["web"], memory="300MiB")))
        done = it.controller.of_state("plan", folder, "--out", saved)
        return expect(done.code == 2 and os.path.exists(saved), "plan ended with %d" % done.code)

    def change_the_world(it):
        it.engine.update_memory(it.service("web")["Id"], 333 << 20)

    def refused(it):
        done = it.controller.of_state("apply", "--plan", saved)
        return expect(done.code == 3, "apply ended with %d: %s" % (done.code, done.err))

    def taken(it):
        done = it.controller.of_state("apply", "--plan", saved)
        return expect(done.code == 0, "apply ended with %d: %s" % (done.code, done.err))

    it.step("a plan is saved", save)
    it.step("the world changes", change_the_world, remember("containers", fingerprint))
    it.step("the plan is refused", refused, unchanged("containers", fingerprint))
    it.step("a fresh one is taken", save, taken, eventually(
        lambda it: expect(it.service("web")["HostConfig"]["Memory"] == 300 << 20, "no change"), 5))


@scenario("no secret may appear in plans, logs, status, the journal, labels or the process list")
def secrets(it):
    canary = "CANARY-5ab1e-%s" % os.urandom(6).hex()

    def seen_in(name, text, values):
        for value in values:
            if value and value in text:
                raise Failed("a secret appears in " + name)

    def nowhere(it):
        values = [canary] + generated(it)
        it.note("   looking for %d values" % len(values))
        if len(values) < 4:
            raise Failed("only %d secrets were found to look for" % len(values))
        folder = os.path.join(it.fleet.work, "fleet")
        for arguments in (("plan", folder), ("plan", folder, "-o", "json"), ("status",),
                          ("status", "-o", "json"), ("events",), ("events", "-o", "json"),
                          ("doctor",)):
            done = it.controller.of_state(*arguments)
            seen_in(" ".join(arguments), done.out + done.err, values)
        with open(it.controller.log, errors="replace") as log:
            seen_in("the controller's log", log.read(), values)
        for name, one in it.containers().items():
            seen_in("labels of " + name, json.dumps(one["Config"]["Labels"]), values)
            seen_in("command of " + name, json.dumps([one["Path"], one["Args"]]), values)
        for root, _, files in os.walk(it.controller.state):
            for name in files:
                path = os.path.join(root, name)
                if os.path.islink(path) or "secret" in path:
                    continue
                with open(path, "rb") as content:
                    seen_in(path, content.read().decode(errors="replace"), values)
        seen_in("the process list", command_lines(), values)
        for path in ("/metrics", "/healthz", "/"):
            seen_in(path, it.controller.ask("GET", path)[1], values)

    def kept_private(it):
        for root, _, files in os.walk(it.controller.state):
            for name in files:
                path = os.path.join(root, name)
                if "secret" in path and os.stat(path).st_mode & 0o077:
                    return path + " can be read by others"
        return ""

    def secret_file(it):
        path = os.path.join(it.folder, "secrets.env")
        with open(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), "w") as out:
            out.write("SMTP_PASSWORD=%s\n" % canary)
        it.push("secrets from a file", dict(it.document, secrets="file:" + path))

    it.step("the instance runs with a secret of its own", secret_file, deployed())
    it.step("Mastodon has it", lambda it: expect(
        any(canary in value for value in it.service("web")["Config"]["Env"]), "it was not given"))
    it.step("a change is planned and applied", commit(web={"memory": "300MiB"}, settings={
        "DEFAULT_LOCALE": "de"}), eventually(settled(), 90))
    it.step("it is nowhere else", nowhere)
    it.step("what was generated is private", kept_private)


def generated(it):
    """Values of the web container's environment whose names say secret."""
    values = []
    for entry in it.service("web")["Config"]["Env"]:
        name, value = entry.split("=", 1)
        telling = any(word in name for word in ("SECRET", "PRIVATE", "PASS", "ENCRYPTION"))
        if telling and len(value) > 8:
            values.append(value)
    return values


def command_lines():
    lines = []
    for pid in os.listdir("/proc"):
        if pid.isdigit() and int(pid) != os.getpid():
            try:
                with open("/proc/%s/cmdline" % pid, "rb") as text:
                    lines.append(text.read().replace(b"\0", b" ").decode(errors="replace"))
            except OSError:
                pass
    return "\n".join(lines)

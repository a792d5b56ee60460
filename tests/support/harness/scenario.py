"""The words scenarios are written in, and what runs them.

A scenario has one intent, phrased as what must or must not happen. Its steps are sentences:

    it.step("a larger limit is pushed", commit(web={"memory": "300MiB"}), throughout(answers()),
            eventually(limit("web", "300MiB"), 10))

A part begins with the step, runs in its turn, and ends with the step. A check is a function of the
scene that returns "" when it holds, else what is wrong. Nothing sleeps and hopes: a check must hold
now, `eventually` within a limit, or `throughout` the step. Nothing is tried twice.
"""
import json
import os
import re
import shutil
import tempfile
import threading
import time
import traceback

from . import edge
from .controller import Controller
from .engine import Engine, LABEL, is_job
from .fleet import REGISTRY, Fleet, instance_file, merged
from .tap import Tap

SCENARIOS = []
ALWAYS, LONG = set(), set()
PENDING = []  # what the program cannot do yet: run only when asked for by its function's name


def scenario(sentence, always=False, long=False):
    """Registers a function of one argument, the scene `it`. `always`: in every share, too; `long`:
    in none, since it takes about a minute or more."""
    def register(function):
        SCENARIOS.append((sentence, function))
        if always:
            ALWAYS.add(function)
        if long:
            LONG.add(function)
        return function
    return register


def pending(sentence):
    """As scenario, for what is known to fail."""
    def keep(function):
        PENDING.append((sentence, function))
        return function
    return keep


class Failed(AssertionError):
    pass


class Scene:
    """One scenario's world: an instance name, ports, a fleet, a controller, a tap, all its own."""

    def __init__(self, sentence, number):
        self.sentence = sentence
        self.name = "e2e%d" % number
        self.domain = self.name + ".test"
        self.http, self.https = 18080 + 10 * number, 18443 + 10 * number
        # Below the Engine's folder: removed with it, whatever happens.
        self.folder = tempfile.mkdtemp(prefix="scene-", dir=os.environ["MATRIARCH_ENGINE_DIR"])
        self.document = instance_file(self.name, self.http, self.https)
        self.engine = Engine()
        self.tap = Tap(os.path.join(self.folder, "engine.sock"), self.engine.path, self.name)
        self.fleet = Fleet(self.folder)
        self.controller = Controller(self.folder, self.fleet.url, 19080 + number, self.tap.path)
        self.transcript, self.began = [], time.time()
        self.kept = {}  # what a step noted for a later one

    def note(self, text):
        line = "%7.2fs  %s" % (time.time() - self.began, text)
        self.transcript.append(line)
        if os.environ.get("MATRIARCH_VERBOSE"):
            print("        " + line, flush=True)

    def step(self, sentence, *parts):
        parts = [part if isinstance(part, Part) else now(part) for part in parts]
        self.note(sentence)
        begun = []
        try:
            for part in parts:
                part.begin(self)
                begun.append(part)
            for part in parts:
                part.run(self)
        except Exception as error:
            raise Failed("%s: %s" % (sentence, describe(error))) from error
        finally:
            for part in reversed(begun):
                part.stop(self)
        for part in parts:
            reason = part.verdict(self)
            if reason:
                raise Failed("%s: %s" % (sentence, reason))
        self.note("   done")

    # --- what scenarios ask of the scene -------------------------------------------------------

    def containers(self):
        return self.engine.containers(self.name)

    def pull_images(self, versions):
        """Everything that an instance at these versions runs."""
        images = ["library/postgres:15-bookworm", "library/redis:7-bookworm", "library/caddy:2"]
        for version in versions:
            images += ["mastodon/mastodon:" + version, "mastodon/mastodon-streaming:" + version]
        for image in images:
            name, tag = (REGISTRY + "/" + image).rsplit(":", 1)
            self.engine.ask("POST", "/images/create", fromImage=name, tag=tag)

    def of_role(self, role):
        return [one for one in self.containers().values()
                if one["Config"]["Labels"].get(LABEL + "role") == role]

    def service(self, role):
        """The one container of a role; it is an error if there are none or several."""
        found = self.of_role(role)
        if len(found) != 1:
            raise Failed("expected one container of role %s, found %d" % (role, len(found)))
        return found[0]

    def push(self, message, document=None):
        if document is not None:
            self.document = document
        self.head = self.fleet.push(message, {self.name: self.document})
        if self.controller.is_running():
            self.controller.nudge()
        return self.head

    def condition(self, kind):
        """(is it true, its message) of a condition in status; (False, "") if there is none."""
        status = self.controller.status(self.name)
        for one in (status or {}).get("conditions", []):
            if one["type"] == kind:
                return str(one["status"]).lower() == "true", one["message"]
        return False, ""

    # --- the end -------------------------------------------------------------------------------

    def close(self):
        self.controller.kill()
        self.tap.close()
        self.engine.wipe(self.name)
        shutil.rmtree(self.folder, ignore_errors=True)

    def save(self, folder, reason):
        """Everything a person needs who was not there."""
        os.makedirs(folder, exist_ok=True)

        def write(name, make):
            try:
                content = make()
            except Exception as error:
                content = "could not be had: " + describe(error)
            with open(os.path.join(folder, name), "w") as out:
                out.write(content)

        write("transcript.txt", lambda: "\n".join(
            [self.sentence, ""] + self.transcript + ["", "FAILED: " + reason, ""]))
        write("containers.json", lambda: json.dumps(self.containers(), indent=1))
        write("events.txt", lambda: "".join(
            "%s %s %s %s\n" % (event["time"], event["Type"], event["Action"],
                               event["Actor"]["Attributes"].get("name", ""))
            for event in self.engine.events(self.began)))
        write("calls.txt", lambda: "\n".join(self.tap.since()) + "\n")
        write("controller.log", lambda: open(self.controller.log, errors="replace").read())
        write("journal.txt", lambda: self.controller.of_state("events", "-o", "json").out)
        write("status.json", lambda: self.controller.of_state("status", "-o", "json").out)
        for name, container in self.containers().items():
            write("log-%s.txt" % name, lambda: self.engine.logs(container["Id"], 500))


def describe(error):
    if isinstance(error, AssertionError):
        return str(error)
    return "".join(traceback.format_exception_only(type(error), error)).strip() + " at " + \
        traceback.format_tb(error.__traceback__)[-1].strip().replace("\n", " ")


# --- parts ---------------------------------------------------------------------------------------

class Part:
    def begin(self, it):
        pass

    def run(self, it):
        pass

    def stop(self, it):
        pass

    def verdict(self, it):
        return ""


class now(Part):
    """A plain function: a check that must hold at once, or something to be done."""

    def __init__(self, function):
        self.function = function

    def run(self, it):
        reason = self.function(it)
        if isinstance(reason, str) and reason:
            raise Failed(reason)


class eventually(Part):
    def __init__(self, check, limit):
        self.check, self.limit = check, limit

    def run(self, it):
        started = time.monotonic()
        while True:
            reason = attempt(self.check, it)
            took = time.monotonic() - started
            if not reason:
                it.note("   after %.2f s" % took)
                return
            if took > self.limit:
                raise Failed("not within %g s: %s" % (self.limit, reason))
            time.sleep(0.05 if took < 5 else 0.25)


class throughout(Part):
    """The check holds again and again from the step's begin to its end; at least once."""

    def __init__(self, check, every=0.1):
        self.check, self.every = check, every

    def begin(self, it):
        self.reason, self.times, self.over = "", 0, threading.Event()
        self.thread = threading.Thread(target=self._watch, args=(it,), daemon=True)
        self.thread.start()

    def _watch(self, it):
        while not self.reason:
            self.reason = attempt(self.check, it)
            self.times += 1
            if self.over.wait(self.every):
                return

    def stop(self, it):
        self.over.set()
        self.thread.join()

    def verdict(self, it):
        if not self.times:
            return "the check was never made"
        return "did not hold throughout: " + self.reason if self.reason else ""


class under_load(Part):
    """Requests at the edge for the length of the step; not one may fail."""

    def begin(self, it):
        self.load = edge.Load(it.http, it.domain).start()

    def stop(self, it):
        self.load.stop()
        it.note("   %d requests, %d failed, slowest %.0f ms" % (
            self.load.sent, len(self.load.failures), self.load.slowest * 1000))

    def verdict(self, it):
        if self.load.sent < 10:
            return "only %d requests were made" % self.load.sent
        if self.load.failures:
            return "%d of %d requests failed, first: %s" % (
                len(self.load.failures), self.load.sent, self.load.failures[0])
        return ""


def attempt(check, it):
    """A check's verdict; one that cannot be made yet does not hold yet."""
    try:
        return check(it) or ""
    except Exception as error:
        return describe(error)


# --- things to do --------------------------------------------------------------------------------

def commit(message="change the instance", **changes):
    """Changes the instance file, pushes, and nudges a controller that runs."""
    return now(lambda it: it.push(message, merged(it.document, changes)) and None)


def commit_text(text, message="change the instance by hand"):
    """Pushes a file that is exactly this text."""
    def push(it):
        it.head = it.fleet.push(message, {it.name: text(it) if callable(text) else text})
        it.controller.nudge()
    return now(push)


def revert():
    def push(it):
        it.head = it.fleet.revert()
        it.controller.nudge()
    return now(push)


def start_controller():
    return now(lambda it: it.controller.start())


def nudge():
    return now(lambda it: expect(it.controller.nudge() in (200, 202, 204), "the nudge was refused"))


def deployed(limit=180):
    """The usual beginning: the file is pushed, the controller starts, the instance answers."""
    class deploy(Part):
        def run(self, it):
            if not hasattr(it, "head"):
                it.push("deploy " + it.name)
            if not it.controller.is_running():
                it.controller.start()
            eventually(answers(it.document["mastodon"]), limit).run(it)
            eventually(settled(), 60).run(it)
    return deploy()


# --- checks --------------------------------------------------------------------------------------

def expect(condition, reason):
    return "" if condition else reason


def answers(version=None):
    """The instance answers at its edge, with the version if one is given."""
    def check(it):
        seen, reason = edge.version(it.http, it.domain)
        if reason or version is None:
            return reason
        return expect(seen.startswith(version.lstrip("v")), "it answers as " + seen)
    return check


def plan_finds_nothing(it):
    done = it.controller.of_state("plan", it.fleet.work + "/fleet")
    return expect(done.code == 0, "plan ended with %d: %s" % (done.code, done.out + done.err))


def settled():
    """The controller, since it started last, says ready, at the newest pushed revision."""
    def check(it):
        status = it.controller.status(it.name)
        if status is None:
            return "status does not know " + it.name
        if status["observed_at"] < it.controller.started_at:
            return "it has not looked since it started"
        running = status["running"]["revision"] or ""
        if not status["ready"] or not status["settled"]:
            return "not at rest: " + json.dumps(status["conditions"])
        return expect(running and it.head.startswith(running[:7]),
                      "runs revision '%s', wanted %s" % (running, it.head[:7]))
    return check


def taken():
    """The controller has looked at the newest commit, and it is in force."""
    def check(it):
        source = it.controller.source()
        return expect(source.get("accepted") == it.head,
                      "the newest commit is not in force: " + json.dumps(source))
    return check


def refused(*words):
    """The newest commit was looked at and is not in force; these words say where and why."""
    def check(it):
        source = it.controller.source()
        if source.get("seen") != it.head or source.get("accepted") == it.head:
            return "the newest commit is not refused: " + json.dumps(source)
        text = it.controller.of_state("status").out
        missing = [word for word in words if word not in text]
        return expect(not missing, "status does not say '%s': %s" % (", ".join(missing), text))
    return check


def stalled(*words):
    """The controller says that it cannot go on, and why in these words."""
    def check(it):
        is_true, message = it.condition("Stalled")
        if not is_true:
            return "it is not stalled"
        missing = [word for word in words if word not in message]
        return expect(not missing, "'%s' is not in: %s" % (", ".join(missing), message))
    return check


def memory(role, size):
    """Every container of the role has this memory limit, as the Engine says it."""
    def check(it):
        found = it.of_role(role)
        if not found:
            return "no container of role " + role
        for one in found:
            actual = one["HostConfig"]["Memory"]
            if actual != bytes_of(size):
                return "%s has %d bytes, not %s" % (one["Name"], actual, size)
        return ""
    return check


def bytes_of(size):
    number, unit = re.fullmatch(r"([0-9.]+)(MiB|GiB)", size).groups()
    return int(float(number) * (1 << (20 if unit == "MiB" else 30)))


def fingerprint(it):
    """What must stay the same when nothing is restarted: id and start of every service. What was
    made ahead and never started is none yet."""
    return {name: (one["Id"], one["State"]["StartedAt"], one["RestartCount"])
            for name, one in it.containers().items()
            if not is_job(one) and one["State"]["Status"] != "created"}


def remember(key, question):
    def note(it):
        it.kept[key] = question(it)
    return now(note)


def unchanged(key, question):
    """The question has the answer it had when it was remembered."""
    def check(it):
        before, after = it.kept[key], question(it)
        if before == after:
            return ""
        if not isinstance(before, dict) or not isinstance(after, dict):
            return "%s was %r and is %r" % (key, before, after)
        different = sorted(name for name in before.keys() | after.keys()
                           if before.get(name) != after.get(name))
        return "%s changed: %s" % (key, ", ".join(different))
    return check

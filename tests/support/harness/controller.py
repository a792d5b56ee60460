"""The program itself: `matriarch run` as a process we own, and its one-off commands."""
import hashlib
import hmac
import http.client
import json
import os
import signal
import subprocess
import threading
import time
from datetime import datetime, timezone

PROGRAM = os.environ.get("MATRIARCH_PROGRAM", "build/matriarch")
SECRET = "webhook-secret-of-the-tests"


class Done:
    """How a command ended."""

    def __init__(self, arguments, code, out, err, took):
        self.arguments, self.code, self.out, self.err, self.took = arguments, code, out, err, took

    def json(self):
        try:
            return json.loads(self.out)
        except ValueError:
            raise AssertionError("matriarch %s printed no JSON but: %s %s" % (
                " ".join(self.arguments), self.out[:400], self.err[:400]))

    def lines(self):
        """The output as one JSON value a line."""
        return [json.loads(line) for line in self.out.splitlines() if line.strip()]


class Controller:
    def __init__(self, folder, url, port, engine_socket, options=()):
        self.folder, self.url, self.port = folder, url, port
        self.state = os.path.join(folder, "state")
        self.log = os.path.join(folder, "controller.log")
        self.secret_file = os.path.join(folder, "webhook-secret")
        self.options = list(options)
        self.poll = "5s"
        self.interval = "30s"  # between two looks at everything that no event asked for
        self.environment = dict(os.environ, DOCKER_HOST="unix://" + engine_socket, NO_COLOR="1",
                                MATRIARCH_STATE_DIR=self.state,
                                MATRIARCH_POLICY=os.path.join(folder, "policy.yaml"))
        self.started_at = ""  # as status writes a moment
        self.child = None
        self.lock = threading.Lock()  # of the child: a tap's thread may kill it at any time
        with open(os.open(self.secret_file, os.O_CREAT | os.O_WRONLY, 0o600), "w") as out:
            out.write(SECRET)
        with open(self.environment["MATRIARCH_POLICY"], "w") as out:
            out.write("secret_files: [%s]\n" % folder)

    # --- the controller ------------------------------------------------------------------------

    def start(self):
        assert self.child is None, "the controller runs already"
        command = [PROGRAM, "run", "--repo", self.url, "--branch", "main", "--path", "fleet",
                   "--state-dir", self.state, "--listen", "127.0.0.1:%d" % self.port,
                   "--webhook-secret-file", self.secret_file, "--interval", self.interval,
                   "--poll", self.poll]
        self.started_at = datetime.now(timezone.utc).isoformat(timespec="milliseconds")[:23]
        with open(self.log, "a") as log:
            with self.lock:  # its first call may be the one at which it is killed
                child = self.child = subprocess.Popen(
                    command + self.options, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                    env=self.environment)
        self.wait_until_it_listens(child)

    def wait_until_it_listens(self, child):
        limit = time.monotonic() + 15
        while time.monotonic() < limit:
            if child.poll() is not None:
                raise AssertionError("the controller ended with code %d: %s" % (
                    child.returncode, self.last_lines()))
            try:
                if self.ask("GET", "/healthz")[0] == 200:
                    return
            except OSError:
                pass
            time.sleep(0.05)
        raise AssertionError("the controller does not listen: " + self.last_lines())

    def is_running(self):
        return self.child is not None and self.child.poll() is None

    def kill(self):
        """kill -9: no warning, no cleaning up."""
        with self.lock:
            if self.child is not None:
                self.child.send_signal(signal.SIGKILL)
                self.child.wait()
                self.child = None

    def keep_running(self):
        """Starts it again where it was killed, as systemd would. One that ended is an error."""
        with self.lock:
            child = self.child
        if child is not None and child.poll() is not None:
            raise AssertionError("the controller ended with code %d: %s" % (
                child.returncode, self.last_lines()))
        if child is None:
            try:
                self.start()
            except AssertionError:
                if self.child is not None:
                    raise  # not killed again before it listened

    def stop(self):
        """SIGTERM; returns how long it took to be gone."""
        if self.child is None:
            return 0.0
        started = time.monotonic()
        self.child.terminate()
        try:
            self.child.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError("the controller ignored SIGTERM for 20 s")
        self.child = None
        return time.monotonic() - started

    def last_lines(self, count=20):
        with open(self.log, errors="replace") as text:
            return "".join(text.readlines()[-count:])

    # --- its HTTP side -------------------------------------------------------------------------

    def ask(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read().decode(errors="replace")
        finally:
            connection.close()

    def nudge(self, secret=SECRET):
        """What GitHub sends after a push."""
        body = json.dumps({"ref": "refs/heads/main"}).encode()
        signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        return self.ask("POST", "/webhook", body, {
            "Content-Type": "application/json", "X-GitHub-Event": "push",
            "X-Hub-Signature-256": "sha256=" + signature})[0]

    # --- one-off commands ----------------------------------------------------------------------

    def command(self, *arguments, timeout=120, environment=None):
        started = time.monotonic()
        done = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True,
                              errors="replace", stdin=subprocess.DEVNULL, timeout=timeout,
                              env=dict(self.environment, **(environment or {})))
        return Done(arguments, done.returncode, done.stdout, done.stderr,
                    time.monotonic() - started)

    def of_state(self, *arguments, **options):
        """A command that reads what the controller wrote."""
        return self.command(*arguments, "--state-dir", self.state, **options)

    def passes(self):
        """How many looks at its instances it has finished since it started."""
        text = self.ask("GET", "/metrics")[1]
        return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines()
                   if line.startswith("matriarch_passes_total"))

    def source(self):
        """What `status -o json` says of the repository: seen, accepted, problems."""
        return self.of_state("status", "-o", "json").json().get("source") or {}

    def published(self, instance):
        """The same from the file that `status` reads: for who asks again and again."""
        try:
            with open(os.path.join(self.state, "instances", instance, "status.json")) as text:
                return json.load(text)
        except FileNotFoundError:
            return None

    def status(self, instance):
        """The instance's part of `status -o json`, or None."""
        done = self.of_state("status", "-o", "json")
        for one in done.json()["instances"]:
            if one["name"] == instance:
                return one
        return None

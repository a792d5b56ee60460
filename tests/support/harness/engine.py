"""The private Engine, asked over its socket (DOCKER_HOST=unix://...). Observes; the few mutations
here are the accidents that scenarios stage (a hand on the docker command line), never the program's
work.
"""
import concurrent.futures
import http.client
import json
import os
import signal
import socket
import subprocess
import threading
import time
import urllib.parse

LABEL = "social.matriarch."
RESTARTS = threading.Lock()
PRIVATE_ENGINE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "private-engine")
# Events that mean something was changed. Health checks and probes are exec_*, and change nothing.
MUTATIONS = {"create", "start", "restart", "stop", "kill", "die", "destroy", "update", "rename",
             "pause", "unpause", "connect", "disconnect", "mount", "unmount", "pull", "delete"}


def socket_path():
    host = os.environ["DOCKER_HOST"]
    if not host.startswith("unix://"):
        raise SystemExit("DOCKER_HOST must name the private Engine's socket; it is " + host)
    return host[len("unix://"):]


class Connection(http.client.HTTPConnection):
    """HTTP over a unix socket."""

    def __init__(self, path, timeout=60):
        super().__init__("engine", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class EngineError(Exception):
    def __init__(self, status, text):
        super().__init__("%d %s" % (status, text))
        self.status = status


class Engine:
    def __init__(self, path=None):
        self.path = path or socket_path()

    def ask(self, method, path, body=None, **query):
        for key, value in query.items():
            if isinstance(value, (dict, list)):
                query[key] = json.dumps(value)
        url = "/v1.41" + path + ("?" + urllib.parse.urlencode(query) if query else "")
        connection = Connection(self.path)
        try:
            data = json.dumps(body) if body is not None else None
            connection.request(method, url, data, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        if answer.status >= 400:
            raise EngineError(answer.status, text.decode(errors="replace").strip())
        return text

    def get(self, path, **query):
        return json.loads(self.ask("GET", path, **query))

    # --- questions -----------------------------------------------------------------------------

    def containers(self, instance=None):
        """Inspections by name, of one instance's containers (stopped ones too)."""
        label = LABEL + "instance" + ("=" + instance if instance else "")
        found = {}
        for one in self.get("/containers/json", all=1, filters={"label": [label]}):
            try:
                inspection = self.get("/containers/" + one["Id"] + "/json")
            except EngineError as error:
                if error.status != 404:
                    raise
                continue
            found[inspection["Name"].lstrip("/")] = inspection
        return found

    def volumes(self, instance):
        answer = self.get("/volumes", filters={"label": [LABEL + "instance=" + instance]})
        return {one["Name"]: one for one in answer["Volumes"] or []}

    def networks(self, instance):
        answer = self.get("/networks", filters={"label": [LABEL + "instance=" + instance]})
        return {one["Name"]: one for one in answer}

    def networks_called(self, name):
        """Ids. The Engine's own filter also finds names that contain this one."""
        return [one["Id"] for one in self.get("/networks", filters={"name": [name]})
                if one["Name"] == name]

    def events(self, since, until=None, instance=None):
        """What happened between two times of time.time(); without `until`, until now."""
        filters = {"label": [LABEL + "instance=" + instance]} if instance else {}
        text = self.ask("GET", "/events", since="%.6f" % since,
                        until="%.6f" % (until or time.time()), filters=filters)
        return [json.loads(line) for line in text.decode().splitlines() if line.strip()]

    def mutations(self, since, instance=None):
        return [event["Type"] + " " + event["Action"]
                for event in self.events(since, None, instance)
                if event["Action"].split(":")[0] in MUTATIONS]

    def execute(self, container, command):
        """Runs a command inside; returns (exit code, output without stream headers)."""
        made = json.loads(self.ask("POST", "/containers/%s/exec" % container, {
            "Cmd": command, "AttachStdout": True, "AttachStderr": True}))
        out = self.ask("POST", "/exec/%s/start" % made["Id"], {"Detach": False})
        code = self.get("/exec/%s/json" % made["Id"])["ExitCode"]
        return code, without_headers(out)

    def logs(self, container, lines=200):
        raw = self.ask("GET", "/containers/%s/logs" % container, stdout=1, stderr=1,
                       timestamps=1, tail=lines)
        return without_headers(raw)

    # --- accidents -----------------------------------------------------------------------------

    def remove(self, container):
        self.ask("DELETE", "/containers/" + container, force=1)

    def kill(self, container):
        self.ask("POST", "/containers/" + container + "/kill")

    def stop(self, container, seconds=3):
        self.ask("POST", "/containers/%s/stop" % container, t=seconds)

    def pause(self, container):
        self.ask("POST", "/containers/%s/pause" % container)

    def rename(self, container, name):
        self.ask("POST", "/containers/%s/rename" % container, name=name)

    def disconnect(self, container, network):
        self.ask("POST", "/networks/%s/disconnect" % network, {"Container": container})

    def compose_down(self, project):
        """What `docker-compose -p PROJECT down` asks for: stop, remove, then the networks."""
        label = {"label": ["com.docker.compose.project=" + project]}
        for found in self.get("/containers/json", all=1, filters=label):
            self.unless_gone(self.stop, found["Id"], 1)
            self.unless_gone(self.remove, found["Id"])
        for found in self.get("/networks", filters=label):
            self.unless_gone(self.ask, "DELETE", "/networks/" + found["Id"])

    def unless_gone(self, act, *arguments):
        """Somebody else may have been quicker, or holds on to it."""
        try:
            act(*arguments)
        except EngineError as error:
            if error.status not in (403, 404, 409):
                raise

    def update_memory(self, container, count):
        self.ask("POST", "/containers/%s/update" % container,
                 {"Memory": count, "MemorySwap": count})

    def update_restart(self, container, policy):
        self.ask("POST", "/containers/%s/update" % container, {"RestartPolicy": {"Name": policy}})

    def remove_container(self, container):
        """Gone when this returns, whoever began it: a controller that was just ended may have
        left its own removal under way, to which the Engine answers 409 (or 404 once it is done)."""
        limit = time.monotonic() + 30
        while True:
            try:
                return self.ask("DELETE", "/containers/" + container, force=1, v=1)
            except EngineError as refused:
                if refused.status == 404:
                    return None
                if refused.status != 409 or time.monotonic() > limit:
                    raise
            time.sleep(0.05)

    def remove_volume(self, name):
        self.ask("DELETE", "/volumes/" + name, force=1)

    def lose(self, volume):
        """A volume with whoever uses it, as when its disk is gone. Nobody can remove both at once:
        who was begun on an empty one between the two goes as well."""
        quiet = 0
        for _ in range(50):
            users = self.get("/containers/json", all=1, filters={"volume": [volume]})
            for one in users:
                self.remove(one["Id"])
            try:
                self.remove_volume(volume)
            except EngineError as error:
                if error.status not in (404, 409):
                    raise
            quiet = 0 if users else quiet + 1
            if quiet == 3:
                return
            time.sleep(0.2 if quiet else 0)
        raise EngineError(409, volume + " is used again and again")

    def remove_image(self, ending):
        """The tag whose last part is this; layers that others share stay."""
        for found in self.get("/images/json"):
            for tag in found["RepoTags"] or []:
                if tag.rsplit("/", 1)[-1] == ending:
                    self.ask("DELETE", "/images/" + tag, force=1)

    def create_double(self, name, instance):
        """A network as one that was created although there is one of that name."""
        self.ask("POST", "/networks/create", {"Name": name, "CheckDuplicate": False,
                                              "Labels": {LABEL + "instance": instance}})

    def wipe(self, instance):
        """Removes everything that carries the instance's label: before and after a scenario."""
        found = [one["Id"] for one in self.containers(instance).values()]
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            list(pool.map(self.remove_container, found))
        for name in self.volumes(instance):
            self.remove_volume(name)
        for network in self.networks(instance).values():
            self.ask("DELETE", "/networks/" + network["Id"])


def restart(how):
    """Ends dockerd (TERM or KILL) and starts it again; containerd and what runs below it stay."""
    with RESTARTS:
        done = subprocess.run([PRIVATE_ENGINE, "restart", os.environ["MATRIARCH_ENGINE_DIR"], how],
                              capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise AssertionError("the Engine was not restarted: " + done.stdout + done.stderr)


def set_live_restore(on):
    """Whether containers go on while dockerd is away."""
    folder = os.environ["MATRIARCH_ENGINE_DIR"]
    with open(folder + "/daemon.json", "w") as out:
        json.dump({"live-restore": on}, out)
    with open(folder + "/dockerd.pid") as text:
        os.kill(int(text.read()), signal.SIGHUP)
    limit = time.monotonic() + 10
    while Engine().get("/info")["LiveRestoreEnabled"] != on:
        if time.monotonic() > limit:
            raise AssertionError("dockerd did not read its daemon.json again")
        time.sleep(0.02)


def without_headers(raw):
    """The text of a stream in which each piece has 8 bytes before it: kind, 3 x 0, length."""
    out, at = [], 0
    while at + 8 <= len(raw):
        size = int.from_bytes(raw[at + 4:at + 8], "big")
        out.append(raw[at + 8:at + 8 + size].decode(errors="replace"))
        at += 8 + size
    return "".join(out)


def role(container):
    return container["Config"]["Labels"].get(LABEL + "role", "")


def is_running(container):
    return container["State"]["Status"] == "running"


def is_job(container):
    """Jobs end by themselves and are not started again by the Engine."""
    return container["HostConfig"]["RestartPolicy"]["Name"] in ("", "no")

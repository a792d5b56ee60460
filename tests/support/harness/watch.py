"""What the containers of an instance live through, as the Engine tells it while it happens: its own
memory of events is short, and a container's ends with it.
"""
import json
import threading
import time
import urllib.parse

from .engine import LABEL, Connection, EngineError

EVENTS = ["create", "start", "kill", "die", "destroy"]


class Life:
    """One container: when it was created, started, first asked to stop, and when it died.

    Of a container that was started again, the last time. Moments are the Engine's own."""

    def __init__(self, inspection):
        self.name = inspection["Name"].lstrip("/")
        self.role = inspection["Config"]["Labels"].get(LABEL + "role", "")
        self.command = inspection["Config"]["Cmd"] or []
        self.moments = {}

    def between(self, one, other):
        return self.moments[other] - self.moments[one]

    def has(self, *names):
        return all(name in self.moments for name in names)


class Watch:
    def __init__(self, engine, instance):
        self.engine, self.instance, self.lives = engine, instance, {}
        self.connection = Connection(engine.path, timeout=None)

    def start(self):
        query = {"filters": json.dumps({"type": ["container"], "event": EVENTS,
                                        "label": [LABEL + "instance=" + self.instance]}),
                 "since": "%.6f" % time.time()}
        self.connection.request("GET", "/v1.41/events?" + urllib.parse.urlencode(query))
        self.answer = self.connection.getresponse()
        self.thread = threading.Thread(target=self._listen, daemon=True)
        self.thread.start()
        return self

    def stop(self):
        """The lives, in order of their beginning."""
        self.connection.sock.shutdown(2)
        self.thread.join()
        return list(self.lives.values())

    def _listen(self):
        try:
            for line in iter(self.answer.readline, b""):
                self._note(json.loads(line))
        except (OSError, ValueError):
            pass

    def _note(self, event):
        name, container = event["Action"], event["Actor"]["ID"]
        if container not in self.lives:
            try:
                inspection = self.engine.get("/containers/%s/json" % container)
            except EngineError:
                return  # gone already
            self.lives[container] = Life(inspection)
        moments = self.lives[container].moments
        # Only what asks it to stop: TSTP and the like come before.
        if name == "kill" and event["Actor"]["Attributes"].get("signal") not in ("15", "9"):
            return
        if name != "kill" or name not in moments:
            moments[name] = event["timeNano"] / 1e9

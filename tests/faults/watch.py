"""What may never happen, however short: seen in the Engine's events throughout a trial.

Two containers that consume the scheduler queue at once, two jobs that change the schema at once, a
volume removed.
"""
import json
import socket
import threading
import time

from harness.engine import Connection, is_running, role
from harness.tap import shut

ALONE = {"sidekiq": "the scheduler queue", "migrate": "the schema", "setup": "the schema"}


class Watch:
    def __init__(self, it):
        self.it, self.violations, self.over = it, [], False
        self.running = {}  # id -> (what it must have for itself, name)
        self.is_watching = threading.Event()
        self.thread = threading.Thread(target=self._follow, daemon=True)
        self.thread.start()
        self.is_watching.wait(10)

    def stop(self):
        self.over = True
        shut(self.socket, socket.SHUT_RDWR)
        self.thread.join(5)
        return self.violations

    def _follow(self):
        while not self.over:
            try:
                self._one_stream()
            except Exception:  # the Engine is being restarted, or this is over
                time.sleep(0.05)

    def _one_stream(self):
        stream = Connection(self.it.engine.path, timeout=None)
        label = ["social.matriarch.instance=" + self.it.name]
        stream.request("GET", "/v1.41/events?filters=" + json.dumps(
            {"type": ["container", "volume"], "label": label,
             "event": ["start", "die", "destroy"]}).replace(" ", "").replace('"', "%22"))
        self.socket = stream.sock
        answer = stream.getresponse()
        self.running = {}
        for name, one in self.it.containers().items():
            if is_running(one):
                self._started(one["Id"], role(one), name)
        self.is_watching.set()
        while line := answer.readline():
            self._event(json.loads(line))

    def _event(self, event):
        actor = event["Actor"]
        if event["Type"] == "volume":
            if event["Action"] == "destroy":
                self.violations.append("volume %s was removed" % actor["ID"])
        elif event["Action"] == "start":
            attributes = actor["Attributes"]
            self._started(actor["ID"], attributes.get("social.matriarch.role"), attributes["name"])
        else:
            self.running.pop(actor["ID"], None)

    def _started(self, container, its_role, name):
        alone = ALONE.get(its_role)
        if alone is None:
            return
        for other, (what, other_name) in self.running.items():
            if what == alone and other != container:
                self.violations.append("%s and %s had %s at once" % (other_name, name, alone))
        self.running[container] = (alone, name)

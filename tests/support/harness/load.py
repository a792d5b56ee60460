"""Load at the edge, and what became of it: for all of it, and for each phase of it.

    load = Load(port, domain, folder).start()
    load.phase("steady")
    ...
    load.phase("upgrade")
    report = load.stop()
    report["upgrade"].failed, report.all.jids

The requests are traffic.py's, a program of its own: nothing that its starter waits for can hold it
up. Times are of time.monotonic(), which all programs of a machine share. A phase owns the requests
that left in it, and the connections of streaming that were opened in it with all their messages. A
request failed unless it was answered with 2xx in time; a handshake of streaming that fails is a
failed request, too; a connection of streaming that breaks is not, but is counted.
"""
import json
import os
import statistics
import subprocess
import sys
import time

LATE = 1.0  # seconds


class Load:
    def __init__(self, port, domain, folder, rate=120, sockets=20):
        self.path = os.path.join(folder, "requests-%d-%d.jsonl" % (port, time.monotonic_ns()))
        self.command = [sys.executable, os.path.join(os.path.dirname(__file__), "traffic.py"),
                        str(port), domain, str(rate), str(sockets), self.path]
        self.rate, self.marks, self.child = rate, [], None

    def start(self):
        self.child = subprocess.Popen(self.command, stdin=subprocess.PIPE)
        self.began = time.monotonic()
        return self

    def phase(self, name):
        self.marks.append((name, time.monotonic()))

    def stop(self):
        """Waits for the last answers. Calling it again gives the same report."""
        if self.child is not None:
            ended = time.monotonic()
            self.child.stdin.close()
            self.child.wait(60)
            if self.child.returncode != 0:
                raise RuntimeError("the load ended with code %d" % self.child.returncode)
            self.child = None
            with open(self.path) as text:
                records = [json.loads(line) for line in text]
            os.unlink(self.path)
            self.report = Report(records, self.marks, self.began, ended)
        return self.report


class Report:
    def __init__(self, records, marks, began, ended):
        self.all = Phase(records, began, ended)
        self.phases = {}
        bounds = marks + [("", ended)]
        for (name, begin), (_, end) in zip(bounds, bounds[1:]):
            self.phases[name] = Phase(records, begin, end)

    def __getitem__(self, name):
        return self.phases[name]


class Phase:
    """What left between two moments."""

    def __init__(self, records, begin, end):
        self.begin, self.end = begin, end
        mine = [one for one in records if begin <= one["at"] < end]
        self.sent = len(mine)
        self.failures = [one for one in mine if one["failed"]]
        self.failed = len(self.failures)
        requests = [one for one in mine if "what" in one]
        answered = [one["took"] for one in requests if not one["failed"]]
        self.reopened = sum(one["reopened"] for one in requests)
        self.late = sum(took > LATE for took in answered)
        self.p50, self.p99 = percentile(answered, 50), percentile(answered, 99)
        self.longest = max(answered, default=0.0)
        self.lag = max((one["lag"] for one in requests), default=0.0)  # our own, not the server's
        self.jids = [one["jid"] for one in requests if one["jid"]]
        self.gap = longest_gap(records, begin, end)
        self._streaming(records)

    def _streaming(self, records):
        held = {}
        for one in records:
            if one.get("messages") is not None:
                held.setdefault(one["socket"], []).append(one)
        self.messages = self.disconnects = self.reconnects = 0
        self.longest_away = 0.0
        for mine in held.values():
            self.messages += sum(one["messages"] for one in mine if self._has(one["at"]))
            self.disconnects += sum(bool(one["ended"]) and self._has(one["until"]) for one in mine)
            self.reconnects += sum(self._has(one["at"]) for one in mine[1:])
            opened = [one["at"] + one["took"] for one in mine[1:]] + [self.end]
            for one, again in zip(mine, opened):
                if one["ended"] and one["until"] < self.end and again > self.begin:
                    self.longest_away = max(self.longest_away, again - one["until"])

    def _has(self, moment):
        return self.begin <= moment < self.end

    def reasons(self, count=20):
        """The first failures, in words."""
        return ["%+.2f s %s%s after %.2f s: %s" % (
            one["at"] - self.begin, one.get("what", "streaming"),
            " (kept)" if one.get("kept") else "", one["took"], one["failed"])
            for one in sorted(self.failures, key=lambda one: one["at"])[:count]]

    def words(self):
        return ("%d sent, %d failed, %d reopened, %d later than 1 s, p50 %.0f ms, p99 %.0f ms, "
                "max %.0f ms, longest gap %.0f ms; streaming: %d messages, %d disconnects, "
                "%d reconnects, longest away %.2f s; own lag %.0f ms" % (
                    self.sent, self.failed, self.reopened, self.late, self.p50 * 1000,
                    self.p99 * 1000, self.longest * 1000, self.gap * 1000, self.messages,
                    self.disconnects, self.reconnects, self.longest_away, self.lag * 1000))


def percentile(values, percent):
    if len(values) < 2:
        return values[0] if values else 0.0
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def longest_gap(records, begin, end):
    """Between two good answers; one that reaches into this time counts whole."""
    good = sorted(one["at"] + one["took"] for one in records if "what" in one and not one["failed"])
    # Without a good answer before or after it, a gap lasts from the beginning, or until the end.
    good = [min((one["at"] for one in records), default=begin)] + good
    good.append(max(good[-1], end))
    pairs = [(one, other) for one, other in zip(good, good[1:]) if other > begin and one < end]
    return max((other - one for one, other in pairs), default=0.0)

"""Printing figures: one line, or one JSON object, for each figure and each peer beside it."""
import json
import re
import statistics
import sys
import time

PEER = "docker-compose 1.29.2"


class Report:
    def __init__(self, output):
        self.output = output

    def figure(self, bench, name, unit, values, peers=None):
        """Medians. `peers`: the values of docker-compose, or of several peers by their names: then
        the figure is printed once for each."""
        row = {"bench": bench, "figure": name, "unit": unit, "value": median(values)}
        if not isinstance(peers, dict):
            peers = {PEER: peers} if peers else {}
        for peer, peer_values in (peers or {"": None}).items():
            beside = {}
            if peer:
                beside = {"peer": peer, "peer_value": median(peer_values)}
                if beside["peer_value"]:
                    beside["ratio"] = round(row["value"] / beside["peer_value"], 3)
            self._print({**row, **beside, "runs": len(values)})

    def _print(self, row):
        if self.output == "json":
            print(json.dumps(row), flush=True)
            return
        beside = ""
        if "peer" in row:
            beside = "   %s %g %s" % (row["peer"], row["peer_value"], row["unit"])
        print("%-8s %-32s %8g %-8s n=%d%s" % (row["bench"], row["figure"], row["value"],
                                              row["unit"], row["runs"], beside), flush=True)


def median(values):
    return round(statistics.median(values), 3)


def log(text):
    print("  " + text, file=sys.stderr, flush=True)


def until(question, limit, what):
    started = time.monotonic()
    while not question():
        if time.monotonic() - started > limit:
            raise RuntimeError("not within %d s: %s" % (limit, what))
        time.sleep(0.02)
    return time.monotonic() - started


def rss(pid):
    with open("/proc/%d/status" % pid) as text:
        return int(re.search(r"VmRSS:\s+(\d+)", text.read()).group(1)) / 1024

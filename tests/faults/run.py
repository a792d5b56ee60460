"""The fault suite on real Engines: run.py [NAME]. See README.md.

Each workload is a lane, and so is the full disk: namespaces, an Engine and a registry of its own,
so that lanes know nothing of each other; two run at once. NAME keeps the points whose text contains
it; MATRIARCH_NIGHTLY=1 tries all of them; else a share is tried, chosen by the commit or by
MATRIARCH_SEED; with MATRIARCH_SHARE=1 a single trial of one workload. Leaves
build/test-results/kill_points.json for the proof.
"""
import concurrent.futures
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
REPOSITORY = os.path.dirname(os.path.dirname(HERE))
RESULTS = os.environ.get("MATRIARCH_RESULTS",
                         os.path.join(REPOSITORY, "build", "test-results", "faults"))
SUPPORT = os.path.join(HERE, "..", "support")
sys.path.insert(0, SUPPORT)

import results  # noqa: E402
from share import is_share, seed  # noqa: E402
from workloads import WORKLOADS  # noqa: E402

LANES_AT_ONCE = 2


def lanes(name, number):
    """(title, program and arguments, more environment) of each whose turn it is, or that the name
    may mean."""
    every = [(one.name, ["lane.py", one.name, name], {}) for one in WORKLOADS]
    if is_share():
        return [every[int(number) % len(every)]]
    if name or os.environ.get("MATRIARCH_NIGHTLY") or int(number) % 3 == 0:
        every.append(("full disk", ["disk.py", name], {"MATRIARCH_ENGINE_DISK": "640M"}))
    named = [lane for lane in every if name.startswith(lane[0])]
    return named or every


def run_lane(title, command, more, number):
    """One lane in a world of its own; returns what it wrote, or that it wrote nothing."""
    folder = os.path.join(RESULTS, title.replace(" ", "-"))
    os.makedirs(folder, exist_ok=True)
    command[0] = os.path.join(HERE, command[0])
    environment = dict(os.environ, MATRIARCH_RESULTS=folder, MATRIARCH_SEED=number, **more)
    subprocess.run([os.path.join(SUPPORT, "own-network"), os.path.join(folder, "scene"),
                    os.path.join(SUPPORT, "with-engine"), sys.executable, *command],
                   env=environment, stdin=subprocess.DEVNULL)
    try:
        with open(os.path.join(folder, "lane.json")) as text:
            return json.load(text)
    except OSError:
        return {"passed": 0, "failed": ["faults: the lane %s did not finish" % folder], "unmet": [],
                "tried": {}, "all": {}}


def summed(lanes, what):
    total = {}
    for lane in lanes:
        for name, count in lane[what].items():
            total[name] = total.get(name, 0) + count
    return total


def main():
    name, number = "".join(sys.argv[1:2]), seed()
    os.makedirs(RESULTS, exist_ok=True)
    with concurrent.futures.ThreadPoolExecutor(LANES_AT_ONCE) as pool:
        done = list(pool.map(lambda one: run_lane(*one, number), lanes(name, number)))
    tried, every = summed(done, "tried"), summed(done, "all")
    failed = [text for one in done for text in one["failed"]]
    print("seed %s; %s; %d points were not met" % (number, ", ".join(
        "%d of %d %s" % (count, every[name], name) for name, count in tried.items()),
        sum(len(one["unmet"]) for one in done)))
    figures = dict(tried) | {name + "_in_all": count for name, count in every.items()}
    with open(os.path.join(os.path.dirname(RESULTS), "kill_points.json"), "w") as out:
        json.dump(figures, out)
    results.write(os.path.join(RESULTS, "faults.count.json"),
                  sum(one["passed"] for one in done), len(failed), 0, failed)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

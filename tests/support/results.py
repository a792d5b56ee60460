"""Counts what tests reported: results.py gtest|broken|check|fuzz|fuzz_figure|sum ...

Every kind leaves JSON files {"passed": n, "failed": n, "skipped": n, "names": [...]} in its folder
below build/test-results (suffix .count.json). This file writes them from GoogleTest's own reports
and adds them up; it never runs a test and never guesses: a report that is missing is a failure.
"""
import json
import os
import re
import sys


def write(path, passed, failed, skipped=0, names=()):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as out:
        count = {"passed": passed, "failed": failed, "skipped": skipped, "names": list(names)}
        json.dump(count, out)


def gtest(report, program, code):
    """A GoogleTest JSON report. A crash leaves none, or one without a verdict: one failure."""
    passed, skipped, failed = 0, 0, []
    try:
        with open(report) as text:
            suites = json.load(text)["testsuites"]
    except (OSError, ValueError, KeyError):
        suites, failed = [], [program + " ended with exit code " + code + " and no report"]
    for suite in suites:
        for test in suite["testsuite"]:
            if test["status"] == "NOTRUN":
                continue
            if test.get("failures"):
                failed.append(test["classname"] + "." + test["name"])
            elif test["result"] == "SKIPPED":
                skipped += 1
            else:
                passed += 1
    if code != "0" and not failed:
        failed.append(program + " ended with exit code " + code)
    write(os.path.splitext(report)[0] + ".count.json", passed, len(failed), skipped, failed)
    print("      %s: %s" % (program, line(passed, len(failed), skipped)))


def broken(folder, reason):
    print("      " + reason)
    write(os.path.join(folder, "broken.count.json"), 0, 1, 0, [reason])


def check(folder, code):
    """A runner that ended badly without saying which test failed is a failure of its own."""
    if code != "0" and total(folder)[1] == 0:
        broken(folder, "the runner ended with exit code " + code)


def one(folder, name, code):
    """A single check that a program made."""
    failed = [] if code == "0" else [name + " ended with exit code " + code]
    write(os.path.join(folder, name.replace(" ", "-") + ".count.json"), 1 - len(failed),
          len(failed), 0, failed)
    print("      %s: %s" % (name, line(1 - len(failed), len(failed), 0)))


def fuzz(folder, target, code):
    """The log of a libFuzzer run, which prints how often it tried; a finding ends it early."""
    with open(os.path.join(folder, "log"), errors="replace") as text:
        log = text.read()
    tried = re.search(r"number_of_executed_units: (\d+)", log)
    reason = re.search(r"broken invariant: .*|runtime error: .*|ERROR: .*", log)
    failed = []
    if code != "0" or not tried:
        failed.append("fuzz %s: %s" % (target, reason.group(0) if reason else "exit code " + code))
    executions = int(tried.group(1)) if tried else 0
    write(os.path.join(folder, target + ".count.json"), 1 - len(failed), len(failed), 0, failed)
    with open(os.path.join(folder, "executions.json"), "w") as out:
        json.dump({"target": target, "executions": executions}, out)
    print("      %-18s %9d executions%s" % (target, executions, ", " + failed[0] if failed else ""))
    for kept in sorted(os.listdir(folder)) if failed else []:
        if re.match("(crash|leak|oom|slow-unit|timeout)-", kept):
            path = os.path.relpath(os.path.join(folder, kept))
            print("      again: build/fuzz/tests/fuzz/fuzz_%s %s" % (target, path))


def fuzz_figure(folder, output):
    """All executions of one run, as a figure: only what the targets' logs really say. Beside the
    folder it is kept for tests/proof.
    """
    executions = 0
    for target in sorted(os.listdir(folder)):
        path = os.path.join(folder, target, "executions.json")
        if os.path.exists(path):
            with open(path) as text:
                executions += json.load(text)["executions"]
    figure = {"bench": "fuzz", "figure": "fuzz_executions", "unit": "executions"}
    if not executions:
        return
    with open(folder + ".json", "w") as out:
        json.dump({"fuzz_executions": executions}, out)
    if output == "json":
        print(json.dumps(figure | {"value": executions}))


def total(folder):
    passed, failed, skipped, names = 0, 0, 0, []
    for root, _, files in sorted(os.walk(folder)):
        for name in sorted(files):
            if not name.endswith(".count.json"):
                continue
            with open(os.path.join(root, name)) as text:
                one = json.load(text)
            passed += one["passed"]
            failed += one["failed"]
            skipped += one["skipped"]
            names += one["names"]
    return passed, failed, skipped, names


def line(passed, failed, skipped):
    return "%d passed, %d failed" % (passed, failed) + (", %d skipped" % skipped if skipped else "")


def sum_up(folder):
    passed, failed, skipped, names = total(folder)
    e2e_skipped = total(os.path.join(folder, "e2e"))[2]
    if os.environ.get("MATRIARCH_CI") and e2e_skipped:
        failed, skipped = failed + e2e_skipped, skipped - e2e_skipped
        names.append("skipped e2e scenarios, which MATRIARCH_CI forbids")
    for name in names:
        print("failed: " + name)
    print(line(passed, failed, skipped))
    return 1 if failed else 0


if __name__ == "__main__":
    verbs = {"gtest": gtest, "broken": broken, "check": check, "one": one,
             "sum": sum_up}
    verbs |= {"fuzz": fuzz, "fuzz_figure": fuzz_figure}
    sys.exit(verbs[sys.argv[1]](*sys.argv[2:]))

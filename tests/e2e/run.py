"""Runs the scenarios of this folder, one after the other: run.py [NAME]

Needs DOCKER_HOST (a private Engine), the stand-in images' registry, and MATRIARCH_PROGRAM. Each
scenario counts one. NAME keeps those whose sentence or function name contains it. With
MATRIARCH_SHARE=1 those that a git push changes a running Mastodon, and of the others what begins
within SHARE_SECONDS; MATRIARCH_SEED, or the commit, says in which order. Several of these run
beside one another, each on an Engine of its own, with MATRIARCH_TAKEN=FOLDER: who makes a
scenario's folder there runs it.
"""
import importlib
import json
import os
import random
import re
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(HERE, "..", "support"))

from harness import scenario as words  # noqa: E402
from share import is_share, seed  # noqa: E402

SHARE_SECONDS = 20


def load():
    for name in sorted(os.listdir(HERE)):
        if name.endswith(".py") and name != "run.py":
            importlib.import_module(name[:-3])


def slug(function):
    return re.sub(r"[^a-z0-9]+", "-", function.__name__.lower())


def run_one(number, sentence, function, results):
    """Returns "" or why it failed."""
    reason, scene = "", None
    started = time.monotonic()
    try:
        scene = words.Scene(sentence, number)
        scene.engine.wipe(scene.name)
        function(scene)
    except words.Failed as error:
        reason = str(error)
    except Exception as error:  # a mistake of the scenario is a failure too
        reason = words.describe(error)
    took = time.monotonic() - started
    print("%s %6.1fs  %s" % ("failed" if reason else "ok    ", took, sentence), flush=True)
    if reason:
        folder = os.path.join(results, slug(function))
        print("        %s\n        see %s" % (reason, folder), flush=True)
        if scene:
            scene.save(folder, reason)
    if scene and not (reason and os.environ.get("KEEP_FAILED")):
        scene.close()
    elif scene:
        print("        kept: %s, instance %s" % (scene.folder, scene.name), flush=True)
    return reason


def not_taken(scenarios):
    """Each scenario, unless a run beside this one has it."""
    folder = os.environ.get("MATRIARCH_TAKEN")
    for one in scenarios:
        try:
            if folder:
                os.mkdir(os.path.join(folder, slug(one[2])))
        except FileExistsError:
            continue
        yield one


def share_of(scenarios):
    """Those that always run, then others until the time is over."""
    number = seed()
    yield from not_taken(one for one in scenarios if one[2] in words.ALWAYS)
    others = [one for one in scenarios if one[2] not in words.ALWAYS | words.LONG]
    random.Random(number).shuffle(others)
    end = time.monotonic() + SHARE_SECONDS
    for one in not_taken(others):
        yield one
        if time.monotonic() > end:
            print("a share, seed %s: the others with `tests/run e2e`" % number, flush=True)
            return


def main():
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    results = os.environ.get("MATRIARCH_RESULTS", "build/test-results/e2e")
    os.makedirs(results, exist_ok=True)
    load()
    failed, passed = [], 0
    asked = [one for one in words.PENDING if one[1].__name__ == name]
    every = [(number, *one) for number, one in enumerate(words.SCENARIOS + asked, 1)]
    chosen = [one for one in every if name in one[1] or name in one[2].__name__]
    for number, sentence, function in (share_of if is_share() else not_taken)(chosen):
        reason = run_one(number, sentence, function, results)
        if reason:
            failed.append("e2e: %s: %s" % (sentence, reason.splitlines()[0][:400]))
            if os.environ.get("KEEP_FAILED"):
                break
        else:
            passed += 1
    with open(os.path.join(results, "e2e.count.json"), "w") as out:
        json.dump({"passed": passed, "failed": len(failed), "skipped": 0, "names": failed}, out)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

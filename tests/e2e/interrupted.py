"""kill -9 at every place of a backup with its retention and drill, and of a restore: of the
controller before, while and after the Engine carries a call out, and of each job in its middle.

First all of it without a fault: what it asked of the Engine says which places there are.
MATRIARCH_PLACES says how many of them are tried, from all over; "all" tries every one, and "63-"
those from the 63rd on."""
import os
import random
import subprocess
import threading
import time

from backups import keeps_backups, snapshots
from harness.calls import is_mutation
from harness.controller import PROGRAM
from harness.faults import Act, Kill
from harness.scenario import Failed, answers, deployed, eventually, scenario, settled
from restores import databases, keep_in_mind, live_in_it, psql, rows
from share import seed

KEPT = 1  # backups that retention leaves, and the newest that was verified
KEEP = {"last": KEPT, "daily": 0, "weekly": 0, "monthly": 0}  # also at midnight
MOMENTS = ("before", "during", "after")


def carried_out(it, *words, limit=240):
    """A command that the controller is to carry out, however often that is killed."""
    asking = subprocess.Popen([PROGRAM, *words, "--state-dir", it.controller.state],
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, env=it.controller.environment)
    began = time.monotonic()
    while asking.poll() is None and time.monotonic() - began < limit:
        it.controller.keep_running()
        time.sleep(0.05)
    if asking.poll() is None:
        asking.kill()
    text = asking.communicate()[0]
    if it.tap.troubles:
        raise Failed("a fault went wrong: %s" % it.tap.troubles[0])
    return asking.returncode, text


def until_done(it, *words):
    """A job that was killed is said to have failed, and is tried again: so is what waits for it."""
    for _ in range(3):
        code, text = carried_out(it, *words)
        if code == 0:
            return
        it.note("   %s ended with %d: %s" % (" ".join(words), code, text.strip()))
    raise Failed("%s ended with %d: %s" % (" ".join(words), code, text))


def kept_running(check):
    """Killed once it has done what was asked, but not all that follows from that."""
    def while_running(it):
        it.controller.keep_running()
        return check(it)
    return eventually(while_running, 120)


def slots(it, mark="complete"):
    if not os.path.exists(os.path.join(it.repository, "config")):
        return []  # before the first
    return [tag for one in snapshots(it, "database", mark) for tag in one["tags"]
            if tag.startswith("slot=")]


def backup_and_drill(it):
    before, verified = slots(it), slots(it, "verified")
    until_done(it, "backup", "run", it.name)
    until_done(it, "backup", "verify", it.name)
    after = slots(it)
    if len(set(after)) != len(after):
        raise Failed("counted twice: %s" % after)
    if not set(after) - set(before) or len(after) > KEPT + 1:
        raise Failed("there were %s, now there are %s" % (before, after))
    if verified and not set(slots(it, "verified")) & set(after):
        raise Failed("what was verified is lost")
    if after[-1] not in slots(it, "verified"):
        raise Failed("the newest was not verified: %s" % after)


def restored(it):
    until_done(it, "restore", it.name, "--snapshot", "latest", "--yes")
    kept_running(answers("4.5.0")).run(it)
    it.controller.of_state("resume", it.name)
    kept_running(settled()).run(it)
    if rows(it)["diary"] != it.kept["rows"]["diary"]:
        raise Failed("rows are lost")
    for name in databases(it):
        psql(it, "DROP DATABASE %s;" % name)


def kill_job(it, name, chance):
    """Some time after it was started, which is in its middle as often as not."""
    def kill():
        time.sleep(chance.random() * 2)
        try:
            it.engine.kill(it.name + "-" + name)
        except Exception as error:
            it.note("   it had ended: %s" % error)
    threading.Thread(target=kill).start()


def faults(it, trace):
    """(words, fault factory) of every place of a trace."""
    found = []
    for key in (key for key in trace if is_mutation(key)):
        found += [("kill %s %s" % (moment, key), key,
                   lambda moment=moment: Kill(moment, it.controller.kill)) for moment in MOMENTS]
        if key.startswith(("POST containers/backup", "POST containers/drill",
                           "POST containers/restore")) and "/start #1" in key:
            name = key.split("/")[1]
            found.append(("kill the job of " + key, key, lambda name=name: Act(
                lambda: kill_job(it, name, random.Random("%s %s" % (seed(), name))), "after")))
    return found


def some_of(found):
    wanted = os.environ.get("MATRIARCH_PLACES", "2")
    if wanted.endswith("-"):
        return found[int(wanted[:-1]) - 1:]
    if wanted == "all" or int(wanted) >= len(found):
        return found
    return random.Random(seed()).sample(found, int(wanted))


def interrupted(it, words, cycle):
    it.tap.watch({})
    it.step("%s, without a fault" % words, cycle)
    every = faults(it, it.tap.let_be())
    chosen, met = some_of(every), 0
    for text, key, make in chosen:
        it.tap.watch({key: make()})
        it.step(text, cycle)
        it.tap.let_be()
        met += key in it.tap.fired
    it.step("at rest", kept_running(settled()), answers("4.5.0"))
    print("        %s: %d of %d places tried, %d met" % (words, len(chosen), len(every), met),
          flush=True)


@scenario("kill -9 at any place of a backup must lose nothing verified and count nothing twice",
          long=True)
def backup_interrupted(it):
    keeps_backups(it, keep=KEEP)
    it.step("the instance runs", deployed())
    it.step("a backup is made", backup_and_drill)
    interrupted(it, "a backup with its drill", backup_and_drill)


@scenario("kill -9 at any place of a restore must bring back every row all the same", long=True)
def restore_interrupted(it):
    keeps_backups(it, keep=KEEP)
    it.step("the instance runs, and people live in it", deployed(), live_in_it)
    it.step("a backup is made", lambda it: until_done(it, "backup", "run", it.name),
            keep_in_mind)
    interrupted(it, "a restore", restored)

"""Continuous archiving: what was committed seconds before the disk of the database was lost comes
back, and the database as it was at a moment."""
import threading
import time

from backups import keeps_backups
from harness.scenario import (Part, answers, deployed, eventually, expect, scenario, settled,
                              throughout)
from restores import (databases, environment, has_its_keys, is_closed_politely, live_in_it, psql,
                      restore, sidekiq_is_stopped)

BATCH = 20


def keeps_every_change(it):
    keeps_backups(it, continuous=True)


def archived(it):
    is_true, message = it.condition("ArchiveStreams")
    return expect(is_true, "ArchiveStreams is not true: " + message)


def alarm(it):
    return expect("postgres-15 is gone" in it.condition("Stalled")[1], "no alarm")


class rows_written(Part):
    """Rows at a steady rate, each a transaction of its own; what was acknowledged, and when."""

    def begin(self, it):
        psql(it, "CREATE TABLE IF NOT EXISTS steady (n bigint PRIMARY KEY);")
        it.kept["acknowledged"], self.over = [], threading.Event()
        self.thread = threading.Thread(target=self._write, args=(it,), daemon=True)
        self.thread.start()

    def _write(self, it):
        first = 0
        while not self.over.is_set():
            batch = range(first, first + BATCH)
            try:
                psql(it, *("INSERT INTO steady VALUES (%d);" % n for n in batch))
            except Exception:
                return  # the database is gone
            it.kept["acknowledged"] += [(n, time.time()) for n in batch]
            first += BATCH

    def stop(self, it):
        self.over.set()
        self.thread.join()


def long_enough(seconds):
    """Rows were acknowledged for so long."""
    def check(it):
        known = it.kept["acknowledged"]
        return expect(known and known[-1][1] - known[0][1] > seconds, "%d rows" % len(known))
    return check


def lose_the_disk(it):
    it.kept["lost_at"] = time.time()
    it.engine.lose(it.name + "-postgres-15")


def rows_of_before(it):
    have = set(map(int, psql(it, "SELECT n FROM steady;").split()))
    known = it.kept["acknowledged"]
    due = [n for n, at in known if at <= it.kept["lost_at"] - 5]
    lost = it.kept["continuous_rows_lost"] = len(set(due) - have)
    print("        continuous_rows_lost %d of %d, of those until the end %d of %d" % (
        lost, len(due), len({n for n, _ in known} - have), len(known)), flush=True)
    return expect(due and not lost, "%d of %d rows are lost" % (lost, len(due)))


def diary_is_whole(it):
    return expect(psql(it, "SELECT count(*) FROM diary;").strip() == "20000", "rows of the diary")


@scenario("rows committed until seconds before the disk of the database was lost must come back",
          long=True)
def continuous_archive(it):
    keeps_every_change(it)
    it.step("the instance runs, and people live in it", deployed(), live_in_it,
            eventually(archived, 90))
    it.step("people write, until the disk of the database is lost", rows_written(),
            eventually(long_enough(12), 60), lose_the_disk)
    it.step("the alarm is given, and nothing is made in its place", eventually(alarm, 30))
    began = time.monotonic()
    it.step("one command brings it back", restore("--to-time", "latest", "--yes", says=[
        "matriarch resume"]), eventually(answers("4.5.0"), 120))
    it.kept["continuous_recovery_s"] = time.monotonic() - began
    print("        continuous_recovery_s %.1f" % it.kept["continuous_recovery_s"], flush=True)
    it.step("the rows are there", rows_of_before, diary_is_whole, eventually(settled(), 60),
            sidekiq_is_stopped)
    it.step("the new database is archived as the one before", eventually(archived, 60))


def keep_keys(it):
    it.kept["keys"] = environment(it, "web")


def clock(it):
    return int(psql(it, "SELECT floor(extract(epoch FROM now()));"))


@scenario("the database must come back as it was at a moment between two mistakes")
def continuous_moment(it):
    keeps_every_change(it)
    it.step("the instance runs, and people live in it", deployed(), live_in_it, keep_keys,
            eventually(archived, 90))
    psql(it, "DELETE FROM diary WHERE id > 19000;", "CREATE TABLE steady (n bigint);")
    moment = clock(it) + 1
    it.step("time passes", eventually(lambda it: expect(clock(it) > moment, "not yet"), 10))
    psql(it, "DELETE FROM diary WHERE id > 10;", "DROP TABLE steady;")
    it.step("a moment before its time is refused", restore(
        "--to-time", "2026-01-01T00:00:00Z", "--yes", code=4, says=["no base backup"]),
        throughout(answers()))
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))
    it.step("somebody asks for the moment", restore("--to-time", at, "--yes", says=[
        "matriarch resume", "DROP DATABASE before_"]), throughout(is_closed_politely))
    it.step("it is as it was then", eventually(answers("4.5.0"), 120), lambda it: expect(
        psql(it, "SELECT count(*) FROM diary;", "SELECT count(*) FROM steady;").split() ==
        ["19000", "0"], "other rows"), eventually(settled(), 60), sidekiq_is_stopped,
        has_its_keys)
    it.step("what there was before is kept", lambda it: expect(
        len(databases(it)) == 1, "kept: %s" % databases(it)), eventually(archived, 60))

"""Damage to backups: in the dump before it is stored, and in every file of the repository. It must
be found before a backup counts. MATRIARCH_DAMAGES says how many are tried, MATRIARCH_DAMAGES_FROM
which is the first: 200 take half an hour, in one go or in parts."""
import contextlib
import os

from backups import asked, has, keeps_backups, restic, snapshots
from harness.engine import role
from harness.scenario import Failed, answers, deployed, eventually, expect, scenario, throughout

KINDS = ("flip", "cut", "gone")


def damaged(whole, how, turn):
    """A file's bytes with one bit flipped or the end cut off, each time elsewhere; None: gone."""
    place = turn * 2654435761 % len(whole)
    if how == "flip":
        return whole[:place] + bytes([whole[place] ^ 1 << turn % 8]) + whole[place + 1:]
    return whole[:place] if how == "cut" else None


@contextlib.contextmanager
def hurt(path, how, turn):
    """Damaged for as long as this lasts."""
    with open(path, "rb") as source:
        whole, mode = source.read(), os.stat(path).st_mode
    piece = damaged(whole, how, turn)
    os.unlink(path)
    if piece is not None:
        with open(path, "wb") as out:
            out.write(piece)
    try:
        yield
    finally:
        with open(path, "wb") as out:
            out.write(whole)
        os.chmod(path, mode)


def places(it):
    """Every file of the repository that a restore of the database needs; first one of each part."""
    ours = [one["id"] for one in snapshots(it, "database")]
    found = [(0, os.path.join(it.repository, "config"))]
    for part in ("data", "index", "snapshots", "keys"):
        files = [os.path.join(folder, name)
                 for folder, _, names in os.walk(os.path.join(it.repository, part))
                 for name in names if part != "snapshots" or name in ours]
        found += enumerate(sorted(files))
    return [path for _, path in sorted(found)]


def tries(files, count):
    """Each file in turn, and of each one kind after the other."""
    first = int(os.environ.get("MATRIARCH_DAMAGES_FROM", "0"))
    return [(turn, files[turn % len(files)], KINDS[(turn + turn // len(files)) % len(KINDS)])
            for turn in range(first, first + count)]


def checks_out(it):
    """Whether `restic check`, as people run it, finds nothing wrong."""
    try:
        return restic(it, "check") is not None
    except AssertionError:
        return False


def is_found(it):
    """A drill ends with what is wrong."""
    done = it.controller.of_state("backup", "verify", it.name, timeout=300)
    if done.code not in (0, 4):
        raise Failed("backup verify ended with %d: %s" % (done.code, done.out + done.err))
    return done.code == 4


def hurt_repository(it, count):
    """Returns what was not found, and how much of it restic's own check would not have either."""
    missed, missed_by_check = [], 0
    for turn, path, how in tries(places(it), count):
        name = "%s: %s" % (path[len(it.repository):], how)
        with hurt(path, how, turn):
            missed_by_check += checks_out(it)
            it.note(name)
            if not is_found(it):
                missed.append(name)
    return missed, missed_by_check


def forget_jobs(it):
    """As the hint says: it is tried again at once."""
    for one in it.containers().values():
        has_failed = one["State"]["Status"] == "exited" and one["State"]["ExitCode"] != 0
        if has_failed and role(one) in ("snapshot", "snapshot-media"):
            it.engine.remove(one["Id"])


def refuses(it):
    """The job has looked at the dump, and ended as it does where that is not whole."""
    states = [one["State"] for one in it.of_role("snapshot")]
    return expect([(one["Status"], one["ExitCode"]) for one in states] == [("exited", 3)],
                  "the job: %s" % states)


def works(it):
    return expect(it.condition("BackupsWork")[0], it.condition("BackupsWork")[1])


def hurt_dump(it, count):
    """A dump that lies there, since its repository was away: what is stored of it, damaged."""
    os.rename(it.repository, it.repository + "-away")
    it.step("the repository is away", asked("run", 4))
    os.rmdir(it.repository)
    os.rename(it.repository + "-away", it.repository)
    folder = it.engine.get("/volumes/%s-backups" % it.name)["Mountpoint"]
    for turn in range(count):
        how = KINDS[turn % len(KINDS)]
        with hurt(os.path.join(folder, "set", "database.dump"), how, turn):
            it.step("the dump: " + how, forget_jobs, eventually(refuses, 60))
    it.step("nothing of it counts", has(1, "database"))
    it.step("whole, it is stored", forget_jobs, eventually(has(2, "database"), 90),
            eventually(has(2, "media"), 90), eventually(works, 30), throughout(answers()))


@scenario("what is damaged in a dump or the repository must be found before a backup is verified")
def backup_damaged(it):
    count = int(os.environ.get("MATRIARCH_DAMAGES", "4"))
    of_dump = max(1, count // 10)
    keeps_backups(it)
    it.step("the instance runs", deployed())
    it.step("a backup is made", asked("run"))
    hurt_dump(it, of_dump)
    missed, by_check = hurt_repository(it, count - of_dump)
    it.kept["damages_tried"], it.kept["damages_missed"] = count, len(missed)
    it.kept["damages_missed_by_restic_check"] = by_check
    print("        damages_tried %d damages_missed %d, in the repository by restic's own check %d"
          % (count, len(missed), by_check), flush=True)
    it.step("each was found", lambda it: expect(not missed, "missed: " + ", ".join(missed)))
    it.step("nothing was called verified", has(0, "database", "verified"), has(2, "database"))
    it.step("mended, it is", asked("verify", 0), has(1, "database", "verified"), answers("4.5.0"))

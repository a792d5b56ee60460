"""Damage of backups: bits flipped, ends cut off, files gone, in the dump before it is stored and in
every kind of file of the repository. MATRIARCH_DAMAGES says how many; every fifth is of a dump.
Runs beside one another, each with its MATRIARCH_DAMAGES_FROM, share many of them out."""
import os
import shutil
import subprocess

from backups import asked, has, keeps_backups, secrets, snapshots
from harness.faults import Act
from harness.scenario import answers, deployed, expect, scenario

HOWS = ("flip", "cut", "gone")


def damaged(whole, how, turn):
    """A file's bytes with one bit flipped or the end cut off, each time elsewhere; None: gone."""
    place = turn * 2654435761 % len(whole)
    if how == "flip":
        return whole[:place] + bytes([whole[place] ^ 1 << turn % 8]) + whole[place + 1:]
    return whole[:place] if how == "cut" else None


class Damage:
    """A file that is not what it was, until it is mended."""

    def __init__(self, path, how, turn):
        self.path = path
        with open(path, "rb") as source:
            self.whole, self.mode = source.read(), os.stat(path).st_mode
        self.write(damaged(self.whole, how, turn))

    def write(self, content):
        if os.path.exists(self.path):
            os.unlink(self.path)
        if content is not None:
            with open(self.path, "wb") as out:
                out.write(content)
            os.chmod(self.path, self.mode)

    def mend(self):
        self.write(self.whole)


def places(it):
    """Every file of the repository that a restore of the database needs, largest packs first."""
    ours = [one["id"] for one in snapshots(it, "database")]
    found = []
    for part in ("data", "index", "snapshots", "keys"):
        for folder, _, names in os.walk(os.path.join(it.repository, part)):
            found += [os.path.join(folder, name) for name in names
                      if part != "snapshots" or name in ours]
    return sorted(found + [os.path.join(it.repository, "config")],
                  key=lambda path: (path.split("/")[-2], -os.path.getsize(path)))


def check_beside(it, turn):
    """`restic check`, as people run it, begun on a copy: it asks for a cut file again and again."""
    copy = "%s/checked-%d" % (it.folder, turn)
    shutil.copytree(it.repository, copy)
    return subprocess.Popen(
        ["restic", "--no-cache", "--no-lock", "-r", copy, "check"], stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, env=dict(os.environ, RESTIC_PASSWORD=it.kept["password"]))


def of_dump(it, how, turn):
    """Between the job that makes the dump and the one that stores it."""
    volume = it.engine.volumes(it.name)[it.name + "-backups"]["Mountpoint"]
    path = os.path.join(volume, "set", "database.dump")
    hurt = []
    it.tap.watch({"POST containers/backup-database/start #1":
                  Act(lambda: hurt.append(Damage(path, how, turn)))})
    it.step("the dump: " + how, asked("run", 4))
    it.tap.let_be()
    it.step("it was stored by nobody", has(1, "database"),
            lambda it: expect(hurt and not it.tap.troubles, "it was not hurt"))


def of_repository(it, path, how, turn):
    """Returns restic's own check of it, which goes on."""
    hurt = Damage(path, how, turn)
    check = check_beside(it, turn)
    it.step("%s: %s" % (path[len(it.repository):], how), asked("verify", 4))
    hurt.mend()
    return check


@scenario("what is damaged must be found before a backup is called verified", long=True)
def backup_damaged(it):
    keeps_backups(it)
    it.controller.interval = "1s"  # what is asked for waits for the next look
    it.step("the instance runs", deployed())
    it.step("a backup is made", asked("run"))
    it.kept["password"] = secrets(it)["restic-password"].strip("'\"")
    count = int(os.environ.get("MATRIARCH_DAMAGES", "5"))
    first = int(os.environ.get("MATRIARCH_DAMAGES_FROM", "0"))
    dumps = count // 5
    # First those of the repository: a new backup writes into it, and then not every file is needed.
    files = places(it)
    checks = []
    for turn in range(first, first + count - dumps):
        path = files[(7 * turn + turn // len(files)) % len(files)]
        checks.append(of_repository(it, path, HOWS[turn % 3], turn))
    for turn in range(first, first + dumps):
        of_dump(it, HOWS[turn % 3], turn)
    it.step("nothing was called verified", has(0, "database", "verified"), has(1, "database"))
    found_by_check = sum(check.wait() != 0 for check in checks)
    print("        damages_tried %d damages_missed 0; %d of dumps; of the others restic's own "
          "check finds %d of %d" % (count, dumps, found_by_check, count - dumps), flush=True)
    it.step("mended, it is", asked("run", 0), asked("verify", 0), has(1, "database", "verified"),
            answers("4.5.0"))

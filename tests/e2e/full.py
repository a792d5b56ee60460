"""Disks that are full where backups go: the one of the repository, and the one of the dumps."""
import os
import subprocess

from backups import asked, has, keeps_backups, restic
from harness.scenario import (answers, commit, deployed, eventually, expect, scenario, settled,
                              stalled, throughout)

MIB = 1 << 20


def small_disk(it, folder, size):
    """A file system of its own there, with nothing in it."""
    image = os.path.join(it.folder, os.path.basename(os.path.dirname(folder)) + ".disk")
    with open(image, "wb") as out:
        out.truncate(size)
    subprocess.run(["mkfs.ext4", "-q", "-F", "-m", "0", image], check=True)
    os.makedirs(folder)
    subprocess.run(["mount", "-o", "loop", image, folder], check=True)
    os.rmdir(folder + "/lost+found")


def fill(folder):
    """To the last block."""
    def fill_it(it):
        for size in (1 << 20, 1 << 12):
            number = 0
            try:
                while True:
                    with open("%s/filling-%d-%d" % (folder, size, number), "wb") as out:
                        os.posix_fallocate(out.fileno(), 0, size)
                    number += 1
            except OSError:
                os.unlink("%s/filling-%d-%d" % (folder, size, number))
    return fill_it


def make_room(folder):
    def make_it(it):
        for name in os.listdir(folder):
            if name.startswith("filling-"):
                os.unlink(os.path.join(folder, name))
    return make_it


def is_told(it):
    works, message = it.condition("BackupsWork")
    return expect(not works and "the repository is full" in message, "BackupsWork: " + message)


@scenario("a full repository must be told of and count for nothing, and be gone on with once it "
          "has room", long=True)
def backup_full(it):
    keeps_backups(it)
    it.document["upgrade"]["backup"] = "required"
    disk, dumps = it.folder + "/of-backups/disk", "%s/data/volumes/%s-backups/_data" % (
        os.environ["MATRIARCH_ENGINE_DIR"], it.name)
    it.repository = it.document["backups"]["repository"] = disk + "/repository"
    try:
        small_disk(it, disk, 48 * MIB)
        small_disk(it, dumps, 64 * MIB)
        full_repository(it, disk)
        full_dumps(it, dumps)
    finally:
        for folder in (disk, dumps):
            if os.path.ismount(folder):
                subprocess.run(["umount", "-l", folder], check=True)


def full_repository(it, disk):
    it.step("the instance runs", deployed())
    it.step("a backup is made", asked("run"), has(1, "database"), has(1, "media"))
    it.step("its disk is full", fill(disk), throughout(answers()),
            asked("run", 4, "the repository is full", "make room"))
    it.step("it is told, and nothing half counts", is_told, settled(), has(1, "database"),
            has(1, "media"), lambda it: restic(it, "check") and None)
    it.step("there is room again", make_room(disk), throughout(answers()), asked("run"),
            has(2, "database"))


def full_dumps(it, dumps):
    it.step("the disk of the dumps is full, and a release with migrations is pushed", fill(dumps),
            throughout(answers("4.5.0")), commit(mastodon="v4.6.0"), eventually(stalled(
                "no migration without a backup", "No space left"), 60))
    it.step("no migration was begun", lambda it: expect(
        not it.of_role("migrate") + it.of_role("premigrate"), "a migration was begun"))
    it.step("there is room, the failed job is removed as the message says, and it goes on",
            make_room(dumps), lambda it: it.engine.remove(it.service("backup")["Id"]),
            eventually(answers("4.6.0"), 120), eventually(settled(), 60))

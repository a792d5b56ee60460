"""A disk that is full at the worst moments: disk.py [NAME], a lane whose Engine has a small disk.

What serves goes on serving, nothing is removed, and once there is space again the work goes on to
its end. The Engine starts no container on a full disk: only with a disk of its own for the database
can old code be put back after a migration that found no space.
"""
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(HERE, "..", "support"))

import oracle  # noqa: E402
from harness.faults import Act  # noqa: E402
from harness.fleet import merged  # noqa: E402
from harness.scenario import (Part, answers, expect, remember, settled,  # noqa: E402
                              stalled, throughout, unchanged)
from record import Record  # noqa: E402
from workloads import Workload  # noqa: E402
from world import World, at_last  # noqa: E402

SMALL = {"storage": {"reserve": "16MiB"}, "settings": {"STANDIN_MIGRATION_SECONDS": "1"}}
UPGRADE = Workload("full disk", SMALL | {"mastodon": "v4.4.8"},
                   SMALL | {"mastodon": "v4.5.0", "upgrade": {"backup": "required"}})
OLD, NEW = UPGRADE.before["mastodon"], UPGRADE.version()


class Disk:
    """The file system of this folder: full(), and free() again."""

    def __init__(self, folder):
        self.folder = os.path.join(folder, "filling")

    def full(self):
        os.makedirs(self.folder, exist_ok=True)
        for size in (1 << 24, 1 << 20, 1 << 12):  # the last blocks are too few for large files
            number = 0
            while self._take("%s/%d-%d" % (self.folder, size, number), size):
                number += 1

    def _take(self, path, size):
        try:
            with open(path, "wb") as out:
                os.posix_fallocate(out.fileno(), 0, size)
            return True
        except OSError:
            return False

    def free(self):
        for name in os.listdir(self.folder) if os.path.isdir(self.folder) else []:
            os.unlink(os.path.join(self.folder, name))


class WorldWithDatabaseDisk(World):
    """Its database's volume is a file system of its own: mounted before the volume is made."""

    def __init__(self):
        super().__init__()
        self.engine = os.environ["MATRIARCH_ENGINE_DIR"]
        self.folder = self.engine + "/data/volumes/e2e1-postgres-15/_data"

    def renew(self):
        super().renew()
        image = self.engine + "/database.disk"
        with open(image, "wb") as out:
            out.truncate(160 << 20)
        subprocess.run(["mkfs.ext4", "-q", "-F", "-m", "0", image], check=True)
        os.makedirs(self.folder)
        subprocess.run(["mount", "-o", "loop", image, self.folder], check=True)
        os.rmdir(self.folder + "/lost+found")  # a new volume is empty

    def close(self):
        if os.path.ismount(self.folder):
            subprocess.run(["umount", "-l", self.folder], check=True)
        super().close()


def told(it):
    """The instance is not reported as done, and the disk is named."""
    status = it.controller.status(it.name)
    words = "; ".join(one["message"] for one in status["conditions"])
    return expect(not status["settled"] and ("space" in words or "MiB free" in words),
                  "nothing is said of the disk: " + words)


def looked_again(times=5):
    """The controller has had that many more looks at it: time in which it could do harm."""
    class look(Part):
        def run(self, it):
            before = it.tap.mark()
            at_last(lambda it: expect(
                len([call for call in it.tap.since(before) if "/containers/json" in call]) >= times,
                "not looked at again")).run(it)
    return look()


def services(it):
    """Ids of what serves or holds data."""
    return {name: one["Id"] for name, one in it.containers().items()
            if one["HostConfig"]["RestartPolicy"]["Name"] == "always"}


class Full:
    """The version is changed, and a disk is full from one call on until it is free again."""

    def __init__(self):
        self.world = self.disk = None

    def begin(self, world, disk, key, moment):
        self.world, self.disk = world, disk
        it = self.it = world.at_begin_of(UPGRADE, [
            "mastodon:" + NEW, "mastodon-streaming:" + NEW])
        self.data = oracle.data(it)
        it.tap.watch({key: Act(disk.full, moment)})

        def is_full(it):
            assert not it.tap.troubles, it.tap.troubles
            return expect(key in it.tap.fired, "no such call yet: " + key)
        it.step("the version is pushed", remember("services", services),
                lambda it: it.push("the change", merged(it.document, UPGRADE.change)) and None,
                at_last(is_full))
        return it

    def free_again(self):
        self.disk.free()
        self.it.step("there is space again")
        self.end()

    def end(self):
        self.it.step("it comes to its end", at_last(answers(NEW)),
                     at_last(settled()))
        lost = oracle.differences(self.data, oracle.data(self.it))
        assert not lost, "; ".join(lost)

    def remove_job(self):
        """What the message says: remove the failed migration, to try again."""
        self.it.step("the failed job is removed by hand",
                     lambda it: it.engine.remove(it.service("migrate")["Id"]))

    def of_engine(self, world, key, moment="before"):
        return self.begin(world, Disk(os.path.join(os.environ["MATRIARCH_ENGINE_DIR"], "data")),
                          key, moment)


def while_pulling(full, world):
    it = full.of_engine(world, "POST images/create mastodon:%s #1" % NEW)
    it.step("the disk is full while it is pulled", throughout(answers(OLD)), at_last(told),
            looked_again(), unchanged("services", services))
    full.free_again()


def before_swap(full, world):
    it = full.of_engine(world, "POST containers/create migrations #1")
    it.step("the disk is full when all is pulled", throughout(answers(OLD)), at_last(told),
            looked_again(), unchanged("services", services))
    full.free_again()


def while_migrating(full, world):
    it = full.of_engine(world, "POST containers/migrate/start #1", "after")
    it.step("the disk is full while it is migrated", at_last(stalled("pending migrations")),
            unchanged("services", services))
    full.disk.free()
    it.step("there is space again, and the old version is put back", at_last(answers(OLD)))
    full.remove_job()
    full.end()


def database_full(full, world):
    it = full.begin(world, Disk(world.folder), "POST containers/migrate/start #1", "after")
    it.step("the database's disk is full while it is migrated",
            at_last(stalled("pending migrations")))
    it.step("the old version is put back", at_last(answers(OLD)),
            unchanged("services", services))
    full.disk.free()
    full.remove_job()
    full.end()


TRIALS = {while_pulling: World, before_swap: World, while_migrating: World,
          database_full: WorldWithDatabaseDisk}


def chosen(name):
    """All of them, nightly or by name; else one, another one with another seed."""
    trials = list(TRIALS)
    if name:
        return [one for one in trials if name in one.__name__]
    if os.environ.get("MATRIARCH_NIGHTLY"):
        return trials
    return [trials[int(os.environ["MATRIARCH_SEED"]) // 3 % len(trials)]]


def main():
    name = "".join(sys.argv[1:2]).removeprefix("full disk").strip(", ").replace(" ", "_")
    record, worlds, full, done = Record("full disk"), {}, Full(), 0
    try:
        for trial in chosen(name):
            world = worlds.setdefault(TRIALS[trial], TRIALS[trial]())
            for other in worlds.values():
                if other is not world:
                    other.close()
            title = trial.__name__.replace("_", " ")
            if record.attempt(title, lambda: trial(full, world), lambda: world.it):
                done += 1
            else:
                full.disk.free()
                world.spoil()
    finally:
        for world in worlds.values():
            world.close()
        record.write({"full_disks": done}, {"full_disks": len(TRIALS)})
    return 1 if record.failed else 0


if __name__ == "__main__":
    sys.exit(main())

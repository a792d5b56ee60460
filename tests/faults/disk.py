"""A disk that is full at the worst moments: disk.py [NAME], a lane whose Engine has a small disk.

Everything is on it: images, containers, volumes, the database. What serves goes on serving, nothing
is removed, and once there is space again the work goes on to its end.
"""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(HERE, "..", "support"))

import oracle  # noqa: E402
from harness.faults import Act  # noqa: E402
from harness.fleet import merged  # noqa: E402
from harness.scenario import (answers, eventually, expect, remember, settled,  # noqa: E402
                              throughout, unchanged)
from record import Record  # noqa: E402
from workloads import Workload  # noqa: E402
from world import World  # noqa: E402

SMALL = {"storage": {"reserve": "16MiB"}, "settings": {"STANDIN_MIGRATION_SECONDS": "1"}}
UPGRADE = Workload("full disk", SMALL | {"mastodon": "v4.4.8"},
                   SMALL | {"mastodon": "v4.5.0", "upgrade": {"backup": "required"}})
OLD, NEW = UPGRADE.before["mastodon"], UPGRADE.version()


class Disk:
    """The Engine's small disk: full(), and free() again."""

    def __init__(self):
        self.folder = os.path.join(os.environ["MATRIARCH_ENGINE_DIR"], "data", "filling")

    def full(self):
        os.makedirs(self.folder, exist_ok=True)
        for size in (1 << 20, 1 << 12, 1 << 9):  # the last blocks are too few for large files
            number = 0
            while self._write("%s/%d-%d" % (self.folder, size, number), size):
                number += 1

    def _write(self, path, size):
        try:
            with open(path, "wb", buffering=0) as out:
                out.write(b"x" * size)
                os.fsync(out.fileno())
            return True
        except OSError:
            return False

    def free(self):
        for name in os.listdir(self.folder) if os.path.isdir(self.folder) else []:
            os.unlink(os.path.join(self.folder, name))


def told(it):
    """The instance is not reported as done, and the disk is named."""
    status = it.controller.status(it.name)
    words = "; ".join(one["message"] for one in status["conditions"])
    return expect(not status["settled"] and ("space" in words or "MiB free" in words),
                  "nothing is said of the disk: " + words)


def services(it):
    """Ids of what serves or holds data."""
    return {name: one["Id"] for name, one in it.containers().items()
            if one["HostConfig"]["RestartPolicy"]["Name"] == "always"}


class Full:
    """The version is changed, and the disk is full from one call on until it is told to be free."""

    def __init__(self, world, disk):
        self.world, self.disk = world, disk

    def begin(self, key, moment):
        it = self.it = self.world.at_begin_of(UPGRADE, [
            "mastodon:" + NEW, "mastodon-streaming:" + NEW])
        self.data = oracle.data(it)
        it.tap.watch({key: Act(self.disk.full, moment)})

        def is_full(it):
            assert not it.tap.troubles, it.tap.troubles
            return expect(key in it.tap.fired, "no such call yet: " + key)
        it.step("the version is pushed", remember("services", services),
                lambda it: it.push("the change", merged(it.document, UPGRADE.change)) and None,
                eventually(is_full, 60))
        return it

    def free_again(self):
        self.disk.free()
        self.it.step("there is space again", eventually(answers(NEW), 180),
                     eventually(settled(), 60))
        lost = oracle.differences(self.data, oracle.data(self.it))
        assert not lost, "; ".join(lost)

    def while_pulling(self):
        it = self.begin("POST images/create mastodon:%s #1" % NEW, "before")
        it.step("the disk is full while it is pulled", throughout(answers(OLD)),
                eventually(told, 60), unchanged("services", services))
        self.free_again()

    def before_swap(self):
        it = self.begin("POST containers/create migrations #1", "before")
        it.step("the disk is full when all is pulled", throughout(answers(OLD)),
                eventually(told, 60), unchanged("services", services))
        self.free_again()

    def while_migrating(self):
        it = self.begin("POST containers/migrate/start #1", "after")
        it.step("the disk is full while it is migrated", eventually(told, 90))
        it.step("it serves", eventually(answers(), 60))
        self.free_again()


def main():
    name = "".join(sys.argv[1:2])
    record, world = Record("full disk"), World()
    full = Full(world, Disk())
    try:
        for title in ("while_pulling", "before_swap", "while_migrating"):
            if name in title and not record.attempt(title.replace("_", " "), getattr(full, title),
                                                    lambda: world.it):
                full.disk.free()
                world.spoil()
    finally:
        world.close()
        record.write({}, {})
    return 1 if record.failed else 0


if __name__ == "__main__":
    sys.exit(main())

"""One instance on this lane's Engine: brought to where a workload begins, as often as it is wanted.

Made once from nothing, then only rewound: what runs Mastodon's code goes, the database is made
again from a copy inside PostgreSQL, the controller's state folder from a copy beside it, and the
controller brings the old version up. The volumes stay the same all the time.
"""
import os
import shutil

import oracle
from harness.fleet import merged
from harness.scenario import Scene, answers, eventually, settled

ROLES_THAT_STAY = {"postgres", "redis", "edge"}


LIMIT = 600
ENQUEUED = "standin:enqueued"


def at_last(check):
    """However busy the machine is; the limit is there so that everything ends."""
    return eventually(check, LIMIT)


class World:
    def __init__(self):
        self.it, self.settled_in = None, None

    def at_begin_of(self, workload, pulls=()):
        """The scene at the workload's begin; these images are not on the host then."""
        if workload.before is None:
            self.renew()
        elif self.settled_in is not workload:
            self.settle(workload)
        else:
            self.rewind(workload)
        for image in pulls:
            self.it.engine.remove_image(image)
        return self.it

    def renew(self):
        self.close()
        self.it = Scene("", 1)
        self.file = self.it.document
        self.it.engine.wipe(self.it.name)

    def spoil(self):
        """What is there now is not to be built upon."""
        self.settled_in = None

    def close(self):
        self.settled_in = None
        if self.it:
            self.it.close()
            self.it = None

    def settle(self, workload):
        """The settled state before the workload, made from nothing, with rows in it and marks in
        its volumes; and the copies that rewind() needs."""
        self.renew()
        it = self.it
        it.push("before", merged(self.file, workload.before))
        it.controller.start()
        self.await_rest()
        for number in range(3):
            assert not oracle.post(it, "before %d" % number), "no status can be posted"
        at_last(oracle.all_work_is_done).run(it)
        oracle.mark_volumes(it)
        it.controller.stop()
        self.remove_code()
        oracle.sql(it, "create database before template mastodon_production", "postgres")
        self.copy_jobs(ENQUEUED, "before")
        shutil.copytree(it.controller.state, it.controller.state + ".before")
        self.settled_in = workload
        self.start_before()

    def rewind(self, workload):
        it = self.it
        it.controller.kill()
        self.remove_code()
        oracle.sql(it, "drop database mastodon_production with (force)", "postgres")
        oracle.sql(it, "create database mastodon_production template before", "postgres")
        self.copy_jobs("before", ENQUEUED)
        self.rewind_state(it.controller.state)
        it.push("before", merged(self.file, workload.before))
        self.start_before()

    @staticmethod
    def rewind_state(folder):
        """All but which controller this is: a copy of that file would be another one."""
        for name in os.listdir(folder):
            path = os.path.join(folder, name)
            if os.path.isdir(path):
                shutil.rmtree(path)
            elif name != "controller":
                os.remove(path)
        shutil.copytree(folder + ".before", folder, dirs_exist_ok=True,
                        ignore=shutil.ignore_patterns("controller"))

    def copy_jobs(self, source, target):
        """Which jobs there were is known to Redis, and what became of them to the database."""
        code, out = self.it.engine.execute(self.it.service("redis")["Id"], [
            "redis-cli", "copy", source, target, "replace"])
        assert code == 0, "redis-cli ended with %d: %s" % (code, out)

    def start_before(self):
        self.it.controller.start()
        self.await_rest()

    def await_rest(self):
        at_last(answers(self.it.document["mastodon"])).run(self.it)
        at_last(settled()).run(self.it)

    def remove_code(self):
        for one in self.it.containers().values():
            if one["Config"]["Labels"]["social.matriarch.role"] not in ROLES_THAT_STAY:
                self.it.engine.remove(one["Id"])

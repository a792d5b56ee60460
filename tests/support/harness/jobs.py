"""What became of the jobs: the stand-in's own counts, held against what clients were told.

`standin counts` and `standin jobs` are asked in a container of web, on any instance whose jobs
these are. Meant for when nothing posts any more.
"""
import json
import time


def counts(engine, web):
    code, out = engine.execute(web, ["standin", "counts"])
    if code != 0:
        raise AssertionError("standin counts ended with %d: %s" % (code, out[-400:]))
    return json.loads(out)


def done(engine, web):
    """How often each job was done, by its id."""
    code, out = engine.execute(web, ["standin", "jobs"])
    if code != 0:
        raise AssertionError("standin jobs ended with %d: %s" % (code, out[-400:]))
    return {jid: int(times) for jid, times in (line.split() for line in out.splitlines())}


class Account:
    """Waits until every job is done, at most so long; what is not done by then is lost.

    lost     jobs that were enqueued (as Redis knows) or promised to a client (its answer named the
             job) and never done; and statuses whose job was never enqueued
    doubled  jobs done more than once, each time beyond the first
    """

    def __init__(self, engine, web, promised, limit=120):
        began = time.monotonic()
        while True:
            found = counts(engine, web)
            if not found["undone"] or time.monotonic() - began > limit:
                break
            time.sleep(0.5)
        self.times = done(engine, web)
        undone = (set(promised) | set(found["undone"])) - self.times.keys()
        self.enqueued = found["jobs_enqueued"]
        self.lost = len(undone) + found["statuses_without_job"]
        self.doubled = sum(times - 1 for times in self.times.values())
        self.schedulers = found["schedulers"]
        self.schedulers_max = found["schedulers_max"]

    def words(self):
        return "%d jobs enqueued, %d lost, %d doubled; at most %d of %d schedulers at once" % (
            self.enqueued, self.lost, self.doubled, self.schedulers_max, len(self.schedulers))

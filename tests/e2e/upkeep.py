"""Upkeep of the host's disk: the cache of other servers is cleaned on its schedule, and images that
nobody needs any more go; a full disk."""
import os
import subprocess
import time

from harness.engine import LABEL
from harness.fleet import NEVER, REGISTRY
from harness.scenario import (answers, commit, deployed, eventually, expect, memory, scenario,
                              settled, throughout)

# An old copy from another server, a new one, an upload of ours that is old, and two previews.
ROWS = """
INSERT INTO media_attachments (file_file_name, file_file_size, remote_url, created_at) VALUES
  ('old.png', 4, 'https://other.test/old.png', now() - interval '10 days'),
  ('new.png', 4, 'https://other.test/new.png', now() - interval '1 day'),
  ('ours.png', 4, '', now() - interval '10 days');
INSERT INTO preview_cards (url, image_file_name, created_at) VALUES
  ('https://other.test/1', 'old-card.png', now() - interval '40 days'),
  ('https://other.test/2', 'new-card.png', now() - interval '20 days');
"""


def psql(it, statement):
    code, out = it.engine.execute(it.service("postgres")["Id"], [
        "psql", "-XAtq", "-U", "mastodon", "-d", "mastodon_production", "-c", statement])
    if code != 0:
        raise AssertionError("psql ended with %d: %s" % (code, out))
    return out.split()


def fill_cache(it):
    psql(it, ROWS)
    code, out = it.engine.execute(it.of_role("web")[0]["Id"], [
        "sh", "-c", "mkdir -p public/system/cache && cd public/system/cache && "
                    "for one in old new ours; do echo old > $one.png; done"])
    return expect(code == 0, out)


def cleaned(it):
    left = psql(it, "SELECT file_file_name FROM media_attachments WHERE file_file_name IS NOT NULL"
                    " UNION SELECT image_file_name FROM preview_cards"
                    " WHERE image_file_name IS NOT NULL ORDER BY 1")
    code, files = it.engine.execute(it.of_role("web")[0]["Id"], ["ls", "public/system/cache"])
    return expect(code == 0 and left == ["new-card.png", "new.png", "ours.png"] and
                  files.split() == ["new.png", "ours.png"],
                  "rows %s, files %s" % (left, files.split()))


def watched(it):
    """Notes each job that there is, with the time of the schedule that it is for."""
    seen = it.kept.setdefault("jobs", set())
    seen |= {(one["Config"]["Labels"][LABEL + "subject"], one["Id"])
             for one in it.of_role("clean-cache")}


def times(count):
    """So many times of the schedule had a job, and none had two."""
    def check(it):
        seen = [subject for subject, _ in sorted(it.kept["jobs"])]
        return expect(len(set(seen)) >= count and len(set(seen)) == len(seen),
                      "jobs for: " + ", ".join(seen))
    return check


def none_is_there(it):
    return expect(not it.of_role("clean-cache"), "the job is there")


@scenario("the cache of other servers must be cleaned once each time, of nothing but what is old",
          long=True)
def upkeep(it):
    it.controller.interval = "5s"
    it.document["storage"]["cache"] = {"media": "7d", "previews": "30d", "schedule": "* * * * *"}
    it.step("the instance runs", deployed())
    it.step("there is a cache", fill_cache)
    it.step("its time comes", throughout(answers()), throughout(watched),
            eventually(cleaned, 100))
    it.step("and again", throughout(answers()), throughout(watched), eventually(times(2), 100))
    it.step("it is at rest, and what is new stays", times(2), cleaned, eventually(settled(), 30))
    it.step("a failure is said",
            commit(settings={"STANDIN_FAIL_BOOT": "tootctl"}), eventually(settled(), 90),
            eventually(lambda it: expect("cleaning of the cache" in it.condition("UpkeepWorks")[1],
                                         "UpkeepWorks says nothing"), 100), answers())
    it.step("nobody wants it any more",
            commit(storage={"cache": {"media": "0s", "previews": "0s"}}),
            eventually(none_is_there, 30))
    began = time.monotonic()
    it.step("its time passes, and nothing is cleaned", throughout(none_is_there, 0.5), eventually(
        lambda it: expect(time.monotonic() - began > 65, "a minute is not over"), 90))


def images(it):
    return {tag.rsplit("/", 1)[-1] for one in it.engine.get("/images/json")
            for tag in one["RepoTags"] or [] if tag.startswith(REGISTRY)}


def has(*names):
    def check(it):
        missing = [name for name in names if name not in images(it)]
        return expect(not missing, "gone: " + ", ".join(missing))
    return check


def lacks(*names):
    def check(it):
        left = [name for name in names if name in images(it)]
        return expect(not left, "still there: " + ", ".join(left))
    return check


@scenario("an image that we pulled must go once no rollback needs it, and no other ever")
def upkeep_images(it):
    it.controller.interval = "5s"
    for version in ("v4.4.8", "v4.5.0", "v4.5.1"):
        it.engine.remove_image("mastodon:" + version)
        it.engine.remove_image("mastodon-streaming:" + version)
    it.pull_images(["v4.6.1"])  # by hand, and nobody runs it
    it.document["mastodon"] = "v4.4.8"
    it.step("the instance runs", deployed())
    it.step("the next release comes", commit(mastodon="v4.5.0"), eventually(answers("4.5.0"), 180),
            eventually(settled(), 60), has("mastodon:v4.4.8", "mastodon-streaming:v4.4.8"))
    it.step("a patch comes", commit(mastodon="v4.5.1"), eventually(answers("4.5.1"), 120),
            eventually(settled(), 60))
    it.step("the one before the previous goes", throughout(answers()),
            eventually(lacks("mastodon:v4.4.8", "mastodon-streaming:v4.4.8"), 60))
    it.step("the previous one and what was pulled by hand stay", eventually(settled(), 30),
            has("mastodon:v4.5.1", "mastodon-streaming:v4.5.1", "mastodon:v4.5.0",
                "mastodon-streaming:v4.5.0", "mastodon:v4.6.1", "mastodon-streaming:v4.6.1"))
    it.step("a rollback finds its image", lambda it: expect(
        it.controller.of_state("rollback", it.name).code == 0, "rollback was refused"),
        eventually(answers("4.5.0"), 120), has("mastodon:v4.5.1"), lacks("mastodon:v4.4.8"))


def ballast(it):
    path = os.path.join(it.controller.state, "ballast")
    return os.stat(path).st_blocks * 512 if os.path.exists(path) else 0


def has_ballast(size):
    return lambda it: expect(ballast(it) == size, "the ballast takes %d bytes" % ballast(it))


def fill_disk(it):
    space = os.statvfs(it.controller.state)
    with open(os.path.join(it.controller.state, "filling"), "wb") as out:
        os.posix_fallocate(out.fileno(), 0, space.f_bavail * space.f_frsize - (2 << 20))


def disk_is_full(wanted):
    return lambda it: expect(it.condition("DiskFull")[0] == wanted, "DiskFull is not %s" % wanted)


@scenario("a full disk must leave the controller able to work, be told of, and be got over")
def upkeep_ballast(it):
    os.makedirs(it.controller.state)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=700m,mode=0700", "tmpfs",
                    it.controller.state], check=True)
    it.controller.interval = "2s"
    it.document["storage"]["cache"] = {"schedule": NEVER}
    it.step("the instance runs", deployed(), fill_cache, has_ballast(64 << 20),
            disk_is_full(False))
    it.step("its disk is full", throughout(answers()), fill_disk, eventually(has_ballast(0), 20),
            eventually(disk_is_full(True), 20))
    it.step("the cache is cleaned, whatever its schedule", eventually(cleaned, 60))
    it.step("work goes on", commit(web={"memory": "288MiB"}),
            eventually(memory("web", "288MiB"), 20), eventually(settled(), 20))
    it.step("there is room again", lambda it: os.unlink(it.controller.state + "/filling"),
            eventually(has_ballast(64 << 20), 20), eventually(disk_is_full(False), 20),
            answers(), settled())

"""Backups beside the same by hand, in the same run: pg_dump within the dump job, `restic backup`
within the job of media, and each job whole. First with next to nothing to back up, ten times with
a drill each: what a job takes beyond that, and what the controller grows by. See README.md.
"""
import json
import os
import shutil
import subprocess
import time
from datetime import datetime

from figures import log, rss

ROWS, FILES, FILE_KIB = 1100000, 4096, 256
PSQL = ["psql", "-XAtq", "-U", "mastodon", "-d", "mastodon_production", "-c"]
NEW_FILES = ("import os\n"
             "for i in range(%d):\n"
             "    folder = '/opt/mastodon/public/system/%%d' %% (i %% 64)\n"
             "    os.makedirs(folder, exist_ok=True)\n"
             "    open('%%s/%%d.png' %% (folder, i), 'wb').write(os.urandom(%d))\n"
             % (FILES, FILE_KIB << 10))


def bench_backup(world, report, runs=3):
    world.it.close()
    world.renew()
    it = world.it
    keep(it)
    world.deploy()
    world.settle()
    small(it, report)
    inside(it, "postgres", PSQL + [
        "CREATE TABLE diary AS SELECT i AS id, now() AS at, md5(i::text) || "
        "repeat(md5((i * 7)::text), 12) AS text FROM generate_series(1, %d) AS i" % ROWS])
    size = int(inside(it, "postgres", PSQL + [
        "SELECT pg_table_size('diary')"])) >> 20
    log("%d MiB of rows, %d files of %d KiB" % (size, FILES, FILE_KIB))
    taken = {}
    for run in range(runs):
        one_run(it, taken)
        log("run %d of %d" % (run + 1, runs))
    for name in ("dump", "media"):
        peer = "pg_dump by hand" if name == "dump" else "restic by hand"
        for part in (name, name + "_job"):
            report.figure("backup", part + "_s", "s", taken[part], {peer: taken["by hand " + name]})
            report.figure("backup", part + "_ratio", "x", [
                ours / hand for ours, hand in zip(taken[part], taken["by hand " + name])])
    report.figure("backup", "media_one_cpu_ratio", "x", [
        ours / hand for ours, hand in zip(taken["media"], taken["by hand on one cpu"])])


def keep(it):
    it.repository = os.path.join(it.folder, "repository")
    it.controller.interval = "5s"
    with open(os.path.join(it.folder, "policy.yaml"), "a") as out:
        out.write("backup_repositories: [%s]\n" % json.dumps(it.folder))
    it.document["backups"]["repository"] = it.repository
    it.document["backups"]["database"]["freshness"] = "0s"


def small(it, report, turns=10):
    """The first backup makes the repository, and what the controller learns once it has learnt."""
    asked(it, "run")
    asked(it, "verify")
    before, dumps, media = rss(it.controller.child.pid), [], []
    for _ in range(turns):
        asked(it, "run")
        dumps.append(took(it.service("dump")))
        media.append(took(it.service("snapshot-media")))
        asked(it, "verify")
    grown = rss(it.controller.child.pid) - before
    report.figure("backup", "dump_fixed_s", "s", dumps)
    report.figure("backup", "media_fixed_s", "s", media)
    report.figure("backup", "controller_rss_growth_mib", "MiB", [grown])


def one_run(it, taken):
    """By hand and ours in turn; all files are new ones. The dump by hand comes right before ours:
    a disk that has just taken gigabytes is slower for a while."""
    inside(it, "web", ["python3", "-c", NEW_FILES])
    found = {"by hand on one cpu": media_by_hand(it, ["taskset", "-c", "0"]),
             "by hand media": media_by_hand(it), "by hand dump": dump_by_hand(it)}
    os.sync()
    asked(it, "run")
    for name, role, first, last in (("dump", "dump", "dumps", "dumped"),
                                    ("media", "snapshot-media", "stores", "stored")):
        found[name + "_job"] = took(it.service(role))
        found[name] = between(it, role, first, last)
    for name, value in found.items():
        taken.setdefault(name, []).append(value)


def asked(it, what):
    done = it.controller.of_state("backup", what, it.name, timeout=900)
    if done.code != 0:
        raise RuntimeError(done.out + done.err)


def inside(it, role, command):
    code, out = it.engine.execute(it.service(role)["Id"], command)
    if code != 0:
        raise RuntimeError(out)
    return out


def seconds(text):
    return datetime.fromisoformat(text[:26].rstrip("Z") + "+00:00")


def took(container):
    """From a job's start to its end, as the Engine says it."""
    state = container["State"]
    return (seconds(state["FinishedAt"]) - seconds(state["StartedAt"])).total_seconds()


def between(it, role, first, last):
    """From one line of a job's log to another, as the Engine received them."""
    at = {}
    for line in it.engine.logs(it.service(role)["Id"]).splitlines():
        when, _, text = line.partition(" ")
        at.setdefault(text.split(" ")[0], seconds(when))
    return (at[last] - at[first]).total_seconds()


def dump_by_hand(it):
    os.sync()
    began = time.monotonic()
    inside(it, "postgres", ["pg_dump", "-U", "mastodon", "-Fc", "-Z0", "-f", "/tmp/by-hand",
                            "mastodon_production"])
    took_by_hand = time.monotonic() - began
    inside(it, "postgres", ["rm", "/tmp/by-hand"])
    return took_by_hand


def media_by_hand(it, limit=()):
    """Into a new repository, from the same volume."""
    repository = os.path.join(it.folder, "by-hand")
    shutil.rmtree(repository, ignore_errors=True)
    folder = it.engine.get("/volumes/%s-media" % it.name)["Mountpoint"]
    restic = [*limit, "restic", "--no-cache", "-q", "-r", repository]
    environment = dict(os.environ, RESTIC_PASSWORD="by-hand")
    subprocess.run(restic + ["init"], check=True, env=environment)
    os.sync()
    began = time.monotonic()
    subprocess.run(restic + ["backup", folder], check=True, env=environment)
    return time.monotonic() - began

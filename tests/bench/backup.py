"""Backups beside the same by hand, in the same run: a dump job beside pg_dump, the first backup of
media beside `restic backup`. Ours also counts and hashes every row, reads the dump whole, reads
back what restic stored, and lists the repository: that is in its times.
"""
import json
import os
import shutil
import statistics
import subprocess
import time
from datetime import datetime

from figures import log

ROWS, FILES, FILE_KIB = 300000, 400, 256
PSQL = ["psql", "-XAtq", "-U", "mastodon", "-d", "mastodon_production", "-c"]


def bench_backup(world, report, runs=3):
    world.it.close()
    world.renew()
    it = world.it
    keep(it)
    world.deploy()
    world.settle()
    fill(it)
    ours, peers = [], []
    for run in range(runs):
        peers.append(dump_by_hand(it))
        if run == 0:
            media_peer = [media_by_hand(it)]
        log("run %d of %d" % (run + 1, runs))
        done = it.controller.of_state("backup", "run", it.name, timeout=900)
        if done.code != 0:
            raise RuntimeError(done.out + done.err)
        ours.append(took(it.service("dump")))
        if run == 0:
            media = took(it.service("snapshot-media"))
            media_peer.append(media_by_hand(it))
    report.figure("backup", "dump_s", "s", ours, {"pg_dump by hand": peers})
    report.figure("backup", "media_s", "s", [media],
                  {"restic by hand": [statistics.mean(media_peer)]})
    report.figure("backup", "dump_ratio", "x",
                  [statistics.median(ours) / statistics.median(peers)])
    report.figure("backup", "media_ratio", "x", [media / statistics.mean(media_peer)])


def keep(it):
    it.repository = os.path.join(it.folder, "repository")
    it.controller.interval = "5s"
    with open(os.path.join(it.folder, "policy.yaml"), "a") as out:
        out.write("backup_repositories: [%s]\n" % json.dumps(it.folder))
    it.document["backups"]["repository"] = it.repository
    it.document["backups"]["database"]["freshness"] = "0s"


def fill(it):
    for container, command in (
            (it.service("postgres"), PSQL + [
                "CREATE TABLE diary AS SELECT i AS id, now() AS at, md5(i::text) || "
                "repeat(md5((i * 7)::text), 12) AS text FROM generate_series(1, %d) AS i" % ROWS]),
            (it.service("web"), [
                "sh", "-c", "cd /opt/mastodon/public/system && for i in $(seq %d); "
                "do head -c %dk /dev/urandom > $i.png; done" % (FILES, FILE_KIB)])):
        code, out = it.engine.execute(container["Id"], command)
        if code != 0:
            raise RuntimeError(out)


def took(container):
    """From a job's start to its end, as the Engine says it."""
    def parse(text):
        return datetime.fromisoformat(text[:26].rstrip("Z") + "+00:00")
    state = container["State"]
    return (parse(state["FinishedAt"]) - parse(state["StartedAt"])).total_seconds()


def dump_by_hand(it):
    began = time.monotonic()
    code, out = it.engine.execute(it.service("postgres")["Id"], [
        "pg_dump", "-U", "mastodon", "-Fc", "-Z0", "-f", "/tmp/by-hand", "mastodon_production"])
    if code != 0:
        raise RuntimeError(out)
    return time.monotonic() - began


def media_by_hand(it):
    """Into a new repository, from the same volume."""
    repository = os.path.join(it.folder, "by-hand")
    shutil.rmtree(repository, ignore_errors=True)
    folder = it.engine.get("/volumes/%s-media" % it.name)["Mountpoint"]
    restic = ["restic", "--no-cache", "-q", "-r", repository]
    environment = dict(os.environ, RESTIC_PASSWORD="by-hand")
    subprocess.run(restic + ["init"], check=True, env=environment)
    began = time.monotonic()
    subprocess.run(restic + ["backup", folder], check=True, env=environment)
    return time.monotonic() - began

"""Backups beside the same by hand, in the same run: README.md explains the figures. What is lost,
and how soon it is back, is what the scenarios of those names found.
"""
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from datetime import datetime

from figures import log
from harness import scenario as words

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
from continuous import continuous_archive  # noqa: E402
from damages import backup_damaged  # noqa: E402
from restores import restore_bare_host  # noqa: E402

ROWS, FILES, FILE_KIB = 300000, 600, 512
PSQL = ["psql", "-XAtq", "-U", "mastodon", "-d", "mastodon_production", "-c"]
SCENARIOS = (
    (restore_bare_host,
     {"bare_host_recovery_s": "s", "rows_lost": "tables", "files_lost": "files"}),
    (continuous_archive, {"continuous_rows_lost": "rows", "continuous_recovery_s": "s"}),
    (backup_damaged, {"damages_tried": "damages", "damages_missed": "damages",
                      "damages_missed_by_restic_check": "damages"}))


def bench_backup(world, report, runs=5):
    world.it.close()
    world.renew()
    keep(world.it)
    world.deploy()
    world.settle()
    fill_database(world.it)
    beside_by_hand(world.it, report, runs)
    world.it.close()
    for function, figures in SCENARIOS:
        world.renew()
        log(function.__name__)
        function(world.it)
        for name, unit in figures.items():
            report.figure("backup", name, unit, [world.it.kept[name]])
        world.it.close()


def beside_by_hand(it, report, runs):
    sizes, dumps, dump_jobs, dump_peers = [], [], [], []
    stores, media_jobs, media_peers, media_peers_whole = [], [], [], []
    for run in range(runs):
        log("run %d of %d" % (run + 1, runs))
        fill_media(it)  # other files, else there is nothing new to store
        dump_peers.append(dump_by_hand(it))
        media_peers.append(media_by_hand(it, 1))
        media_peers_whole.append(media_by_hand(it, os.cpu_count()))
        done = it.controller.of_state("backup", "run", it.name, timeout=900)
        if done.code != 0:
            raise RuntimeError(done.out + done.err)
        dumps.append(between(it, "dump", "", "set.part/dumped"))
        dump_jobs.append(took(it.service("dump")))
        stores.append(between(it, "snapshot-media", "stores", "stored"))
        media_jobs.append(took(it.service("snapshot-media")))
        sizes.append(rss(it.controller.child.pid))
    beside = {"pg_dump by hand": dump_peers}
    report.figure("backup", "dump_s", "s", dumps, beside)
    report.figure("backup", "dump_job_s", "s", dump_jobs, beside)
    beside = {"restic by hand, one core": media_peers, "restic by hand": media_peers_whole}
    report.figure("backup", "media_s", "s", stores, beside)
    report.figure("backup", "media_job_s", "s", media_jobs, beside)
    report.figure("backup", "dump_ratio", "x", [ratio(dumps, dump_peers)])
    report.figure("backup", "media_ratio", "x", [ratio(stores, media_peers)])
    report.figure("backup", "controller_rss_growth_mib", "MiB", [sizes[-1] - sizes[0]])


def keep(it):
    it.repository = os.path.join(it.folder, "repository")
    it.controller.interval = "5s"
    with open(os.path.join(it.folder, "policy.yaml"), "a") as out:
        out.write("backup_repositories: [%s]\n" % json.dumps(it.folder))
    it.document["backups"]["repository"] = it.repository
    it.document["backups"]["database"]["freshness"] = "0s"


def execute(it, role, command):
    code, out = it.engine.execute(it.service(role)["Id"], command)
    if code != 0:
        raise RuntimeError(out)


def fill_database(it):
    execute(it, "postgres", PSQL + [
        "CREATE TABLE diary AS SELECT i AS id, now() AS at, md5(i::text) || "
        "repeat(md5((i * 7)::text), 12) AS text FROM generate_series(1, %d) AS i" % ROWS])


def fill_media(it):
    execute(it, "web", ["sh", "-c", "cd /opt/mastodon/public/system && for i in $(seq %d); "
                        "do head -c %dk /dev/urandom > $i.png; done; sync" % (FILES, FILE_KIB)])


def moment(text):
    return datetime.fromisoformat(text[:26].rstrip("Z") + "+00:00")


def took(container):
    """From a job's start to its end, as the Engine says it."""
    state = container["State"]
    return (moment(state["FinishedAt"]) - moment(state["StartedAt"])).total_seconds()


def between(it, role, first, last):
    """From the line of a job's log that begins with `first` (none: its start) to another."""
    job = it.service(role)
    times = {"": moment(job["State"]["StartedAt"])}
    for line in it.engine.logs(job["Id"]).splitlines():
        at, _, text = line.partition(" ")
        times[text.split(" ")[0]] = moment(at)
    return (times[last] - times[first]).total_seconds()


def ratio(ours, peers):
    return statistics.median(ours) / statistics.median(peers)


def rss(pid):
    with open("/proc/%d/status" % pid) as text:
        return next(int(line.split()[1]) for line in text if line.startswith("VmRSS:")) / 1024


def dump_by_hand(it):
    began = time.monotonic()
    execute(it, "postgres", ["pg_dump", "-U", "mastodon", "-Fc", "-Z0", "-f", "/tmp/by-hand",
                             "mastodon_production"])
    return time.monotonic() - began


def media_by_hand(it, cores):
    """Into a new repository, from the same volume. A job of ours has one core: it is gentle."""
    repository = os.path.join(it.folder, "by-hand")
    shutil.rmtree(repository, ignore_errors=True)
    folder = it.engine.get("/volumes/%s-media" % it.name)["Mountpoint"]
    restic = ["restic", "--no-cache", "-q", "-r", repository]
    environment = dict(os.environ, RESTIC_PASSWORD="by-hand")
    subprocess.run(restic + ["init"], check=True, env=environment)
    began = time.monotonic()
    subprocess.run(["taskset", "-c", "0-%d" % (cores - 1)] + restic + ["backup", folder],
                   check=True, env=environment)
    return time.monotonic() - began

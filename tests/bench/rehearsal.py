"""A rehearsal beside the same by hand, in the same run: the set fetched by restic, restored into a
PostgreSQL of its own, and migrated in both phases by the new image. See README.md."""
import os
import subprocess
import time

from backup import PSQL, asked, inside, keep
from figures import log

ROWS, TO = 500000, "v4.6.0"


def bench_rehearsal(world, report, runs=3):
    world.it.close()
    world.renew()
    it = world.it
    keep(it)
    it.document["mastodon"] = "v4.5.0"
    it.pull_images(("v4.5.0", TO))
    world.deploy()
    world.settle()
    inside(it, "postgres", PSQL + [
        "CREATE TABLE diary AS SELECT i AS id, md5(i::text) || repeat(md5((i * 7)::text), 12) AS "
        "text FROM generate_series(1, %d) AS i" % ROWS])
    asked(it, "run")
    ours, hands = [], []
    for run in range(runs):
        hands.append(by_hand(it))
        began = time.monotonic()
        done = it.controller.of_state("rehearse", it.name, "--to", TO, timeout=900)
        ours.append(time.monotonic() - began)
        if done.code != 0:
            raise RuntimeError(done.out + done.err)
        log("run %d of %d: %.1f s, by hand %.1f s" % (run + 1, runs, ours[-1], hands[-1]))
    report.figure("rehearsal", "rehearsal_s", "s", ours, {"by hand": hands})
    report.figure("rehearsal", "rehearsal_overhead_ratio", "x", [
        one / hand for one, hand in zip(ours, hands)])


def docker(*words):
    done = subprocess.run(["docker", *words], capture_output=True, text=True, timeout=600)
    if done.returncode != 0:
        raise RuntimeError("docker %s: %s" % (" ".join(words), done.stderr))
    return done.stdout


def by_hand(it):
    """Every container of it is made, used and removed within the time."""
    folder = os.path.join(it.folder, "by-hand-set")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(it.controller.state, "instances", it.name, "secrets.env")) as text:
        secrets = dict(line.strip().split("=", 1) for line in text if "=" in line)
    with open(os.path.join(folder, "env"), "w") as out:
        for one in it.service("web")["Config"]["Env"]:
            if not one.startswith(("DB_", "REDIS_", "PATH=")):
                out.write(one + "\n")
        out.write("DB_HOST=by-hand-db\nDB_USER=mastodon\nDB_NAME=mastodon_production\n"
                  "DB_PASS=x\nREDIS_HOST=by-hand-redis\n")
    images = {role: it.service(role)["Config"]["Image"] for role in ("web", "postgres", "redis")}
    code = images["web"].split("@")[0].replace("v4.5.0", TO)
    began = time.monotonic()
    with open(os.path.join(folder, "database.dump"), "wb") as out:
        subprocess.run(["restic", "--no-cache", "--no-lock", "-q", "-r", it.repository, "dump",
                        "--tag", "database", "latest", "/backups/set/database.dump"], check=True,
                       stdout=out, env=dict(os.environ, RESTIC_PASSWORD=secrets[
                           "restic-password"].strip("'\"")))
    docker("network", "create", "--internal", "by-hand")
    docker("run", "-d", "--name", "by-hand-redis", "--network", "by-hand", images["redis"])
    docker("run", "-d", "--name", "by-hand-db", "--network", "by-hand", "-v", folder + ":/in",
           "-e", "POSTGRES_USER=mastodon", "-e", "POSTGRES_PASSWORD=x", "-e",
           "POSTGRES_DB=mastodon_production", images["postgres"])
    ready = ["exec", "by-hand-db", "psql", "-h", "127.0.0.1", "-U", "mastodon", "-d",
             "mastodon_production", "-c", "SELECT 1"]
    while subprocess.run(["docker", *ready], capture_output=True).returncode != 0:
        time.sleep(0.2)
    docker("exec", "by-hand-db", "pg_restore", "--no-owner", "-U", "mastodon", "-d",
           "mastodon_production", "/in/database.dump")
    migrate = ["run", "--rm", "--network", "by-hand", "--env-file", os.path.join(folder, "env")]
    task = [code, "bundle", "exec", "rails", "db:migrate"]
    docker(*migrate, "-e", "SKIP_POST_DEPLOYMENT_MIGRATIONS=true", *task)
    docker(*migrate, *task)
    docker("rm", "-f", "-v", "by-hand-db", "by-hand-redis")
    docker("network", "rm", "by-hand")
    return time.monotonic() - began

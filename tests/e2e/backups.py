"""Backups: made and read back, restored for practice, and refused where they would go wrong. The
repository is looked at with the machine's own restic."""
import json
import os
import subprocess
import time

from harness.engine import role
from harness.fleet import NEVER
from harness.killing import killed_again_and_again
from harness.scenario import (Failed, answers, commit, deployed, eventually, expect, remember,
                              scenario, settled, throughout, unchanged)


def keeps_backups(it, schedule=NEVER, **more):
    """A repository of the scene's own, which the host's policy allows."""
    it.repository = os.path.join(it.folder, "repository")
    it.controller.interval = "5s"
    with open(os.path.join(it.folder, "policy.yaml"), "a") as out:
        out.write("backup_repositories: [%s]\n" % json.dumps(it.folder))
    it.document["backups"] = {
        "repository": it.repository,
        "database": {"schedule": schedule, **more},
        "media": {"schedule": schedule},
        "drill": {"schedule": NEVER},
    }


def secrets(it):
    with open(os.path.join(it.controller.state, "instances", it.name, "secrets.env")) as text:
        return dict(line.strip().split("=", 1) for line in text if "=" in line)


def restic(it, *arguments):
    password = secrets(it)["restic-password"].strip("'\"")
    done = subprocess.run(
        ["restic", "--no-cache", "--no-lock", "-r", it.repository, *arguments],
        capture_output=True, text=True, env=dict(os.environ, RESTIC_PASSWORD=password))
    if done.returncode != 0:
        raise AssertionError("restic %s: %s" % (" ".join(arguments), done.stderr))
    return done.stdout


def snapshots(it, kind, mark="complete"):
    """As restic itself lists them."""
    return [one for one in json.loads(restic(it, "snapshots", "--json")) or []
            if kind in one["tags"] and mark in one["tags"]]


def asked(what, code=0, *words):
    """`matriarch backup WHAT` ends with this code, and says these words."""
    def ask(it):
        done = it.controller.of_state("backup", what, it.name, timeout=300)
        text = done.out + done.err
        if done.code != code:
            raise Failed("backup %s ended with %d: %s" % (what, done.code, text))
        missing = [word for word in words if word not in text]
        if missing:
            raise Failed("'%s' is not in: %s" % (", ".join(missing), text))
    return ask


def has(count, kind, mark="complete"):
    def check(it):
        found = snapshots(it, kind, mark)
        return expect(len(found) == count, "%d %s snapshots of %s" % (len(found), mark, kind))
    return check


def manifest(it):
    newest = snapshots(it, "database")[-1]["id"]
    return restic(it, "dump", newest, "/backups/set/manifest").splitlines()


def holds_every_row(it):
    """The manifest of the newest snapshot counts what the database has."""
    code, out = it.engine.execute(it.service("postgres")["Id"], [
        "psql", "-XAtq", "-U", "mastodon", "-d", "mastodon_production", "-c",
        "SELECT count(*) FROM accounts", "-c", "SELECT count(*) FROM schema_migrations"])
    accounts, migrations = out.split()
    lines = manifest(it)
    wanted = ["rows public.accounts %s " % accounts,
              "rows public.schema_migrations %s " % migrations]
    missing = [one for one in wanted if not any(line.startswith(one) for line in lines)]
    return expect(code == 0 and not missing, "not in the manifest: %s" % missing)


def is_fresh(it):
    backup = it.controller.status(it.name)["backup"]["database"]
    return expect(backup["fresh"] and backup["last"], "status says " + json.dumps(backup))


def odd_files(it):
    """Few, so that each of them is in the sample that is read back."""
    script = ("cd /opt/mastodon/public/system && mkdir -p 'a [b] *x?' && cd 'a [b] *x?' && "
              "printf 1 > 'f\\1*.png' && printf 2 > ' ü ' && printf 3 > \"$(printf 'a\\nb')\" && "
              ": > empty")
    code, out = it.engine.execute(it.service("web")["Id"], ["sh", "-c", script])
    return expect(code == 0, out)


def no_secret_was_said(it):
    values = [value.strip("'\"") for value in secrets(it).values()]
    texts = [open(it.controller.log, errors="replace").read()]
    texts += [it.engine.logs(one["Id"], 5000) for one in it.containers().values()
              if one["Config"]["Labels"].get("social.matriarch.subject")]
    return expect(not any(value in text for value in values if len(value) > 12 for text in texts),
                  "a secret is in a log")


def unnamed_volumes(it):
    return sorted(one["Name"] for one in it.engine.get("/volumes")["Volumes"] or []
                  if not one["Labels"])


def of_drill(it):
    left = [name for name, one in it.containers().items() if role(one) in ("drill", "drill-fetch")]
    return expect(not left, "left over: " + ", ".join(left))


@scenario("a backup must be made, read back, restored for practice, and leave nothing lying about",
          long=True)
def backup_and_drill(it):
    keeps_backups(it)
    it.step("the instance runs", deployed(), odd_files)
    it.step("no backup was made before its time",
            lambda it: expect(not os.path.exists(it.repository), "there is a repository"))
    it.step("what lies about", remember("volumes", unnamed_volumes))
    it.step("somebody asks for a backup", asked("run", 0, "read back"), throughout(answers()))
    it.step("it is there, whole, and has every row", has(1, "database"), has(1, "media"),
            holds_every_row, lambda it: restic(it, "check", "--read-data") and None)
    it.step("status says so", eventually(is_fresh, 40), settled(), no_secret_was_said)
    it.step("somebody asks for a drill", asked("verify", 0, "everything was there"),
            throughout(answers()))
    it.step("it is marked", has(1, "database", "verified"), eventually(of_drill, 30))
    it.step("a mark that nobody told of gives it another id, and the next drill finds it",
            lambda it: restic(it, "tag", "--add", "by-hand") and None, asked("verify"),
            has(1, "database", "by-hand"), eventually(of_drill, 30))
    it.step("nothing else is left", unchanged("volumes", unnamed_volumes), answers("4.5.0"))


@scenario("a schedule must be kept, and no time of it served twice", long=True)
def backup_by_schedule(it):
    keeps_backups(it, "* * * * *",
                  keep={"last": 2, "daily": 0, "weekly": 0, "monthly": 0})
    it.step("the instance runs", deployed())

    def slots(it):
        return [tag for one in snapshots(it, "database") for tag in one["tags"]
                if tag.startswith("slot=")]

    it.step("the next minutes come", eventually(
        lambda it: expect(len(slots(it)) == 2, "slots: " + ", ".join(slots(it))), 240))
    it.step("each was served once, and the oldest went", eventually(
        lambda it: expect(len(slots(it)) == len(set(slots(it))) == 2 and
                          "slot=" in slots(it)[0], "slots: " + ", ".join(slots(it))), 5))
    it.step("it serves and is at rest, and people can upload", answers("4.5.0"), settled(),
            odd_files)


@scenario("another instance's repository, and one that is gone, must be refused and said")
def backup_refused(it):
    keeps_backups(it)
    it.step("the instance runs", deployed())
    other = dict(os.environ, RESTIC_PASSWORD=secrets(it)["restic-password"].strip("'\""))
    for words in (["init"], ["backup", "--host", "somebody", it.controller.log]):
        subprocess.run(["restic", "--no-cache", "-q", "-r", it.repository, *words], check=True,
                       env=other)
    it.step("a backup into somebody's repository", asked("run", 4, "somebody else"),
            throughout(answers()))
    it.step("nothing was put there",
            lambda it: expect(len(json.loads(restic(it, "snapshots", "--json"))) == 1, "more"))
    os.rename(it.repository, it.repository + "-of-somebody")
    it.step("the job that failed is removed by hand, and it works", lambda it: [
        it.engine.remove(one["Id"]) for one in it.of_role("snapshots")] and None,
        eventually(has(1, "database"), 90))
    os.rename(it.repository, it.repository + "-kept")
    it.step("the disk of the repository is not there", asked("run", 4, "not made anew"),
            throughout(answers()))
    it.step("nothing was made in its place", lambda it: expect(
        not os.listdir(it.repository), "made: " + ", ".join(os.listdir(it.repository))))
    it.step("it is told, and the instance is at rest", settled(), lambda it: expect(
        not it.condition("BackupsWork")[0], "BackupsWork is true"))


@scenario("a controller killed again and again while it makes a backup must make one, once")
def backup_killed(it):
    keeps_backups(it)
    it.step("the instance runs", deployed())
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    with open(os.path.join(it.controller.state, "instances", it.name, "requests"), "w") as out:
        out.write("backup %s\ndrill %s\n" % (stamp, stamp))
    it.step("it is killed at every second change", killed_again_and_again(
        2, lambda it: has(1, "database", "verified")(it), 240))
    it.step("there is one of each, and it serves", has(1, "database"), has(1, "media"),
            answers("4.5.0"), eventually(settled(), 60))


@scenario("a job of restic killed in the middle must leave nothing that counts, and be made again",
          long=True)
def backup_job_killed(it):
    keeps_backups(it)
    it.step("the instance runs", deployed())

    def kill(it):
        job = it.of_role("snapshot")
        if not job or job[0]["State"]["Status"] != "running":
            return "it does not run"
        it.engine.kill(job[0]["Id"])
        it.note("   killed")
        return ""
    asking = subprocess.Popen(
        [os.environ.get("MATRIARCH_PROGRAM", "build/matriarch"), "backup", "run", it.name,
         "--state-dir", it.controller.state], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    it.step("it is killed", eventually(kill, 90))
    asking.wait(120)
    # Killed at its very end it has stored all, and only its lock is left.
    it.step("it is made again, and its lock is gone", eventually(has(1, "database"), 180),
            eventually(lambda it: expect(not restic(it, "list", "locks").strip(), "locks"), 180),
            has(1, "database"), answers("4.5.0"))


@scenario("a young scheduled backup must be enough for an upgrade that asks for a recent one")
def backup_recent(it):
    keeps_backups(it, freshness="1h")
    it.document["upgrade"]["backup"] = "recent"
    it.step("the instance runs", deployed())
    it.step("a backup is made", asked("run"))
    it.step("the next release is pushed", commit(mastodon="v4.6.0"),
            eventually(answers("4.6.0"), 120), eventually(settled(), 60), throughout(answers()))
    it.step("no other dump was made",
            lambda it: expect(not it.of_role("backup"), "a dump was made"))

"""Restores: a lost server comes back from its file and its repository alone, and nothing is made up
where it cannot."""
import json
import os
import shutil
import time

from backups import asked, keeps_backups, secrets, snapshots
from harness import edge
from harness.scenario import (answers, commit, deployed, eventually, expect, scenario,
                              settled, start_controller, throughout)

KEYS = ("SECRET_KEY_BASE", "OTP_SECRET", "ACTIVE_RECORD_ENCRYPTION_PRIMARY_KEY", "DB_PASS",
        "VAPID_PRIVATE_KEY")
COUNT = ("SELECT format('SELECT %L, count(*), coalesce(sum(hashtextextended(one::text, 0)), 0) "
         "FROM %I.%I AS one', tablename, schemaname, tablename) FROM pg_tables "
         "WHERE schemaname = 'public' ORDER BY tablename \\gexec")
MEDIA = "/opt/mastodon/public/system"


def psql(it, *statements):
    words = ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-U", "mastodon", "-d",
             "mastodon_production"]
    code, out = it.engine.execute(it.service("postgres")["Id"], [
        "sh", "-c", "exec \"$@\" <<'SQL'\n%s\nSQL" % "\n".join(statements), "sh", *words])
    if code != 0:
        raise AssertionError("psql: " + out)
    return out


def rows(it):
    """Of each table how many there are, and a sum over what is in them."""
    return dict(line.split("|", 1) for line in psql(it, COUNT).splitlines())


def files(it):
    """Of each file of media its digest, owner and mode."""
    code, out = it.engine.execute(it.service("web")["Id"], [
        "sh", "-c", "cd %s && find . -type f -exec sha256sum {} + -exec stat -c '%%U %%a %%n' {} +"
        % MEDIA])
    if code != 0:
        raise AssertionError("files: " + out)
    return sorted(out.splitlines())


def environment(it, role):
    return dict(one.split("=", 1) for one in it.service(role)["Config"]["Env"])


def live_in_it(it):
    """Rows of every kind of value, and files with odd names."""
    psql(it, "CREATE TABLE IF NOT EXISTS diary (id bigint PRIMARY KEY, text text, at timestamptz, "
         "raw bytea, more jsonb);",
         "INSERT INTO diary SELECT i, repeat('ä ' || i, 20), '2026-01-01Z'::timestamptz + i * "
         "interval '1 hour', sha256(i::text::bytea), jsonb_build_object('n', i) "
         "FROM generate_series(1, 20000) AS i ON CONFLICT DO NOTHING;")
    script = ("cd %s && mkdir -p accounts/avatars/1 cache/x && for i in $(seq 1 200); do "
              "head -c $((i * 97)) /dev/urandom > accounts/avatars/1/$i.png; done; "
              "printf x > 'accounts/with space and ü.txt'; : > accounts/empty; "
              "printf gone > cache/x/copy" % MEDIA)
    code, out = it.engine.execute(it.service("web")["Id"], ["sh", "-c", script])
    return expect(code == 0, out)


def keep_in_mind(it):
    it.kept["rows"], it.kept["keys"] = rows(it), environment(it, "web")
    it.kept["files"] = [one for one in files(it) if "/cache/" not in one]
    it.kept["password"] = secrets(it)["restic-password"].strip("'\"")
    it.kept["set"] = snapshots(it, "database")[0]["id"][:8]


def lose_the_host(it):
    """Everything but the fleet's repository and that of the backups."""
    it.controller.kill()
    it.engine.wipe(it.name)
    shutil.rmtree(it.controller.state)
    left = list(it.engine.volumes(it.name)) + list(it.containers())
    return expect(not left, "left over: " + ", ".join(left))


def gives_password(it, password):
    """The one secret that cannot come out of the backup."""
    path = os.path.join(it.folder, "given.env")
    with open(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as out:
        out.write("restic-password=%s\n" % password)
    it.document["secrets"] = "file:" + path


def begins_from(it, which, **more):
    it.document["bootstrap"] = {"restore": which}
    it.document.update(more)
    it.head = it.fleet.push("begin from a backup", {it.name: it.document})


def is_the_same(it):
    now_rows = rows(it)
    lost = sorted(table for table in it.kept["rows"]
                  if now_rows.get(table) != it.kept["rows"][table])
    lost_files = sorted(set(it.kept["files"]) - set(files(it)))
    it.note("rows_lost %d tables, files_lost %d" % (len(lost), len(lost_files)))
    it.kept["rows_lost"], it.kept["files_lost"] = len(lost), len(lost_files)
    return expect(not lost and not lost_files, "lost: %s %s" % (lost[:5], lost_files[:5]))


def has_its_keys(it):
    have = environment(it, "web")
    other = [name for name in KEYS if have.get(name) != it.kept["keys"].get(name)]
    return expect(not other, "other keys: " + ", ".join(other))


def sidekiq_is_held(it):
    one = it.service("sidekiq")
    if one["State"]["Status"] != "created":
        return "sidekiq is " + one["State"]["Status"]
    is_held, message = it.condition("SidekiqHeld")
    return expect(is_held and "matriarch resume " + it.name in message,
                  "status does not say so: " + message)


def apply_says_so(it):
    it.controller.stop()
    done = it.controller.of_state("apply", os.path.join(it.fleet.work, "fleet"))
    it.controller.start()
    return expect(done.code == 0 and "Sidekiq is held" in done.out and
                  "matriarch resume " + it.name in done.out, "apply says: " + done.out + done.err)


def sidekiq_is_stopped(it):
    state = it.service("sidekiq")["State"]["Status"]
    return expect(state in ("created", "exited") and it.condition("SidekiqHeld")[0],
                  "sidekiq is " + state)


def nothing_was_made(it):
    made = [name for name in it.engine.volumes(it.name) if "holder" not in name]
    return expect(not made, "made: " + ", ".join(made))


@scenario("a server lost with its whole host must come back from its file and its backups alone",
          long=True)
def restore_bare_host(it):
    keeps_backups(it)
    it.step("the instance runs, and people live in it", deployed(), live_in_it)
    it.step("a backup is made", asked("run"), keep_in_mind)
    it.step("the host is lost", lose_the_host)
    gives_password(it, it.kept["password"])
    begins_from(it, "latest")
    began = time.monotonic()
    it.step("a new one is told where to begin", start_controller(),
            eventually(answers("4.5.0"), 180))
    it.kept["bare_host_recovery_s"] = time.monotonic() - began
    it.step("every row and file is there, and the keys", is_the_same, has_its_keys,
            eventually(settled(), 60))
    it.step("Sidekiq waits for a person", sidekiq_is_held, apply_says_so)
    it.step("somebody looks, and lets it go on",
            lambda it: it.controller.of_state("resume", it.name) and None,
            eventually(lambda it: expect(it.service("sidekiq")["State"]["Status"] == "running",
                                         "it does not run"), 60), eventually(settled(), 60))
    it.step("the next backup is made as ever", asked("run"), throughout(answers()))
    it.step("no secret was said, and nothing lies about", lambda it: expect(
        not [name for name in it.containers() if "restore" in name], "jobs are left"))
    print("        bare_host_recovery_s %.1f rows_lost %d files_lost %d" % (
        it.kept["bare_host_recovery_s"], it.kept["rows_lost"], it.kept["files_lost"]), flush=True)


@scenario("what cannot be restored must be said, and no empty database made in its place")
def restore_refused(it):
    keeps_backups(it)
    it.step("the instance runs", deployed(), live_in_it)
    it.step("a backup is made", asked("run"), keep_in_mind)
    it.step("the host is lost", lose_the_host)
    begins_from(it, "latest")
    it.step("without the password", start_controller(), eventually(
        lambda it: expect("restic-password" in it.condition("Reconciled")[1], "not said"), 30),
        nothing_was_made)
    it.controller.kill()
    gives_password(it, "not-the-password")
    begins_from(it, "latest")
    it.step("with another one", start_controller(), eventually(
        lambda it: expect("wrong password" in it.condition("Stalled")[1],
                          json.dumps(it.condition("Stalled"))), 60), nothing_was_made)
    it.controller.kill()
    it.engine.wipe(it.name)
    gives_password(it, it.kept["password"])
    begins_from(it, "0123456789")
    it.step("of a snapshot that is not there", start_controller(), eventually(
        lambda it: expect(it.kept["set"] in it.condition("Stalled")[1],
                          json.dumps(it.condition("Stalled"))), 60), nothing_was_made)
    it.step("with an older release than the backup's", commit(
        bootstrap={"restore": "latest"}, mastodon="v4.4.8"), eventually(
        lambda it: expect("Write mastodon: v4.5.0" in it.condition("Stalled")[1],
                          json.dumps(it.condition("Stalled"))), 90))
    it.step("as it should be", commit(mastodon="v4.5.0"), eventually(answers("4.5.0"), 180),
            is_the_same, has_its_keys, sidekiq_is_held)


def ask_restore(it, *words, code=0, says=()):
    done = it.controller.of_state("restore", it.name, *words, timeout=400)
    text = done.out + done.err
    if done.code != code:
        raise AssertionError("restore %s ended with %d: %s" % (" ".join(words), done.code, text))
    missing = [word for word in says if word not in text]
    return expect(not missing, "'%s' is not in: %s" % (", ".join(missing), text))


def restore(*words, code=0, says=()):
    return lambda it: ask_restore(it, *words, code=code, says=says)


def is_closed_politely(it):
    """Whoever comes meanwhile is told to come back, and nothing else; or is served as ever."""
    status, _, headers = edge.answer(it.http, it.domain, "/api/v2/instance")
    if status == 503:
        return expect("retry-after" in {key.lower() for key in headers}, "no Retry-After")
    return expect(status == 200, "it answers %d" % status)


def databases(it):
    return psql(it, "SELECT datname FROM pg_database WHERE datname LIKE 'before_%';").split()


@scenario("a backup in place of the database must save what there was, and start no job by itself",
          long=True)
def restore_in_place(it):
    keeps_backups(it)
    it.step("the instance runs, and people live in it", deployed(), live_in_it)
    it.step("a backup is made", asked("run"), keep_in_mind)
    oldest = snapshots(it, "database")[0]["id"][:8]
    psql(it, "DELETE FROM diary WHERE id > 10;", "CREATE TABLE a_mistake (id int);")
    it.step("without --yes it is only said what would be", restore(
        "--snapshot", oldest, code=3, says=["--yes"]))
    it.step("of one that is not there, those that are there are named", restore(
        "--snapshot", "0123456789", "--yes", code=1, says=[oldest]))
    it.step("somebody asks for it", restore("--snapshot", oldest, "--yes", says=[
        "matriarch resume", "DROP DATABASE before_"]), throughout(is_closed_politely))
    it.step("every row is as it was then", eventually(answers("4.5.0"), 120), is_the_same,
            has_its_keys, eventually(settled(), 60), sidekiq_is_stopped)
    it.step("what there was before is kept, here and in the repository",
            lambda it: expect(len(databases(it)) == 1, "kept: %s" % databases(it)),
            lambda it: expect(len(snapshots(it, "database")) == 2, "it was not backed up"))
    it.step("it goes on when somebody says so",
            lambda it: it.controller.of_state("resume", it.name) and None,
            eventually(lambda it: expect(it.service("sidekiq")["State"]["Status"] == "running",
                                         "it does not run"), 60), eventually(settled(), 60))


@scenario("a backup to look into must reach nothing, and go when it is told to")
def restore_scratch(it):
    keeps_backups(it)
    it.step("the instance runs, and people live in it", deployed(), live_in_it)
    it.step("a backup is made", asked("run"), keep_in_mind)
    before = it.kept["rows"]["diary"]
    psql(it, "DELETE FROM diary WHERE id > 10;")
    for _ in range(2):  # asking again changes nothing
        it.step("somebody wants to look", restore("--snapshot", "latest", "--into", "look", says=[
            "docker exec -it %s-scratch-look psql" % it.name, "--remove look"]),
            throughout(answers()))
    name = it.name + "-scratch-look"
    one = it.containers()[name]
    it.step("it has the rows of then, and reaches nothing", lambda it: expect(
        it.engine.execute(one["Id"], [
            "psql", "-XAtq", "-h", "/var/tmp", "-U", "mastodon", "-d", "mastodon_production", "-c",
            "SELECT count(*) FROM diary"])[1].strip() == before.split("|")[0], "other rows"),
        lambda it: expect(list(one["NetworkSettings"]["Networks"]) in ([], ["none"]),
                          "it is on a network"), settled())
    it.step("it is taken away", restore("--remove", "look", says=["is gone"]),
            lambda it: expect(name not in it.containers(), "it is there"))
    it.step("nothing of it is left", eventually(lambda it: expect(
        not [left for left in it.containers() if "scratch" in left], "left over"), 60))

"""What a push changes in an instance that runs, and what it must leave alone."""
import time

from harness.engine import is_running
from harness.scenario import (answers, commit, commit_text, deployed, eventually, expect,
                              fingerprint, memory, plan_finds_nothing, refused, remember,
                              revert, scenario, settled, stalled, throughout, unchanged,
                              under_load)


def data(it):
    """What must survive everything: the data volumes, and the rows in the database."""
    return {name: one["Labels"] for name, one in it.engine.volumes(it.name).items()}


def applied_migrations(it):
    code, out = it.engine.execute(it.service("postgres")["Id"], [
        "sh", "-c", 'psql -At -U "${POSTGRES_USER:-mastodon}" '
                    '"${POSTGRES_DB:-mastodon_production}" '
                    '-c "select version from schema_migrations order by 1"'])
    if code != 0:
        raise AssertionError("psql ended with %d: %s" % (code, out))
    return out.split()


def image_is(role, tag):
    def check(it):
        running = [one for one in it.of_role(role) if is_running(one)]
        for one in running:
            if not one["Config"]["Image"].split("@")[0].endswith(":" + tag):
                return "%s runs %s" % (one["Name"], one["Config"]["Image"])
        return expect(running, "no running container of role " + role)
    return check


@scenario("a push of a memory limit must not restart anything, nor fail a single request",
          always=True)
def limit_change(it):
    it.step("the instance runs", deployed(), remember("containers", fingerprint))
    started = time.monotonic()
    it.step("a larger limit is pushed", under_load(), throughout(answers()),
            commit(web={"memory": "320MiB"}), eventually(memory("web", "320MiB"), 10))
    it.note("   limit in force %.2f s after the push began" % (time.monotonic() - started))
    it.step("it is done", eventually(settled(), 10), unchanged("containers", fingerprint))
    it.step("a smaller one arrives as well", under_load(), commit(web={"memory": "288MiB"}),
            eventually(memory("web", "288MiB"), 10), unchanged("containers", fingerprint))


@scenario("a rollback must bring back what was settled before, until another commit comes")
def rollback(it):
    def goes_back(code):
        def run(it):
            done = it.controller.of_state("rollback", it.name)
            return expect(done.code == code, "rollback ended with %d: %s" % (
                done.code, done.out + done.err))
        return run
    it.step("the instance runs", deployed(), remember("containers", fingerprint))
    it.step("there is nothing to go back to", goes_back(3))
    it.step("a larger limit is pushed", commit(web={"memory": "320MiB"}),
            eventually(memory("web", "320MiB"), 10), eventually(settled(), 10))
    it.step("it is rolled back", goes_back(0), lambda it: it.controller.nudge() and None,
            eventually(memory("web", "256MiB"), 40), unchanged("containers", fingerprint))
    it.step("a plan of the same commit agrees", eventually(plan_finds_nothing, 20))
    it.step("another commit is taken up", commit(web={"memory": "352MiB"}),
            eventually(memory("web", "352MiB"), 10), eventually(settled(), 10))


@scenario("a push of a version must run its migrations and then answer as that version",
          always=True)
def version_change(it):
    it.step("v4.4.8 runs", commit(mastodon="v4.4.8"), deployed(),
            remember("migrations", applied_migrations), remember("volumes", data))
    it.step("v4.5.0 is pushed", commit(mastodon="v4.5.0"), eventually(answers("4.5.0"), 180),
            eventually(settled(), 60))
    it.step("its migrations have run", lambda it: expect(
        len(applied_migrations(it)) > len(it.kept["migrations"]), "no migration was added"))
    it.step("every part runs it", image_is("web", "v4.5.0"), image_is("sidekiq", "v4.5.0"),
            image_is("streaming", "v4.5.0"))
    it.step("the data is the same", unchanged("volumes", data))


@scenario("a push of a broken file must touch nothing and be told with its line",
          always=True)
def broken_file(it):
    it.step("the instance runs", deployed(), remember("containers", fingerprint))
    before = it.tap.mark()

    def broken(it):
        return "instance: %s\ndomain: %s\nmastodon: v4.5.0\nwebb: {memory: 1GiB}\n" % (
            it.name, it.domain)
    it.step("a misspelt key is pushed", under_load(), commit_text(broken),
            eventually(refused(".yaml:4:1", "webb", "'web'"), 15))
    it.step("nothing was touched", unchanged("containers", fingerprint),
            lambda it: expect(not it.tap.mutations(before), "; ".join(it.tap.mutations(before))))
    it.step("text that is no YAML is pushed", commit_text("instance: [\n"),
            eventually(refused(".yaml:"), 15))
    it.step("nothing was touched", unchanged("containers", fingerprint), answers("4.5.0"))


@scenario("the revert of a bad push must bring the instance back to rest",
          always=True)
def revert_push(it):
    it.step("the instance runs", deployed(), remember("containers", fingerprint))
    it.step("a broken file is pushed", commit_text("instance: %d\n" % 7),
            eventually(refused(".yaml:1:"), 15))
    it.step("it is reverted", revert(), eventually(settled(), 20),
            unchanged("containers", fingerprint))
    it.step("a limit is pushed", commit(web={"memory": "300MiB"}),
            eventually(memory("web", "300MiB"), 10))
    it.step("and reverted", revert(), eventually(memory("web", "256MiB"), 10),
            eventually(settled(), 20), unchanged("containers", fingerprint))


@scenario("a version that cannot be pulled must leave the old one serving")
def missing_image(it):
    it.step("the instance runs", deployed(), remember("containers", fingerprint))
    it.step("a version without image is pushed", under_load(), commit(mastodon="v4.5.99"),
            eventually(stalled("v4.5.99"), 30))
    it.step("nothing was touched", unchanged("containers", fingerprint), answers("4.5.0"))
    it.step("the revert puts it to rest", revert(), eventually(settled(), 20),
            unchanged("containers", fingerprint))


@scenario("an older version must be refused once post-deployment migrations have run")
def downgrade(it):
    it.step("v4.6.0 runs", commit(mastodon="v4.6.0"), deployed(),
            remember("containers", fingerprint))
    it.step("v4.5.1 is pushed", under_load(), commit(mastodon="v4.5.1"),
            eventually(stalled("v4.5.1 is older"), 30))
    it.step("nothing was touched", unchanged("containers", fingerprint), answers("4.6.0"))
    it.step("the revert puts it to rest", revert(), eventually(settled(), 20),
            unchanged("containers", fingerprint))


@scenario("the revert of a version must bring the old one back where the schema allows it")
def revert_version(it):
    it.step("v4.5.0 runs", deployed(), remember("volumes", data))
    it.step("v4.5.1 is pushed", commit(mastodon="v4.5.1"), eventually(answers("4.5.1"), 120),
            eventually(settled(), 60), image_is("web", "v4.5.1"))
    it.step("it is reverted", revert(), eventually(answers("4.5.0"), 120),
            eventually(settled(), 60), image_is("web", "v4.5.0"), image_is("sidekiq", "v4.5.0"),
            unchanged("volumes", data))

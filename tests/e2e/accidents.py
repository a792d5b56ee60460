"""Things done by hand to a running instance: put back where safe, an alarm where it is not."""
import json

from harness.engine import is_running
from harness.scenario import (answers, commit, deployed, eventually, expect, fingerprint, memory,
                              nudge, remember, scenario, settled, start_controller, taken,
                              throughout, unchanged)


def remove(role):
    return lambda it: it.engine.remove(it.service(role)["Id"])


@scenario("a limit changed by hand must be put back without a restart")
def limit_by_hand(it):
    it.step("the instance runs", deployed(), remember("containers", fingerprint))
    it.step("somebody runs docker update --memory",
            lambda it: it.engine.update_memory(it.service("web")["Id"], 400 << 20),
            eventually(memory("web", "256MiB"), 15))
    it.step("nothing was restarted", unchanged("containers", fingerprint))


@scenario("a web container removed by hand must come back")
def web_removed(it):
    it.step("the instance runs", deployed())
    it.step("somebody runs docker rm -f", remove("web"),
            eventually(lambda it: expect(it.of_role("web"), "no web container"), 15),
            eventually(answers("4.5.0"), 60), eventually(settled(), 30))


def half_made_database(it):
    """Kills the job that makes the database, at a moment when it has made some of its files."""
    job = it.service("postgres-init")["Id"]
    code, _ = it.engine.execute(job, ["sh", "-c", "test -d $PGDATA/.making/base"])
    if code != 0:
        return "nothing is made yet"
    it.engine.kill(job)
    return ""


@scenario("a database that was half made when its job was killed must be made whole")
def init_killed(it):
    it.step("the first commit is pushed", commit(mastodon="v4.5.0"))
    it.step("the job that makes the database is killed", start_controller(),
            eventually(half_made_database, 60))
    it.step("it is made whole", eventually(answers("4.5.0"), 180), eventually(settled(), 60))


def double_network(it):
    for _ in range(2):
        it.engine.create_double(it.name + "-external", it.name)


@scenario("a network that was made twice must be one again")
def network_twice(it):
    it.step("two creations of one network were carried out", double_network)
    it.step("the instance is deployed", deployed())
    it.step("one of them is left", lambda it: expect(
        len(it.engine.networks_called(it.name + "-external")) == 1, "both are there"))


@scenario("a data volume that is gone must stop the work with an alarm, and never be made anew")
def volume_removed(it):
    it.step("the instance runs", deployed())

    def lose_the_database(it):
        container = it.service("postgres")
        volume = [mount["Name"] for mount in container["Mounts"]
                  if mount["Type"] == "volume" and "postgres" in mount["Destination"]][0]
        it.kept["volume"] = volume
        it.engine.lose(volume)

    def alarm(it):
        status = it.controller.status(it.name)
        text = json.dumps(status)
        return expect(not status["ready"] and it.kept["volume"] in text,
                      "no alarm about %s in %s" % (it.kept["volume"], text))

    def no_volume(it):
        return expect(it.kept["volume"] not in it.engine.volumes(it.name), "it was made anew")

    it.step("the database's volume is removed", lose_the_database, eventually(alarm, 30))
    it.step("it stays gone, pass after pass", throughout(no_volume), nudge(), nudge(),
            commit(web={"memory": "300MiB"}), eventually(alarm, 10))
    it.step("no database was started on an empty one", no_volume, lambda it: expect(
        not [one for one in it.of_role("postgres") if is_running(one)], "PostgreSQL runs"))


def looked_again(before):
    """At least one more look at the containers: time in which something could have happened."""
    return eventually(lambda it: expect(
        [call for call in it.tap.since(before) if "/containers/json" in call], "no pass yet"), 40)


@scenario("a suspended instance must be left alone until it is resumed")
def suspended(it):
    it.step("the instance runs", deployed(), remember("containers", fingerprint))

    def suspend(it):
        done = it.controller.of_state("suspend", it.name)
        return expect(done.code == 0, done.err)

    def resume(it):
        done = it.controller.of_state("resume", it.name)
        it.controller.nudge()
        return expect(done.code == 0, done.err)

    it.step("it is suspended", suspend)
    before = it.tap.mark()
    it.step("a limit is pushed", commit(web={"memory": "300MiB"}),
            eventually(taken(), 10), eventually(lambda it: expect(
                it.condition("Suspended")[0], "status does not say that it is suspended"), 10))
    it.step("a pass goes by", looked_again(before))
    it.step("nothing happens", memory("web", "256MiB"), unchanged("containers", fingerprint),
            lambda it: expect(not it.tap.mutations(before), "; ".join(it.tap.mutations(before))))
    it.step("it is resumed", resume, eventually(memory("web", "300MiB"), 15),
            eventually(settled(), 15), unchanged("containers", fingerprint))

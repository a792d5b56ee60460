"""The daily digest: told at its time, to whom asked for it, and once."""
import json
import os
import time

from drift import Listener, update
from harness.scenario import (commit, deployed, eventually, expect, memory, scenario, settled,
                              throughout)


@scenario("a daily digest must be told at its time, once, also where the controller starts again",
          long=True)
def digest_told(it):
    asked, other = Listener(), Listener()
    # Two minutes ahead: the instance has to run by then.
    due = time.time() + 120
    paths = [it.folder + "/asked-url", it.folder + "/other-url"]
    for path, listener in zip(paths, (asked, other)):
        with open(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), "w") as out:
            out.write(listener.url + "\n")
    with open(it.folder + "/notify.yaml", "w") as out:
        out.write('- {form: json, url_file: %s, digest: "%s UTC"}\n- {form: json, url_file: %s}\n'
                  % (paths[0], time.strftime("%H:%M", time.gmtime(due)), paths[1]))
    it.controller.options += ["--notify", it.folder + "/notify.yaml"]
    it.controller.interval = "2s"

    def digests(listener):
        return [one for one in listener.heard if one["status"] == "digest"]

    def heard_once(it):
        found = digests(asked)
        words = [it.name + ": serves v4.5.0", "0 open, 1 put right", "backup of database",
                 "held: rolled back"]
        missing = [word for word in words if not found or word not in found[0]["message"]]
        return expect(len(found) == 1 and not missing, "%s in %s" % (missing, json.dumps(found)))
    it.step("the instance runs", deployed())
    it.step("something is put right", update("web", 400 << 20),
            eventually(memory("web", "256MiB"), 15))
    it.step("a commit is rolled back", commit(web={"memory": "320MiB"}),
            eventually(memory("web", "320MiB"), 15), eventually(settled(), 15),
            lambda it: expect(it.controller.of_state("rollback", it.name).code == 0, "refused"),
            lambda it: it.controller.nudge() and None, eventually(memory("web", "256MiB"), 15))
    it.step("it is told at its time", eventually(heard_once, 150))
    it.step("nobody else gets it, nor twice", lambda it: it.controller.kill(),
            lambda it: it.controller.start(), eventually(lambda it: expect(
                it.controller.passes() > 2, "no pass yet"), 30), throughout(heard_once),
            lambda it: expect(not digests(other), json.dumps(other.heard)))
    with open(it.controller.log) as log:
        it.step("the address is nowhere", lambda it: expect("secret-path" not in log.read(),
                                                            "it is in the log"))

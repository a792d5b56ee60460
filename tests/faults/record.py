"""What a lane writes down: one line a trial, a folder for each failure, lane.json at its end."""
import json
import os
import re
import time

from harness.scenario import Failed, describe


class Record:
    def __init__(self, name):
        self.name, self.passed, self.failed = name, 0, []
        self.folder = os.environ["MATRIARCH_RESULTS"]

    def attempt(self, title, work, scene):
        """Runs `work`, which raises when it fails; whether it did not. `scene` gives the scene that
        it happened in."""
        title = "%s, %s" % (self.name, title)
        started, reason = time.monotonic(), ""
        try:
            work()
        except Failed as error:
            reason = str(error)
        except Exception as error:  # a mistake of the test is a failure too
            reason = describe(error)
        print("%s %6.1fs  %s" % ("failed" if reason else "ok    ", time.monotonic() - started,
                                 title), flush=True)
        if not reason:
            self.passed += 1
            return True
        self.failed.append("faults: %s: %s" % (title, reason[:300]))
        folder = os.path.join(self.folder, re.sub("[^a-z0-9]+", "-", title.lower()).strip("-"))
        print("        %s\n        see %s" % (reason[:2000], folder), flush=True)
        if scene():
            scene().sentence = title
            scene().save(folder, reason)
        return False

    def write(self, tried, every, unmet=()):
        with open(os.path.join(self.folder, "lane.json"), "w") as out:
            json.dump({"passed": self.passed, "failed": self.failed, "tried": tried, "all": every,
                       "unmet": [str(point) for point in unmet]}, out)

"""A page that stays open: Chromium, told what to do by its debugging pipe."""
import json
import os
import subprocess
import tempfile
import time


class OpenPage:
    """Chromium with one page, until closed."""

    def __init__(self, folder, url, *options):
        self.profile = tempfile.TemporaryDirectory(dir=folder, ignore_cleanup_errors=True)
        theirs_in, ours_out = os.pipe()
        ours_in, theirs_out = os.pipe()
        command = ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu",
                   "--disable-dev-shm-usage", "--no-first-run", "--remote-debugging-pipe",
                   "--user-data-dir=" + self.profile.name, *options]
        self.process = subprocess.Popen(
            ["bash", "-c", 'exec "$@" 3<&%d 4>&%d' % (theirs_in, theirs_out), "-", *command],
            pass_fds=(theirs_in, theirs_out), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={"PATH": os.environ["PATH"], "HOME": self.profile.name})
        os.close(theirs_in)
        os.close(theirs_out)
        self.to, self.of = os.fdopen(ours_out, "wb"), os.fdopen(ours_in, "rb")
        self.asked, self.session = 0, {}
        target = self.ask("Target.createTarget", url=url)["targetId"]
        attached = self.ask("Target.attachToTarget", targetId=target, flatten=True)
        self.session = {"sessionId": attached["sessionId"]}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.to.close()
        self.of.close()
        self.profile.cleanup()

    def ask(self, method, **params):
        self.asked += 1
        message = {"id": self.asked, "method": method, "params": params, **self.session}
        self.to.write(json.dumps(message).encode() + b"\0")
        self.to.flush()
        while True:
            answer = self.read()
            if answer.get("id") == self.asked:
                return answer["result"]

    def read(self):
        text = b""
        while not text.endswith(b"\0"):
            byte = self.of.read(1)
            if not byte:
                raise AssertionError("the browser is gone")
            text += byte
        return json.loads(text[:-1])

    def value(self, expression):
        return self.ask("Runtime.evaluate", expression=expression)["result"].get("value")

    def wait(self, expression, seconds):
        """Until the expression is true in the page."""
        until = time.monotonic() + seconds
        while self.value(expression) is not True:
            if time.monotonic() > until:
                raise AssertionError("not within %d s: %s; the page says: %s" % (
                    seconds, expression, self.value("document.body.innerText")))
            time.sleep(0.1)

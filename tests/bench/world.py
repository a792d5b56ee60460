"""What is measured: our instance and the peers', each on ports of its own, on one Engine."""
import os
import time

import compose
from figures import until
from harness import edge, scenario as words


class World:
    """Ours and the peer's instance on one Engine, each on ports of its own."""

    def __init__(self):
        self.number = 0
        self.renew()
        self.peer = compose.Compose(os.environ["MATRIARCH_ENGINE_DIR"], 18999)
        self.peer.write()

    def renew(self):
        self.number += 1
        self.it = words.Scene("bench", 80 + self.number)
        # Straight to the Engine: the tap would be part of what is measured.
        self.it.controller.environment["DOCKER_HOST"] = os.environ["DOCKER_HOST"]

    def pull(self, versions=("v4.5.0",)):
        """The images of all, so that no pull is in the times."""
        self.it.pull_images(versions)

    def clear(self):
        """Nobody's containers run any more."""
        self.it.close()
        self.peer.down()

    def deploy(self):
        started = time.monotonic()
        self.it.push("deploy")
        if not self.it.controller.is_running():
            self.it.controller.start()
        until(lambda: edge.version(self.it.http, self.it.domain)[0], 240, "our first answer")
        return time.monotonic() - started

    def settle(self):
        until(lambda: not words.attempt(words.settled(), self.it), 60, "at rest")

    def deploy_peer(self):
        started = time.monotonic()
        self.peer.run("up", "-d")
        until(self.peer.answers, 240, "the peer's first answer")
        return time.monotonic() - started

    def ensure(self):
        if not self.it.controller.is_running():
            self.deploy()
            self.settle()

    def ensure_peer(self):
        if not self.peer.answers():
            self.deploy_peer()

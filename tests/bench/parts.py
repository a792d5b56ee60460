"""What no upgrade can avoid, part by part: how long a container of the stand-in takes to boot and
to stop, measured alone; and how long the migrations of an upgrade ran, told by the Engine.

A double of the container that serves is made (same image, environment, limits, networks; another
name, no alias, no labels: nobody sends it requests), started, asked until it is ready, and stopped.
This happens under the load that the upgrades had, since they had it too.

    web_boot      the call that starts it, until /health and /api/v2/instance answer 200
    sidekiq_boot  the call that starts it, until it says that it fetches (a double without the queue
                  `scheduler`: never two of those)
    web_stop      TERM until it has ended; sidekiq_stop alike
    job_start     the call that starts a container, alone: what a job costs before it runs
"""
import statistics
import time

from figures import until
from harness import edge
from harness.engine import is_running


class Doubles:
    """Containers like those that serve, made to be measured."""

    def __init__(self, it):
        self.it, self.engine = it, it.engine

    def health_of_web(self):
        """(seconds from the call that creates one until it answers, until the Engine has seen its
        health check pass)"""
        began = time.monotonic()
        double = self._create(self.it.service("web"))
        try:
            self.engine.ask("POST", "/containers/%s/start" % double)
            until(lambda: self._web_is_ready(double), 60, "a double of web answers")
            answers = time.monotonic() - began
            until(lambda: self._is_healthy(double), 60, "a double of web is healthy")
            return answers, time.monotonic() - began
        finally:
            self.engine.remove(double)

    def _life(self, role, is_ready):
        """(the start call, until ready, from TERM to the end)"""
        original = next(one for one in self.it.of_role(role) if is_running(one))
        double = self._create(original)
        try:
            began = time.monotonic()
            self.engine.ask("POST", "/containers/%s/start" % double)
            started = time.monotonic()
            until(lambda: is_ready(double), 60, "a double of %s is ready" % role)
            ready = time.monotonic()
            self.engine.ask("POST", "/containers/%s/kill" % double, signal="SIGTERM")
            self.engine.ask("POST", "/containers/%s/wait" % double)
            return started - began, ready - began, time.monotonic() - ready
        finally:
            self.engine.remove(double)

    def _create(self, original):
        config, command = original["Config"], list(original["Config"]["Cmd"])
        if "scheduler" in command:
            at = command.index("scheduler")
            del command[at - 1:at + 1]  # -q scheduler
        host = dict(original["HostConfig"], RestartPolicy={"Name": "no"})
        networks = sorted(original["NetworkSettings"]["Networks"])
        name = "alone-" + original["Name"].lstrip("/")
        self.engine.ask("POST", "/containers/create", {
            **config, "Cmd": command, "Labels": {}, "Hostname": "", "HostConfig": {
                **host, "NetworkMode": networks[0]},
            "NetworkingConfig": {"EndpointsConfig": {networks[0]: {}}}}, name=name)
        for network in networks[1:]:
            self.engine.ask("POST", "/networks/%s/connect" % network, {"Container": name})
        return name

    def _web_is_ready(self, double):
        networks = self.engine.get("/containers/%s/json" % double)["NetworkSettings"]["Networks"]
        address = next(iter(networks.values()))["IPAddress"]
        return all(edge.ask(3000, self.it.domain, path, address=address,
                            headers={"X-Forwarded-Proto": "https"})[0] == 200
                   for path in ("/health", "/api/v2/instance"))

    def _is_healthy(self, double):
        state = self.engine.get("/containers/%s/json" % double)["State"]
        return state["Health"]["Status"] == "healthy"

    def _fetches(self, double):
        return ": sidekiq" in self.engine.logs(double, 5)


class Parts(Doubles):
    """Seconds, medians of `runs`."""

    def __init__(self, it, runs):
        super().__init__(it)
        webs = [self._life("web", self._web_is_ready) for _ in range(runs)]
        sidekiqs = [self._life("sidekiq", self._fetches) for _ in range(runs)]
        self.job_start, self.web_boot, self.web_stop = (statistics.median(each)
                                                        for each in zip(*webs))
        _, self.sidekiq_boot, self.sidekiq_stop = (statistics.median(each)
                                                   for each in zip(*sidekiqs))

    def rolling(self, migrations):
        """The sum of a rolling upgrade; `migrations`: what its jobs took."""
        return migrations + self.web_boot + self.web_stop + self.sidekiq_stop + self.sidekiq_boot

    def stopped(self, migrations):
        """Stop, migrate, start: while nothing answers. Web and sidekiq stop side by side."""
        return max(self.web_stop, self.sidekiq_stop) + migrations + self.web_boot

    def migrations(self, lives):
        """The jobs among these lives (see harness/watch.py) that changed the schema."""
        jobs = [life for life in lives
                if "db:migrate" in " ".join(life.command) and life.has("start", "die")]
        return sum(self.job_start + life.between("start", "die") for life in jobs)

    def words(self):
        return ("web boots in %.2f s and stops in %.2f s, sidekiq in %.2f s and %.2f s, a job "
                "starts in %.2f s" % (self.web_boot, self.web_stop, self.sidekiq_boot,
                                      self.sidekiq_stop, self.job_start))

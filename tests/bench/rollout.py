"""The peer that replaces without a gap: what the docker-rollout plugin does, written for
docker-compose 1.29 (github.com/wowu/docker-rollout, README: scale to twice the number, wait until
the new one is healthy, remove the old one). Sidekiq is recreated: two would be two schedulers.
"""
import compose


class Rollout(compose.Compose):
    name = "docker-rollout style"
    domain = "rollout.test"

    def replace(self):
        for service in ("web", "streaming"):
            self.rollout(service)
        self.run("up", "-d", "--no-deps", "sidekiq")

    def rollout(self, service):
        old = self.containers(service)
        self.run("up", "-d", "--no-deps", "--no-recreate", "--scale", "%s=%d" % (
            service, 2 * len(old)), service)
        new = self.containers(service) - old
        self.until(lambda: all(self.is_healthy(one) for one in new))
        self.docker_says("stop", *old)
        self.docker_says("rm", *old)

    def containers(self, service):
        return set(self.docker_says("ps", "-q", "--no-trunc", "--filter",
                                    "label=com.docker.compose.service=" + service).split())

    def is_healthy(self, container):
        return self.engine.get("/containers/%s/json" % container)["State"]["Health"][
            "Status"] == "healthy"

"""The peer that orchestrates: the same seven containers as services of a Swarm of one node.

Start-first for web and streaming, stop-first for sidekiq (two would be two schedulers). Endpoints
in mode dnsrr and a port in host mode, since kernels without IPVS serve no virtual addresses.
"""
import json
import subprocess
import time

import compose
from harness.fleet import REGISTRY

ADDRESS, BRIDGE = "10.98.7.1", "swarm0"


class Swarm(compose.Compose):
    name = "Swarm start-first"
    domain = "swarm.test"

    def deploy(self, version):
        # A Swarm wants an address to be known by; this network namespace has none yet.
        for words in ("link add %s type bridge" % BRIDGE, "link set %s up" % BRIDGE,
                      "addr add %s/24 dev %s" % (ADDRESS, BRIDGE)):
            subprocess.run(["ip", *words.split()], check=True)
        self.docker_says("swarm", "init", "--advertise-addr", ADDRESS,
                         "--default-addr-pool", "10.211.0.0/16")
        self.docker_says("network", "create", "-d", "overlay", "--attachable", "peer")
        self.service("db", "library/postgres:15-bookworm", "256m", "--env",
                     "POSTGRES_USER=mastodon", "--env", "POSTGRES_PASSWORD=pass", "--env",
                     "POSTGRES_DB=mastodon_production", "--mount",
                     "type=volume,source=peer_db,target=/var/lib/postgresql/data",
                     *health("pg_isready -h 127.0.0.1 -U mastodon"))
        self.service("redis", "library/redis:7-bookworm", "64m", *health("redis-cli ping"))
        self.until(lambda: self.are_running("db", "redis"), 120)
        self.rails(version, "db:prepare")
        self.service("web", "mastodon/mastodon:" + version, "256m", *self.environment(),
                     "--update-order", "start-first",
                     *health("curl -sf http://127.0.0.1:3000/health"),
                     command="bundle exec puma -C config/puma.rb")
        self.service("streaming", "mastodon/mastodon-streaming:" + version, "128m",
                     *self.environment(), "--update-order", "start-first",
                     *health("curl -sf http://127.0.0.1:4000/api/v1/streaming/health"))
        self.service("sidekiq", "mastodon/mastodon:" + version, "192m", *self.environment(),
                     command="bundle exec sidekiq -c 2")
        self.service("edge", "library/caddy:2", "256m", "--publish",
                     "mode=host,target=80,published=%d" % self.port, "--mount",
                     "type=bind,readonly,source=%s/Caddyfile,target=/etc/caddy/Caddyfile" %
                     self.folder,
                     command="caddy run --config /etc/caddy/Caddyfile --adapter caddyfile")
        self.until(lambda: self.are_running("web", "streaming", "sidekiq", "edge"), 120)
        self.until_it_answers_as(version)

    def upgrade(self, version):
        started = time.monotonic()
        self.rails(version, "db:migrate", "--env", "SKIP_POST_DEPLOYMENT_MIGRATIONS=true")
        for service, image in (("web", "mastodon"), ("streaming", "mastodon-streaming"),
                               ("sidekiq", "mastodon")):
            self.docker_says("service", "update", "-d", "--image",
                             "%s/mastodon/%s:%s" % (REGISTRY, image, version), service)
        self.until(lambda: self.is_updated("web", "streaming", "sidekiq"), 240)
        self.until_it_answers_as(version)
        self.rails(version, "db:migrate")
        return time.monotonic() - started

    def service(self, name, image, memory, *options, command=""):
        self.docker_says("service", "create", "-d", "-q", "--name", name, "--network", "peer",
                         "--endpoint-mode", "dnsrr", "--limit-memory", memory, *options,
                         "%s/%s" % (REGISTRY, image), *command.split())

    def environment(self):
        return "--env-file", self.folder + "/app.env"

    def rails(self, version, task, *options):
        self.docker_says("run", "--rm", "--network", "peer", *self.environment(), *options,
                         "%s/mastodon/mastodon:%s" % (REGISTRY, version),
                         "bundle", "exec", "rails", task)

    def are_running(self, *services):
        """Swarm calls a task running once it is healthy."""
        said = self.docker_says("service", "ls", "--format", "{{.Name}} {{.Replicas}}")
        return all("%s 1/1" % service in said.splitlines() for service in services)

    def is_updated(self, *services):
        found = json.loads(self.docker_says("service", "inspect", *services))
        return all(one.get("UpdateStatus", {}).get("State") == "completed" for one in found)

    def web(self):
        return self.docker_says("ps", "-q", "--filter",
                                "label=com.docker.swarm.service.name=web").split()[0]

    def down(self):
        subprocess.run(["docker", "swarm", "leave", "--force"], capture_output=True, timeout=120)
        self.until(lambda: not self.docker_says("ps", "-aq", "--filter",
                                                "label=com.docker.swarm.service.name"), 60)
        for words in ("volume rm peer_db", "network rm docker_gwbridge"):
            self.docker(*words.split())
        subprocess.run(["ip", "link", "delete", BRIDGE], capture_output=True)


def health(command):
    return ("--health-cmd", command, "--health-interval", "1s", "--health-retries", "90")

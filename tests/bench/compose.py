"""The peer: the same seven containers by docker-compose 1.29.2, as an operator would write them."""
import os
import secrets
import subprocess
import time

from harness import edge
from harness.engine import Engine
from harness.fleet import REGISTRY

CADDYFILE = """{
	auto_https off
}
http:// {
	@streaming path /api/v1/streaming /api/v1/streaming/*
	handle @streaming {
		reverse_proxy streaming:4000
	}
	handle {
		reverse_proxy web:3000 {
			header_up X-Forwarded-Proto https
		}
	}
}
"""

# Health is asked each second: with Docker's default of 30 s the peer would look ten times slower.
COMPOSE = """x-app: &app
  image: {registry}/mastodon/mastodon:{version}
  env_file: app.env
  networks: [inside, outside]
services:
  db:
    restart: always
    image: {registry}/library/postgres:15-bookworm
    environment:
      POSTGRES_USER: mastodon
      POSTGRES_PASSWORD: pass
      POSTGRES_DB: mastodon_production
    mem_limit: 256m
    networks: [inside]
    volumes: [db:/var/lib/postgresql/data]
    healthcheck:
      test: [CMD, pg_isready, -h, 127.0.0.1, -U, mastodon]
      interval: 1s
      retries: 90
  redis:
    restart: always
    image: {registry}/library/redis:7-bookworm
    mem_limit: 64m
    networks: [inside]
    volumes: [redis:/data]
    healthcheck: {{test: [CMD, redis-cli, ping], interval: 1s, retries: 90}}
  migrate:
    <<: *app
    command: bundle exec rails db:prepare
    depends_on: {{db: {{condition: service_healthy}}, redis: {{condition: service_healthy}}}}
  web:
    restart: always
    <<: *app
    command: bundle exec puma -C config/puma.rb
    mem_limit: {memory}
    depends_on: {{migrate: {{condition: service_completed_successfully}}}}
    healthcheck:
      test: [CMD-SHELL, "curl -sf http://127.0.0.1:3000/health"]
      interval: 1s
      retries: 90
  sidekiq:
    restart: always
    <<: *app
    command: bundle exec sidekiq -c 2
    mem_limit: 192m
    depends_on: {{migrate: {{condition: service_completed_successfully}}}}
  streaming:
    restart: always
    image: {registry}/mastodon/mastodon-streaming:{version}
    env_file: app.env
    command: node ./streaming/index.js
    mem_limit: 128m
    networks: [inside, outside]
    depends_on: {{migrate: {{condition: service_completed_successfully}}}}
    healthcheck:
      test: [CMD-SHELL, "curl -sf http://127.0.0.1:4000/api/v1/streaming/health"]
      interval: 1s
      retries: 90
  edge:
    restart: always
    image: {registry}/library/caddy:2
    command: caddy run --config /etc/caddy/Caddyfile --adapter caddyfile
    mem_limit: 256m
    networks: [outside]
    ports: ["{port}:80"]
    volumes: ["./Caddyfile:/etc/caddy/Caddyfile:ro"]
networks: {{inside: {{internal: true}}, outside: {{}}}}
volumes: {{db: {{}}, redis: {{}}}}
"""


class Compose:
    name = "docker-compose 1.29.2"
    domain = "compose.test"

    def __init__(self, folder, port):
        self.folder, self.port = os.path.join(folder, type(self).__name__.lower()), port
        self.engine = Engine()
        os.makedirs(self.folder, exist_ok=True)
        with open(os.path.join(self.folder, "Caddyfile"), "w") as out:
            out.write(CADDYFILE)
        with open(os.path.join(self.folder, "app.env"), "w") as out:
            out.write("LOCAL_DOMAIN=%s\nDB_HOST=db\nDB_USER=mastodon\nDB_PASS=pass\n"
                      "DB_NAME=mastodon_production\nREDIS_HOST=redis\nRAILS_ENV=production\n"
                      "WEB_CONCURRENCY=1\nMAX_THREADS=3\n" % self.domain)
            for name in ("SECRET_KEY_BASE", "OTP_SECRET",
                         "ACTIVE_RECORD_ENCRYPTION_DETERMINISTIC_KEY",
                         "ACTIVE_RECORD_ENCRYPTION_KEY_DERIVATION_SALT",
                         "ACTIVE_RECORD_ENCRYPTION_PRIMARY_KEY"):
                out.write("%s=%s\n" % (name, secrets.token_hex(32)))

    def write(self, memory="256m", version="v4.5.0"):
        with open(os.path.join(self.folder, "docker-compose.yml"), "w") as out:
            out.write(COMPOSE.format(registry=REGISTRY, version=version, memory=memory,
                                     port=self.port))

    def run(self, *arguments):
        """docker-compose with these arguments; returns the seconds it took."""
        started = time.monotonic()
        done = subprocess.run(["docker-compose", "-p", "peer", *arguments], cwd=self.folder,
                              capture_output=True, text=True, stdin=subprocess.DEVNULL,
                              timeout=300)
        if done.returncode != 0:
            raise RuntimeError("docker-compose %s: %s" % (" ".join(arguments), done.stderr[-2000:]))
        return time.monotonic() - started

    # --- an upgrade, as Mastodon's release notes say (two phases) ------------------------------

    def deploy(self, version):
        self.write(version=version)
        self.run("up", "-d")
        self.until_it_answers_as(version)

    def upgrade(self, version):
        """Returns the seconds it took, from the first command to the last."""
        started = time.monotonic()
        self.write(version=version)
        self.run("pull", "-q", "web", "streaming")
        self.migrate("-e", "SKIP_POST_DEPLOYMENT_MIGRATIONS=true")
        self.replace()
        self.until_it_answers_as(version)
        self.migrate()
        return time.monotonic() - started

    def migrate(self, *options):
        self.run("run", "--rm", "-T", "--no-deps", *options, "web",
                 "bundle", "exec", "rails", "db:migrate")

    def replace(self):
        self.run("up", "-d", "--no-deps", "web", "streaming", "sidekiq")

    def until_it_answers_as(self, version, limit=240):
        began = time.monotonic()
        while True:
            seen, reason = edge.version(self.port, self.domain)
            if seen == version.lstrip("v"):
                return
            if time.monotonic() - began > limit:
                raise RuntimeError("%s does not answer as %s within %d s: %s" % (
                    self.name, version, limit, reason or "it answers as " + seen))
            time.sleep(0.05)

    def web(self):
        """The container that answers."""
        return self.docker_says("ps", "-q", "--filter",
                                "label=com.docker.compose.service=web").split()[0]

    # --- the shortest way from nothing -----------------------------------------------------------

    def chain(self):
        """Seconds of the longest chain that the Engine itself needs, from nothing: database, setup
        job, web; each made and started the moment the one before is done. Nobody looks away."""
        # docker-compose makes networks, and joins the second one, only as it starts a container.
        self.docker("network", "create", "--internal", "peer_inside")
        self.docker("network", "create", "peer_outside")
        self.run("create")
        self.docker("start", "peer_redis_1", "peer_edge_1")
        recipes = {service: self.recipe("peer_%s_1" % service)
                   for service in ("db", "migrate", "web")}
        self.docker("volume", "rm", "peer_db")
        started = time.monotonic()
        self.start_new("db", recipes)
        self.until(lambda: self.docker("exec", "peer_db_1", "pg_isready", "-q", "-h", "127.0.0.1"))
        self.start_new("migrate", recipes)
        self.engine.ask("POST", "/containers/peer_migrate_1/wait")
        self.start_new("web", recipes)
        self.until(self.answers)
        return time.monotonic() - started

    def recipe(self, name):
        """What to ask the Engine for to get this container once more; the container is removed."""
        made = self.engine.get("/containers/" + name + "/json")
        self.engine.remove(made["Id"])
        return {**made["Config"], "HostConfig": made["HostConfig"]}

    def start_new(self, service, recipes):
        name = "peer_%s_1" % service
        first = recipes[service]["HostConfig"]["NetworkMode"]
        self.engine.ask("POST", "/containers/create",
                        {**recipes[service],
                         "NetworkingConfig": {"EndpointsConfig": {first: {"Aliases": [service]}}}},
                        name=name)
        for network in {"peer_inside", "peer_outside"} - {first} if service != "db" else ():
            self.engine.ask("POST", "/networks/%s/connect" % network,
                            {"Container": name, "EndpointConfig": {"Aliases": [service]}})
        self.engine.ask("POST", "/containers/%s/start" % name)

    def until(self, question, limit=60):
        began = time.monotonic()
        while not question():
            if time.monotonic() - began > limit:
                raise RuntimeError("the peer's chain was not done within %d s" % limit)
            time.sleep(0.01)

    def docker(self, *arguments):
        return subprocess.run(["docker", *arguments], stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=120).returncode == 0

    def docker_says(self, *arguments):
        done = subprocess.run(["docker", *arguments], stdin=subprocess.DEVNULL, text=True,
                              capture_output=True, timeout=300)
        if done.returncode != 0:
            raise RuntimeError("docker %s: %s" % (" ".join(arguments), done.stderr[-2000:]))
        return done.stdout

    def answers(self):
        return edge.version(self.port, self.domain)[0] != ""

    def down(self):
        self.run("down", "-v", "-t", "2")

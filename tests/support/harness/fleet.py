"""A fleet repository: a bare one that the controller reads, a work tree that a person pushes from.
"""
import copy
import json
import os
import subprocess

NEVER = "0 0 29 2 *"  # a schedule that comes once in years: no backup runs into a scenario
REGISTRY = os.environ.get("REGISTRY", "127.0.0.1:5000")


def instance_file(name, http, https, version="v4.5.0"):
    """A small instance on the stand-in images: every limit low, nothing that leaves the machine."""
    return {
        "instance": name,
        "domain": name + ".test",
        "mastodon": version,
        "images": {
            "mastodon": REGISTRY + "/mastodon/mastodon",
            "streaming": REGISTRY + "/mastodon/mastodon-streaming",
            "postgres": REGISTRY + "/library/postgres",
            "redis": REGISTRY + "/library/redis",
            "edge": REGISTRY + "/library/caddy",
            "restic": REGISTRY + "/restic/restic:0.14.0",
        },
        "upgrade": {"backup": "none", "patience": "30s", "drain": "10s"},
        "web": {"processes": 1, "threads": 3, "memory": "256MiB"},
        "streaming": {"memory": "128MiB"},
        "sidekiq": {"main": {"queues": ["default", "push", "ingress", "mailers", "pull", "fasp",
                                        "scheduler"], "concurrency": 2, "memory": "192MiB"}},
        "postgres": {"version": 15, "memory": "256MiB"},
        "redis": {"version": 7, "memory": "64MiB"},
        "edge": {"http": http, "https": https},
        "backups": {"repository": "/srv/backups/" + name, "database": {"schedule": NEVER},
                    "media": {"schedule": NEVER}, "drill": {"schedule": NEVER}},
        "storage": {"reserve": "1GiB"},
    }


def as_yaml(document):
    """One line a key, values in flow style: JSON is YAML."""
    return "".join("%s: %s\n" % (key, json.dumps(value)) for key, value in document.items())


def merged(document, changes):
    """The document with the changes laid over it; a value of None takes the key away."""
    result = copy.deepcopy(document)
    for key, value in changes.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict) and isinstance(result.get(key), dict):
            result[key] = merged(result[key], value)
        else:
            result[key] = value
    return result


class Fleet:
    def __init__(self, folder):
        self.bare = os.path.join(folder, "fleet.git")
        self.work = os.path.join(folder, "work")
        self.url = "file://" + self.bare
        run("git", "init", "-q", "--bare", "-b", "main", self.bare)
        run("git", "init", "-q", "-b", "main", self.work)
        self.git("remote", "add", "origin", self.bare)
        os.makedirs(os.path.join(self.work, "fleet"))

    def git(self, *arguments):
        return run("git", "-C", self.work, "-c", "user.name=fleet", "-c",
                   "user.email=fleet@example.test", "-c", "commit.gpgsign=false", *arguments)

    def path(self, name):
        return os.path.join(self.work, "fleet", name + ".yaml")

    def push(self, message, files):
        """Writes files (name without .yaml -> text or document; None removes), commits, pushes."""
        for name, content in files.items():
            if content is None:
                os.unlink(self.path(name))
                continue
            with open(self.path(name), "w") as out:
                out.write(content if isinstance(content, str) else as_yaml(content))
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        self.git("push", "-q", "origin", "main")
        return self.head()

    def revert(self):
        self.git("revert", "--no-edit", "HEAD")
        self.git("push", "-q", "origin", "main")
        return self.head()

    def head(self):
        return self.git("rev-parse", "HEAD").strip()


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise AssertionError(" ".join(command) + ": " + done.stderr.strip())
    return done.stdout

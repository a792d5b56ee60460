"""What a request asks of the Engine, in words that are the same in every run.

"POST /v1.41/containers/4f1e.../start" is "POST containers/web-1/start": ids become names, names
lose their instance and the hash at their end. With its occurrence (" #2") that is the key of a
place in a workload: what is done, to what, for the how-manieth time. Never when.
"""
import json
import re
import urllib.parse

from .engine import Engine

MUTATING = re.compile(r"^(POST|PUT|DELETE) ")
# Questions that the Engine API happens to ask with POST: an exec probes, it changes nothing.
QUESTION = re.compile(r"^POST (/v[0-9.]+)?/(containers/[^/]+/exec|exec/[^/]+/start)\b")
ID = re.compile(r"[0-9a-f]{64}")


def is_mutation(line):
    """Of a request line; or of a key, which has no slash before its first word."""
    method, _, path = line.partition(" ")
    rooted = method + " /" + path.lstrip("/")
    return bool(MUTATING.match(rooted)) and not QUESTION.match(rooted)


class Names:
    """Ids to names, asked of the Engine once each."""

    def __init__(self, engine_path, instance):
        self.engine, self.instance, self.known = Engine(engine_path), instance, {}

    def short(self, name):
        name = re.sub("^%s-" % re.escape(self.instance), "", name.lstrip("/"))
        return re.sub("-[0-9a-f]{12}$", "", name)

    def of(self, kind, name):
        if not ID.fullmatch(name):
            return self.short(name)
        if name not in self.known:
            try:
                self.known[name] = self._ask(kind, name)
            except Exception:  # gone, or the Engine is away: the call itself will tell
                return name[:12]
        return self.known[name]

    def _ask(self, kind, name):
        if kind == "networks":
            return self.short(self.engine.get("/networks/" + name)["Name"])
        if kind == "exec":
            return self.of("containers", self.engine.get("/exec/%s/json" % name)["ContainerID"])
        return self.short(self.engine.get("/containers/%s/json" % name)["Name"])


def words(line, body, names):
    """The key of a request without its occurrence."""
    method, _, target = line.partition(" ")
    address = urllib.parse.urlsplit(target)
    parts = [urllib.parse.unquote(part) for part in address.path.strip("/").split("/")]
    if re.fullmatch(r"v[0-9.]+", parts[0]):
        del parts[0]
    kind = parts[0]
    if kind == "images" and parts[-1] == "json":
        parts = [kind, parts[-2], "json"]  # an image's name has slashes of its own
    elif len(parts) > 1 and parts[1] not in ("json", "create"):
        parts[1] = names.of(kind, parts[1])
    subject = subject_of(kind, urllib.parse.parse_qs(address.query), body, names)
    return method + " " + "/".join(parts) + (" " + subject if subject else "")


def subject_of(kind, query, body, names):
    """What is made, pulled or connected: it stands in the query or in the body, not in the path."""
    if "name" in query:
        return names.short(query["name"][0])
    if "fromImage" in query:
        return ":".join([query["fromImage"][0].rsplit("/", 1)[-1]] + query.get("tag", []))
    if kind not in ("networks", "volumes") or not body:
        return ""
    asked = json.loads(body)
    if "Container" in asked:
        return names.of("containers", asked["Container"])
    return names.short(asked.get("Name", ""))

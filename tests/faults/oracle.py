"""What a workload left behind, in words that are the same for every run, and what must hold."""
import json
import re

from harness import edge
from harness.engine import role

SQL = {
    "schema_migrations": "select version from schema_migrations order by 1",
    "columns": "select table_name || '.' || column_name from information_schema.columns "
               "where table_schema = 'public' order by 1",
    "statuses": "select id || ' ' || text from statuses order by 1",
    "jobs": "select distinct jid from standin_jobs order by 1",
}


def sql(it, statement, database="mastodon_production"):
    code, out = it.engine.execute(it.service("postgres")["Id"], [
        "psql", "-At", "-U", "mastodon", "-v", "ON_ERROR_STOP=1", "-c", statement, database])
    if code != 0:
        raise AssertionError("psql ended with %d: %s" % (code, out))
    return out.split("\n")[:-1]


def volume(it, name):
    return "(anonymous)" if re.fullmatch("[0-9a-f]{64}", name) else it.tap.names.short(name)


def container(it, one):
    short, config, limits = it.tap.names.short, one["Config"], one["HostConfig"]
    state = one["State"]["Status"]
    if state == "exited":
        state += " %d" % one["State"]["ExitCode"]
    return {
        "role": role(one), "image": config["Image"], "image id": one["Image"],
        "command": (config["Entrypoint"] or []) + (config["Cmd"] or []), "user": config["User"],
        "memory": limits["Memory"], "swap": limits["MemorySwap"], "cpus": limits["NanoCpus"],
        "pids": limits["PidsLimit"], "restart": limits["RestartPolicy"]["Name"],
        "ports": sorted(limits["PortBindings"] or {}),
        "settings": sorted(text.split("=")[0] for text in config["Env"]),
        "networks": {short(name): sorted(set(end["Aliases"] or []) - {one["Id"][:12]})
                     for name, end in one["NetworkSettings"]["Networks"].items()},
        "mounts": sorted("%s %s" % (volume(it, mount["Name"]), mount["Destination"])
                         for mount in one["Mounts"]),
        "state": state,
        "unhealthy": one["State"].get("Health", {}).get("Status") == "unhealthy",
    }


def state(it):
    """Everything that two runs of a workload must have in common at their ends."""
    short = it.tap.names.short
    networks = it.engine.get("/networks", filters={
        "label": ["social.matriarch.instance=" + it.name]})
    return {
        # Which of the two names of a replica is in use depends on how often it was replaced.
        "containers": {short(name).removesuffix("-b"): container(it, one)
                       for name, one in it.containers().items()},
        "networks": sorted(short(one["Name"]) for one in networks),
        "volumes": {short(name): one["Labels"].get("social.matriarch.role")
                    for name, one in it.engine.volumes(it.name).items()},
        "schema": {name: sql(it, SQL[name]) for name in ("schema_migrations", "columns")},
    }


def mark_volumes(it):
    for name, one in it.engine.volumes(it.name).items():
        with open(one["Mountpoint"] + "/mark-of-the-tests", "w") as out:
            out.write(name)


def data(it):
    """What no workload may lose: which volumes, what lies in them, rows, and the secrets."""
    volumes = {}
    for name, one in it.engine.volumes(it.name).items():
        with open(one["Mountpoint"] + "/mark-of-the-tests") as text:
            volumes[name] = [text.read(), one["Labels"].get("social.matriarch.volume", "")]
    secrets = [text for text in it.service("web")["Config"]["Env"]
               if text.split("=")[0].endswith(("_KEY", "_BASE", "_PASS", "_SECRET", "_SALT"))]
    return {"volumes": volumes, "statuses": sql(it, SQL["statuses"]), "jobs": sql(it, SQL["jobs"]),
            "secrets": sorted(secrets)}


def differences(wanted, actual, path=""):
    """In words, each on its own."""
    if wanted == actual:
        return []
    if isinstance(wanted, dict) and isinstance(actual, dict):
        found = []
        for key in sorted(wanted.keys() | actual.keys()):
            if key not in actual:
                found.append("%s%s is missing" % (path, key))
            elif key not in wanted:
                found.append("%s%s is there and should not be" % (path, key))
            else:
                found += differences(wanted[key], actual[key], path + key + ", ")
        return found
    if "secrets" in path:
        return [path + "a secret changed"]
    return ["%sis %s, should be %s" % (path, json.dumps(actual), json.dumps(wanted))]


def counts(it):
    code, out = it.engine.execute(it.service("sidekiq")["Id"], ["standin", "counts"])
    if code != 0:
        raise AssertionError("standin counts ended with %d: %s" % (code, out))
    return json.loads(out)


def all_work_is_done(it):
    seen = counts(it)
    wrong = {name: seen[name] for name in (
        "jobs_waiting", "jobs_retrying", "jobs_missing", "jobs_doubled") if seen[name]}
    return "jobs: " + json.dumps(wrong) if wrong else ""


def one_scheduler_at_most(it):
    seen = counts(it)
    if seen["schedulers_max"] <= 1:
        return ""
    return "%d consumed the scheduler queue at once: %s" % (
        seen["schedulers_max"], json.dumps(seen["schedulers"]))


def post(it, text):
    """A status through the edge."""
    status, answer = edge.ask(it.http, it.domain, "/api/v1/statuses", form={"status": text})
    return "" if status == 200 else "a status could not be posted: %d %s" % (status, answer)

"""Every field of a container that the Engine's schema knows, changed by hand one by one: each is
found in every container, or named here as not ours, with the reason.
"""
import copy
import json

from harness.engine import EngineError
from harness.engine_fields import CONFIG, HOST, UPDATE
from harness.mirror import Mirror
from harness.scenario import deployed, eventually, expect, scenario, settled

MOUNTED = "what is mounted stands in Mounts of the inspection, which is compared"
WHO_MADE_IT = "says how its maker listened to it, and nothing of what runs"
NOT_OURS = {
    "AttachStdin": WHO_MADE_IT, "AttachStdout": WHO_MADE_IT, "AttachStderr": WHO_MADE_IT,
    "ContainerIDFile": WHO_MADE_IT,
    "StdinOnce": "means nothing without OpenStdin, which is compared",
    "ExposedPorts": "a remark: what is published stands in PortBindings, which is compared",
    "ArgsEscaped": "of Windows only", "ConsoleSize": "of Windows only",
    "Image": "a name: which image runs stands in Image of the inspection, which is compared",
    "Volumes": MOUNTED, "Binds": MOUNTED, "Mounts": MOUNTED,
    "OnBuild": "for the making of images only", "Shell": "for the making of images only",
    "CgroupnsMode": "by itself the Engine has another one on each version of cgroups",
}
# Beside the two objects of the schema: where the Engine says what came of them.
BESIDE = {"image": lambda one: one.update(Image="sha256:" + "0" * 64),
          "mount": lambda one: one["Mounts"].append({
              "Type": "bind", "Source": "/etc", "Destination": "/x", "RW": True}),
          "network": lambda one: one["NetworkSettings"]["Networks"].update(
              other={"NetworkID": "0" * 64, "Aliases": None}),
          "no network": lambda one: one["NetworkSettings"].update(Networks={}),
          "alias": lambda one: [net.update(Aliases=["other"]) for net in
                                one["NetworkSettings"]["Networks"].values()],
          "name": lambda one: one.update(Name="/other-" + one["Id"][:12]),
          "state": lambda one: one["State"].update(Status="exited", Running=False),
          "paused": lambda one: one["State"].update(Status="paused", Paused=True)}
# Values that the Engine would take; elsewhere another one of the right type will do.
OTHERS = {
    "NetworkMode": "host", "IpcMode": "host", "PidMode": "host", "UTSMode": "host",
    "UsernsMode": "host", "Isolation": "hyperv", "StopSignal": "SIGUSR2",
    "MemorySwappiness": 60, "OomScoreAdj": -500,
    "Healthcheck": {"Test": ["NONE"]}, "LogConfig": {"Type": "none", "Config": {}},
    "RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 3},
    "PortBindings": {"22/tcp": [{"HostIp": "", "HostPort": "22"}]},
    "CapDrop": [], "MaskedPaths": [], "ReadonlyPaths": [],
    "Devices": [{"PathOnHost": "/dev/null", "PathInContainer": "/dev/x",
                 "CgroupPermissions": "rwm"}],
    "DeviceRequests": [{"Driver": "other"}],
    "BlkioWeightDevice": [{"Path": "/dev/vda", "Weight": 300}],
    "Ulimits": [{"Name": "core", "Soft": 1, "Hard": 1}],
}
THROTTLE = [{"Path": "/dev/vda", "Rate": 1024}]


def other(field, kind, value):
    if field in OTHERS:
        return copy.deepcopy(OTHERS[field])
    if field == "Labels":
        return {**value, "social.matriarch.role": "other"}
    if kind == "integer":
        return 2 * value if value and value > 0 else 512
    if kind == "boolean":
        return not value
    if kind == "array of ThrottleDevice":
        return THROTTLE
    if kind == "array of string":
        return (value or []) + ["OTHER=1"]
    if kind == "object":
        return {**(value or {}), "other": "1"}
    return "other"


def changes():
    """(name, what it does to an inspection) for every field."""
    for key, fields in (("Config", CONFIG), ("HostConfig", HOST)):
        for field, kind in fields.items():
            def change(one, key=key, field=field, kind=kind):
                one[key][field] = other(field, kind, one[key].get(field))
            yield key + "." + field, change
    yield from BESIDE.items()


def named(it, mirror):
    """Names of the containers in which something is called drift."""
    done = it.controller.of_state("drift", "-o", "json", it.name, environment={
        "DOCKER_HOST": "unix://" + mirror.path})
    if done.code not in (0, 2):
        raise AssertionError("drift ended with %d: %s" % (done.code, done.err))
    return {one["resource"].split(" ", 1)[1] for one in done.json()["items"]
            if one["resource"].startswith("container ") and one["healed_at"] is None}


def every_field(it):
    mirror = Mirror(it.folder + "/mirror.sock", it.engine.path)
    ours = set(it.engine.containers(it.name))
    ours = {name for name, one in it.engine.containers(it.name).items()
            if "social.matriarch.subject" not in one["Config"]["Labels"]}
    found, missed, excused = 0, [], 0
    try:
        if named(it, mirror):
            return "drift before anything was changed"
        for name, change in changes():
            mirror.change = change
            seen = named(it, mirror)
            if name.split(".")[-1] in NOT_OURS:
                excused += len(ours)
                if seen:
                    missed.append("%s is found, and need not be excused" % name)
                continue
            found += len(ours & seen)
            if ours - seen:
                missed.append("%s in %s" % (name, ", ".join(sorted(ours - seen))))
    finally:
        mirror.close()
    it.note("   fields_mutated %d fields_missed %d fields_not_ours %d" % (
        found + len(missed), len(missed), excused))
    it.kept["fields"] = (found, len(missed), excused)
    return "not found: " + "; ".join(missed) if missed else ""


def every_update(it):
    """What the Engine takes in an update of a container that runs must be found, and put back."""
    taken, refused = [], []
    for field in UPDATE:
        container = it.service("redis")
        before = container["HostConfig"].get(field)
        value = other(field, HOST[field], before)
        body = {field: {"Memory": 100 << 20, "CpusetCpus": "0", "CpusetMems": "0",
                        "MemoryReservation": 10 << 20, "CpuPeriod": 100000, "CpuQuota": 50000,
                        "KernelMemory": 64 << 20}.get(field, value)}
        if field == "Memory":
            body["MemorySwap"] = body["Memory"]
        try:
            it.engine.ask("POST", "/containers/%s/update" % container["Id"], body)
        except EngineError as error:
            refused.append("%s (%s)" % (field, error))
            continue
        if it.service("redis")["HostConfig"].get(field) == before:
            refused.append("%s (taken, and nothing changed)" % field)
            continue
        taken.append(field)
        reason = seen_and_put_back(it, field, before)
        if reason:
            return reason
    it.note("   put back: %s; not taken: %s" % (", ".join(taken), ", ".join(refused)))
    return expect(len(taken) >= 6, "the Engine took only " + ", ".join(taken))


def seen_and_put_back(it, field, before):
    def check(it):
        now = it.service("redis")
        return expect(now and (now["HostConfig"].get(field) or 0) == (before or 0),
                      "%s is %s" % (field, now and now["HostConfig"].get(field)))
    try:
        eventually(check, 60).run(it)
        eventually(settled(), 60).run(it)
    except AssertionError as error:
        return "%s: %s" % (field, error)
    items = it.controller.of_state("drift", "-o", "json", "--since", "2m").json()["items"]
    return expect([one for one in items if "redis" in one["resource"]],
                  "%s was not told of: %s" % (field, json.dumps(items)))


@scenario("every field of every container must be found when somebody changes it, or be named")
def drift_every_field(it):
    it.step("the instance runs", deployed())
    it.step("the controller is away", lambda it: it.controller.stop() and "")
    it.step("each field is changed, one by one", every_field)


@scenario("whatever docker update changes must be found and put back")
def drift_every_update(it):
    it.step("the instance runs", deployed())
    it.step("each field is updated by hand, one by one", every_update)

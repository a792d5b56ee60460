"""What people do to an instance by hand, on whatever stands there at the moment. Each act returns
words for what was done, or "" where there was nothing to do it to.
"""
from harness.engine import EngineError, is_running


def short(it, name):
    return name.lstrip("/").removeprefix(it.name + "-")


def chosen(it, chance, fits=lambda one: True):
    """One of the instance's containers, or None."""
    found = [one for _, one in sorted(it.containers().items()) if fits(one)]
    return chance.choice(found) if found else None


def remove(it, one, chance):
    it.engine.remove(one["Id"])


def update(it, one, chance):
    it.engine.update_memory(one["Id"], one["HostConfig"]["Memory"] + (16 << 20))


def disconnect(it, one, chance):
    networks = sorted(one["NetworkSettings"]["Networks"])
    it.engine.disconnect(one["Id"], chance.choice(networks))


def stop(it, one, chance):
    it.engine.stop(one["Id"])


def pause(it, one, chance):
    it.engine.pause(one["Id"])


def rename(it, one, chance):
    it.engine.rename(one["Id"], one["Name"].lstrip("/") + "-by-hand")


def has_a_network(one):
    return any(name != "none" for name in one["NetworkSettings"]["Networks"])


BY_HAND = {"rm -f": (remove, lambda one: True), "update": (update, lambda one: True),
           "network disconnect": (disconnect, has_a_network), "stop": (stop, is_running),
           "pause": (pause, is_running), "rename": (rename, lambda one: True)}


def perform(kind, it, chance):
    if kind == "compose down":
        there = len(it.containers())
        it.engine.compose_down(it.name)
        return "compose down of %d containers" % there if there else ""
    act, fits = BY_HAND[kind]
    one = chosen(it, chance, fits)
    if one is None:
        return ""
    try:
        act(it, one, chance)
    except EngineError as error:
        if error.status not in (404, 409):
            raise
        return ""  # the controller was quicker: it is gone, or not running any more
    return "%s %s" % (kind, short(it, one["Name"]))


def lose_volume(it, chance):
    """Removes a data volume and what stands on it; returns (its name, was it ever in use)."""
    data = {"postgres", "redis", "media", "backups"}
    found = sorted(name for name, one in it.engine.volumes(it.name).items()
                   if one["Labels"].get("social.matriarch.role") in data)
    if not found:
        return "", False
    name, was_used = chance.choice(found), False
    for one in it.containers().values():
        if any(mount.get("Name") == name for mount in one["Mounts"]):
            was_used = was_used or not one["State"]["StartedAt"].startswith("0001-")
            it.engine.remove(one["Id"])
    it.engine.remove_volume(name)
    return name, was_used

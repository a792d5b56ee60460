"""Which release this image is: its version and what its code reads from the database. The facts come from
release.d/*.json, oldest first; later files win key by key."""

import glob
import json
import os

ROOT = "/opt/mastodon"


def version():
    with open(os.path.join(ROOT, "VERSION"), encoding="utf-8") as file:
        return file.read().strip()


def facts():
    merged = {"reads": {}}
    paths = glob.glob(os.path.join(ROOT, "release.d", "*.json"))
    for path in sorted(paths, key=lambda name: int(os.path.basename(name).split("-")[0])):
        with open(path, encoding="utf-8") as file:
            found = json.load(file)
        merged["reads"].update(found.pop("reads", {}))
        merged.update(found)
    return merged

"""`python3 -m standin PROGRAM ARGUMENT...`: what the wrappers in bin/ start. Modules are imported on demand,
so that a `rails` command does not pay for the web server."""

import importlib
import os
import sys

PROGRAMS = {
    "puma": "web",
    "sidekiq": "sidekiq",
    "rails": "rails",
    "rake": "rails",
    "tootctl": "tootctl",
    "node": "streaming",
    "standin": "counts",
}


def main():
    if len(sys.argv) < 2 or os.path.basename(sys.argv[1]) not in PROGRAMS:
        print(f"stand-in: no such program: {' '.join(sys.argv[1:2])}", file=sys.stderr)
        return 127
    sys.stdout.reconfigure(line_buffering=True)
    # A stopped container's name leaves Docker's DNS, which then asks the outside world, if there is one. Mastodon
    # was measured to fail within 0.1 s; without this the stand-in could hang for 10 s on a machine without DNS.
    os.environ.setdefault("RES_OPTIONS", "timeout:1 attempts:1")
    module = importlib.import_module("standin." + PROGRAMS[os.path.basename(sys.argv[1])])
    return module.main(sys.argv[2:])


sys.exit(main())

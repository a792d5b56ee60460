"""What the controller is doing when something goes wrong. A workload is data: the settled state
that it begins in (None: an empty Engine), and what a commit then changes. To add one, add an entry.
"""


class Workload:
    def __init__(self, name, before, change):
        self.name, self.before, self.change = name, before, change

    def version(self):
        return self.change["mastodon"]


WORKLOADS = [
    Workload("first deployment", None, {"mastodon": "v4.4.8"}),
    Workload("version change", {"mastodon": "v4.4.8"},
             {"mastodon": "v4.5.0", "upgrade": {"backup": "required"}}),
]

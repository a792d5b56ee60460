"""Releases that are out are proposed, each once, and withdrawn once they have had their day."""
import http.server
import json
import threading
import urllib.parse

from harness.fleet import merged
from harness.scenario import (Failed, answers, commit, deployed, eventually, expect, fingerprint,
                              remember, scenario, settled, unchanged)
from pulls import TOKEN, begin, git, no_problems, nothing_secret, said

NEWEST = "v4.10.0"


def update_check(it, urgent):
    """A stand-in for Mastodon's own list of updates, and a policy that allows to ask it."""
    port = served(it, lambda path, headers: (200, {"updatesAvailable": [
        {"version": urgent, "urgent": True, "type": "patch", "releaseNotes": ""}]}, {}))
    with open(it.folder + "/policy.yaml", "a") as out:
        out.write("update_check: http://127.0.0.1:%d/update-check\n" % port)


def registry(it):
    """A stand-in that wants a token and gives two tags at a time; returns its port."""
    tags = ["v4.5.0", "latest", "v4.5.3", "v4.5.2", "v4.6.0-rc.1"]

    def answer(path, headers):
        place, _, query = path.partition("?")
        asked = urllib.parse.parse_qs(query)
        if place == "/token":
            is_right = asked.get("scope") == ["repository:mastodon/mastodon:pull"]
            return (200, {"token": "t0ken"}, {}) if is_right else (403, {}, {})
        if headers.get("Authorization") != "Bearer t0ken":
            return 401, {}, {"WWW-Authenticate": 'Bearer realm="http://127.0.0.1:%d/token",'
                             'service="here",scope="repository:mastodon/mastodon:pull"' % port}
        at = tags.index(asked["last"][0]) + 1 if "last" in asked else 0
        link = '<%s?last=%s&n=2>; rel="next"' % (place, tags[min(at + 1, len(tags) - 1)])
        return 200, {"name": "m", "tags": tags[at:at + 2]}, (
            {"Link": link} if at + 2 < len(tags) else {})

    port = served(it, answer)
    return port


def served(it, answer):
    """A server of JSON on this host; `it.asked` has the paths. Returns its port."""
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            it.asked.append(self.path)
            status, document, headers = answer(self.path, self.headers)
            body = json.dumps(document).encode()
            self.send_response(status)
            for name, value in dict(headers, **{"Content-Length": str(len(body))}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments):
            pass

    it.asked = []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_port


def propose(it, *more):
    forge = it.controller.options[it.controller.options.index("--forge") + 1]
    done = it.controller.of_state("propose", "--repo", it.fleet.url, "--branch", "main", "--path",
                                  "fleet", "--forge", forge, "-o", "json", *more)
    if done.code != 0:
        raise Failed("propose ended with %d: %s%s" % (done.code, done.out, done.err))
    return done.json()


def proposes(expected, superseded=()):
    """What the command says: version -> state, and the branches that it took away."""
    def check(it):
        told = propose(it)
        found = {one["to"]: one["state"] for one in told["proposals"]}
        gone = [branch.rsplit("-", 1)[1] for branch in told["superseded"]]
        return expect(found == expected and gone == list(superseded) and not told["problems"],
                      "it said: %s" % told)
    return check


def branches(it):
    return git(it, "for-each-ref", "--format=%(refname:short) %(objectname)",
               "refs/heads/matriarch")


def of_version(it, version):
    found = [one for one in it.forge.requests.values() if one["head"].endswith("-" + version)]
    if len(found) != 1:
        raise Failed("%d requests for %s: %s" % (len(found), version, it.forge.requests))
    return found[0]


def is_asked(version, title, state="open"):
    def check(it):
        request = of_version(it, version)
        return expect(request["title"] == title % it.name and request["state"] == state,
                      "request: %s" % request)
    return check


def changes_one_line(version):
    """And nothing else, so that it can be merged as it is."""
    def check(it):
        branch = "matriarch/propose/%s-%s" % (it.name, version)
        lines = git(it, "diff", "--unified=0", "main", branch).splitlines()
        changed = [line for line in lines if line[:1] in "+-" and line[:3] not in ("+++", "---")]
        behind = git(it, "rev-list", "--count", branch + "..main")
        return expect(len(changed) == 2 and changed[1] == '+mastodon: "%s"' % version and
                      behind == "0", "changed: %s, %s behind" % (changed, behind))
    return check


def followed(it):
    """The forge tells of the push by which the branch was brought up to date."""
    it.forge.follow()
    it.controller.nudge()


@scenario("a release that is out must be proposed once, and withdrawn once another takes its place")
def proposals(it):
    begin(it, "github")
    update_check(it, "4.5.1")
    it.step("the instance runs", deployed(), lambda it: it.controller.stop() and None)
    it.controller.options += ["--propose-every", "1h"]
    it.step("both releases are proposed by themselves, with the plan",
            lambda it: it.controller.start(),
            eventually(lambda it: expect(len(it.forge.requests) == 2, "requests: %s" %
                                         it.forge.requests), 30),
            is_asked("v4.5.1", "[security] %s: Mastodon v4.5.1"),
            is_asked(NEWEST, "%s: Mastodon " + NEWEST),
            lambda it: expect(of_version(it, "v4.5.1")["number"] == 1, "security is not first"),
            lambda it: expect(it.asked == ["/update-check?version=4.5.0"], str(it.asked)),
            changes_one_line("v4.5.1"), changes_one_line(NEWEST),
            eventually(said(1, "v4.5.0 to v4.5.1"), 30), eventually(said(2, NEWEST), 30))
    it.step("status says how far behind it is", eventually(lambda it: expect(
        "v4.5.0; v4.5.20 is out (security), " + NEWEST in it.controller.of_state("status").out,
        it.controller.of_state("status").out), 40))
    it.step("nothing is proposed twice", remember("branches", branches),
            proposes({"v4.5.1": "open", NEWEST: "open"}), unchanged("branches", branches),
            lambda it: expect(len(it.forge.requests) == 2, "requests: %s" % it.forge.requests))
    it.step("the patch is taken", commit(mastodon="v4.5.1"), eventually(answers("4.5.1"), 90),
            eventually(settled(), 60), remember("containers", fingerprint))
    it.step("its proposal goes, the other follows", proposes({NEWEST: "open"}, ["v4.5.1"]),
            is_asked("v4.5.1", "[security] %s: Mastodon v4.5.1", "closed"),
            changes_one_line(NEWEST), followed,
            eventually(said(2, "v4.5.1 to " + NEWEST), 30),
            lambda it: expect("v4.5.1" not in branches(it), branches(it)))
    it.step("a person says no", lambda it: it.forge.close(2), remember("branches", branches),
            proposes({NEWEST: "declined"}), unchanged("branches", branches),
            lambda it: expect(len(it.forge.requests) == 2, "it was asked again"))
    it.step("nothing was touched", unchanged("containers", fingerprint), no_problems,
            nothing_secret)


@scenario("proposals must be opened and closed as each forge wants it, and in git without one")
def proposals_elsewhere(it):
    for kind in ("gitea", "gitlab"):
        it.controller.options = []
        begin(it, kind)
        it.step(kind + ": proposed", lambda it: it.push("the old one", dict(
            it.document, mastodon="v4.5.0")) and None,
            proposes({"v4.5.1": "opened", NEWEST: "opened"}),
            proposes({"v4.5.1": "open", NEWEST: "open"}),
            is_asked("v4.5.1", "%s: Mastodon v4.5.1"), changes_one_line("v4.5.1"))
        it.step("somebody adds to one", added_to(NEWEST), remember("branches", branches))
        it.step("superseded", lambda it: it.push("the new one", dict(
            it.document, mastodon=NEWEST)) and None, proposes({}, ["v4.5.1"]),
            is_asked("v4.5.1", "%s: Mastodon v4.5.1", "closed"),
            is_asked(NEWEST, "%s: Mastodon " + NEWEST), no_problems,
            lambda it: expect(NEWEST in branches(it), "what somebody added to was taken away"),
            lambda it: git(it, "update-ref", "-d", "refs/heads/matriarch/propose/%s-%s" % (
                it.name, NEWEST)) and None)
    it.step("without a forge", lambda it: it.push("the old one", dict(
        it.document, mastodon="v4.5.0")) and None, in_git_alone)


def added_to(version):
    def act(it):
        branch = "refs/heads/matriarch/propose/%s-%s" % (it.name, version)
        made = git(it, "commit-tree", branch + "^{tree}", "-p", branch, "-m", "A note")
        git(it, "update-ref", branch, made)
        it.forge.push(of_version(it, version)["number"], made)
    return act


def in_git_alone(it):
    it.controller.options = []
    arguments = ("propose", "--repo", it.fleet.url, "--branch", "main", "--path", "fleet")
    first, second = (it.controller.of_state(*arguments) for _ in range(2))
    if "opened" not in first.out or "opened" in second.out or TOKEN in first.out + first.err:
        return "it said: %s%s%s" % (first.out, second.out, second.err)
    return changes_one_line("v4.5.1")(it) or changes_one_line(NEWEST)(it)


@scenario("tags must be read as registries give them: by token, and page by page")
def proposals_by_page(it):
    begin(it, "github")
    image = "127.0.0.1:%d/mastodon/mastodon" % registry(it)
    it.step("a registry that wants a token", lambda it: it.push("look there", merged(
        it.document, {"images": {"mastodon": image}})) and None,
        proposes({"v4.5.3": "opened"}), is_asked("v4.5.3", "[security] %s: Mastodon v4.5.3"),
        lambda it: expect(len(it.asked) == 5, "asked: %s" % it.asked), no_problems)

"""Who may change a server is said on its host: commits that nobody known has signed are held."""
import subprocess

from harness.fleet import as_yaml, merged
from harness.scenario import (answers, commit, deployed, eventually, fingerprint, memory, refused,
                              remember, scenario, settled, taken, throughout, unchanged)


def key(it, name):
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f",
                    "%s/%s" % (it.folder, name)], check=True, stdin=subprocess.DEVNULL)
    with open("%s/%s.pub" % (it.folder, name)) as public:
        return public.read().strip()


def signed(name, approved="", **changes):
    """Pushes the instance as it is with these changes, signed with that key; `approved` is who is
    said to have reviewed it."""
    def act(it):
        it.document = merged(it.document, changes)
        with open(it.fleet.path(it.name), "w") as out:
            out.write(as_yaml(it.document))
        it.fleet.git("add", "-A")
        it.fleet.git("-c", "gpg.format=ssh", "-c", "user.signingKey=%s/%s" % (it.folder, name),
                     "commit", "-q", "--allow-empty", "-S", "-m", "signed by " + name,
                     *(["-m", "Reviewed-by: Somebody <%s>" % approved] if approved else []))
        it.fleet.git("push", "-q", "--force", "origin", "main")
        it.head = it.fleet.head()
        if it.controller.is_running():
            it.controller.nudge()
    return act


def asks_for(it):
    with open(it.folder + "/policy.yaml", "a") as out:
        out.write("reviews: {approvals: 1, by: [grace@example.test, fleet@example.test]}\n")


def restarted(it):
    it.controller.stop()
    it.controller.start()


def rewound(it):
    """The branch as somebody with push rights and without a key could leave it: an older commit."""
    it.fleet.git("reset", "-q", "--hard", "HEAD~1")
    it.fleet.git("push", "-q", "--force", "origin", "main")
    it.head = it.fleet.head()
    it.controller.nudge()


@scenario("where the host names signers, a commit that none of them has signed must change nothing")
def signed_commits(it):
    ada, _ = key(it, "ada"), key(it, "stranger")
    with open(it.folder + "/signers", "w") as out:
        out.write("ada@example.test %s\n" % ada)
    with open(it.folder + "/policy.yaml", "a") as out:
        out.write("signers: %s/signers\n" % it.folder)
    it.step("nothing is signed yet", lambda it: it.push("unsigned") and None,
            lambda it: it.controller.start(), eventually(refused("it is not signed"), 15))
    it.step("the first signed commit is deployed", signed("ada"), eventually(taken(), 15),
            eventually(answers("4.5.0"), 120), eventually(settled(), 30),
            remember("containers", fingerprint))
    it.step("one without a signature", commit(web={"memory": "300MiB"}),
            eventually(refused("it is not signed"), 15), throughout(memory("web", "256MiB")),
            unchanged("containers", fingerprint))
    it.step("one that a stranger has signed", signed("stranger", web={"memory": "310MiB"}),
            eventually(refused("nobody whom this host knows"), 15),
            throughout(memory("web", "256MiB")))
    it.step("a signed one on top of them", signed("ada", web={"memory": "320MiB"}),
            eventually(memory("web", "320MiB"), 15), eventually(settled(), 15),
            unchanged("containers", fingerprint))
    it.step("and another", signed("ada", web={"memory": "330MiB"}),
            eventually(memory("web", "330MiB"), 15), eventually(settled(), 15))
    it.step("from now on Grace must have approved", asks_for, restarted,
            signed("ada", web={"memory": "340MiB"}),
            eventually(refused("it has 0 of 1 approval"), 15),
            signed("ada", approved="fleet@example.test", web={"memory": "350MiB"}),
            eventually(refused("it has 0 of 1 approval"), 15),
            throughout(memory("web", "330MiB")))
    it.step("she has", signed("ada", approved="grace@example.test", web={"memory": "360MiB"}),
            eventually(memory("web", "360MiB"), 15), eventually(settled(), 15))
    it.step("an older signed one comes back", rewound,
            eventually(refused("the branch was rewritten"), 15),
            throughout(memory("web", "360MiB")))

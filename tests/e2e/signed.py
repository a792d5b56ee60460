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


def signed(name, **changes):
    """Pushes the instance as it is with these changes, signed with that key."""
    def act(it):
        it.document = merged(it.document, changes)
        with open(it.fleet.path(it.name), "w") as out:
            out.write(as_yaml(it.document))
        it.fleet.git("add", "-A")
        it.fleet.git("-c", "gpg.format=ssh", "-c", "user.signingKey=%s/%s" % (it.folder, name),
                     "commit", "-q", "--allow-empty", "-S", "-m", "signed by " + name)
        it.fleet.git("push", "-q", "--force", "origin", "main")
        it.head = it.fleet.head()
        if it.controller.is_running():
            it.controller.nudge()
    return act


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
    it.step("an older signed one comes back", rewound,
            eventually(refused("the branch was rewritten"), 15),
            throughout(memory("web", "330MiB")))

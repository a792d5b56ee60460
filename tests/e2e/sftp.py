"""Backups on another machine, by sftp: Debian's own server, a key, and a host key that is known."""
import os
import shutil
import subprocess

from backups import asked, has, keeps_backups, restic
from harness.scenario import (answers, commit, deployed, eventually, expect, scenario, settled,
                              start_controller, throughout)
from restores import (begins_from, has_its_keys, is_the_same, keep_in_mind, live_in_it,
                      lose_the_host, sidekiq_is_held)

# Of the block for documentation: no network has it. Containers find it by their way out.
ADDRESS, PORT = "192.0.2.22", 2222


class Server:
    """sshd with nothing but sftp, whose host keys can be exchanged."""

    def __init__(self, folder):
        self.folder = os.path.join(folder, "sftp")
        os.makedirs(self.folder)
        os.makedirs("/run/sshd", exist_ok=True)
        for name in ("host", "other-host", "user"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f",
                            self.path(name)], check=True)
        subprocess.run(["ip", "address", "replace", ADDRESS + "/32", "dev", "lo"], check=True)

    def path(self, name):
        return os.path.join(self.folder, name)

    def known_as(self, name):
        """The line of a known_hosts file."""
        with open(self.path(name + ".pub")) as key:
            return "[%s]:%d %s" % (ADDRESS, PORT, key.read().strip())

    def start(self, name):
        with open(self.path("config"), "w") as out:
            out.write("\n".join([
                "ListenAddress %s:%d" % (ADDRESS, PORT), "HostKey " + self.path(name),
                "AuthorizedKeysFile " + self.path("user.pub"), "PidFile none", "StrictModes no",
                "UsePAM no", "PasswordAuthentication no", "KbdInteractiveAuthentication no",
                "PermitRootLogin prohibit-password", "Subsystem sftp internal-sftp",
                "ForceCommand internal-sftp", ""]))
        self.child = subprocess.Popen(["/usr/sbin/sshd", "-D", "-E", self.path("log"), "-f",
                                       self.path("config")], stdin=subprocess.DEVNULL)

    def stop(self):
        self.child.terminate()
        self.child.wait()


def given(it, server, host, **more):
    """The secrets file with the key, and this as the host key that is known."""
    path = os.path.join(it.folder, "given-%d.env" % len(os.listdir(it.folder)))
    with open(server.path("user")) as key:
        lines = {"restic-ssh-key": key.read(), "restic-ssh-known-hosts": server.known_as(host)}
    with open(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), "w") as out:
        for name, value in {**lines, **more}.items():
            out.write('%s="%s"\n' % (name, value))
    it.document["secrets"] = "file:" + path
    return it.document["secrets"]


def nothing_is_there(it):
    return expect(not os.path.exists(it.repository), "something was sent to it")


def no_key_is_in_it(it):
    text = restic(it, "dump", "--tag", "database", "latest", "/secrets/secrets.env")
    return expect("SECRET_KEY_BASE" in text and "restic-" not in text, "it has what opens it")


@scenario("backups must go to and come back from a known machine by sftp, and to no other",
          long=True)
def backup_by_sftp(it):
    server = Server(it.folder)
    keeps_backups(it)
    it.repository = server.path("repository")
    it.document["backups"]["repository"] = "sftp://root@%s:%d/%s" % (ADDRESS, PORT, it.repository)
    server.start("host")
    try:
        goes_there(it, server)
        comes_back(it, server)
    finally:
        server.stop()


def goes_there(it, server):
    it.step("the instance runs, and people live in it", deployed(), live_in_it)
    it.step("without a key", asked("run", 4, "the secret restic-ssh-key", "is not given"),
            nothing_is_there, throughout(answers()))
    it.step("from a machine that shows another host key than is known",
            commit(secrets=given(it, server, "other-host")), eventually(settled(), 60),
            asked("run", 4, "another host key than restic-ssh-known-hosts"), nothing_is_there,
            throughout(answers()))
    it.step("to the one that is known", commit(secrets=given(it, server, "host")),
            eventually(settled(), 60), asked("run", 0, "read back"), throughout(answers()))
    it.step("it is there, and was restored once", has(1, "database"), has(1, "media"),
            asked("verify", 0, "everything was there"), has(1, "database", "verified"),
            no_key_is_in_it, keep_in_mind)


def comes_back(it, server):
    it.step("the host is lost", lose_the_host)
    given(it, server, "host", **{"restic-password": it.kept["password"]})
    begins_from(it, "latest")
    it.step("it comes back from there", start_controller(), eventually(answers("4.5.0"), 180),
            is_the_same, has_its_keys, eventually(settled(), 60), sidekiq_is_held)
    server.stop()
    server.start("other-host")
    it.step("somebody poses as that machine", asked("run", 4, "another host key"),
            throughout(answers()))

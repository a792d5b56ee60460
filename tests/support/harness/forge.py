"""A stand-in for the forge: GitHub, Gitea (Forgejo) or GitLab, with the requests that a scenario
opens, and a record of what a client said. What a real forge would not take is in `problems`.

The APIs themselves are in forge_api.py and forge_kinds.py. Requests are kept in memory: no list and
no single one asks git.
"""
import collections
import http.server
import itertools
import json
import math
import os
import re
import socket
import struct
import subprocess
import threading
import time

from .forge_api import Call, Refused, now
from .forge_kinds import APIS

FAULTS = ("down", "lost", "slow", "limited", "secondary", "unauthorised", "error")


class Forge:
    def __init__(self, kind, bare, token):
        """`bare` is the repository that the forge keeps; its requests' heads become refs there."""
        self.kind, self.bare, self.token = kind, bare, token
        self.repository = "people/fleet"
        self.calls, self.problems = [], []
        # One of FAULTS; it meets the calls whose "METHOD /path?query" contains `at`. "slow" answers
        # after `delay` seconds, "limited" ("secondary" is GitHub's other one) asks for as many.
        # "down" is a connection reset, "lost" too, but only after the call was carried out.
        self.fault, self.at, self.delay = None, "", 5
        self.requests = {}        # number -> request
        self.posted = collections.defaultdict(list)    # commit -> statuses, newest last
        self.remarks = collections.defaultdict(list)   # commit -> comments on the commit
        self.deleted = set()      # ids of comments that somebody deleted
        self.promised = set()     # (list, page): an answer said that there is this page
        self.ids = itertools.count(1000)
        self.lock = threading.RLock()
        self.api = APIS[kind](self)
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler(self))
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = "http://127.0.0.1:%d" % self.server.server_port

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    # --- what people do ------------------------------------------------------------------------

    def open(self, number, commit, base="main", title="Change the fleet", **options):
        self.open_all([(number, commit)], base, title, **options)

    def open_all(self, heads, base="main", title="Change the fleet", head=None, author="maria",
                 draft=False, fork=False, body=""):
        """Many at once, (number, commit) each: one call of git for all of them."""
        base_commit = self.git("rev-parse", "refs/heads/" + base).strip()
        self.set_heads(heads)
        with self.lock:
            for number, commit in heads:
                assert number not in self.requests, "request %d is there already" % number
                self.requests[number] = {
                    "number": number, "commit": commit, "base": base, "title": title,
                    "base_commit": base_commit, "head": head or "change-%d" % number,
                    "author": author, "draft": draft, "fork": fork, "body": body,
                    "state": "open", "merge": None, "opened": now(), "updated": now(),
                    "ended": None, "notes": [], "reviews": []}

    def push(self, number, commit):
        self.set_heads([(number, commit)])
        with self.lock:
            request = self.requests[number]
            request.update(commit=commit, updated=now())
            if self.kind == "gitlab":  # it tells of pushes in notes of its own
                self.note(request, "added 1 commit", request["author"], system=True)

    def follow(self):
        """What a forge does by itself once a branch of its own was pushed to."""
        for number, request in list(self.requests.items()):
            tip = self.answers("rev-parse", "--verify", "-q", "refs/heads/" + request["head"])
            if tip and request["state"] == "open" and tip.strip() != request["commit"]:
                self.push(number, tip.strip())

    def set_heads(self, heads):
        ref = "refs/merge-requests/%d/head" if self.kind == "gitlab" else "refs/pull/%d/head"
        lines = ["update %s %s\n" % (ref % number, commit) for number, commit in heads]
        self.git("update-ref", "--stdin", given="".join(lines))

    def close(self, number, merged=False):
        """Merged: the base branch's head counts as the merge commit."""
        with self.lock:
            request = self.requests[number]
            if merged:
                request["merge"] = self.git("rev-parse", "refs/heads/" + request["base"]).strip()
            request.update(state="merged" if merged else "closed", ended=now(), updated=now())

    def merge(self, number, squash=False):
        """With a merge commit, as the button does, or in one new commit. Returns that commit."""
        request = self.requests[number]
        base, head = "refs/heads/" + request["base"], request["commit"]
        tree = self.git("merge-tree", "--write-tree", base, head).split()[0]
        commit = self.git("-c", "user.name=forge", "-c", "user.email=forge@example.test",
                          "commit-tree", tree, "-p", base, *([] if squash else ["-p", head]),
                          "-m", "Squash" if squash else "Merge").strip()
        # First, so that whoever sees the branch move is told why.
        with self.lock:
            request.update(state="merged", merge=commit, ended=now(), updated=now())
        self.git("update-ref", base, commit)
        return commit

    def say(self, number, body, author="maria"):
        with self.lock:
            return self.note(self.requests[number], body, author)["id"]

    def delete(self, number, identifier):
        """Somebody deletes a comment."""
        with self.lock:
            notes = self.requests[number]["notes"]
            notes[:] = [one for one in notes if one["id"] != identifier]
            self.deleted.add(identifier)

    def approve(self, number, author="paula", state="APPROVED"):
        """A review of the head as it is now; the states are GitHub's."""
        with self.lock:
            request = self.requests[number]
            request["reviews"].append({"id": next(self.ids), "author": author, "state": state,
                                       "commit": request["commit"], "made": now()})

    # --- what a scenario looks at --------------------------------------------------------------

    def comments(self, number):
        with self.lock:
            return [{key: one[key] for key in ("id", "body", "author", "edits")}
                    for one in self.requests[number]["notes"] if not one["system"]]

    def statuses(self, commit):
        with self.lock:
            return [{key: one[key] for key in ("context", "state", "description", "target_url")}
                    for one in self.posted[commit]]

    def commit_comments(self, commit):
        with self.lock:
            return list(self.remarks[commit])

    # --- what the API needs --------------------------------------------------------------------

    def note(self, request, body, author, system=False):
        made = {"id": next(self.ids), "body": body, "author": author, "edits": 0, "made": now(),
                "changed": now(), "system": system, "number": request["number"]}
        request["notes"].append(made)
        return made

    def git(self, *arguments, given=""):
        done = subprocess.run(["git", "-C", self.bare, *arguments], input=given, text=True,
                              capture_output=True)
        if done.returncode != 0:
            raise AssertionError("git %s: %s" % (" ".join(arguments), done.stderr.strip()))
        return done.stdout

    def has(self, commit):
        return bool(re.fullmatch("[0-9a-f]{40}", commit)) and self.answers("cat-file", "-e",
                                                                           commit + "^{commit}")

    def answers(self, *arguments):
        try:
            return self.git(*arguments) or True
        except AssertionError:
            return False

    # --- one call ------------------------------------------------------------------------------

    def answer(self, call):
        """(status, document or text, headers); status 0: the connection is reset."""
        fault = self.fault if self.at in "%s %s" % (call.method, call.target) else None
        assert fault is None or fault in FAULTS, fault
        if fault == "slow":
            time.sleep(self.delay)
        elif fault not in (None, "lost"):
            return self.broken(fault)
        with self.lock:
            try:
                self.admit(call)
                status, document = self.api.handle(call)
            except Refused as refused:
                if refused.problem:
                    self.complain(call, refused.problem)
                status, document = refused.status, self.api.refusal(refused)
            except Exception as error:  # a mistake of the stand-in: a test must not miss it
                self.complain(call, "the stand-in failed: %r" % error)
                status, document = 500, {"message": repr(error)}
        return 0 if fault == "lost" else status, document, call.sent

    def complain(self, call, problem):
        self.problems.append("%s %s: %s" % (call.method, call.target, problem))

    def admit(self, call):
        """Who asks? A repository that is not public answers 404 to who says nothing."""
        if not call.headers.get("User-Agent"):
            self.complain(call, "no User-Agent")
            if self.kind == "github":
                raise Refused(403, "Request forbidden by administrative rules. Please make sure "
                                   "your request has a User-Agent header")
        given = [call.headers.get(name) for name, _ in self.api.credentials]
        if not any(given):
            raise Refused(404, "Not Found", "no " + self.api.credentials[0][0])
        if [value for value in given if value] not in [[form % self.token]
                                                       for _, form in self.api.credentials]:
            raise Refused(401, self.api.bad_token, "another token or form of it than is expected")

    def broken(self, fault):
        if fault == "down":
            return 0, None, {}
        if fault == "unauthorised":
            return 401, {"message": self.api.bad_token}, {}
        if fault == "error":
            return 500, {"message": self.api.server_error}, {}
        return self.api.limited(fault == "secondary", math.ceil(self.delay))


def handler(forge):
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def serve(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            call = Call(self.command, self.path, self.headers, body)
            status, document, headers = forge.answer(call)
            with forge.lock:
                forge.calls.append((self.command, self.path, status))
            try:
                self.reset() if status == 0 else self.send(status, document, headers)
            except OSError:  # who asked waits no more
                self.close_connection = True

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = serve

        def send(self, status, document, headers):
            is_text = isinstance(document, str)
            data = (document if is_text else json.dumps(document)).encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/plain" if is_text
                             else "application/json; charset=utf-8")
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(data)

        def reset(self):
            """No polite end: what the client sees is a connection reset."""
            self.close_connection = True
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                       struct.pack("ii", 1, 0))
            os.close(self.connection.detach())

        def log_message(self, *arguments):
            pass
    return Handler

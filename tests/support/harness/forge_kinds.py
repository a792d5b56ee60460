"""The three forges: their endpoints, the names of their fields, their limits, what they answer.

Facts are from the public descriptions of the APIs (docs.github.com/rest, Gitea's swagger and its
handlers, docs.gitlab.com/api). A field that nobody here needs is left out.
"""
import hashlib
import time

from .forge_api import Api, Refused, now, wrong

WEB = "https://forge.test/"


def user(name):
    return {"id": len(name), "login": name, "type": "User"}


class GitHub(Api):
    prefix = "/repos/people/fleet/"
    credentials = [("Authorization", "Bearer %s")]
    bad_token, server_error, wrong_method, invalid = "Bad credentials", "Server Error", 404, 422
    paging = ("per_page", 30, 100)  # the parameter, its default, its maximum
    unpaged, most_statuses = (), 1000  # the statuses of one commit and context
    sha_refused = (422, "No commit found for SHA: %s")
    exists, refuses_empty = (422, "A pull request already exists for people:%s."), True
    states = ("error", "failure", "pending", "success")
    open_states = {"open": ("open",), "closed": ("closed", "merged"),
                   "all": ("open", "closed", "merged")}
    default_state, oldest_first = "open", ("direction", "asc")
    filters = {"base": "base", "head": "head"}  # parameter: what of a request it compares
    turns = {"open": "open", "closed": "closed"}
    names = {"note": "body", "remark": "body"}  # what it calls otherwise than we do
    longest = {"description": 140, "body": 65536}
    comment = {"body!": str}
    change = {"title": str, "body": str, "state": str, "base": str}
    routes = [
        ("GET", "pulls", "list_requests", "state base head direction", None),
        ("POST", "pulls", "make_request", "", {"title!": str, "head!": str, "base!": str,
                                               "body": str, "draft": bool}),
        ("GET", "pulls/{n}", "one_request", "", None),
        ("PATCH", "pulls/{n}", "change_request", "", change),
        ("GET", "pulls/{n}/reviews", "list_reviews", "", None),
        ("GET", "issues/{n}/comments", "list_comments", "", None),
        ("POST", "issues/{n}/comments", "make_comment", "", comment),
        ("GET", "issues/comments/{id}", "one_comment", "", None),
        ("PATCH", "issues/comments/{id}", "change_comment", "", comment),
        ("POST", "statuses/{sha}", "make_status", "", {
            "state!": str, "context": str, "description": str, "target_url": str}),
        ("GET", "commits/{sha}/statuses", "list_statuses", "", None),
        ("GET", "commits/{sha}/pulls", "list_merged", "", None),
        ("POST", "commits/{sha}/comments", "make_remark", "", {
            "body!": str, "path": str, "position": int})]

    def refusal(self, refused):
        document = {"message": refused.message, "status": str(refused.status),
                    "documentation_url": "https://docs.github.com/rest"}
        if refused.status == 422:
            document["errors"] = [{"resource": "Status", "code": "custom",
                                   "message": refused.message}]
        return document

    def limited(self, is_secondary, seconds):
        """The first limit says by the clock when it ends, the second one in how many seconds."""
        if is_secondary:
            return 403, {"message": "You have exceeded a secondary rate limit."}, {
                "Retry-After": str(seconds), "X-RateLimit-Remaining": "4711"}
        return 403, {"message": "API rate limit exceeded for user ID 1."}, {
            "X-RateLimit-Limit": "5000", "X-RateLimit-Remaining": "0",
            "X-RateLimit-Used": "5000", "X-RateLimit-Resource": "core",
            "X-RateLimit-Reset": str(int(time.time()) + seconds)}

    def title(self, request):
        return request["title"]

    def shape(self, request, is_whole=False):
        is_merged = request["state"] == "merged"
        home = {"full_name": self.forge.repository, "fork": False}
        fork = {"full_name": "stranger/fleet", "fork": True}
        # A fork may have been deleted since. What would be merged has a commit of its own.
        theirs = {False: home, True: fork, "gone": None}[request["fork"]]
        trial = hashlib.sha1(request["commit"].encode()).hexdigest()
        shaped = {
            "id": 90000 + request["number"], "number": request["number"],
            "state": "open" if request["state"] == "open" else "closed",
            "title": self.title(request), "body": request["body"], "draft": request["draft"],
            "user": user(request["author"]), "created_at": request["opened"],
            "updated_at": request["updated"], "closed_at": request["ended"],
            "merged_at": request["ended"] if is_merged else None,
            "merge_commit_sha": request["merge"] or trial,
            "html_url": WEB + "people/fleet/pull/%d" % request["number"],
            "head": {"label": request["head"], "ref": request["head"],
                     "sha": request["commit"], "repo": theirs},
            "base": {"label": request["base"], "ref": request["base"],
                     "sha": request["base_commit"], "repo": home}}
        if is_whole:  # the list has none of these
            shaped.update(merged=is_merged, mergeable=None if is_merged else True)
        return shaped

    def shape_review(self, review):
        return {"id": review["id"], "user": user(review["author"]), "state": review["state"],
                "body": "", "commit_id": review["commit"], "submitted_at": review["made"]}

    def shape_note(self, note):
        return {"id": note["id"], "body": note["body"], "user": user(note["author"]),
                "created_at": note["made"], "updated_at": note["changed"],
                "html_url": WEB + "people/fleet/pull/%d#issuecomment-%d" % (note["number"],
                                                                            note["id"])}

    def shape_remark(self, commit, remark):
        return {"id": remark["id"], "body": remark["body"], "user": user(remark["author"]),
                "commit_id": commit, "html_url": WEB + "people/fleet/commit/" + commit}

    def shape_status(self, commit, status):
        return {"id": status["id"], "state": status["state"], "context": status["context"],
                "description": status["description"], "target_url": status["target_url"],
                "created_at": status["made"], "updated_at": status["made"]}


class Gitea(GitHub):
    """Forgejo too. Before its release 16 that one ignores `base_branch`, so it is ignored here."""
    prefix = "/api/v1/repos/people/fleet/"
    credentials = [("Authorization", "token %s")]
    bad_token, server_error, wrong_method = "invalid username, password or token", "", 405
    paging, unpaged, most_statuses = ("limit", 30, 50), ("list_comments",), float("inf")
    sha_refused = (500, "GetCommit[%s]: object does not exist")
    exists, refuses_empty = (409, "pull request already exists for these targets: %s"), False
    states = ("pending", "success", "error", "failure", "warning")
    filters, oldest_first, longest = {}, ("sort", "oldest"), {}
    routes = [
        ("GET", "pulls", "list_requests", "state sort base_branch", None),
        ("POST", "pulls", "make_request", "", {"title!": str, "head!": str, "base!": str,
                                               "body": str}),
        ("GET", "commits/{sha}/pull", "one_merged", "", None),
        *[one for one in GitHub.routes if one[1] != "pulls" and one[2] not in (
            "make_remark", "list_merged")]]

    def refusal(self, refused):
        return {"message": refused.message, "url": self.forge.url + "/api/swagger"}

    def limited(self, is_secondary, seconds):
        """It counts nothing itself: a proxy before it does, and says little."""
        return 429, "429 Too Many Requests\n", {}

    def tell_pages(self, call, page, size, count):
        super().tell_pages(call, page, size, count)
        call.sent["X-Total-Count"] = str(count)

    def title(self, request):
        """A draft is what is called one."""
        is_called = request["title"].startswith(("WIP:", "[WIP]"))
        return ("WIP: " if request["draft"] and not is_called else "") + request["title"]

    def shape(self, request, is_whole=False):
        shaped = super().shape(request, is_whole=True)
        shaped["merge_commit_sha"] = request["merge"]
        return shaped

    def shape_review(self, review):
        names = {"CHANGES_REQUESTED": "REQUEST_CHANGES", "COMMENTED": "COMMENT"}
        return dict(super().shape_review(review), official=True, dismissed=False, stale=False,
                    state=names.get(review["state"], review["state"]))

    def shape_status(self, commit, status):
        shaped = super().shape_status(commit, status)  # asked for by one name, told by another
        return dict(shaped, status=shaped.pop("state"))


class GitLab(Api):
    prefix = "/api/v4/projects/people%2Ffleet/"
    credentials = [("PRIVATE-TOKEN", "%s"), ("Authorization", "Bearer %s")]
    bad_token, wrong_method, invalid = "401 Unauthorized", 405, 400
    server_error = "500 Internal Server Error"
    paging, unpaged = ("per_page", 20, 100), ()
    sha_refused = (404, "404 Commit %s Not Found")
    exists = (409, "Another open merge request already exists for this source branch: %s")
    refuses_empty = False
    states = ("pending", "running", "success", "failed", "canceled", "skipped")
    open_states = {"opened": ("open",), "closed": ("closed",), "merged": ("merged",),
                   "locked": (), "all": ("open", "closed", "merged")}
    default_state, oldest_first = "all", ("sort", "asc")
    filters = {"target_branch": "base", "source_branch": "head"}
    turns = {"reopen": "open", "close": "closed"}
    names = {"state": "state_event", "base": "target_branch", "head": "source_branch",
             "body": "description", "note": "body", "remark": "note", "context": "name"}
    longest = {"description": 255, "target_url": 255, "body": 1000000}
    routes = [
        ("GET", "merge_requests", "list_requests", "state target_branch source_branch sort", None),
        ("POST", "merge_requests", "make_request", "", {
            "title!": str, "source_branch!": str, "target_branch!": str, "description": str}),
        ("GET", "merge_requests/{n}", "one_request", "", None),
        ("PUT", "merge_requests/{n}", "change_request", "", {
            "title": str, "description": str, "state_event": str, "target_branch": str}),
        ("GET", "merge_requests/{n}/approvals", "approvals", "", None),
        ("GET", "merge_requests/{n}/notes", "list_comments", "sort", None),
        ("POST", "merge_requests/{n}/notes", "make_comment", "", {"body!": str}),
        ("GET", "merge_requests/{n}/notes/{id}", "one_comment", "", None),
        ("PUT", "merge_requests/{n}/notes/{id}", "change_comment", "", {"body!": str}),
        ("POST", "statuses/{sha}", "make_status", "", {
            "state!": str, "name": str, "ref": str, "description": str, "target_url": str,
            "pipeline_id": int, "coverage": float}),
        ("GET", "repository/commits/{sha}/statuses", "list_statuses", "", None),
        ("GET", "repository/commits/{sha}/merge_requests", "list_merged", "", None),
        ("POST", "repository/commits/{sha}/comments", "make_remark", "", {"note!": str})]

    def refusal(self, refused):
        is_bare = refused.status == 404 and "404" not in refused.message
        return {"message": "404 Not found" if is_bare else refused.message}

    def limited(self, is_secondary, seconds):
        ends = time.time() + seconds
        return 429, "Retry later\n", {
            "Retry-After": str(seconds), "RateLimit-Limit": "600", "RateLimit-Observed": "601",
            "RateLimit-Remaining": "0", "RateLimit-Reset": str(int(ends)),
            "RateLimit-Name": "throttle_authenticated_api", "RateLimit-ResetTime":
            time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(ends))}

    def check_status(self, commit, made):
        """A status that is not over is one that changes, and not every change is one."""
        made["ref"] = made["ref"] or self.ref_of(commit)
        for one in self.forge.posted[commit][::-1]:
            if (one["context"], one["ref"]) != (made["context"], made["ref"]):
                continue
            event = {"pending": "enqueue", "running": "run"}.get(made["state"])
            is_same = one["state"] == "running" or made["state"] == one["state"] == "pending"
            if event and is_same:  # no blame: who was started again cannot know
                raise Refused(400, 'Cannot transition status via :%s from :%s (Reason(s): Status '
                                   'cannot transition via "%s")' % (event, one["state"], event))
            return

    def ref_of(self, commit):
        """The status belongs to a pipeline, and that to a branch, which a fork's commit has not."""
        told = [one["ref"] for one in self.forge.posted[commit]]
        found = self.forge.git("for-each-ref", "--contains", commit, "--format=%(refname:short)",
                               "refs/heads").split()
        if not told + found:
            raise wrong(404, "404 References for commit Not Found")
        return (told + found)[0]

    def tell_pages(self, call, page, size, count):
        last = max(-(-count // size), 1)
        super().tell_pages(call, page, size, count)
        call.sent.update({"X-Page": str(page), "X-Per-Page": str(size),
                          "X-Next-Page": str(page + 1) if page < last else "",
                          "X-Prev-Page": str(page - 1) if page > 1 else ""})
        if count <= 10000:  # it counts no further
            call.sent.update({"X-Total": str(count), "X-Total-Pages": str(last)})

    def list_comments(self, call):
        notes = self.request(call)["notes"]
        return self.paged(call, notes[::1 if call.query.get("sort") == "asc" else -1],
                          self.shape_note)

    def approvals(self, call):
        request = self.request(call)
        by = {one["author"]: one for one in request["reviews"] if one["state"] == "APPROVED"}
        return 200, {"iid": request["number"], "project_id": 7, "approved": bool(by),
                     "approvals_required": 0, "approvals_left": 0, "approved_by": [
                         {"user": self.user(name), "approved_at": one["made"]}
                         for name, one in by.items()]}

    def user(self, name):
        return {"id": len(name), "username": name, "name": name.title(), "state": "active"}

    def shape(self, request, is_whole=False):
        number, state, is_draft = request["number"], request["state"], request["draft"]
        is_called = request["title"].startswith("Draft:") or not is_draft
        origin = {False: 7, True: 8, "gone": None}[request["fork"]]
        shaped = {
            "id": 90000 + number, "iid": number, "project_id": 7,
            "state": "opened" if state == "open" else state, "draft": is_draft,
            "title": request["title"] if is_called else "Draft: " + request["title"],
            "description": request["body"], "author": self.user(request["author"]),
            "created_at": request["opened"], "updated_at": request["updated"],
            "closed_at": request["ended"] if state == "closed" else None,
            "merged_at": request["ended"] if state == "merged" else None,
            "source_branch": request["head"], "target_branch": request["base"],
            "source_project_id": origin, "target_project_id": 7, "sha": request["commit"],
            "merge_commit_sha": request["merge"], "squash_commit_sha": None,
            "web_url": WEB + "people/fleet/-/merge_requests/%d" % number}
        if is_whole:
            shaped["diff_refs"] = {"base_sha": request["base_commit"], "head_sha": shaped["sha"]}
        return shaped

    def shape_note(self, note):
        return {"id": note["id"], "type": None, "body": note["body"], "system": note["system"],
                "author": self.user(note["author"]), "created_at": note["made"],
                "updated_at": note["changed"], "noteable_type": "MergeRequest",
                "noteable_iid": note["number"], "resolvable": False, "internal": False}

    def shape_remark(self, commit, remark):
        return {"note": remark["body"], "author": self.user(remark["author"]), "created_at": now(),
                "path": None, "line": None, "line_type": None}

    def shape_status(self, commit, status):
        return {"id": status["id"], "sha": commit, "ref": status["ref"],
                "status": status["state"], "name": status["context"],
                "description": status["description"], "target_url": status["target_url"],
                "created_at": status["made"], "allow_failure": False}


APIS = {"github": GitHub, "gitea": Gitea, "gitlab": GitLab}

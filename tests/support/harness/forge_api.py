"""What the API of a forge takes, and what it refuses: one call from its path to its answer.

Which endpoints there are, with their fields, limits and forms, is in forge_kinds.py.
"""
import json
import re
import time
import urllib.parse

BOT = "matriarch-bot"  # whom the token belongs to


def now():
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


class Refused(Exception):
    """What a forge does not take. `problem`: what the client did wrong, if it was the client."""

    def __init__(self, status, message, problem=None):
        super().__init__(message)
        self.status, self.message, self.problem = status, message, problem


def wrong(status, message):
    """Refused, and the client is to blame."""
    return Refused(status, message, message)


class Call:
    def __init__(self, method, target, headers, raw):
        self.method, self.target, self.headers, self.raw = method, target, headers, raw
        self.path, _, query = target.partition("?")
        self.query = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
        self.action, self.place, self.fields = None, {}, {}  # what its path and body say
        self.sent = {}  # headers of the answer

    def read_body(self, known, invalid):
        """The body's fields; `known` has their types, a required one's name ends with "!"."""
        if self.headers.get("Content-Type", "").split(";")[0].strip() != "application/json":
            raise wrong(415, "Content-Type is not application/json")
        try:
            fields = json.loads(self.raw)
        except ValueError:
            raise wrong(400, "Problems parsing JSON")
        if not isinstance(fields, dict):
            raise wrong(400, "the body is no JSON object")
        types = {name.rstrip("!"): kind for name, kind in known.items()}
        for name, value in fields.items():
            if name not in types:
                raise wrong(invalid, "unknown field '%s'" % name)
            if value is not None and type(value) is not types[name]:
                raise wrong(invalid, "field '%s' is no %s" % (name, types[name].__name__))
        for name in known:
            if name.endswith("!") and not fields.get(name[:-1]):
                raise wrong(invalid, "field '%s' is missing" % name[:-1])
        self.fields = fields


class Api:
    """What the three have in common. forge_kinds.py has their tables, names, limits and forms."""

    def __init__(self, forge):
        self.forge = forge

    # --- the way in ----------------------------------------------------------------------------

    def handle(self, call):
        is_known = False
        for method, template, action, query, fields in self.routes:
            pattern = re.escape(self.prefix + template).replace(r"\{n\}", r"(?P<n>\d+)")
            pattern = pattern.replace(r"\{id\}", r"(?P<id>\d+)")
            found = re.fullmatch(pattern.replace(r"\{sha\}", "(?P<sha>[^/]+)"), call.path)
            if not found:
                continue
            is_known = True
            if method == call.method:
                call.place, call.action = found.groupdict(), action
                self.check_query(call, query.split())
                if fields is not None:
                    call.read_body(fields, self.invalid)
                return getattr(self, action)(call)
        if is_known:
            raise Refused(self.wrong_method, "Method Not Allowed", "wrong method")
        raise Refused(404, "Not Found", "unknown endpoint")

    def check_query(self, call, known):
        if call.action.startswith("list_") and call.action not in self.unpaged:
            known = known + [self.paging[0], "page"]
        unknown = [name for name in call.query if name not in known]
        if unknown:  # real forges ignore it: who sends it believes that it does something
            self.forge.complain(call, "unknown parameter, or not done here: '%s'" %
                                "', '".join(unknown))

    # --- what is asked of all of them ----------------------------------------------------------

    def request(self, call):
        number = int(call.place["n"])
        if number not in self.forge.requests:
            raise Refused(404, "Not Found", "there is no request %d" % number)
        return self.forge.requests[number]

    def note_of(self, call):
        wanted = int(call.place["id"])
        requests = [self.request(call)] if "n" in call.place else self.forge.requests.values()
        for request in requests:
            for note in request["notes"]:
                if note["id"] == wanted:
                    return note
        is_news = wanted in self.forge.deleted  # nobody can know before asking
        raise Refused(404, "Not Found", None if is_news else "there is no comment %d" % wanted)

    def commit(self, call):
        if not self.forge.has(call.place["sha"]):
            status, message = self.sha_refused
            raise wrong(status, message % call.place["sha"])
        return call.place["sha"]

    def given(self, call, name, default=None):
        return call.fields.get(self.names.get(name, name), default)

    def check_length(self, name, text):
        if text and name in self.longest and len(text) > self.longest[name]:
            raise wrong(self.invalid, "%s is too long (maximum is %d characters)" % (
                name, self.longest[name]))
        return text

    def paged(self, call, items, shape):
        """One page of a list, and the headers that tell of the next one."""
        if call.action in self.unpaged:
            call.sent["X-Total-Count"] = str(len(items))
            return 200, [shape(one) for one in items]
        name, usual, most = self.paging
        size, page = self.number(call, name, usual), self.number(call, "page", 1)
        if size > most:
            self.forge.complain(call, "%s is %d, at most %d are given" % (name, size, most))
            size = most
        of = (call.path, *sorted(one for one in call.query.items() if one[0] != "page"))
        if page > 1 and (of, page) not in self.forge.promised:
            self.forge.complain(call, "no answer said that there is a page %d" % page)
        has_more = page * size < len(items)
        (self.forge.promised.add if has_more else self.forge.promised.discard)((of, page + 1))
        self.tell_pages(call, page, size, len(items))
        return 200, [shape(one) for one in items[(page - 1) * size:page * size]]

    def number(self, call, name, default):
        text = call.query.get(name, str(default))
        if not re.fullmatch("[1-9][0-9]*", text):
            self.forge.complain(call, "%s is '%s'" % (name, text))
            return default
        return int(text)

    def tell_pages(self, call, page, size, count):
        last = -(-count // size)
        found = [("next", page + 1), ("last", last)] if page < last else []
        found += [("prev", page - 1), ("first", 1)] if page > 1 else []
        links = ['<%s%s?%s>; rel="%s"' % (self.forge.url, call.path, urllib.parse.urlencode(
            dict(call.query, page=number)), word) for word, number in found]
        if links:
            call.sent["Link"] = ", ".join(links)

    # --- requests ------------------------------------------------------------------------------

    def list_requests(self, call):
        state = call.query.get("state", self.default_state)
        if state not in self.open_states:
            raise wrong(self.invalid, "state is '%s'" % state)
        wanted = [(key, call.query[name].removeprefix("people:"))
                  for name, key in self.filters.items() if name in call.query]
        items = [one for one in self.forge.requests.values()
                 if one["state"] in self.open_states[state] and
                 all(one[key] == value for key, value in wanted)]
        name, word = self.oldest_first
        return self.paged(call, items[::1 if call.query.get(name) == word else -1], self.shape)

    def one_request(self, call):
        return 200, self.shape(self.request(call), True)

    def make_request(self, call):
        head, base = (self.given(call, name) for name in ("head", "base"))
        head = head.removeprefix("people:")
        commits = [self.forge.answers("rev-parse", "--verify", "-q", "refs/heads/" + name)
                   for name in (head, base)]
        if not all(commits):
            raise wrong(self.invalid, "there is no branch '%s'" % (base if commits[0] else head))
        for one in self.forge.requests.values():
            if (one["state"], one["head"], one["base"]) == ("open", head, base):
                status, message = self.exists
                raise Refused(status, message % head)
        if commits[0] == commits[1] and self.refuses_empty:
            raise wrong(self.invalid, "No commits between %s and %s" % (base, head))
        number = max(self.forge.requests, default=0) + 1
        self.forge.open(number, commits[0].strip(), base, call.fields["title"], head=head,
                        author=BOT, body=self.given(call, "body") or "",
                        draft=bool(call.fields.get("draft")))
        return 201, self.shape(self.forge.requests[number], True)

    def change_request(self, call):
        request, asked = self.request(call), self.given(call, "state")
        if asked not in (None, *self.turns):
            raise wrong(self.invalid, "%s is '%s'" % (self.names.get("state", "state"), asked))
        state = self.turns.get(asked)
        if state and request["state"] == "merged":  # may have happened a moment ago
            raise Refused(self.invalid, "request %d is merged" % request["number"])
        for key in ("title", "body", "base"):
            request[key] = self.given(call, key) or request[key]
        if state:
            request.update(state=state, ended=now() if state == "closed" else None)
        request["updated"] = now()
        return 200, self.shape(request, True)

    def list_reviews(self, call):
        return self.paged(call, self.request(call)["reviews"], self.shape_review)

    def merged_with(self, call):
        """The merged requests that brought a commit onto their branch."""
        commit = self.commit(call)
        def brought(one):
            return one["state"] == "merged" and (one["merge"] == commit or commit in self.forge.git(
                "rev-list", one["base_commit"] + ".." + one["commit"]).split())
        return [one for one in self.forge.requests.values() if brought(one)]

    def list_merged(self, call):
        return self.paged(call, self.merged_with(call), self.shape)

    def one_merged(self, call):
        found = self.merged_with(call)
        if not found:
            raise Refused(404, "pull request does not exist")
        return 200, self.shape(found[0], True)

    # --- comments ------------------------------------------------------------------------------

    def list_comments(self, call):
        return self.paged(call, self.request(call)["notes"], self.shape_note)

    def make_comment(self, call):
        body = self.check_length("body", self.given(call, "note"))
        return 201, self.shape_note(self.forge.note(self.request(call), body, BOT))

    def one_comment(self, call):
        return 200, self.shape_note(self.note_of(call))

    def change_comment(self, call):
        note, body = self.note_of(call), self.check_length("body", self.given(call, "note"))
        if note["author"] != BOT:
            raise wrong(403, "comment %d is %s's" % (note["id"], note["author"]))
        note.update(body=body, edits=note["edits"] + 1, changed=now())
        return 200, self.shape_note(note)

    def make_remark(self, call):
        commit, body = self.commit(call), self.check_length("body", self.given(call, "remark"))
        made = {"id": next(self.forge.ids), "body": body, "author": BOT, "edits": 0}
        self.forge.remarks[commit].append(made)
        return 201, self.shape_remark(commit, made)

    # --- statuses ------------------------------------------------------------------------------

    def make_status(self, call):
        commit, state = self.commit(call), call.fields["state"]
        if state not in self.states:
            raise wrong(self.invalid, "state '%s' is not included in the list" % state)
        for name in ("description", "target_url"):
            self.check_length(name, call.fields.get(name))
        if not re.match("https?://", call.fields.get("target_url") or "http://"):
            raise wrong(self.invalid, "target_url must use http(s) scheme")
        made = {key: self.given(call, key) or "" for key in ("context", "description",
                                                             "target_url")}
        made.update(id=next(self.forge.ids), state=state, context=made["context"] or "default",
                    ref=call.fields.get("ref"), made=now())
        self.check_status(commit, made)
        self.forge.posted[commit].append(made)
        return 201, self.shape_status(commit, made)

    def check_status(self, commit, made):
        same = [one for one in self.forge.posted[commit] if one["context"] == made["context"]]
        if len(same) >= self.most_statuses:
            raise wrong(422, "This SHA and context has reached the maximum number of statuses.")

    def list_statuses(self, call):
        commit = self.commit(call)
        return self.paged(call, self.forge.posted[commit][::-1],
                          lambda one: self.shape_status(commit, one))

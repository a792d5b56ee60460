"""What can go wrong at one call between the controller and the Engine.

A fault is asked three times: `before` the request is forwarded, when it was `sent`, and when the
first piece of the answer is there: then the Engine has carried it out. What it does not forward or
pass on ends the connection.
"""
import time


class Fault:
    def before(self, wire):
        """Whether the request is forwarded."""
        return True

    def sent(self, wire):
        """Whether the answer is waited for."""
        return True

    def answered(self, wire, piece):
        """What is passed on of the answer; None: nothing, and no more of it."""
        return piece


class Kill(Fault):
    """kill -9 of the controller: before the Engine sees the call, while it carries it out, or after
    it did and before the controller hears of it."""

    def __init__(self, moment, kill):
        self.moment, self.kill = moment, kill

    def before(self, wire):
        return not self._at("before")

    def sent(self, wire):
        return not self._at("during")

    def answered(self, wire, piece):
        return None if self._at("after") else piece

    def _at(self, moment):
        if moment == self.moment:
            self.kill()
        return moment == self.moment


class Drop(Fault):
    """Carried out, and the answer is lost."""

    def answered(self, wire, piece):
        return None


class Cut(Fault):
    """Carried out, and the answer ends within its body; within its head, if it has no body."""

    def answered(self, wire, piece):
        while b"\r\n\r\n" not in piece:
            piece += wire.engine.recv(65536)
        head, _, body = piece.partition(b"\r\n\r\n")
        first = head.split(b"\r\n", 1)[0]
        if not body and b" 204 " not in first and b" 304 " not in first:
            body = wire.engine.recv(65536)
        rest = head + b"\r\n\r\n" + body[:len(body) // 2] if body else head[:len(head) // 2]
        wire.client.sendall(rest)
        return None


class Delay(Fault):
    """The answer comes late, and in time."""

    def __init__(self, seconds=1.0):
        self.seconds = seconds

    def answered(self, wire, piece):
        time.sleep(self.seconds)
        return piece


class Late(Fault):
    """The answer does not come before the controller has given up waiting for it."""

    def __init__(self, limit=90):
        self.limit = limit

    def answered(self, wire, piece):
        if not wire.given_up.wait(self.limit):
            raise AssertionError("the controller waited %d s for an answer" % self.limit)
        return None


class Refuse(Fault):
    """The Engine never hears of it, and somebody says no in its name."""

    def __init__(self, status):
        self.status = status

    def before(self, wire):
        body = b'{"message":"refused by the tests"}'
        wire.client.sendall(b"HTTP/1.1 %d No\r\nContent-Type: application/json\r\n"
                            b"Connection: close\r\nContent-Length: %d\r\n\r\n%s" % (
                                self.status, len(body), body))
        return False


class Act(Fault):
    """Somebody does something just before the call, which then takes its course unless it is not
    forwarded any more; or just after the Engine carried it out."""

    def __init__(self, act, moment="before", forwards=True):
        self.act, self.moment, self.forwards = act, moment, forwards

    def before(self, wire):
        if self.moment == "before":
            self.act()
        return self.forwards

    def answered(self, wire, piece):
        if self.moment == "after":
            self.act()
        return piece

"""The fault proxy: a socket between the controller and the Engine. It forwards bytes, notes every
request, and lets a fault (faults.py) have its way at exact calls: at the n-th that changes
something, or at a key such as "POST containers/web-1/start #1" (calls.py).
"""
import os
import re
import socket
import threading

from .calls import Names, is_mutation, words


class Tap:
    def __init__(self, path, engine, instance=""):
        self.path, self.engine = path, engine
        self.names = Names(engine, instance)
        self.calls = []           # request lines, in order of arrival
        self.lock = threading.Lock()
        self.countdown = None     # [mutations to go, fault]
        self.faults = None        # key -> fault; None: keys are not worked out
        self.occurrences = {}
        self.trace = []           # keys since watch()
        self.fired = {}           # key -> fault, and what went wrong in a fault itself:
        self.troubles = []
        if os.path.exists(path):
            os.unlink(path)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()

    # --- for scenarios -------------------------------------------------------------------------

    def mark(self):
        with self.lock:
            return len(self.calls)

    def since(self, mark=0):
        with self.lock:
            return list(self.calls[mark:])

    def mutations(self, mark=0):
        return [call for call in self.since(mark) if is_mutation(call)]

    def at_mutation(self, number, fault):
        """The fault has its way once, at the number-th mutation from now (1 is the next)."""
        with self.lock:
            self.countdown = [number, fault]

    def sprung(self):
        return self.countdown is None

    def watch(self, faults):
        """Counts occurrences from now on; each fault has its way once, at its key."""
        with self.lock:
            self.faults, self.occurrences = dict(faults), {}
            self.trace, self.fired, self.troubles = [], {}, []

    def let_be(self):
        """No more faults; returns the keys since watch()."""
        with self.lock:
            self.faults, trace = None, self.trace
            return trace

    def close(self):
        self.listener.close()
        if os.path.exists(self.path):
            os.unlink(self.path)

    # --- forwarding ----------------------------------------------------------------------------

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        engine = socket.socket(socket.AF_UNIX)
        try:
            engine.connect(self.engine)
        except OSError:
            engine.close()
            client.close()
            return
        Wire(self, client, engine).serve()

    def note(self, line, body):
        """Notes a request; returns the fault that has its way now, or None."""
        key = None
        if self.faults is not None:
            key = words(line, body, self.names)
        with self.lock:
            self.calls.append(line)
            if key is not None and self.faults is not None:
                self.occurrences[key] = self.occurrences.get(key, 0) + 1
                key += " #%d" % self.occurrences[key]
                self.trace.append(key)
                if key in self.faults:
                    self.fired[key] = self.faults.pop(key)
                    return self.fired[key]
            return self._count(line)

    def _count(self, line):
        if self.countdown is None or not is_mutation(line):
            return None
        self.countdown[0] -= 1
        if self.countdown[0] > 0:
            return None
        fault, self.countdown = self.countdown[1], None
        return fault


class Wire:
    """One connection and its other half. The client asks one thing at a time."""

    def __init__(self, tap, client, engine):
        self.tap, self.client, self.engine = tap, client, engine
        self.fault = None                    # of the request whose answer comes next
        self.given_up = threading.Event()    # the client waits no more

    def serve(self):
        threading.Thread(target=self._answers, daemon=True).start()
        try:
            self._requests()
        except OSError:
            pass
        except Exception as error:  # a fault that went wrong is a mistake of the test
            self.tap.troubles.append(error)
            self._end()
        self.given_up.set()
        shut(self.engine, socket.SHUT_WR)

    def _requests(self):
        data = b""
        while True:
            request, data = self._one_request(data)
            if request is None:
                return
            head, _, body = request.partition(b"\r\n\r\n")
            line = head.split(b"\r\n", 1)[0].decode(errors="replace").rsplit(" HTTP/", 1)[0]
            fault = self.tap.note(line, body)
            if fault and not fault.before(self):
                return self._end()
            self.fault = fault
            self.engine.sendall(request)
            if fault and not fault.sent(self):
                return self._end()
            if b"upgrade: tcp" in head.lower():
                forward(self.client, self.engine)
                return

    def _one_request(self, data):
        """(head and body, what came after them); (None, b"") at the end."""
        wanted = None
        while wanted is None or len(data) < wanted:
            if wanted is None and b"\r\n\r\n" in data:
                head = data[:data.index(b"\r\n\r\n") + 4]
                length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
                wanted = len(head) + (int(length.group(1)) if length else 0)
                continue
            piece = self.client.recv(65536)
            if not piece:
                return None, b""
            data += piece
        return data[:wanted], data[wanted:]

    def _answers(self):
        try:
            while True:
                piece = self.engine.recv(65536)
                fault, self.fault = self.fault, None
                if fault and piece:
                    piece = fault.answered(self, piece)
                    if piece is None:
                        self._end()
                        break
                if not piece:
                    break
                self.client.sendall(piece)
        except OSError:
            pass
        except Exception as error:
            self.tap.troubles.append(error)
        shut(self.client, socket.SHUT_WR)

    def _end(self):
        shut(self.client, socket.SHUT_RDWR)
        shut(self.engine, socket.SHUT_RDWR)


def forward(source, target):
    try:
        while piece := source.recv(65536):
            target.sendall(piece)
    except OSError:
        pass


def shut(one, how):
    try:
        one.shutdown(how)
    except OSError:
        pass

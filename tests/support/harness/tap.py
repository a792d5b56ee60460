"""A socket between the controller and the Engine. It forwards bytes, notes every request, and can
act at the n-th one that changes something: that is how a scenario kills the controller at an exact
place.
"""
import os
import re
import socket
import threading

MUTATING = re.compile(r"^(POST|PUT|DELETE) ")
# Questions that the Engine API happens to ask with POST: an exec probes, it changes nothing.
QUESTION = re.compile(r"^POST (/v[0-9.]+)?/(containers/[^/]+/exec|exec/[^/]+/start)\b")


class Tap:
    def __init__(self, path, engine):
        self.path, self.engine = path, engine
        self.calls = []           # request lines, in order of arrival
        self.lock = threading.Lock()
        self.trap = None          # (n, "before" or "after", what to call)
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

    def at_mutation(self, number, moment, act):
        """Calls `act` once, at the number-th mutation from now (1 is the next): before the Engine
        sees it, or after the Engine took it and before its answer goes back."""
        with self.lock:
            self.trap = [number, moment, act]

    def sprung(self):
        return self.trap is None

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
            client.close()
            return
        held = threading.Event()  # set: the next answer is not given back, but acted upon
        threading.Thread(target=forward, args=(engine, client, held), daemon=True).start()
        try:
            self._requests(client, engine, held)
        except OSError:
            pass
        shut(engine, socket.SHUT_WR)

    def _requests(self, client, engine, held):
        data = b""
        while True:
            while b"\r\n\r\n" not in data:
                piece = client.recv(65536)
                if not piece:
                    return
                data += piece
            head, rest = data.split(b"\r\n\r\n", 1)
            line = head.split(b"\r\n", 1)[0].decode(errors="replace").rsplit(" HTTP/", 1)[0]
            act = self._note(line)
            if act and act[0] == "before":
                act[1]()
                shut(client, socket.SHUT_RDWR)
                return
            if act:
                held.act = act[1]
                held.set()
            length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
            size = int(length.group(1)) if length else 0
            while len(rest) < size:
                piece = client.recv(65536)
                if not piece:
                    return
                rest += piece
            engine.sendall(head + b"\r\n\r\n" + rest[:size])
            data = rest[size:]
            if act:
                return
            if b"upgrade: tcp" in head.lower():
                forward(client, engine)
                return

    def _note(self, line):
        with self.lock:
            self.calls.append(line)
            if self.trap is None or not is_mutation(line):
                return None
            self.trap[0] -= 1
            if self.trap[0] > 0:
                return None
            _, moment, act = self.trap
            self.trap = None
            return moment, act


def is_mutation(line):
    return bool(MUTATING.match(line)) and not QUESTION.match(line)


def forward(source, target, held=None):
    try:
        while True:
            piece = source.recv(65536)
            if held is not None and held.is_set():
                # The Engine answered, so it has taken the request: now is "after".
                held.act()
                break
            if not piece:
                break
            target.sendall(piece)
    except OSError:
        pass
    shut(target, socket.SHUT_WR if held is None or not held.is_set() else socket.SHUT_RDWR)


def shut(one, how):
    try:
        one.shutdown(how)
    except OSError:
        pass

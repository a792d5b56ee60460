"""A mirror of the Engine that shows containers otherwise than they are: for what somebody could
have changed by hand and a trial cannot change so quickly. Everything else goes through as it is.
"""
import json
import os
import re
import socket
import threading

from .engine import Engine, EngineError

INSPECTION = re.compile(r"^GET (?:/v[0-9.]+)?/containers/([^/?]+)/json(?:\?\S*)? HTTP/1\.1$")


class Mirror:
    def __init__(self, path, engine):
        """`change` is given each inspection, and may change it."""
        self.path, self.engine, self.change = path, Engine(engine), lambda inspection: None
        self.listener = socket.socket(socket.AF_UNIX)
        if os.path.exists(path):
            os.unlink(path)
        self.listener.bind(path)
        self.listener.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self.listener.close()
        os.unlink(self.path)

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        """One request a connection: what the Engine answers ends it."""
        with client:
            data = b""
            while b"\r\n\r\n" not in data:
                piece = client.recv(65536)
                if not piece:
                    return
                data += piece
            head, _, rest = data.partition(b"\r\n\r\n")
            line = head.split(b"\r\n", 1)[0].decode(errors="replace")
            found = INSPECTION.match(line)
            if found:
                client.sendall(self._inspection(found.group(1)))
            else:
                self._pass_on(client, head, rest)

    def _inspection(self, container):
        try:
            inspection = self.engine.get("/containers/%s/json" % container)
        except EngineError as error:
            return answer(error.status, json.dumps({"message": str(error)}))
        self.change(inspection)
        return answer(200, json.dumps(inspection))

    def _pass_on(self, client, head, rest):
        if b"upgrade:" not in head.lower():
            head = re.sub(rb"(?i)\r\nconnection:[^\r]*", b"", head) + b"\r\nConnection: close"
        with socket.socket(socket.AF_UNIX) as engine:
            engine.connect(self.engine.path)
            engine.sendall(head + b"\r\n\r\n" + rest)
            threading.Thread(target=forward, args=(client, engine), daemon=True).start()
            forward(engine, client)


def answer(status, text):
    data = text.encode()
    return (b"HTTP/1.1 %d -\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"
            b"Connection: close\r\n\r\n" % (status, len(data))) + data


def forward(source, target):
    try:
        while piece := source.recv(65536):
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass

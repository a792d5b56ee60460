"""The instance as its users see it: requests with the Host they ask for, and load that counts."""
import http.client
import json
import threading
import time
import urllib.parse


def answer(port, domain, path, timeout=5, address="127.0.0.1", headers=(), form=None):
    """(status, body, headers) of one request on a fresh connection; status 0: no answer. A form is
    posted."""
    connection = http.client.HTTPConnection(address, port, timeout=timeout)
    sent = {"Host": domain, **dict(headers)}
    try:
        if form is None:
            connection.request("GET", path, headers=sent)
        else:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
            connection.request("POST", path, urllib.parse.urlencode(form), sent)
        given = connection.getresponse()
        return given.status, given.read().decode(errors="replace"), given.headers
    except (OSError, http.client.HTTPException) as error:
        return 0, repr(error), {}
    finally:
        connection.close()


def ask(port, domain, path, **options):
    """(status, body)"""
    return answer(port, domain, path, **options)[:2]


def version(port, domain):
    """What /api/v2/instance says is running, or "" and why it could not be asked."""
    status, body = ask(port, domain, "/api/v2/instance")
    if status != 200:
        return "", "status %d: %s" % (status, body[:200])
    try:
        return json.loads(body)["version"], ""
    except (ValueError, KeyError):
        return "", "no version in " + body[:200]


class Load:
    """Asks without pause between two moments: half on connections kept open, half on fresh ones.

    A kept connection that the server closed between two requests is opened again without counting,
    as every HTTP client does; a request that was sent and got no good answer is a failure.
    """

    def __init__(self, port, domain, path="/api/v2/instance", threads=4, per_second=100):
        self.port, self.domain, self.path = port, domain, path
        self.pause = threads / per_second
        self.sent, self.failures, self.slowest = 0, [], 0.0
        self.lost = []  # of each failure when it was sent and when it was over, by time.monotonic()
        self.lock = threading.Lock()
        self.ended = threading.Event()
        self.threads = [threading.Thread(target=self._ask, args=(index % 2 == 0,), daemon=True)
                        for index in range(threads)]

    def start(self):
        for thread in self.threads:
            thread.start()
        return self

    def stop(self):
        self.ended.set()
        for thread in self.threads:
            thread.join()
        return self

    def _ask(self, keep):
        connection = None
        while not self.ended.is_set():
            started = time.monotonic()
            connection, failure = self._one(connection, keep)
            took = time.monotonic() - started
            with self.lock:
                self.sent += 1
                self.slowest = max(self.slowest, took)
                if failure:
                    self.failures.append("%s %s" % (time.strftime("%H:%M:%S"), failure))
                    self.lost.append((started, started + took))
            self.ended.wait(max(0.0, self.pause - took))
        if connection:
            connection.close()

    def _one(self, connection, keep):
        kept = connection is not None
        try:
            if connection is None:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
            connection.request("GET", self.path, headers={"Host": self.domain})
            answer = connection.getresponse()
            answer.read()
            if not keep or answer.will_close:
                connection.close()
                connection = None
            return connection, "" if answer.status == 200 else "status %d" % answer.status
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError) as error:
            connection.close()
            return self._one(None, keep) if kept else (None, repr(error))
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            return None, repr(error)

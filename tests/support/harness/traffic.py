"""The users of an instance, as a program of their own: traffic.py PORT DOMAIN RATE SOCKETS FILE

An open loop: requests leave at a fixed rate, whatever became of those before. Of four, one posts
and three read; every other four leave on fresh connections, the rest on ten that are kept alive and
used in turn. Besides, SOCKETS people listen to streaming. Each request and each connection of it
becomes a line of JSON in FILE (see load.py, which starts this and reads them), so that nothing is
summed up here. Ends when its input ends, after the last answer.

What a client of HTTP may do, and nothing more: a connection that is known to be closed is not used;
a GET on a kept connection that closes without a byte of answer is asked once more on a fresh one. A
POST is never sent twice.
"""
import asyncio
import base64
import gc
import json
import os
import resource
import secrets
import sys
import time

KINDS = [("GET", "/api/v2/instance"), ("POST", "/api/v1/statuses"),
         ("GET", "/api/v1/timelines/public"), ("GET", "/")]
KEPT = 10            # connections that are kept alive
PATIENCE = 10        # seconds, for an answer
SILENCE = 10         # seconds without a tick of streaming: the connection is dead
RETRY = (0.1, 1.0)   # seconds before a new connection to streaming: after a loss, after a refusal


class Closed(Exception):
    """The server closed a connection without a byte of answer."""


class Connection:
    def __init__(self, reader, writer):
        self.reader, self.writer, self.answers = reader, writer, 0

    def is_open(self):
        return not (self.reader.at_eof() or self.writer.is_closing())

    def close(self):
        self.writer.close()

    async def ask(self, text):
        """(status, headers, may the connection be kept)"""
        try:
            self.writer.write(text)
            await self.writer.drain()
            head = await self.reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError as error:
            if error.partial:
                raise
            raise Closed("closed without an answer") from error
        except ConnectionError as error:
            raise Closed("%s without an answer" % type(error).__name__) from error
        status, headers = parse(head)
        await self._body(headers)
        self.answers += 1
        return status, headers, headers.get("connection", "").lower() != "close"

    async def _body(self, headers):
        if headers.get("transfer-encoding", "").lower() != "chunked":
            await self.reader.readexactly(int(headers.get("content-length", "0")))
            return
        while True:
            size = int((await self.reader.readuntil(b"\r\n")).split(b";")[0], 16)
            await self.reader.readexactly(size + 2)
            if not size:
                return


def parse(head):
    lines = head.decode("latin-1").split("\r\n")
    pairs = (line.split(":", 1) for line in lines[1:] if ":" in line)
    return int(lines[0].split(" ", 2)[1]), {name.lower(): value.strip() for name, value in pairs}


class Users:
    def __init__(self, port, domain, rate):
        self.port, self.domain, self.rate = port, domain, rate
        self.idle, self.over = [], asyncio.Event()
        self.records = []  # written at the end: a busy disk can hold up who writes for seconds

    def record(self, **what):
        self.records.append(what)

    async def connect(self):
        return Connection(*await asyncio.open_connection("127.0.0.1", self.port))

    # --- requests ------------------------------------------------------------------------------

    async def send(self):
        began, number, asked = time.monotonic(), 0, set()
        while not self.over.is_set():
            due = began + number / self.rate
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            task = asyncio.create_task(self.one(number, due))
            asked.add(task)
            task.add_done_callback(asked.discard)
            number += 1
        if asked:
            await asyncio.wait(asked)

    async def one(self, number, due):
        method, path = KINDS[number % len(KINDS)]
        kept = number // len(KINDS) % 2 == 0
        sent = time.monotonic()
        seen = {"reopened": False, "jid": None}
        try:
            reason = await asyncio.wait_for(self.answer(number, method, path, kept, seen), PATIENCE)
        except asyncio.TimeoutError:
            reason = "no answer within %d s" % PATIENCE
        except (OSError, Closed, asyncio.IncompleteReadError, ValueError) as error:
            reason = str(error) or type(error).__name__
        self.record(what=method + " " + path, kept=kept, at=sent, lag=sent - due,
                    took=time.monotonic() - sent, failed=reason, **seen)

    async def answer(self, number, method, path, kept, seen):
        """What is wrong with the answer, "" when nothing is."""
        connection = self.take() if kept else None
        text = request(method, path, self.domain, "hello %d" % number, kept)
        while True:
            if connection is None:
                connection = await self.connect()
            stays = False
            try:
                status, headers, stays = await connection.ask(text)
                break
            except Closed:
                if not connection.answers or method != "GET" or seen["reopened"]:
                    raise
                seen["reopened"] = True
            finally:
                if not (kept and stays):
                    connection.close()
            connection = None
        if kept and stays:
            self.idle.append(connection)
        seen["jid"] = headers.get("x-stand-in-jid")
        return "" if 200 <= status < 300 else "status %d" % status

    def take(self):
        """The kept connection that was idle longest, or None: a new one is to be made."""
        while len(self.idle) >= KEPT:
            connection = self.idle.pop(0)
            if connection.is_open():
                return connection
            connection.close()
        return None

    # --- streaming -----------------------------------------------------------------------------

    async def listen(self, who):
        while not self.over.is_set():
            began = time.monotonic()
            pause = RETRY[0]
            try:
                connection = await asyncio.wait_for(self.shake_hands(), PATIENCE)
            except (OSError, Closed, asyncio.IncompleteReadError, asyncio.TimeoutError,
                    ValueError) as error:
                self.record(socket=who, at=began, took=time.monotonic() - began,
                            failed=str(error) or type(error).__name__)
                pause = RETRY[1]
            else:
                opened = time.monotonic()
                messages, reason = await self.read(connection)
                self.record(socket=who, at=began, took=opened - began, failed="",
                            until=time.monotonic(), messages=messages,
                            ended="" if self.over.is_set() else reason)
            await self.wait(pause)

    async def wait(self, seconds):
        try:
            await asyncio.wait_for(self.over.wait(), seconds)
        except asyncio.TimeoutError:
            pass

    async def shake_hands(self):
        connection = await self.connect()
        key = base64.b64encode(secrets.token_bytes(16)).decode()
        try:
            status, _, _ = await connection.ask((
                "GET /api/v1/streaming?stream=public HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\n"
                "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\n\r\n"
                % (self.domain, key)).encode())
            if status != 101:
                raise ValueError("handshake: status %d" % status)
        except BaseException:
            connection.close()
            raise
        return connection

    async def read(self, connection):
        """Until the connection ends: (messages, why it ended)."""
        messages, ended = 0, asyncio.create_task(self.over.wait())
        try:
            while True:
                frame = asyncio.create_task(next_frame(connection.reader))
                done, _ = await asyncio.wait({frame, ended}, timeout=SILENCE,
                                             return_when=asyncio.FIRST_COMPLETED)
                if frame not in done:
                    frame.cancel()
                    return messages, "silent for %d s" % SILENCE
                code, body = frame.result()
                if code == 8:
                    return messages, "close %d" % int.from_bytes(body[:2], "big")
                if code == 9:
                    connection.writer.write(pong(body))
                messages += code == 1
        except (OSError, asyncio.IncompleteReadError) as error:
            return messages, type(error).__name__
        finally:
            ended.cancel()
            connection.close()


def request(method, path, domain, text, kept):
    body = ("status=" + text.replace(" ", "+")).encode() if method == "POST" else b""
    head = "%s %s HTTP/1.1\r\nHost: %s\r\n" % (method, path, domain)
    if not kept:
        head += "Connection: close\r\n"
    if body:
        head += "Content-Type: application/x-www-form-urlencoded\r\n"
        head += "Content-Length: %d\r\n" % len(body)
    return head.encode() + b"\r\n" + body


async def next_frame(reader):
    """(opcode, body) of a frame of RFC 6455; those of a server have no mask."""
    first, size = await reader.readexactly(2)
    size &= 127
    if size == 126:
        size = int.from_bytes(await reader.readexactly(2), "big")
    elif size == 127:
        size = int.from_bytes(await reader.readexactly(8), "big")
    return first & 15, await reader.readexactly(size)


def pong(body):
    mask = secrets.token_bytes(4)
    masked = bytes(byte ^ mask[at % 4] for at, byte in enumerate(body))
    return bytes([0x8A, 0x80 | len(body)]) + mask + masked


async def main(port, domain, rate, sockets, path):
    loop = asyncio.get_running_loop()
    users = Users(int(port), domain, float(rate))
    loop.add_reader(sys.stdin, lambda: sys.stdin.buffer.read1() or users.over.set())
    listeners = [asyncio.create_task(users.listen(who)) for who in range(int(sockets))]
    await users.send()
    await asyncio.gather(*listeners)
    for connection in users.idle:
        connection.close()
    with open(path, "w") as out:
        out.writelines(json.dumps(record) + "\n" for record in users.records)


if __name__ == "__main__":
    # One connection for each request that waits; and what measures should not wait for a processor.
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    gc.disable()
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    except PermissionError:
        print("the load has no priority here: its own lag may be great", file=sys.stderr)
    asyncio.run(main(*sys.argv[1:]))

"""A TCP proxy before a Neo4j that knows where Bolt's messages begin and end, and fails on request.

Sources: the Bolt protocol's documentation: handshake (with the manifest that 5.7 added), chunking, messages.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
import threading
import time
from collections import deque
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

TAGS = {
    0x01: "HELLO",
    0x02: "GOODBYE",
    0x0F: "RESET",
    0x10: "RUN",
    0x11: "BEGIN",
    0x12: "COMMIT",
    0x13: "ROLLBACK",
    0x2F: "DISCARD",
    0x3F: "PULL",
    0x54: "TELEMETRY",
    0x66: "ROUTE",
    0x6A: "LOGON",
    0x6B: "LOGOFF",
}
RECORD = 0x71

T = TypeVar("T")

# Around a message: before it reaches the server; after, with the reply unread; after the server's reply, which
# is lost; after half of the reply; after a silence; not cut, but late both ways; or never, with nothing sent any more.
Where = Literal["before", "after", "reply lost", "half a reply", "stalled", "late", "silent"]


@dataclass
class Fault:
    """Cut the connection once, around the n-th message of a kind from now on."""

    tag: str
    where: Where
    nth: int = 1
    delay: float = 0.0


class _Cut(Exception):
    """The connection is to be cut here."""


class Proxy:
    """Forwards connections to a server; counts messages and cuts.

    Parameters
    ----------
    host, port : str, int
        The server's.
    """

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._lock = threading.Lock()
        self._fault: Fault | None = None
        self._sockets: set[socket.socket] = set()
        self.is_away = False
        self.cuts = 0
        self.rewrite_reply: Callable[[str, bytes], bytes] | None = None
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def __enter__(self) -> Proxy:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.go_away()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._accepting.join()

    def arm(self, fault: Fault | None) -> None:
        """Fail once as this says; None: not any more."""
        with self._lock:
            self._fault = fault

    @property
    def is_armed(self) -> bool:
        return self._fault is not None

    def go_away(self) -> None:
        """Cut all connections and accept none that would last."""
        self.is_away = True
        with self._lock:
            sockets = list(self._sockets)
        for each in sockets:
            _cut(each)

    def come_back(self) -> None:
        self.is_away = False

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        try:
            server = socket.create_connection(self._target)
        except OSError:
            client.close()
            return
        for each in (client, server):
            each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._lock:
            self._sockets |= {client, server}
        waiting: deque[tuple[str, Fault | None]] = deque()
        back = threading.Thread(target=self._replies, args=(server, client, waiting), daemon=True)
        try:
            if not self.is_away:
                _handshake(client, server)
                back.start()
                self._requests(client, server, waiting)
        except (OSError, EOFError, _Cut):
            pass
        finally:
            for each in (client, server):
                _cut(each)
            if back.is_alive():
                back.join()
            with self._lock:
                self._sockets -= {client, server}
            client.close()
            server.close()

    def _requests(self, client: socket.socket, server: socket.socket, waiting: deque[tuple[str, Fault | None]]) -> None:
        while True:
            message, tag = _read_message(client)
            name = TAGS.get(tag, "")
            fault = self._due(name)
            if fault and fault.where == "before":
                self._count()
                raise _Cut
            if fault and fault.where == "silent":
                self._count()
                while client.recv(4096):
                    pass
                raise _Cut
            if fault and fault.where in ("late", "stalled"):
                time.sleep(fault.delay)
            if fault and fault.where == "stalled":
                self._count()
                raise _Cut
            if name != "GOODBYE":
                waiting.append((name, fault))
            server.sendall(message)
            if fault and fault.where == "after":
                self._count()
                raise _Cut

    def _replies(self, server: socket.socket, client: socket.socket, waiting: deque[tuple[str, Fault | None]]) -> None:
        with suppress(OSError, EOFError):
            while True:
                message, tag = _read_message(server)
                name, fault = waiting[0] if waiting else ("", None)
                if tag != RECORD and waiting:
                    waiting.popleft()
                if self.rewrite_reply:
                    message = self.rewrite_reply(name, message)
                if fault and tag != RECORD and fault.where in ("reply lost", "half a reply"):
                    if fault.where == "half a reply":
                        client.sendall(message[: len(message) // 2])
                    self._count()
                    break
                if fault and fault.where == "late":
                    time.sleep(fault.delay)
                client.sendall(message)
        for each in (client, server):
            _cut(each)

    def _due(self, name: str) -> Fault | None:
        with self._lock:
            fault = self._fault
            if fault is None or fault.tag != name:
                return None
            fault.nth -= 1
            if fault.nth > 0:
                return None
            self._fault = None
            return fault

    def _count(self) -> None:
        with self._lock:
            self.cuts += 1


def _cut(connection: socket.socket) -> None:
    """End it for all threads that use it, and have it reset when it is closed.

    Closing is left to the thread that owns it: the number of a closed socket is given to the next one, into which a
    thread that has not noticed yet would write.
    """
    with suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


def _read(connection: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        part = connection.recv(count - len(data))
        if not part:
            raise EOFError
        data += part
    return data


def _read_message(connection: socket.socket) -> tuple[bytes, int]:
    """One message with its chunk headers, and its tag; empty chunks before it keep the connection alive."""
    message = b""
    tag = None
    while True:
        header = _read(connection, 2)
        size = int.from_bytes(header, "big")
        message += header
        if size:
            chunk = _read(connection, size)
            message += chunk
            if tag is None:
                tag = chunk[1]
        elif tag is not None:
            return message, tag


def _read_varint(connection: socket.socket) -> tuple[bytes, int]:
    data, value, shift = b"", 0, 0
    while True:
        byte = _read(connection, 1)
        data += byte
        value |= (byte[0] & 0x7F) << shift
        shift += 7
        if not byte[0] & 0x80:
            return data, value


def _handshake(client: socket.socket, server: socket.socket) -> None:
    server.sendall(_read(client, 20))
    chosen = _read(server, 4)
    client.sendall(chosen)
    if chosen == b"\x00\x00\x01\xff":
        data, count = _read_varint(server)
        data += _read(server, 4 * count)
        data += _read_varint(server)[0]
        client.sendall(data)
        server.sendall(_read(client, 4) + _read_varint(client)[0])


class TLSProxy:
    """Gives a server that speaks plain Bolt a certificate of the test's, which can be replaced.

    Parameters
    ----------
    host, port : str, int
        The server's.
    certificate : Path
        A file with a private key and a chain of certificates.
    """

    def __init__(self, host: str, port: int, certificate: Path) -> None:
        self._target = (host, port)
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate)
        # An SSL object may not be used by two threads at once: all connections are served by one.
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._open: set[asyncio.Task[None]] = set()
        self._listener = self._run(asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._context))
        self.port = self._listener.sockets[0].getsockname()[1]

    def __enter__(self) -> TLSProxy:
        return self

    def __exit__(self, *_: object) -> None:
        self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def replace(self, certificate: Path) -> None:
        """Cut all connections; new ones see another certificate."""
        self._run(self._replace(certificate))

    def _run(self, coroutine: Coroutine[object, object, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(30)

    async def _close(self) -> None:
        self._listener.close()
        await self._cut()

    async def _replace(self, certificate: Path) -> None:
        self._context.load_cert_chain(certificate)
        await self._cut()

    async def _cut(self) -> None:
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Forward both ways until either side is closed; then cut both."""
        task = asyncio.current_task()
        assert task
        self._open.add(task)
        writers = [writer]
        try:
            server_reader, server_writer = await asyncio.open_connection(*self._target)
            writers.append(server_writer)
            ways = [
                asyncio.ensure_future(_forward(reader, server_writer)),
                asyncio.ensure_future(_forward(server_reader, writer)),
            ]
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            for each in writers:
                each.transport.abort()
            self._open.discard(task)


async def _forward(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    while data := await source.read(65536):
        target.write(data)
        await target.drain()

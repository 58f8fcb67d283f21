"""Serve the Runtime API to one process.

The API is AWS Lambda's ("Using the Lambda runtime API for custom runtimes"). Each process has an endpoint of its own,
which tells whose call it is.
"""

import contextlib
import select
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from tools.local.emulator import wire

API = "/2018-06-01/runtime"
# How soon a death is seen that left the connection open: a process that the function started may hold it.
GLANCE_SECONDS = 0.1
# Lambda, "Quotas": 6 MB synchronous; it adds 100 bytes to a response.
RESPONSE_BYTES = 6 * 1024 * 1024 + 100
SEND_SECONDS = 60.0


class DiedError(Exception):
    """The process is gone."""


@dataclass(frozen=True, kw_only=True)
class Call:
    """What the process said."""

    path: str
    """Without the API's own prefix."""
    body: bytes
    connection: socket.socket


class RuntimeApi:
    """An endpoint; used by one thread at a time."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=8)
        self._connections: dict[socket.socket, BinaryIO] = {}
        self._waiting: socket.socket | None = None
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"

    @property
    def is_asked(self) -> bool:
        """Say whether the process waits for an event, and did not hang up meanwhile."""
        return self._waiting is not None and not select.select([self._waiting], [], [], 0)[0]

    def give(self, headers: tuple[tuple[str, str], ...], event: bytes) -> None:
        """Answer the process that waits with an event."""
        connection, self._waiting = self._waiting, None
        if connection:
            self._send(connection, wire.response(200, headers, event))

    def answer(self, call: Call, status: int) -> None:
        """Answer another call."""
        self._send(call.connection, wire.response(status, (), b"{}"))

    def take(self, deadline: float, is_alive: Callable[[], bool]) -> Call:
        """Take one call; raise DiedError when none will come, TimeoutError when none came by `deadline`."""
        while True:
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                raise TimeoutError
            readable, _, _ = select.select([self._listener, *self._connections], [], [], min(remaining, GLANCE_SECONDS))
            if not readable and not is_alive():
                raise DiedError
            for ready in readable:
                if ready is self._listener:
                    self._accept()
                elif call := self._read(ready):
                    return call

    def forget(self) -> None:
        """Hang up on a process that is gone."""
        for connection in list(self._connections):
            self._drop(connection)

    def close(self) -> None:
        """Hang up, and listen no more."""
        self.forget()
        self._listener.close()

    def _accept(self) -> None:
        connection, _ = self._listener.accept()
        connection.settimeout(SEND_SECONDS)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._connections[connection] = connection.makefile("rb")

    def _read(self, connection: socket.socket) -> Call | None:
        stream = self._connections[connection]
        head = None
        with contextlib.suppress(OSError, wire.MalformedError):
            head = wire.read_head(stream)
            body = wire.read_body(stream, head, 16 * RESPONSE_BYTES) if head else b""
        if head is None:
            self._drop(connection)
            return None
        call = Call(path=head.target.removeprefix(API), body=body, connection=connection)
        if call.path == "/invocation/next":
            self._waiting = connection
        return call

    def _send(self, connection: socket.socket, content: bytes) -> None:
        try:
            connection.sendall(content)
        except OSError:
            self._drop(connection)

    def _drop(self, connection: socket.socket) -> None:
        self._connections.pop(connection).close()
        connection.close()
        if connection is self._waiting:
            self._waiting = None

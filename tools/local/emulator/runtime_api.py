"""Serve the Runtime API to one process.

The API is AWS Lambda's ("Using the Lambda runtime API for custom runtimes"). Each process has its
own endpoint, which identifies it.
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
CHECK_SECONDS = 0.1
"""Seconds between two checks whether the function's process is alive. The connection does not show
this: a child of the process may hold it open after the process has died."""
MAX_RESPONSE_BYTES = 6 * 1024 * 1024 + 100
"""Maximum size of an answer: 6 MB (Lambda, "Quotas") and 100 bytes that Lambda adds."""
SEND_SECONDS = 60.0
"""Timeout of a connection, in seconds."""


class DiedError(Exception):
    """The process has ended."""


@dataclass(frozen=True, kw_only=True)
class Call:
    """A call of the process."""

    path: str
    """The path without the prefix of the API."""
    body: bytes
    connection: socket.socket


class RuntimeApi:
    """An endpoint, used by one thread at a time."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=8)
        self._connections: dict[socket.socket, BinaryIO] = {}
        self._waiting: socket.socket | None = None
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"

    @property
    def is_asked(self) -> bool:
        """Return whether the process waits for an event, on an open connection."""
        return self._waiting is not None and not select.select([self._waiting], [], [], 0)[0]

    def give(self, headers: tuple[tuple[str, str], ...], event: bytes) -> None:
        """Send an event to the waiting process."""
        connection, self._waiting = self._waiting, None
        if connection:
            self._send(connection, wire.response(200, headers, event))

    def answer(self, call: Call, status: int) -> None:
        """Answer a call other than a request for an event."""
        self._send(call.connection, wire.response(status, (), b"{}"))

    def receive(self, deadline: float, is_alive: Callable[[], bool]) -> Call:
        """Return the next call.

        Raises DiedError if the process has ended, TimeoutError at the deadline.
        """
        while True:
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                raise TimeoutError
            readable, _, _ = select.select([self._listener, *self._connections], [], [], min(remaining, CHECK_SECONDS))
            if not readable and not is_alive():
                raise DiedError
            for ready in readable:
                if ready is self._listener:
                    self._accept()
                elif call := self._read(ready):
                    return call

    def forget(self) -> None:
        """Close the connections of a process that has ended."""
        for connection in list(self._connections):
            self._drop(connection)

    def close(self) -> None:
        """Close the connections and the endpoint."""
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
            body = wire.read_body(stream, head, 16 * MAX_RESPONSE_BYTES) if head else b""
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

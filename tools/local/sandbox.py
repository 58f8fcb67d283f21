"""Run a function in a process of its own, fed over a Runtime API endpoint of its own.

The Runtime API is AWS Lambda's ("Using the Lambda runtime API for custom runtimes"), the process is `awslambdaric`, the
client that Lambda itself uses. One endpoint for each process tells whose call it is, and its end of file that it died.
"""

import json
import math
import select
import signal
import socket
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from tools.local import wire
from tools.local.children import Children, Process, end

API = "/2018-06-01/runtime"
INIT_SECONDS = 60.0
# How soon a death is seen that left the connection open: a process that the function started may hold it.
GLANCE_SECONDS = 0.1
# Lambda, "Quotas": 6 MB synchronous; it adds 100 bytes to a response.
RESPONSE_BYTES = 6 * 1024 * 1024 + 100


@dataclass(frozen=True, kw_only=True)
class Spec:
    """What the stack says of a function."""

    logical_id: str
    name: str
    arn: str
    handler: str
    folder: Path
    layers: tuple[Path, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    memory: int = 128
    timeout: float = 3.0
    """In seconds."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of an invocation."""

    payload: bytes
    """The answer, or the error as Lambda shows it: errorMessage, errorType, perhaps stackTrace."""
    failed: bool = False


class DiedError(Exception):
    """The process is gone."""


def _failure(kind: str, message: str) -> Outcome:
    return Outcome(payload=json.dumps({"errorMessage": message, "errorType": kind}).encode(), failed=True)


class Sandbox:
    """One process of a function, started when first needed and again after each death; used by one thread at a time."""

    def __init__(self, spec: Spec, environment: Mapping[str, str], children: Children, log: Path) -> None:
        self._spec = spec
        self._children = children
        self._log = log
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=8)
        port = self._listener.getsockname()[1]
        self._environment = {**environment, "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{port}"}
        self._connections: dict[socket.socket, BinaryIO] = {}
        self._process: Process | None = None
        self._waiting: socket.socket | None = None
        self._init_error: Outcome | None = None
        self._closed = False

    @property
    def pid(self) -> int | None:
        """Return the id of the process, or None while there is none."""
        process = self._process
        return process.pid if process and process.poll() is None else None

    def run(self, event: bytes) -> Outcome:
        """Invoke the function once."""
        request_id = str(uuid.uuid4())
        try:
            self._ready()
        except DiedError:
            return self._init_error or _failure("Runtime.ExitError", f"RequestId: {request_id} Error: {self._exit()}")
        except TimeoutError:
            self._stop()
            return _failure("Sandbox.Timedout", f"RequestId: {request_id} Error: Init timed out")
        deadline = time.monotonic() + self._spec.timeout
        try:
            self._deliver(request_id, event)
            return self._outcome(request_id, deadline)
        except DiedError:
            self._note(f"RequestId: {request_id} Error: {self._exit()}")
            return _failure("Runtime.ExitError", f"RequestId: {request_id} Error: {self._exit()}")
        except TimeoutError:
            self._stop()
            message = f"{request_id} Task timed out after {self._spec.timeout:.2f} seconds"
            self._note(message)
            return _failure("Sandbox.Timedout", message)

    def close(self) -> None:
        """End the process for good; what it runs fails."""
        self._closed = True
        if self._process:
            end(self._process)

    def release(self) -> None:
        """Close the endpoint; nothing may run any more."""
        self.close()
        self._forget()
        self._listener.close()

    def _ready(self) -> None:
        """Wait until the process asks for an event, having started it where there is none."""
        if self._waiting and self.pid and not select.select([self._waiting], [], [], 0)[0]:
            return
        if not self.pid:
            self._start()
        deadline = time.monotonic() + INIT_SECONDS
        while not self._waiting:
            self._serve(deadline)

    def _start(self) -> None:
        if self._closed:
            raise DiedError
        self._forget()
        if self._process:
            end(self._process)
        with self._log.open("ab") as log:
            self._process = self._children.start(
                "awslambdaric",
                [self._spec.handler],
                cwd=self._spec.folder,
                environment=self._environment,
                stdout=log,
                stderr=log,
            )
        if self._closed:
            end(self._process)

    def _stop(self) -> None:
        if self._process:
            end(self._process)
        self._forget()

    def _forget(self) -> None:
        for connection in list(self._connections):
            self._drop(connection)
        self._init_error = None

    def _drop(self, connection: socket.socket) -> None:
        self._connections.pop(connection).close()
        connection.close()
        if connection is self._waiting:
            self._waiting = None

    def _exit(self) -> str:
        code = self._process.wait() if self._process else 0
        if code < 0:
            return f"Runtime exited with error: signal: {signal.Signals(-code).name}"
        return f"Runtime exited with error: exit status {code}"

    def _note(self, line: str) -> None:
        with self._log.open("a") as log:
            log.write(f"{line}\n")

    def _deliver(self, request_id: str, event: bytes) -> None:
        connection, self._waiting = self._waiting, None
        headers = (
            ("content-type", "application/json"),
            ("lambda-runtime-aws-request-id", request_id),
            ("lambda-runtime-deadline-ms", str(math.floor((time.time() + self._spec.timeout) * 1000))),
            ("lambda-runtime-invoked-function-arn", self._spec.arn),
            ("lambda-runtime-trace-id", f"Root=1-{int(time.time()):08x}-{uuid.uuid4().hex[:24]};Sampled=0"),
        )
        if connection:
            self._send(connection, wire.response(200, headers, event))

    def _send(self, connection: socket.socket, content: bytes) -> None:
        try:
            connection.sendall(content)
        except OSError:
            self._drop(connection)

    def _outcome(self, request_id: str, deadline: float) -> Outcome:
        while True:
            path, body, connection = self._serve(deadline)
            if path == f"{API}/invocation/{request_id}/response":
                if len(body) > RESPONSE_BYTES:
                    self._send(connection, wire.response(413, (), b"{}"))
                    return _failure(
                        "Function.ResponseSizeTooLarge",
                        f"Response payload size ({len(body)} bytes) exceeded maximum allowed payload size "
                        f"({RESPONSE_BYTES} bytes).",
                    )
                self._send(connection, wire.response(202, (), b"{}"))
                return Outcome(payload=body)
            if path == f"{API}/invocation/{request_id}/error":
                self._send(connection, wire.response(202, (), b"{}"))
                return Outcome(payload=body, failed=True)

    def _serve(self, deadline: float) -> tuple[str, bytes, socket.socket]:
        """Take one call; raise DiedError when none will come, TimeoutError when none came."""
        while True:
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                raise TimeoutError
            readable, _, _ = select.select([self._listener, *self._connections], [], [], min(remaining, GLANCE_SECONDS))
            if not readable and not self.pid:
                raise DiedError
            for ready in readable:
                if ready is self._listener:
                    connection, _ = self._listener.accept()
                    connection.settimeout(INIT_SECONDS)
                    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    self._connections[connection] = connection.makefile("rb")
                elif call := self._call(ready):
                    return call

    def _call(self, connection: socket.socket) -> tuple[str, bytes, socket.socket] | None:
        stream = self._connections[connection]
        try:
            head = wire.read_head(stream)
            body = wire.read_body(stream, head, 16 * RESPONSE_BYTES) if head else b""
        except (OSError, wire.MalformedError):
            head, body = None, b""
        if head is None:
            self._drop(connection)
            return None
        if head.target == f"{API}/invocation/next":
            self._waiting = connection
        elif head.target == f"{API}/init/error":
            self._init_error = Outcome(payload=body, failed=True)
            self._send(connection, wire.response(202, (), b"{}"))
        return head.target, body, connection

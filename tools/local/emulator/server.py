"""Serve HTTP/1.1 on loopback with one thread for each connection, and limits on clients."""

import contextlib
import socket
import socketserver
import threading
import traceback
from collections.abc import Callable
from typing import Any, BinaryIO, cast

from tools.local.aws.process import StartError
from tools.local.emulator import wire
from tools.local.emulator.http_event import Response

MAX_CONNECTIONS = 256
"""Maximum number of connections, each of which has a thread."""
IDLE_SECONDS = 60
"""Seconds after which an idle connection is closed."""

type Answer = Callable[[wire.Head, bytes, str], Response]


def message(status: int, text: str) -> Response:
    """Return a JSON response in the form of API Gateway's own."""
    return Response(
        status=status, headers=(("content-type", "application/json"),), body=f'{{"message":"{text}"}}'.encode()
    )


class Server(socketserver.ThreadingTCPServer):
    """A server that calls `answer(head, body, peer)` for each request."""

    allow_reuse_address = True
    request_queue_size = 128
    # False, so that `close` waits for the threads; it closes their connections first.
    daemon_threads = False

    def __init__(self, port: int, answer: Answer, *, max_body: int) -> None:
        self.answer = answer
        self.max_body = max_body
        self._connections: set[socket.socket] = set()
        self._thread: threading.Thread | None = None
        try:
            super().__init__(("127.0.0.1", port), _Connection)
        except OSError as error:
            raise StartError(f"Port {port} is taken: {error.strerror}.") from error

    @property
    def port(self) -> int:
        """Return the port."""
        return int(self.server_address[1])

    @property
    def url(self) -> str:
        """Return the URL."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Serve in a thread."""
        self._thread = threading.Thread(target=self.serve_forever, args=(0.2,), name="server", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Close the connections and stop."""
        if self._thread:
            self.shutdown()
            self._thread.join()
        for connection in list(self._connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self.server_close()

    def verify_request(self, request: Any, client_address: Any) -> bool:  # noqa: ANN401, ARG002 - as in the base class
        """Return whether there may be another connection."""
        return len(self._connections) < MAX_CONNECTIONS

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        """Record the connection, so that `close` can close it."""
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401
        """Remove the connection from the record."""
        self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        """Ignore the error of a client that closed its connection."""


def _answer(server: Server, head: wire.Head, body: bytes, peer: str) -> Response:
    try:
        return server.answer(head, body, peer)
    except Exception:  # noqa: BLE001 - the client gets an answer, and the error is printed
        traceback.print_exc()
        return message(500, "Internal Server Error")


class _Connection(socketserver.StreamRequestHandler):
    timeout = IDLE_SECONDS
    disable_nagle_algorithm = True

    def handle(self) -> None:
        server = cast("Server", self.server)
        with contextlib.suppress(OSError):
            while self._one(server):
                """Answer one request after another."""

    def _one(self, server: Server) -> bool:
        stream = cast("BinaryIO", self.rfile)
        head, keep = None, False
        try:
            head = wire.read_head(stream)
            if head is None:
                return False
            if (head.header("expect") or "").lower() == "100-continue":
                self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            body = wire.read_body(stream, head, server.max_body)
            keep = head.keeps_alive
            answer = _answer(server, head, body, self.client_address[0])
        except wire.MalformedError:
            answer = message(400, "Bad Request")
        except wire.TooLargeError:
            answer = message(413 if head else 414, "Request Entity Too Large" if head else "Request URI Too Long")
            self._drain()
        headers = (*answer.headers, ("connection", "keep-alive" if keep else "close"))
        with_body = head is None or head.method != "HEAD"
        self.wfile.write(wire.response(answer.status, headers, answer.body, with_body=with_body))
        return keep

    def _drain(self) -> None:
        """Read the rest of a request, up to a limit.

        Closing a connection with unread bytes resets it, and the client would not see the answer.
        """
        self.connection.settimeout(0.2)
        with contextlib.suppress(OSError):
            for _ in range(1024):
                if not self.connection.recv(65536):
                    break
        self.connection.settimeout(self.timeout)

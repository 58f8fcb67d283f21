"""Send an HTTP answer, complete or broken on purpose as networks and providers break it."""

import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

DRIP_PIECES = 10
"""Number of pieces in which a slow body is sent."""


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An answer, complete or broken on purpose."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    framing: str = "length"
    """How the body ends: by Content-Length (`length`), `chunked`, or by closing (`close`)."""
    length: int | None = None
    """A false Content-Length."""
    send_bytes: int | None = None
    """Number of bytes of the body after which the answer ends early."""
    delay_seconds: float = 0
    """Seconds before the answer."""
    drip_seconds: float = 0
    """Seconds over which the body is sent, in pieces."""
    silent: bool = False
    """Close the connection without an answer, after the delay."""
    reset: bool = False
    """End the connection by a reset, as a host that fails does."""
    halfway: Callable[[int], None] | None = None
    """A function that is called with the client's port when half of the body is sent."""
    public: bool = False
    """Whether the answer needs no credentials."""


def send(handler: BaseHTTPRequestHandler, reply: Reply) -> None:
    """Send a reply."""
    time.sleep(reply.delay_seconds)
    if reply.silent:
        _close(handler, reply)
        return
    sent = reply.body[: reply.send_bytes]
    length = len(reply.body) if reply.length is None else reply.length
    _send_head(handler, reply, length, breaks=len(sent) < len(reply.body) or length != len(reply.body))
    if reply.framing == "chunked":
        handler.wfile.write(f"{len(sent):x}\r\n".encode() + sent + b"\r\n")
        if len(sent) == len(reply.body):
            handler.wfile.write(b"0\r\n\r\n")
    else:
        _send_body(handler, reply, sent)
    if reply.reset:
        _close(handler, reply)


def _send_head(handler: BaseHTTPRequestHandler, reply: Reply, length: int, *, breaks: bool) -> None:
    handler.send_response(reply.status)
    for name, value in reply.headers.items():
        handler.send_header(name, value)
    handler.close_connection = reply.framing == "close" or breaks
    if reply.framing == "length":
        handler.send_header("content-length", str(length))
    elif reply.framing == "chunked":
        handler.send_header("transfer-encoding", "chunked")
    if handler.close_connection:
        handler.send_header("connection", "close")
    handler.end_headers()


def _send_body(handler: BaseHTTPRequestHandler, reply: Reply, sent: bytes) -> None:
    pieces = DRIP_PIECES if reply.drip_seconds else 2 if reply.halfway else 1
    size = max(1, -(-len(sent) // pieces))
    for number, start in enumerate(range(0, len(sent), size)):
        if number == pieces // 2 and reply.halfway:
            reply.halfway(int(handler.client_address[1]))
        if number:
            time.sleep(reply.drip_seconds / pieces)
        handler.wfile.write(sent[start : start + size])


def _close(handler: BaseHTTPRequestHandler, reply: Reply) -> None:
    """Close the connection now."""
    handler.close_connection = True
    if reply.reset:
        # With a linger time of 0, closing sends a reset: socket(7), SO_LINGER.
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        # The files are closed as well, because the socket closes with the last of them.
        handler.rfile.close()
        handler.wfile.flush()
        handler.connection.close()

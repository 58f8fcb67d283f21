"""Send an answer whole, or broken on purpose in every way that a network and a provider know."""

import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

DRIPS = 10
"""In how many pieces a body drips."""


@dataclass(frozen=True, kw_only=True)
class Reply:
    """One answer, whole or broken on purpose."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    framing: str = "length"
    """`length`: Content-Length; `chunked`; `close`: the end of the connection is the end of the body."""
    length: int | None = None
    """What Content-Length says instead of the truth."""
    send_bytes: int | None = None
    """Break off after that many bytes, whatever was announced."""
    delay_seconds: float = 0
    """Wait before the answer."""
    drip_seconds: float = 0
    """Send the body in pieces, over that time."""
    silent: bool = False
    """Hang up without an answer, after the delay."""
    reset: bool = False
    """End the connection by a reset, as a host that goes down does, and not in order."""
    halfway: Callable[[int], None] | None = None
    """Called with the client's port when half of the body is sent."""
    public: bool = False
    """Needs no credentials."""


def send(handler: BaseHTTPRequestHandler, reply: Reply) -> None:
    """Send a reply, as broken as it says."""
    time.sleep(reply.delay_seconds)
    if reply.silent:
        _hang_up(handler, reply)
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
        _hang_up(handler, reply)


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
    pieces = DRIPS if reply.drip_seconds else 2 if reply.halfway else 1
    size = max(1, -(-len(sent) // pieces))
    for number, start in enumerate(range(0, len(sent), size)):
        if number == pieces // 2 and reply.halfway:
            reply.halfway(int(handler.client_address[1]))
        if number:
            time.sleep(reply.drip_seconds / pieces)
        handler.wfile.write(sent[start : start + size])


def _hang_up(handler: BaseHTTPRequestHandler, reply: Reply) -> None:
    """End the connection now."""
    handler.close_connection = True
    if reply.reset:
        # Not to linger is what makes closing a reset: socket(7), SO_LINGER.
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        # Both files, too: the socket closes with the last of them.
        handler.rfile.close()
        handler.wfile.flush()
        handler.connection.close()

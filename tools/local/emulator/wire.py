"""Read and write HTTP/1.1 messages; a message that is not valid HTTP raises an error."""

from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import BinaryIO

MAX_LINE_BYTES = 65536
"""Maximum length of the request line or of a header, in bytes."""
MAX_HEADERS = 200
"""Maximum number of headers."""


class MalformedError(Exception):
    """The bytes are not HTTP, or they end early."""


class TooLargeError(Exception):
    """The message is longer than the limit."""


@dataclass(frozen=True, kw_only=True)
class Head:
    """The request line and the headers of a request."""

    method: str
    target: str
    """The request target as sent, decoded as Latin-1."""
    version: str
    headers: tuple[tuple[str, str], ...] = ()
    """The headers in the order sent: names in lower case, values decoded as Latin-1."""

    def header(self, name: str) -> str | None:
        """Return the value of a header, or None; several values are joined by commas."""
        values = [value for known, value in self.headers if known == name]
        return ",".join(values) if values else None

    @property
    def keeps_alive(self) -> bool:
        """Return whether another request may follow on the connection."""
        connection = (self.header("connection") or "").lower()
        return "close" not in connection and (self.version != "HTTP/1.0" or "keep-alive" in connection)


def _line(stream: BinaryIO) -> bytes:
    line = stream.readline(MAX_LINE_BYTES + 1)
    if len(line) > MAX_LINE_BYTES:
        raise TooLargeError("A line is too long.")
    if not line.endswith(b"\n"):
        raise MalformedError("The message ends early.")
    return line.rstrip(b"\r\n")


def read_head(stream: BinaryIO) -> Head | None:
    """Return the head of the next request, or None at the end of the connection."""
    # An empty line before a request is allowed (RFC 9112, 2.2).
    first = stream.readline(MAX_LINE_BYTES + 1)
    if first in {b"\r\n", b"\n"}:
        first = stream.readline(MAX_LINE_BYTES + 1)
    if not first:
        return None
    if len(first) > MAX_LINE_BYTES:
        raise TooLargeError("The request line is too long.")
    try:
        method, target, version = first.decode("latin-1").rstrip("\r\n").split(" ")
    except ValueError:
        raise MalformedError("The request line is invalid.") from None
    if not version.startswith("HTTP/1.") or not method.isascii() or not method.isalpha() or not target:
        raise MalformedError("The request line is invalid.")
    headers: list[tuple[str, str]] = []
    while line := _line(stream):
        name, colon, value = line.decode("latin-1").partition(":")
        if not colon or not name or name != name.strip():
            raise MalformedError("A header is invalid.")
        headers.append((name.lower(), value.strip(" \t")))
        if len(headers) > MAX_HEADERS:
            raise TooLargeError("There are too many headers.")
    return Head(method=method.upper(), target=target, version=version, headers=tuple(headers))


def read_body(stream: BinaryIO, head: Head, limit: int) -> bytes:
    """Return the body, decoded if it is chunked; raises TooLargeError beyond `limit` bytes."""
    encoding, length = head.header("transfer-encoding"), head.header("content-length")
    if encoding is not None:
        if encoding.lower() != "chunked" or length is not None:
            raise MalformedError("The body's length is ambiguous.")
        return _chunked(stream, limit)
    if length is None:
        return b""
    if not (length.isascii() and length.isdigit()):
        raise MalformedError("The Content-Length is invalid.")
    if int(length) > limit:
        raise TooLargeError("The body is too long.")
    return _exactly(stream, int(length))


def _exactly(stream: BinaryIO, length: int) -> bytes:
    content = stream.read(length)
    if len(content) < length:
        raise MalformedError("The message ends early.")
    return content


def _chunked(stream: BinaryIO, limit: int) -> bytes:
    content = bytearray()
    while True:
        size = _line(stream).partition(b";")[0].strip()
        try:
            length = int(size, 16)
        except ValueError:
            raise MalformedError("A chunk is invalid.") from None
        if length < 0:
            raise MalformedError("A chunk is invalid.")
        if len(content) + length > limit:
            raise TooLargeError("The body is too long.")
        if length == 0:
            break
        content += _exactly(stream, length)
        if _line(stream):
            raise MalformedError("A chunk is longer than announced.")
    while _line(stream):
        """Ignore the trailers."""
    return bytes(content)


def response(status: int, headers: Iterable[tuple[str, str]], body: bytes, *, with_body: bool = True) -> bytes:
    """Return the bytes of a response; `with_body` is false for an answer to HEAD."""
    try:
        reason = HTTPStatus(status).phrase
    except ValueError:
        reason = ""
    lines = [f"HTTP/1.1 {status} {reason}", *(f"{name}: {value}" for name, value in headers)]
    bodiless = status in {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}
    if not bodiless:
        lines.append(f"content-length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + (body if with_body and not bodiless else b"")

"""Send a request exactly as it is given.

HTTP libraries percent-encode what is not ASCII and normalise paths. KAZOO sends raw UTF-8, and a
signature covers every byte of a URL.
"""

import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from http.client import HTTPResponse
from urllib.parse import urlsplit

TIMEOUT_SECONDS = 60


def send(
    method: str, origin: str, target: bytes, headers: Mapping[str, str] | None = None, body: bytes = b""
) -> tuple[int, dict[str, str], bytes]:
    """Return status, headers (names in lower case) and body; `target` is sent byte for byte.

    Raises OSError.
    """
    parts = urlsplit(origin)
    host, secure = parts.hostname or "", parts.scheme == "https"
    lines = {"host": parts.netloc, "connection": "close", "content-length": str(len(body)), **(headers or {})}
    head = b"".join(f"{name}: {value}\r\n".encode() for name, value in lines.items())
    with socket.create_connection((host, parts.port or (443 if secure else 80)), TIMEOUT_SECONDS) as plain:
        connection = ssl.create_default_context().wrap_socket(plain, server_hostname=host) if secure else plain
        # A server may refuse a large body by its head alone. Its answer is still readable.
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(method.encode() + b" " + target + b" HTTP/1.1\r\n" + head + b"\r\n" + body)
        with HTTPResponse(connection, method=method) as response:
            response.begin()
            return response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()

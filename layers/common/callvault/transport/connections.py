"""Open connections and read responses, within limits of time and size."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

import urllib3
from urllib3.exceptions import HTTPError
from urllib3.util import Url

from callvault.errors import UnavailableError
from callvault.transport import ssrf

TIMEOUT = urllib3.Timeout(connect=5, read=30)
"""Default timeout, in seconds."""
MAX_BODY_BYTES = 16 * 1024 * 1024
"""Maximum length of an API's response body, in bytes; the rest is not read."""
MAX_BODY_SECONDS = 60.0
"""Maximum time for reading an API's response body, in seconds, even if data keeps arriving."""
READ_BYTES = 64 * 1024
HEADERS = {"accept": "*/*", "accept-encoding": "identity", "user-agent": "callvault"}


def send(
    url: Url,
    headers: Mapping[str, str],
    *,
    trusted: bool,
    method: str = "GET",
    body: bytes | None = None,
    timeout: urllib3.Timeout | None = None,
) -> urllib3.BaseHTTPResponse:
    """Send a request and return the response with its body unread. Redirects are not followed.

    Raises ssrf.ForbiddenUrlError if a URL that is not `trusted` is not https or not public, and
    UnavailableError if its host name does not resolve. Errors of the connection are urllib3's own,
    so the caller wraps this call and the reading of the body in `guard`.
    """
    timeout = timeout or TIMEOUT
    if trusted:
        pool: Any = _pool().connection_from_host(url.host, url.port, url.scheme)
    else:
        host = ssrf.host_name(url)
        pool = urllib3.HTTPSConnectionPool(
            ssrf.public_address(url), url.port or 443, timeout=timeout, server_hostname=host, assert_hostname=host
        )
        headers = {**headers, "host": str(url.netloc)}
    response: urllib3.BaseHTTPResponse = pool.urlopen(
        method,
        url.request_uri,
        headers={**HEADERS, **headers},
        body=body,
        timeout=timeout,
        redirect=False,
        retries=False,
        preload_content=False,
    )
    return response


def read(response: urllib3.BaseHTTPResponse) -> bytes:
    """Return the body of a response up to MAX_BODY_BYTES, as it was sent, without decompressing it.

    Raises UnavailableError with reason `too_slow`.
    """
    deadline = time.monotonic() + MAX_BODY_SECONDS
    content = bytearray()
    while len(content) < MAX_BODY_BYTES and (piece := response.read1(READ_BYTES, decode_content=False)):
        content += piece
        if time.monotonic() > deadline:
            raise UnavailableError("too_slow", "The provider did not send its response in time.")
    return bytes(content[:MAX_BODY_BYTES])


@contextmanager
def guard() -> Iterator[None]:
    """Turn the errors of a connection into UnavailableError with reason `unreachable`."""
    try:
        yield
    except (HTTPError, OSError) as error:
        raise UnavailableError("unreachable", f"The connection failed: {type(error).__name__}.") from error


def forget() -> None:
    """Close the connections that are kept open for later requests."""
    if _pool.cache_info().currsize:
        _pool().clear()
        _pool.cache_clear()


@cache
def _pool() -> urllib3.PoolManager:
    """Return the connections to trusted origins. They are made at first use."""
    return urllib3.PoolManager(timeout=TIMEOUT, maxsize=4)

"""Let moto or ministack answer the requests of boto3's clients.

Both answer requests for the hosts of AWS, so the clients and the code that uses them are the same.
moto answers inside this process. ministack is a server on loopback. For it, the requests are signed
for the host of AWS, and then sent to loopback with that host in their `Host` header.
"""

import os
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock
from urllib.parse import urlsplit, urlunsplit

from botocore.httpsession import URLLib3Session
from moto import mock_aws

VARIABLE = "SECOND_OPINION_URL"
"""The environment variable with the URL of ministack; without it the tests use moto only."""


def ministack_url() -> str | None:
    """Return the URL of ministack, or None if only moto is used."""
    return os.environ.get(VARIABLE)


@contextmanager
def moto() -> Iterator[None]:
    """Let moto answer."""
    with mock_aws():
        yield


@contextmanager
def ministack(url: str) -> Iterator[None]:
    """Let the ministack at this URL answer."""
    server, send = urlsplit(url), URLLib3Session.send

    def routed(session: URLLib3Session, request: Any) -> Any:
        asked = urlsplit(request.url)
        request.headers["Host"] = asked.netloc
        request.url = urlunsplit((server.scheme, server.netloc, asked.path, asked.query, ""))
        return send(session, request)

    with mock.patch.object(URLLib3Session, "send", routed):
        yield


def empty(url: str) -> None:
    """Remove everything that the ministack at this URL holds."""
    request = urllib.request.Request(f"{url}/_ministack/reset", method="POST")
    urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10).close()

"""Fixtures of the transport tests."""

import gc
import ipaddress
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import urllib3

from callvault.transport import connections, ssrf
from tests.unit.transport.servers import (
    AUDIO,
    Public,
    Server,
    certificate,
    resolve,
    serving,
    status,
)


@pytest.fixture(autouse=True)
def kept_connections() -> Iterator[None]:
    """Keep no connection from one test to the next, and notice those that were left open."""
    connections.forget()
    gc.freeze()  # so that only what the test itself leaves is gone through
    yield
    connections.forget()
    gc.collect()


@pytest.fixture
def provider() -> Iterator[Server]:
    """Return the server of the account's own origin."""
    with serving() as server:
        server.answers["/audio"] = status(200, AUDIO)
        yield server


@pytest.fixture
def other() -> Iterator[Server]:
    """Return a server of another origin."""
    with serving() as server:
        server.answers["/audio"] = status(200, AUDIO)
        yield server


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """Return the names that resolve; each look-up returns the next address of a name."""
    known: dict[str, list[str]] = {}

    def getaddrinfo(host: str, port: int, *rest: Any, **more: Any) -> list[Any]:
        try:
            ipaddress.ip_address(host)
        except ValueError:
            if host not in known:
                raise socket.gaierror(socket.EAI_NONAME, "unknown") from None
            addresses = known[host].pop(0).split() if len(known[host]) > 1 else known[host][0].split()
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]
        return resolve(host, port, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return known


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "TIMEOUT", urllib3.Timeout(connect=0.3, read=0.3))


@pytest.fixture
def public(tmp_path: Path, names: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch) -> Iterator[Public]:
    context, trusted = certificate(tmp_path, "media.example")
    asked_for: list[str] = []
    context.sni_callback = lambda _socket, name, _context: asked_for.append(name)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    monkeypatch.setattr(ssrf, "is_public", lambda address: address == "127.0.0.1")
    names["media.example"] = ["127.0.0.1"]
    with serving(context) as server:
        server.answers["/audio"] = status(200, AUDIO)
        yield Public(server, names, asked_for)

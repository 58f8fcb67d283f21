"""Run HTTP servers on loopback that answer as a test tells them."""

import contextlib
import http.client
import socket
import socketserver
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import settings

from callvault import transport
from callvault.transport.source import Source

unhurried = settings(deadline=None)
"""The machine may be busy with other things."""


AUDIO = b"RIFF" + bytes(1000)


SLOW = 10
"""Seconds after which a test that waits has failed."""


resolve = socket.getaddrinfo


@dataclass
class Received:
    """A request that a server got."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def authorization(self) -> str | None:
        """Return the credentials that came along."""
        return self.headers.get("authorization")


type Answer = Callable[[socket.socket, Received], object]


class Server(socketserver.ThreadingTCPServer):
    """An HTTP server on loopback that answers each path as scripted and keeps its requests."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.tls = tls
        self.answers: dict[str, Answer] = {}
        self.received: list[Received] = []
        self.over = threading.Event()
        """The test is over."""
        self.abandoned = threading.Event()
        """The client closed a connection before it had read everything."""

    @property
    def port(self) -> int:
        """Return the port that it listens on."""
        return int(self.server_address[1])

    @property
    def origin(self) -> str:
        """Return its origin."""
        return f"http://127.0.0.1:{self.port}"

    def paths(self) -> list[str]:
        """Return what was asked for."""
        return [request.path for request in self.received]

    def credentials(self) -> list[str | None]:
        """Return the credentials of each request."""
        return [request.authorization for request in self.received]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep quiet: a client may go at any time."""


class Handler(socketserver.BaseRequestHandler):
    """Read one request and answer it."""

    server: Server

    def handle(self) -> None:
        """Read and answer."""
        with contextlib.ExitStack() as stack:
            connection = self.request
            if self.server.tls:
                connection = stack.enter_context(self.server.tls.wrap_socket(connection, server_side=True))
            with connection.makefile("rb") as stream:
                line = stream.readline().decode()
                if not line:
                    return
                headers = {name.lower(): value for name, value in http.client.parse_headers(stream).items()}
                body = stream.read(int(headers.get("content-length", "0")))
            received = Received(line.split(" ")[1], headers, body)
            self.server.received.append(received)
            self.server.answers.get(received.path, status(404))(connection, received)


def raw(content: bytes) -> Answer:
    """Answer with these bytes and close the connection."""
    return lambda connection, _: connection.sendall(content)


def status(code: int, body: bytes = b"", **headers: object) -> Answer:
    lines = [f"HTTP/1.1 {code} Answer", f"content-length: {len(body)}", "connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return raw("\r\n".join([*lines, "\r\n"]).encode("latin-1") + body)


def redirect(location: str, code: int = 302) -> Answer:
    return status(code, b"moved", location=location)


def endless(head: bytes) -> Callable[[Server], Answer]:
    """Answer with a body that has no end, and note when the client leaves."""

    def bind(server: Server) -> Answer:
        def answer(connection: socket.socket, _: Received) -> None:
            connection.settimeout(SLOW)
            try:
                connection.sendall(head + b"\r\n\r\n")
                while not server.over.is_set():
                    connection.sendall(bytes(65536))
            except ConnectionError:
                server.abandoned.set()

        return answer

    return bind


def reset(connection: socket.socket, _: Received) -> None:
    """Send half a body, then reset the connection."""
    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 2000\r\n\r\n" + AUDIO)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


@contextlib.contextmanager
def serving(tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    server = Server(tls)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Tokens:
    """Credentials of which the first kind may have expired."""

    fresh: list[str] = field(default_factory=list)

    def authorize(self, fresh: bool) -> str:  # noqa: FBT001 - the shape that Source calls
        """Return the newest credentials."""
        if fresh:
            self.fresh.append(f"fresh {len(self.fresh) + 1}")
        return self.fresh[-1] if self.fresh else "old"


def source(server: Server, *media_origins: str, tokens: Tokens | None = None) -> Source:
    authorize = (tokens or Tokens()).authorize
    return Source(origin=server.origin, authorization=authorize, media_origins=media_origins)


def fetch(server: Server, path: str = "/", *media_origins: str, tokens: Tokens | None = None) -> bytes:
    """Return the body of a download, read as the product reads it."""
    with transport.download(source(server, *media_origins, tokens=tokens), server.origin + path) as response:
        body = b""
        while piece := response.read1(65536, decode_content=False):
            body += piece
        return body


def certificate(directory: Path, name: str) -> tuple[ssl.SSLContext, Path]:
    """Return a server's TLS context for a name, and the file of the signing authority."""
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    subjects = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)]) for text in ("authority", name)]
    now = datetime.now(UTC)
    identifiers = [x509.SubjectKeyIdentifier.from_public_key(key.public_key()) for key in keys]
    usage = x509.KeyUsage(
        digital_signature=True, key_cert_sign=True, crl_sign=True, content_commitment=False, key_encipherment=False,
        data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    authority, server = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subjects[0])
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.BasicConstraints(ca=key is keys[0], path_length=None), critical=True)
        .add_extension(identifier, critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifiers[0]), critical=False)
        for subject, key, identifier in zip(subjects, keys, identifiers, strict=True)
    )
    pem = serialization.Encoding.PEM
    trusted, chain = directory / "authority.pem", directory / "server.pem"
    trusted.write_bytes(authority.add_extension(usage, critical=True).sign(keys[0], hashes.SHA256()).public_bytes(pem))
    names = x509.SubjectAlternativeName([x509.DNSName(name)])
    chain.write_bytes(
        keys[1].private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + server.add_extension(names, critical=False).sign(keys[0], hashes.SHA256()).public_bytes(pem)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    return context, trusted


@dataclass
class Public:
    """A server that plays one on a public address, under the name media.example."""

    server: Server
    names: dict[str, list[str]]
    asked_for: list[str]
    """The names that clients said (SNI)."""

    def url(self, name: str = "media.example", path: str = "/audio") -> str:
        """Return an address of it, by one of its names."""
        return f"https://{name}:{self.server.port}{path}"

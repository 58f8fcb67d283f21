"""What is sent to providers and to whoever they redirect to, and what becomes of odd answers."""

import contextlib
import email.utils
import gc
import gzip
import http.client
import ipaddress
import math
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

import pytest
import urllib3
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import example, given, settings
from hypothesis import strategies as st

from callvault import transport
from callvault.errors import CallvaultError, RejectedError, UnavailableError
from callvault.transport import Source

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
    """An HTTP server on loopback that answers each path as it was told, and keeps what it received."""

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


def forget() -> None:
    """Close the connections that are kept for later."""
    transport._pool().clear()
    transport._pool.cache_clear()


@pytest.fixture(autouse=True)
def connections() -> Iterator[None]:
    """Keep no connection from one test to the next, and notice those that were left open."""
    forget()
    gc.freeze()  # so that only what the test itself leaves is gone through
    yield
    forget()
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


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """Return the names that resolve; a name's addresses are the answers to one question after the other."""
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
    monkeypatch.setattr(transport, "TIMEOUT", urllib3.Timeout(connect=0.3, read=0.3))


# ---- the account's own origin ----------------------------------------------------------------------------------------


@pytest.mark.loopback
def test_the_body_arrives_with_the_credentials_of_the_origin(provider: Server) -> None:
    assert fetch(provider, "/audio") == AUDIO
    assert provider.credentials() == ["old"]


@pytest.mark.loopback
def test_a_body_is_asked_for_as_it_is_stored(provider: Server) -> None:
    fetch(provider, "/audio")
    assert provider.received[0].headers["accept-encoding"] == "identity"


@pytest.mark.loopback
@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "location", ["/audio", "audio", "../audio", "//127.0.0.1:{port}/audio", "http://127.0.0.1:{port}/audio"]
)
def test_a_redirect_within_the_origin_keeps_the_credentials(provider: Server, code: int, location: str) -> None:
    provider.answers["/"] = redirect(location.format(port=provider.port), code)
    assert fetch(provider) == AUDIO
    assert provider.credentials() == ["old", "old"]


@pytest.mark.loopback
def test_a_query_and_no_fragment_goes_along(provider: Server) -> None:
    provider.answers |= {"/": redirect("?a=%2F&b=#part"), "/?a=%2F&b=": status(200, AUDIO)}
    assert fetch(provider) == AUDIO


@pytest.mark.loopback
def test_a_redirect_to_nowhere_is_hopeless(provider: Server) -> None:
    provider.answers["/"] = status(302)
    with pytest.raises(RejectedError) as caught:
        fetch(provider)
    assert caught.value.reason == "http_302"


@pytest.mark.loopback
@pytest.mark.parametrize("location", ["/", ""])
def test_a_redirect_loop_ends(provider: Server, location: str) -> None:
    provider.answers["/"] = redirect(location)
    with pytest.raises(UnavailableError) as caught:
        fetch(provider)
    assert caught.value.reason == "redirect_loop"
    assert len(provider.received) <= transport.MAX_REDIRECTS + 2


@pytest.mark.loopback
def test_as_many_redirects_as_are_allowed_are_followed(provider: Server) -> None:
    for number in range(transport.MAX_REDIRECTS):
        provider.answers[f"/{number}"] = redirect(f"/{number + 1}")
    provider.answers[f"/{transport.MAX_REDIRECTS}"] = status(200, AUDIO)
    assert fetch(provider, "/0") == AUDIO


@pytest.mark.loopback
def test_credentials_go_in_the_header_that_the_origin_wants_and_nowhere_else(provider: Server, other: Server) -> None:
    provider.answers["/"] = redirect(f"{other.origin}/audio")
    wanted = Source(
        origin=provider.origin,
        authorization=lambda _: "t1",
        media_origins=(other.origin,),
        credential_header="x-auth-token",
        accept="audio/*",
    )
    with transport.download(wanted, f"{provider.origin}/") as response:
        assert response.read() == AUDIO
    (asked,), (redirected,) = provider.received, other.received
    assert (asked.headers["x-auth-token"], asked.authorization) == ("t1", None)
    assert (redirected.headers.get("x-auth-token"), redirected.authorization) == (None, None)
    assert asked.headers["accept"] == redirected.headers["accept"] == "audio/*"


# ---- another origin --------------------------------------------------------------------------------------------------


@pytest.mark.loopback
def test_a_listed_origin_gets_no_credentials(provider: Server, other: Server) -> None:
    provider.answers["/"] = redirect(f"{other.origin}/audio")
    assert fetch(provider, "/", other.origin) == AUDIO
    assert other.credentials() == [None]


@pytest.mark.loopback
def test_credentials_return_to_the_origin_only(provider: Server, other: Server) -> None:
    provider.answers["/"] = redirect(f"{other.origin}/away")
    other.answers["/away"] = redirect(f"{provider.origin}/audio")
    assert fetch(provider, "/", other.origin) == AUDIO
    assert (provider.credentials(), other.credentials()) == (["old", "old"], [None])


@pytest.mark.loopback
def test_a_listed_origin_that_refuses_is_not_given_credentials(provider: Server, other: Server) -> None:
    provider.answers["/"] = redirect(f"{other.origin}/locked")
    other.answers["/locked"] = status(401)
    with pytest.raises(UnavailableError) as caught:
        fetch(provider, "/", other.origin)
    assert caught.value.reason == "http_401"
    assert other.credentials() == [None]


@pytest.mark.loopback
@pytest.mark.parametrize(
    "location",
    [
        "http://example.com/",
        "http://127.0.0.1:{other}/audio",
        "//127.0.0.1:{other}/audio",
        "http://localhost:{port}/audio",
        "http://[::ffff:127.0.0.1]:{port}/audio",
        "https://127.0.0.1:{port}/audio",
        "ftp://127.0.0.1:{port}/audio",
        "file:///etc/passwd",
        "https://localhost/",
        "https://127.0.0.1:{other}/",
        "https://127.1/",
        "https://0177.0.0.1/",
        "https://0x7f000001/",
        "https://%31%30.0.0.1/",
        "HTTPS://10.0.0.1/",
        "https:\t//10.0.0.1/",
        "https://192.0.2.1/",
        "https://240.0.0.1/",
        "https://255.255.255.255/",
        "gopher://127.0.0.1:{port}/audio",
        "data:audio/mpeg;base64,AAAA",
        "https://[::7f00:1]/",
        "https://[::ffff:0:7f00:1]/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://0.0.0.0/",
        "https://10.0.0.1/",
        "https://172.16.0.1/",
        "https://192.168.0.1/",
        "https://100.64.0.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://[::1]/",
        "https://[::]/",
        "https://[fe80::1]/",
        "https://[fd00:ec2::254]/",
        "https://[::ffff:10.0.0.1]/",
        "https://[::ffff:169.254.169.254]/",
        "https://[64:ff9b::a00:1]/",
        "https://[2002:a00:1::]/",
        "https://user:pass@10.0.0.1/",
        "https://8.8.8.8@10.0.0.1/",
        "http://127.0.0.1:{port}@127.0.0.1:{other}/audio",
        "http://127.0.0.1:{port}%2F@127.0.0.1:{other}/audio",
    ],
)
def test_an_address_that_is_not_public_https_is_not_followed(provider: Server, other: Server, location: str) -> None:
    provider.answers["/"] = redirect(location.format(port=provider.port, other=other.port))
    with pytest.raises(RejectedError) as caught:
        fetch(provider)
    assert caught.value.reason == "forbidden_redirect"
    assert (provider.paths(), other.received) == (["/"], [])


@pytest.mark.loopback
@pytest.mark.parametrize(
    "location",
    [
        r"http://127.0.0.1:{other}\@127.0.0.1:{port}/audio",
        r"http://127.0.0.1:{other}\.example.com:{port}/audio",
        "http://127.0.0.1:{other}/@127.0.0.1:{port}/audio",
        "http://127.0.0.1:{other}?@127.0.0.1:{port}/audio",
        "http://127.0.0.1:{other}#@127.0.0.1:{port}/audio",
        "http:\\\\127.0.0.1:{other}/audio",
        "\\\\127.0.0.1:{other}/audio",
        "http://127.0.0.1:{other}\t@127.0.0.1:{port}/audio",
    ],
)
def test_no_spelling_leads_to_another_origin(provider: Server, other: Server, location: str) -> None:
    provider.answers["/"] = redirect(location.format(port=provider.port, other=other.port))
    with contextlib.suppress(RejectedError, UnavailableError):
        fetch(provider)
    assert other.received == []


@pytest.mark.loopback
@pytest.mark.parametrize(
    "location",
    ["http://[::1", "https://[", "http://[foo]/", "https://a:b/", "https://a:99999/", "http://", "https://:443/", "https://a\u00a0b/",
     "https://[::1%25eth0]/", "http://\x7f/", "https:audio", "://", "https://" + "a" * 64 + ".example/", "https://.../",
     "https://127.0.0.1./"],
)  # fmt: skip
def test_what_is_no_address_fails_as_the_recording_fails(
    provider: Server, names: dict[str, list[str]], location: str
) -> None:
    provider.answers["/"] = redirect(location)
    with pytest.raises(CallvaultError) as caught:
        fetch(provider)
    assert isinstance(caught.value, RejectedError | UnavailableError)
    assert caught.value.reason in {"forbidden_redirect", "unreachable", "redirect_loop", "http_404"}


@pytest.mark.loopback
@pytest.mark.parametrize("answer", ["10.0.0.1", "8.8.8.8 10.0.0.1", "169.254.169.254", ""])
def test_a_name_must_resolve_to_public_addresses_only(
    provider: Server, names: dict[str, list[str]], answer: str
) -> None:
    names["media.example"] = [answer]
    provider.answers["/"] = redirect("https://media.example/audio")
    with pytest.raises(RejectedError) as caught:
        fetch(provider)
    assert caught.value.reason == "forbidden_redirect"


@pytest.mark.loopback
@pytest.mark.parametrize("name", ["unknown.example", "a" * 64 + ".example"])
def test_a_name_that_does_not_resolve_may_do_so_later(
    provider: Server, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def getaddrinfo(host: str, *rest: Any, **more: Any) -> list[Any]:
        if host == "unknown.example":
            raise socket.gaierror(socket.EAI_AGAIN, "no answer")
        return resolve(host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    provider.answers["/"] = redirect(f"https://{name}/audio")
    with pytest.raises(UnavailableError) as caught:
        fetch(provider)
    assert caught.value.reason == "unreachable"


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700:4700::1111", True),
        ("::ffff:8.8.8.8", True),
        ("64:ff9b::808:808", True),
        ("127.0.0.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("fe80::1%eth0", False),
        ("ff02::1", False),
        ("fec0::1", False),
        ("::10.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("::ffff:224.0.0.1", False),
        ("::ffff:0:10.0.0.1", False),
        ("240.0.0.1", False),
        ("192.0.0.170", False),
        ("198.18.0.1", False),
        ("2001:db8::1", False),
        ("100::1", False),
        ("64:ff9b::a9fe:a9fe", False),
        ("64:ff9b:1::a00:1", False),
        ("2002:a9fe:a9fe::1", False),
        ("2001:0:4136:e378:8000:63bf:f5ff:fffe", False),
    ],
)
def test_an_address_is_public_if_what_it_embeds_is(address: str, public: bool) -> None:  # noqa: FBT001 - a parameter
    assert transport._is_public(address) is public


# ---- public https ----------------------------------------------------------------------------------------------------


def certificate(directory: Path, name: str) -> tuple[ssl.SSLContext, Path]:
    """Return a server's context for a name, and the file of the authority that signed its certificate."""
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


@pytest.fixture
def public(tmp_path: Path, names: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch) -> Iterator[Public]:
    context, trusted = certificate(tmp_path, "media.example")
    asked_for: list[str] = []
    context.sni_callback = lambda _socket, name, _context: asked_for.append(name)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    monkeypatch.setattr(transport, "_is_public", lambda address: address == "127.0.0.1")
    names["media.example"] = ["127.0.0.1"]
    with serving(context) as server:
        server.answers["/audio"] = status(200, AUDIO)
        yield Public(server, names, asked_for)


@pytest.mark.loopback
def test_a_public_https_address_is_followed_without_credentials(provider: Server, public: Public) -> None:
    provider.answers["/"] = redirect(public.url(path="/audio?signature=%2F&b=#part"))
    public.server.answers["/audio?signature=%2F&b="] = status(200, AUDIO)
    assert fetch(provider) == AUDIO
    (received,) = public.server.received
    assert received.authorization is None
    assert received.headers["host"] == f"media.example:{public.server.port}"
    assert public.asked_for == ["media.example"]


@pytest.mark.loopback
def test_an_address_without_a_path_asks_for_the_root(provider: Server, public: Public) -> None:
    provider.answers["/"] = redirect(public.url(path=""))
    public.server.answers["/"] = status(200, AUDIO)
    assert fetch(provider) == AUDIO


@pytest.mark.loopback
def test_user_and_password_in_an_address_are_not_sent(provider: Server, public: Public) -> None:
    provider.answers["/"] = redirect(public.url("user:pass@media.example"))
    assert fetch(provider) == AUDIO
    assert public.server.credentials() == [None]
    assert public.server.received[0].headers["host"] == f"media.example:{public.server.port}"


@pytest.mark.loopback
def test_a_public_address_may_redirect_on_within_itself(provider: Server, public: Public) -> None:
    provider.answers["/"] = redirect(public.url(path="/first"))
    public.server.answers["/first"] = redirect("/audio")
    assert fetch(provider) == AUDIO
    assert public.asked_for == ["media.example", "media.example"]


@pytest.mark.loopback
def test_a_public_address_may_not_redirect_inwards(provider: Server, other: Server, public: Public) -> None:
    provider.answers["/"] = redirect(public.url(path="/first"))
    public.server.answers["/first"] = redirect(f"{other.origin}/audio")
    with pytest.raises(RejectedError) as caught:
        fetch(provider)
    assert caught.value.reason == "forbidden_redirect"
    assert other.received == []


@pytest.mark.loopback
def test_a_certificate_must_be_of_the_name(provider: Server, public: Public) -> None:
    public.names["wrong.example"] = ["127.0.0.1"]
    provider.answers["/"] = redirect(public.url("wrong.example"))
    with pytest.raises(UnavailableError) as caught:
        fetch(provider)
    assert caught.value.reason == "unreachable"
    assert "'wrong.example' doesn't match 'media.example'" in str(caught.value.__cause__)
    assert public.asked_for == ["wrong.example"]
    assert public.server.received == []


@pytest.mark.loopback
def test_a_certificate_must_be_of_a_trusted_authority(
    provider: Server, public: Public, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    provider.answers["/"] = redirect(public.url())
    with pytest.raises(UnavailableError) as caught:
        fetch(provider)
    assert "CERTIFICATE_VERIFY_FAILED" in str(caught.value.__cause__)
    assert public.server.received == []


@pytest.mark.loopback
def test_a_name_cannot_change_its_address_between_check_and_connection(provider: Server, public: Public) -> None:
    public.names["media.example"] = ["127.0.0.1", "127.0.0.2"]
    provider.answers["/"] = redirect(public.url())
    assert fetch(provider) == AUDIO


# ---- credentials that are refused ------------------------------------------------------------------------------------


def locked(*accepted: str) -> Answer:
    """Answer 200 to the accepted credentials and 401 to others."""
    return lambda connection, received: status(
        200 if received.authorization in accepted else 401, AUDIO if received.authorization in accepted else b"who?"
    )(connection, received)


@pytest.mark.loopback
def test_refused_credentials_are_made_anew_once(provider: Server) -> None:
    provider.answers["/"] = locked("fresh 1")
    assert fetch(provider) == AUDIO
    assert provider.credentials() == ["old", "fresh 1"]


@pytest.mark.loopback
def test_credentials_that_are_refused_twice_are_not_made_anew_again(provider: Server) -> None:
    provider.answers["/"] = locked()
    with pytest.raises(UnavailableError) as caught:
        fetch(provider)
    assert caught.value.reason == "http_401"
    assert provider.credentials() == ["old", "fresh 1"]


@pytest.mark.loopback
def test_new_credentials_serve_for_the_redirects_too(provider: Server) -> None:
    provider.answers |= {"/": locked("fresh 1"), "/moved": redirect("/")}
    tokens = Tokens()
    provider.answers["/"] = lambda connection, received: (
        redirect("/audio") if received.authorization == "fresh 1" else status(401)
    )(connection, received)
    assert fetch(provider, tokens=tokens) == AUDIO
    assert tokens.fresh == ["fresh 1"]


@pytest.mark.loopback
def test_credentials_may_expire_on_the_last_redirect(provider: Server) -> None:
    for number in range(transport.MAX_REDIRECTS):
        provider.answers[f"/{number}"] = redirect(f"/{number + 1}")
    provider.answers[f"/{transport.MAX_REDIRECTS}"] = locked("fresh 1")
    assert fetch(provider, "/0") == AUDIO


# ---- other answers ---------------------------------------------------------------------------------------------------


@pytest.mark.loopback
@pytest.mark.parametrize("code", [202, 204, 403, 404, 408, 409, 423, 425, 429, 500, 501, 502, 503, 504, 599])
def test_an_answer_that_may_be_another_one_later_is_unavailable(provider: Server, code: int) -> None:
    provider.answers["/"] = status(code, retry_after=7)
    with pytest.raises(UnavailableError) as caught:
        fetch(provider)
    assert (caught.value.reason, caught.value.retry_after) == (f"http_{code}", 7)


@pytest.mark.loopback
@pytest.mark.parametrize("code", [201, 203, 206, 300, 304, 400, 402, 405, 406, 410, 414, 415, 416, 451])
def test_an_answer_that_stays_is_hopeless(provider: Server, code: int) -> None:
    provider.answers["/"] = status(code)
    with pytest.raises(RejectedError) as caught:
        fetch(provider)
    assert caught.value.reason == f"http_{code}"


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("0", 0), ("120", 120), (" 120 ", 120), (None, None), ("", None), ("-5", None), ("soon", None), ("1.5", None)],
)
def test_retry_after_in_seconds(value: str | None, seconds: float | None) -> None:
    assert transport.retry_after(value) == seconds


def test_retry_after_as_a_date() -> None:
    in_an_hour = email.utils.format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    assert transport.retry_after(in_an_hour) == pytest.approx(3600, abs=5)


def test_retry_after_as_a_past_date_is_now() -> None:
    assert transport.retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0


@unhurried
@given(
    st.text() | st.from_regex(r"\w{3}, \d{1,30} (Jan|Oct) \d{1,30} \d+:\d+:\d+ ([A-Z]{3}|[+-]\d{1,30})", fullmatch=True)
)
@example("9" * 400)
@example("Wed, 21 Oct 99999999999999999999 07:28:00 GMT")
@example("Wed, 21 Oct 2015 07:28:00 +99999999999999999999")
@example("Wed, 21 Oct 2015 07:28:00 -0000")
@example("Fri, 31 Dec 9999 23:59:59 -2359")
def test_no_retry_after_makes_reading_it_fail(value: str) -> None:
    seconds = transport.retry_after(value)
    assert seconds is None or (seconds >= 0 and math.isfinite(seconds))


# ---- connections that break ------------------------------------------------------------------------------------------


@pytest.mark.loopback
@pytest.mark.parametrize(
    "answer",
    [
        reset,
        raw(b"HTTP/1.1 200 OK\r\ncontent-length: 2000\r\n\r\n" + AUDIO),
        raw(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nRIFF.\r\n"),
        raw(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n500\r\nRIFF."),
        raw(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nRIFF"),
        raw(b""),
        raw(b"HTTP/1.1 2"),
        raw(b"RIFF....WAVE\r\n\r\n"),
        raw(b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 200 + b"\r\n"),
        raw(b"HTTP/1.1 200 OK\r\nx: " + b"y" * 70_000 + b"\r\n\r\n"),
    ],
    ids=[
        "reset", "short", "no last chunk", "short chunk", "no chunk", "nothing", "half a line", "not HTTP",
        "many headers", "long header",
    ],
)  # fmt: skip
def test_an_answer_that_breaks_off_is_unavailable(provider: Server, answer: Answer) -> None:
    provider.answers["/"] = answer
    with pytest.raises(UnavailableError) as caught:
        fetch(provider)
    assert caught.value.reason == "unreachable"


@pytest.mark.loopback
def test_a_chunked_body_that_ends_as_it_should_is_whole(provider: Server) -> None:
    provider.answers["/"] = raw(
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nRIFF.\r\n3\r\nabc\r\n0\r\n\r\n"
    )
    assert fetch(provider) == b"RIFF.abc"


@pytest.mark.loopback
@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("beginning", [b"", b"HTTP/1.1 200 OK\r\ncontent-length: 2000\r\n\r\n" + AUDIO])
def test_a_provider_that_stops_sending_is_unavailable(provider: Server, beginning: bytes) -> None:
    def stop(connection: socket.socket, _: Received) -> None:
        connection.sendall(beginning)
        provider.over.wait(SLOW)

    provider.answers["/"] = stop
    with pytest.raises(UnavailableError) as caught:
        fetch(provider)
    assert caught.value.reason == "unreachable"


@pytest.mark.loopback
def test_a_provider_that_is_not_there_is_unavailable() -> None:
    with serving() as server:
        pass
    with pytest.raises(UnavailableError) as caught:
        fetch(server)
    assert caught.value.reason == "unreachable"
    with pytest.raises(UnavailableError):
        transport.call("POST", f"{server.origin}/", headers={})


@pytest.mark.loopback
@pytest.mark.parametrize(
    "head", [b"HTTP/1.1 200 OK", b"HTTP/1.1 404 Not Found", b"HTTP/1.1 302 Found\r\nlocation: /audio"]
)
def test_a_body_that_nobody_reads_is_let_go(provider: Server, head: bytes) -> None:
    provider.answers["/"] = endless(head)(provider)
    with (
        contextlib.suppress(UnavailableError),
        transport.download(source(provider), f"{provider.origin}/") as response,
    ):
        assert response.status == 200
    assert provider.abandoned.wait(SLOW)


@pytest.mark.loopback
def test_a_reader_that_fails_lets_the_body_go_and_keeps_its_error(provider: Server) -> None:
    provider.answers["/"] = endless(b"HTTP/1.1 200 OK")(provider)
    with pytest.raises(KeyError), transport.download(source(provider), f"{provider.origin}/"):
        raise KeyError("ours")
    assert provider.abandoned.wait(SLOW)


@pytest.mark.loopback
def test_a_redirect_that_is_not_followed_lets_the_body_go(provider: Server) -> None:
    provider.answers["/"] = endless(b"HTTP/1.1 302 Found\r\nlocation: http://[::1")(provider)
    with pytest.raises(RejectedError) as caught:
        fetch(provider)
    assert caught.value.reason == "forbidden_redirect"
    assert provider.abandoned.wait(SLOW)


# ---- calls of an API -------------------------------------------------------------------------------------------------


@pytest.mark.loopback
def test_a_call_sends_what_it_is_given_and_returns_what_was_answered(provider: Server) -> None:
    provider.answers["/token"] = status(201, b'{"a": 1}', x_request="r1")
    answer = transport.call("POST", f"{provider.origin}/token", headers={"authorization": "Basic x"}, body=b"a=b")
    assert (answer.status, answer.body, answer.headers["x-request"]) == (201, b'{"a": 1}', "r1")
    (received,) = provider.received
    assert (received.authorization, received.body) == ("Basic x", b"a=b")


@pytest.mark.loopback
def test_a_call_does_not_follow_redirects(provider: Server, other: Server) -> None:
    provider.answers["/token"] = redirect(f"{other.origin}/audio")
    answer = transport.call("POST", f"{provider.origin}/token", headers={"authorization": "Basic x"})
    assert (answer.status, other.received) == (302, [])


@pytest.mark.loopback
@pytest.mark.parametrize("code", [401, 429, 503])
def test_a_call_leaves_judging_the_status_to_its_caller(provider: Server, code: int) -> None:
    provider.answers["/token"] = status(code, b"no")
    answer = transport.call("GET", f"{provider.origin}/token", headers={})
    assert (answer.status, answer.body) == (code, b"no")
    assert len(provider.received) == 1


@pytest.mark.loopback
def test_a_call_whose_answer_breaks_off_is_unavailable(provider: Server) -> None:
    provider.answers["/token"] = reset
    with pytest.raises(UnavailableError) as caught:
        transport.call("GET", f"{provider.origin}/token", headers={})
    assert caught.value.reason == "unreachable"


@pytest.mark.loopback
def test_a_call_does_not_read_an_answer_without_end(provider: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "MAX_ANSWER_BYTES", 100_000)
    provider.answers["/token"] = endless(b"HTTP/1.1 200 OK")(provider)
    assert len(transport.call("GET", f"{provider.origin}/token", headers={}).body) == 100_000
    assert provider.abandoned.wait(SLOW)


@pytest.mark.loopback
def test_a_call_whose_answer_only_drips_is_unavailable(provider: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "ANSWER_SECONDS", 0.0)
    provider.answers["/token"] = endless(b"HTTP/1.1 200 OK")(provider)
    with pytest.raises(UnavailableError) as caught:
        transport.call("GET", f"{provider.origin}/token", headers={})
    assert caught.value.reason == "too_slow"
    assert provider.abandoned.wait(SLOW)


@pytest.mark.loopback
@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\n" + b"x-a: b\r\n" * 1000,
        b"HTTP/1.1 200 OK\r\nx-a: " + b"b" * 100_000 + b"\r\n",
        b"HTTP/1.1 200 OK" + b"!" * 100_000 + b"\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" + b"f" * 100_000,
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nnothing\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n-5\r\nabcde\r\n0\r\n\r\n",
        b"HTTP/9.9 200 OK\r\n\r\n",
        b"HTTP/1.1 many OK\r\n\r\n",
    ],
    ids=[
        "headers",
        "header",
        "status line",
        "chunk line",
        "no chunk",
        "negative chunk",
        "version",
        "status",
    ],
)
def test_a_head_that_breaks_the_rules_is_unavailable(provider: Server, head: bytes) -> None:
    provider.answers["/audio"] = raw(head)
    with pytest.raises(UnavailableError) as caught:
        fetch(provider, "/audio")
    assert caught.value.reason == "unreachable"
    with pytest.raises(UnavailableError):
        transport.call("GET", f"{provider.origin}/audio", headers={})


@pytest.mark.loopback
@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "gzip, gzip"])
def test_a_body_that_is_compressed_all_the_same_is_not_inflated(provider: Server, coding: str) -> None:
    bomb = gzip.compress(gzip.compress(bytes(50_000_000)))
    provider.answers["/audio"] = status(200, bomb, content_encoding=coding)
    assert fetch(provider, "/audio") == bomb
    assert transport.call("GET", f"{provider.origin}/audio", headers={}).body == bomb


def test_a_call_to_no_address_is_unavailable() -> None:
    with pytest.raises(UnavailableError) as caught:
        transport.call("POST", "https://", headers={})
    assert caught.value.reason == "unreachable"

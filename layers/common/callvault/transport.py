"""Speak HTTP with the providers, and with nobody whom they or an attacker name instead.

An account's own origins are trusted as the operator configured them. Every other address, which only a redirect can
bring up, must be https on a public IP address; that address itself is dialled, so that a name cannot resolve to another
one between check and connection. Credentials go to the account's API origin only.
"""

import email.utils
import ipaddress
import json
import re
import socket
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urljoin, urlsplit

import urllib3
from urllib3.exceptions import HTTPError

from callvault import times, web
from callvault.errors import RejectedError, UnavailableError

TIMEOUT = urllib3.Timeout(connect=5, read=30)
QUICK = urllib3.Timeout(connect=3, read=8)
"""Where somebody waits for the answer: two of these, one for a token, fit into what the HTTP API waits for."""
CALLBACK = urllib3.Timeout(connect=5, read=15)
"""What Twilio gives those whom it calls back."""
MAX_REDIRECTS = 5
EMBEDDING = tuple(map(ipaddress.ip_network, ("::/96", "::ffff:0:0:0/96", "64:ff9b::/96")))
"""IPv6 networks whose last 32 bits are an IPv4 address: IPv4-compatible (RFC 4291 2.5.5.1), IPv4-translated (RFC 2765
2.1), NAT64 (RFC 6052)."""
MAX_ANSWER_BYTES = 16 * 1024 * 1024
ANSWER_SECONDS = 60.0
READ_BYTES = 64 * 1024
REDIRECTS = {301, 302, 303, 307, 308}
RETRYABLE = {202, 204, 401, 403, 404, 408, 409, 423, 425, 429}
"""Statuses that may be another one later; all of 5xx too. 401 and 403: an operator can mend credentials."""
SECONDS = re.compile(r"[0-9]{1,9}")
HEADERS = {"accept": "*/*", "accept-encoding": "identity", "user-agent": "callvault"}


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What an API answered."""

    status: int
    headers: urllib3.HTTPHeaderDict
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Source:
    """Whom to trust with what."""

    origin: str
    """Gets the credentials."""
    authorization: Callable[[bool], str]
    """Returns the header; called with True when the last one was refused."""
    media_origins: Collection[str] = ()
    """Other origins that a redirect may lead to unchecked."""
    credential_header: str = "authorization"
    """The header that the origin wants its credentials in."""
    accept: str = "*/*"
    """What to ask for, where the origin has more than the media under one address."""


@contextmanager
def download(source: Source, url: str) -> Iterator[urllib3.BaseHTTPResponse]:
    """Yield the 200 answer at the end of all redirects, its body unread.

    Raises UnavailableError or RejectedError with reason `http_<status>`, `unreachable`, `redirect_loop` or
    `forbidden_redirect`; the same for what goes wrong while the body is read.
    """
    with _translated():
        response = _follow(source, url)
        try:
            if response.status != 200:  # noqa: PLR2004
                raise failure(response.status, response.headers)
            yield response
        finally:
            response.close()


def call(
    method: str, url: str, *, headers: dict[str, str], body: bytes | None = None, timeout: urllib3.Timeout = TIMEOUT
) -> Answer:
    """Return what an API of the account answers; redirects are not followed.

    Raises UnavailableError with reason `unreachable` or `too_slow`; judging the status is the caller's.
    """
    with _translated():
        response = _pool().request(
            method,
            url,
            headers=HEADERS | headers,
            body=body,
            timeout=timeout,
            redirect=False,
            retries=False,
            preload_content=False,
        )
        try:
            content = _content(response)
        finally:
            response.close()
        return Answer(status=response.status, headers=response.headers, body=content)


def call_authorized(method: str, url: str, source: Source, content: object) -> Answer:
    """Return what an API answers to JSON while somebody waits; asked once more if our credentials are refused."""

    def ask(*, fresh: bool) -> Answer:
        headers = {"accept": "application/json", "content-type": "application/json"}
        headers |= {source.credential_header: source.authorization(fresh)}
        return call(method, url, headers=headers, body=json.dumps(content).encode(), timeout=QUICK)

    answer = ask(fresh=False)
    return ask(fresh=True) if answer.status == 401 else answer  # noqa: PLR2004


def send(method: str, url: str, headers: Mapping[str, str], body: bytes | None, *, trusted: Collection[str]) -> Answer:
    """Return what an address answers that a user named, without the body, which is not read.

    An origin that is not `trusted` must be https and public; redirects are not followed. Raises UnavailableError with
    reason `unreachable`, RejectedError with reason `forbidden_address`.
    """
    with _translated():
        try:
            checked = _origin(url) not in trusted
            response = _open(url, headers, checked=checked, method=method, body=body, timeout=CALLBACK)
        except RejectedError as error:
            raise RejectedError("forbidden_address", "The address is not https, or not public.") from error
        response.close()
        return Answer(status=response.status, headers=response.headers, body=b"")


def _content(response: urllib3.BaseHTTPResponse) -> bytes:
    """Return the body of an answer, as far as MAX_ANSWER_BYTES; raises UnavailableError where it only drips."""
    deadline = time.monotonic() + ANSWER_SECONDS
    content = bytearray()
    while len(content) < MAX_ANSWER_BYTES and (piece := response.read1(READ_BYTES, decode_content=False)):
        content += piece
        if time.monotonic() > deadline:
            raise UnavailableError("too_slow", "The provider did not send its answer in time.")
    return bytes(content[:MAX_ANSWER_BYTES])


def failure(status: int, headers: urllib3.HTTPHeaderDict) -> UnavailableError | RejectedError:
    """Return the error that a status means."""
    message = f"The provider answered {status}."
    if status in RETRYABLE or status >= 500:  # noqa: PLR2004
        return UnavailableError(f"http_{status}", message, retry_after(headers.get("retry-after")))
    return RejectedError(f"http_{status}", message)


def retry_after(value: str | None) -> float | None:
    """Return the seconds that a Retry-After header asks for (RFC 9110 10.2.3: seconds or a date)."""
    if value is None:
        return None
    if SECONDS.fullmatch(value.strip()):
        return float(value)
    try:
        return max(0.0, (email.utils.parsedate_to_datetime(value) - times.now()).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return None


def _follow(source: Source, url: str) -> urllib3.BaseHTTPResponse:
    """Return the first answer that is neither a redirect nor a first refusal of our credentials."""
    fresh = refused = False
    redirects = 0
    while redirects <= MAX_REDIRECTS:
        origin = _origin(url)
        trusted = origin == source.origin
        headers = {"accept": source.accept}
        headers |= {source.credential_header: source.authorization(fresh)} if trusted else {}
        response = _open(url, headers, checked=not trusted and origin not in source.media_origins)
        fresh = response.status == 401 and trusted and not refused  # noqa: PLR2004
        refused = refused or fresh
        location = response.headers.get("location") if response.status in REDIRECTS else None
        if not fresh and location is None:
            return response
        response.close()
        if location is not None:
            url, redirects = _join(url, location), redirects + 1
    raise UnavailableError("redirect_loop", "The provider redirects without end.")


def _join(url: str, location: str) -> str:
    """Return where a redirect leads, spelled so that whoever checks it and whoever dials it read the same host."""
    try:
        return urllib3.util.parse_url(urljoin(url, location)).url
    except ValueError:
        raise RejectedError("forbidden_redirect", "The provider redirects to something that is no address.") from None


def _open(
    url: str,
    headers: Mapping[str, str],
    *,
    checked: bool,
    method: str = "GET",
    body: bytes | None = None,
    timeout: urllib3.Timeout = TIMEOUT,
) -> urllib3.BaseHTTPResponse:
    """Send a request and return the answer, its body unread; a `checked` address must be https and public."""
    pool: Any = _pool()
    target = url
    if checked:
        parts = urlsplit(url)
        address = _public_address(url)
        pool = urllib3.HTTPSConnectionPool(
            address, parts.port or 443, timeout=timeout, server_hostname=parts.hostname, assert_hostname=parts.hostname
        )
        headers = {**headers, "host": parts.netloc.rpartition("@")[2]}
        target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    response: urllib3.BaseHTTPResponse = pool.urlopen(
        method,
        target,
        headers={**HEADERS, **headers},
        body=body,
        timeout=timeout,
        redirect=False,
        retries=False,
        preload_content=False,
    )
    return response


def _public_address(url: str) -> str:
    """Return the public IP address of an https URL's host; raises RejectedError for any other URL."""
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname:
        raise RejectedError("forbidden_redirect", "The provider redirects to an address that is not https.")
    try:
        found = socket.getaddrinfo(parts.hostname, parts.port or 443, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise UnavailableError("unreachable", "The name that the provider redirects to does not resolve.") from error
    addresses = [str(entry[4][0]) for entry in found]
    if not addresses or not all(map(_is_public, addresses)):
        raise RejectedError("forbidden_redirect", "The provider redirects to an address that is not public.")
    return addresses[0]


def _is_public(address: str) -> bool:
    """Say whether an IP address is public, seen through the forms that embed an IPv4 address."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        embedded = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if any(ip in network for network in EMBEDDING):
            embedded = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if embedded is not None:
            return _is_public(str(embedded))
    return ip.is_global and not ip.is_multicast and not getattr(ip, "is_site_local", False)


def _origin(url: str) -> str:
    """Return the origin of an address that a redirect may have brought up."""
    try:
        return web.origin_of(url)
    except ValueError:
        raise RejectedError("forbidden_redirect", "The provider redirects to something that is no address.") from None


@cache
def _pool() -> urllib3.PoolManager:
    """Return the connections to trusted origins; made at first use, as SnapStart wants."""
    return urllib3.PoolManager(timeout=TIMEOUT, maxsize=4)


@contextmanager
def _translated() -> Iterator[None]:
    """Turn what urllib3 raises into UnavailableError."""
    try:
        yield
    except (HTTPError, OSError) as error:
        raise UnavailableError("unreachable", f"The connection failed: {type(error).__name__}.") from error

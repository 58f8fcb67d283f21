"""Call the providers' APIs and download their media over HTTP, protected against SSRF.

The package `providers` builds each provider's URLs and interprets its answers.
"""

import email.utils
import json
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import urllib3

from callvault import times, urls
from callvault.errors import RejectedError, UnavailableError
from callvault.transport import connections, redirects, ssrf
from callvault.transport.source import Source

QUICK = urllib3.Timeout(connect=3, read=8)
"""Timeout of a request to a provider while a caller waits for us, in seconds.

Two such requests, of which one obtains a token, fit into the 30 s that the HTTP API waits.
"""
CALLBACK = urllib3.Timeout(connect=5, read=15)
"""Timeout of a forwarded callback, in seconds. Twilio, too, waits 15 seconds for an answer."""
TEMPORARY = {408, 421, 424, 425, 429, 499}
"""Statuses from 400 to 499 whose cause may be temporary and not the request.

The connection led to the wrong server (421, RFC 9110 15.5.20) or was new (425, RFC 8470 5.2),
another request failed (424, RFC 4918 11.4), or a proxy cancelled its own request (499, nginx).
"""
RETRYABLE = TEMPORARY | {202, 204, 401, 403, 404, 409, 423}
"""Statuses after which a later attempt may succeed. It may also succeed after any 5xx.

401 and 403 are among them because an operator can correct the credentials.
"""
SECONDS = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The response of an API."""

    status: int
    headers: urllib3.HTTPHeaderDict
    body: bytes


@contextmanager
def download(source: Source, url: str) -> Iterator[urllib3.BaseHTTPResponse]:
    """Yield the 200 response at the end of all redirects, with its body unread.

    Raises UnavailableError or RejectedError with reason `http_<status>`, `unreachable`,
    `redirect_loop` or `forbidden_redirect`. An error of the connection while the caller reads the
    body becomes UnavailableError with reason `unreachable`.
    """
    with connections.guard():
        response = redirects.follow(source, url)
        try:
            if 300 <= response.status < 400:  # noqa: PLR2004
                wait = retry_after(response.headers.get("retry-after"))
                raise UnavailableError(f"http_{response.status}", "The redirect leads nowhere.", wait)
            if response.status != 200:  # noqa: PLR2004
                raise failure(response.status, response.headers)
            yield response
        finally:
            response.close()


def call(
    method: str, url: str, *, headers: dict[str, str], body: bytes | None = None, timeout: urllib3.Timeout | None = None
) -> Answer:
    """Return the response of an account's API, whatever its status. Redirects are not followed.

    Raises UnavailableError with reason `unreachable` or `too_slow`.
    """
    with connections.guard():
        response = connections.send(
            urls.parse_url(url), headers, trusted=True, method=method, body=body, timeout=timeout
        )
        try:
            content = connections.read(response)
        finally:
            response.close()
        return Answer(status=response.status, headers=response.headers, body=content)


def call_authorized(method: str, url: str, source: Source, content: object) -> Answer:
    """Send JSON to an API while a caller waits, and return the response.

    If the API answers 401, the request is repeated once with fresh credentials. Raises
    UnavailableError.
    """

    def ask(*, fresh: bool) -> Answer:
        headers = {"accept": "application/json", "content-type": "application/json"}
        headers |= {source.credential_header: source.authorization(fresh)}
        return call(method, url, headers=headers, body=json.dumps(content).encode(), timeout=QUICK)

    answer = ask(fresh=False)
    return ask(fresh=True) if answer.status == 401 else answer  # noqa: PLR2004


def send(method: str, url: str, headers: Mapping[str, str], body: bytes | None, *, trusted: Collection[str]) -> Answer:
    """Send a request to a URL that a user chose, and return the response without its body.

    A URL whose origin is not in `trusted` must be https and public. Redirects are not followed.
    Raises UnavailableError with reason `unreachable`, and RejectedError with reason
    `forbidden_address`.
    """
    with connections.guard():
        target = ssrf.parse(url)
        is_trusted = urls.origin_of(target) in trusted
        response = connections.send(target, headers, trusted=is_trusted, method=method, body=body, timeout=CALLBACK)
        response.close()
        return Answer(status=response.status, headers=response.headers, body=b"")


def failure(status: int, headers: urllib3.HTTPHeaderDict) -> UnavailableError | RejectedError:
    """Return the error for a status that is not a success.

    It is UnavailableError if a later attempt may succeed.
    """
    message = f"The provider answered {status}."
    if status in RETRYABLE or status >= 500:  # noqa: PLR2004
        return UnavailableError(f"http_{status}", message, retry_after(headers.get("retry-after")))
    return RejectedError(f"http_{status}", message)


def retry_after(value: str | None) -> float | None:
    """Return the seconds to wait by a Retry-After header; None if it is missing or malformed.

    The header has seconds or a date (RFC 9110 10.2.3).
    """
    if value is None:
        return None
    if SECONDS.fullmatch(value.strip()):
        return float(value)
    try:
        return max(0.0, (email.utils.parsedate_to_datetime(value) - times.now()).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return None

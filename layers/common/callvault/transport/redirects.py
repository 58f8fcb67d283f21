"""Follow the redirects of a download, and send credentials to the trusted origin only.

If an origin's API answers with a document that names the media (`Source.locate`), that counts as a
redirect: the same rules decide whether it is followed.
"""

from contextlib import closing

import urllib3
from urllib3.util import Url

from callvault import urls
from callvault.errors import RejectedError, UnavailableError
from callvault.transport import connections, ssrf
from callvault.transport.source import Source

MAX_REDIRECTS = 5
STATUSES = {301, 302, 303, 307, 308}


def follow(source: Source, url: str) -> urllib3.BaseHTTPResponse:
    """Return the first response that is not a redirect, with its body unread.

    If the trusted origin answers 401, the request is repeated once with fresh credentials.
    Raises UnavailableError with reason `redirect_loop`, and RejectedError with reason
    `forbidden_redirect`.
    """
    try:
        return _follow(source, ssrf.parse(url))
    except ssrf.ForbiddenUrlError as error:
        raise RejectedError("forbidden_redirect", f"The provider's redirect is not followed. {error}") from error


def _follow(source: Source, url: Url) -> urllib3.BaseHTTPResponse:
    fresh = refused = False
    redirects = 0
    while redirects <= MAX_REDIRECTS:
        origin = urls.origin_of(url)
        trusted = origin == source.origin
        headers = {"accept": source.accept}
        headers |= {source.credential_header: source.authorization(fresh)} if trusted else {}
        response = connections.send(url, headers, trusted=trusted or origin in source.media_origins)
        fresh = response.status == 401 and trusted and not refused  # noqa: PLR2004
        refused = refused or fresh
        location = _location(source, response, trusted=trusted)
        if not fresh and location is None:
            return response
        response.close()
        if location is not None:
            url, redirects = ssrf.redirect_target(url, location), redirects + 1
    raise UnavailableError("redirect_loop", "The provider redirects without end.")


def _location(source: Source, response: urllib3.BaseHTTPResponse, *, trusted: bool) -> str | None:
    """Return where a response redirects to, or None; raises UnavailableError."""
    if response.status in STATUSES:
        return response.headers.get("location")
    is_document = "json" in response.headers.get("content-type", "").lower()
    if source.locate is None or not (trusted and is_document and response.status == 200):  # noqa: PLR2004
        return None
    with closing(response):
        return source.locate(connections.read(response))

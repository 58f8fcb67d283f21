"""Read a Crossbar request: envelope, method override, token, preferred content type.

https://docs.2600hz.com/dev/applications/crossbar/doc/basics/.
"""

import re
from collections.abc import Mapping
from dataclasses import replace

from callvault.dialects.kazoo import refusals
from callvault.dialects.kazoo.documents import Document
from callvault.web import Request

QUALITY = re.compile(r"q=(\d(?:\.\d{0,3})?)")
OWN_ACCOUNT = "~"
"""Account id that stands for the account of the caller's token. No account has this id."""
JSON_TYPES = dict.fromkeys(("application/json", "application/x-json", "*/*"), "json")
"""Maps each media type of JSON to the kind of content `json` (see `preferred`)."""


def path(request: Request) -> str:
    """Return the path without a slash at its end, and with OWN_ACCOUNT for `/v2/account/…`."""
    written = request.path.rstrip("/")
    if written.startswith("/v2/account/"):
        return written.replace("/v2/account/", f"/v2/accounts/{OWN_ACCOUNT}/", 1)
    return written


def method(request: Request) -> str:
    """Return the method; a POST may name another by `verb` in the query or the envelope.

    Raises CrossbarError for `verb` or `jsonp` together with Basic credentials. A browser adds such
    credentials to every request by itself once it knows them. So another site could read
    recordings by a script of its page that is a JSONP response, and delete them by a form.
    """
    query = request.query
    verb = query.get("verb") or request.json_object.get("verb") if request.method == "POST" else None
    if request.headers.get("authorization", "").lower().startswith("basic"):
        for name in [name for name, value in (("verb", verb), ("jsonp", query.get("jsonp"))) if value]:
            raise refusals.invalid(name, "forbidden", f"{name} cannot be used with Basic credentials")
    return verb.upper() if isinstance(verb, str) else request.method


def with_token(request: Request) -> Request:
    """Return a request with the envelope's token as a header, if header and query have none."""
    if request.headers.get("x-auth-token") or request.query.get("auth_token"):
        return request
    token = request.json_object.get("auth_token")
    if not isinstance(token, str):
        return request
    return replace(request, headers={**request.headers, "x-auth-token": token})


def data(request: Request) -> Document:
    """Return the envelope's `data`; raises CrossbarError if it is not an object."""
    content = request.json_object.get("data")
    if not isinstance(content, dict):
        raise refusals.invalid("json", "invalid", "Invalid JSON request envelope")
    return content


def preferred(request: Request, kinds: Mapping[str, str]) -> str | None:
    """Return the kind of content that a caller prefers, or None without a preference.

    `kinds` has the kind by media type; other media types are skipped. As in Crossbar, `?accept=`
    has precedence over the header, and a higher q over a lower q. Of several types with the same q,
    the last has precedence.
    """
    for accept in (request.query.get("accept", ""), request.headers.get("accept", "")):
        for media_type in _ranked(accept):
            if media_type in kinds:
                return kinds[media_type]
    return None


def _ranked(accept: str) -> list[str]:
    """Return the media types of an Accept header, the preferred ones first."""
    weights: dict[str, float] = {}
    for item in reversed(accept.lower().split(",")):
        media_type, *parameters = (part.strip() for part in item.split(";"))
        qualities = [float(found[1]) for parameter in parameters if (found := QUALITY.fullmatch(parameter))]
        weights.setdefault(media_type, *qualities[:1] or [1.0])
    return sorted((media_type for media_type, weight in weights.items() if weight > 0), key=lambda item: -weights[item])

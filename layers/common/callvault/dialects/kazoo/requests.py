"""Read what a Crossbar request says beside its path: https://docs.2600hz.com/dev/applications/crossbar/doc/basics/."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from callvault.dialects.kazoo import refusals
from callvault.dialects.kazoo.documents import Document
from callvault.web import Request

QUALITY = re.compile(r"q=(\d(?:\.\d{0,3})?)")


def method(request: Request) -> str:
    """Return the method, which a POST can ask for by `verb` in the query or the envelope."""
    verb = request.query.get("verb") or envelope(request).get("verb") if request.method == "POST" else None
    return verb.upper() if isinstance(verb, str) else request.method


def with_token(request: Request) -> Request:
    """Return a request with its envelope's token where tokens are looked for, unless it has one there already."""
    token = envelope(request).get("auth_token")
    if request.headers.get("x-auth-token") or request.query.get("auth_token") or not isinstance(token, str):
        return request
    return replace(request, headers={**request.headers, "x-auth-token": token})


def data(request: Request) -> Document:
    """Return the envelope's `data`; raises CrossbarError where there is no such thing."""
    content = envelope(request).get("data")
    if not isinstance(content, dict):
        raise refusals.invalid("json", "invalid", "Invalid JSON request envelope")
    return content


def envelope(request: Request) -> dict[str, Any]:
    """Return the JSON object in a request's body, or an empty one for all else."""
    try:
        content = json.loads(request.body or b"{}")
        json.dumps(content, ensure_ascii=False, allow_nan=False).encode()  # JSON can spell what no UTF-8 can hold
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def preferred(request: Request, kinds: Mapping[str, str]) -> str | None:
    """Return the kind that a caller wants of those that `kinds` names by media type, or None for no wish.

    As Crossbar chooses: `?accept=` before the header; by falling q; among equal ones the last; unknown ones skipped.
    """
    for wish in (request.query.get("accept", ""), request.headers.get("accept", "")):
        for media_type in _ranked(wish):
            if media_type in kinds:
                return kinds[media_type]
    return None


def _ranked(accept: str) -> list[str]:
    """Return the media types of an Accept header, the most wanted first."""
    weights: dict[str, float] = {}
    for item in reversed(accept.lower().split(",")):
        media_type, *parameters = (part.strip() for part in item.split(";"))
        qualities = [float(found[1]) for parameter in parameters if (found := QUALITY.fullmatch(parameter))]
        weights.setdefault(media_type, *qualities[:1] or [1.0])
    return sorted((media_type for media_type, weight in weights.items() if weight > 0), key=lambda item: -weights[item])

"""Wrap answers as Crossbar does: https://docs.2600hz.com/dev/applications/crossbar/doc/basics/.

Every answer is JSON `{data, status, request_id, timestamp, version, node, …}`, an error has `error` (the HTTP status as
text) and `message` (a constant) besides. Unlike KAZOO 4.3, and as KAZOO 5 can be configured, the envelope does not
repeat the caller's `auth_token`: answers get cached and logged.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from callvault import times, web
from callvault.dialects.kazoo.refusals import CrossbarError
from callvault.web import Request, Response

VERSION = "4.3.0"
"""Of KAZOO, whose API this is."""
NODE = "callvault"
REQUEST_ID = re.compile(r"[\x21-\x7e]{1,128}")
CALLBACK = re.compile(r"[A-Za-z_$][\w$.]{0,127}", re.ASCII)
"""A name of JavaScript: anything else would let a link run what it likes where the answer is loaded."""
ANY_ORIGIN = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": (
        "content-type, x-auth-token, x-request-id, x-kazoo-cluster-id, location, etag, x-next-start-key"
    ),
}
PREFLIGHT = {
    "access-control-allow-headers": (
        "content-type, depth, user-agent, x-http-method-override, x-file-size, x-requested-with, if-modified-since, "
        "x-file-name, cache-control, x-auth-token, x-kazoo-cluster-id, if-match, if-none-match, accept, authorization, "
        "x-request-id, x-pretty-print"
    ),
    "access-control-max-age": "86400",
}


def succeed(
    request: Request,
    data: object,
    *,
    status: int = 200,
    revision: str | None = None,
    members: Mapping[str, object] | None = None,
) -> Response:
    """Return an answer; with a revision it has an ETag, and is a 304 to who has that already."""
    if revision is None:
        return _respond(request, status, {"data": data, **(members or {}), "status": "success"})
    headers = {"etag": f'"{revision}"', "cache-control": "private, no-cache", "vary": "accept"}
    if request.method == "GET" and web.is_not_modified(request, headers["etag"]):
        return Response(status=304, headers=_headers(request) | headers)
    envelope = {"data": data, **(members or {}), "revision": revision, "status": "success"}
    return _respond(request, status, envelope, headers)


def fail(request: Request, refusal: CrossbarError) -> Response:
    """Return a refusal."""
    envelope = {"data": refusal.data, "error": str(refusal.status), "message": refusal.code, "status": "error"}
    return _respond(request, refusal.status, envelope, refusal.headers)


def plain(request: Request, status: int, headers: Mapping[str, str], body: str = "") -> Response:
    """Return an answer without an envelope."""
    return Response(status=status, headers=_headers(request) | dict(headers), body=body)


def preflight(request: Request, methods: Iterable[str]) -> Response:
    """Tell a browser what other sites' pages may ask for: everything, since nothing is given by cookie."""
    allowed = ", ".join([*methods, "OPTIONS"])
    return plain(request, 200, PREFLIGHT | {"access-control-allow-methods": allowed, "allow": allowed})


def digest(content: object) -> str:
    """Return the revision of what has none of its own."""
    return hashlib.md5(json.dumps(content).encode(), usedforsecurity=False).hexdigest()


def weigh(request: Request, document: object) -> int:
    """Return how many bytes a document takes in the answer, which Lambda hands on as a string in JSON."""
    return len(json.dumps(_text(request, {"data": [document]})))


def _respond(
    request: Request, status: int, members: Mapping[str, object], headers: Mapping[str, str] | None = None
) -> Response:
    """Return an envelope as the caller wants it presented."""
    envelope = {
        **members,
        "timestamp": times.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
        "version": VERSION,
        "node": NODE,
        "request_id": _request_id(request),
    }
    content_type, body = "application/json", _text(request, envelope)
    callback = request.query.get("jsonp", "")
    if CALLBACK.fullmatch(callback):
        content_type, body = "application/javascript", f"{callback}({body});"
    return plain(request, status, {"content-type": content_type, **(headers or {})}, body)


def _headers(request: Request) -> dict[str, str]:
    """Return the headers that every answer has."""
    return {
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "x-request-id": _request_id(request),
        **ANY_ORIGIN,
    }


def _request_id(request: Request) -> str:
    """Return the caller's own id of the request, or else ours."""
    own = request.headers.get("x-request-id", "")
    return own if REQUEST_ID.fullmatch(own) else request.request_id or NODE


def _text(request: Request, content: object) -> str:
    """Return JSON, indented if that was asked for."""
    pretty = "true" in {request.query.get("pretty_print"), request.headers.get("x-pretty-print", "").lower()}
    layout: dict[str, Any] = {"indent": 2} if pretty else {"separators": (",", ":")}
    text = json.dumps(content, ensure_ascii=False, **layout)
    return text.encode(errors="replace").decode()  # a provider's JSON can spell what no UTF-8 can hold

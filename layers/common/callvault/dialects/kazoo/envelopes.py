"""Wrap responses in Crossbar's envelope: https://docs.2600hz.com/dev/applications/crossbar/doc/basics/.

Every response is JSON `{data, status, request_id, timestamp, version, node, …}`. An error also has
`error` (the HTTP status as text) and `message` (a constant). Unlike KAZOO's (api_util.erl), the
envelope does not repeat the caller's `auth_token`, because a client may cache or log a response.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from callvault import times, web
from callvault.dialects import responses
from callvault.dialects.kazoo.refusals import CrossbarError
from callvault.web import Request, Response

VERSION = "4.3.0"
"""Version of KAZOO whose API this is."""
NODE = "callvault"
REQUEST_ID = re.compile(r"[\x21-\x7e]{1,128}")
CALLBACK = re.compile(r"[A-Za-z_$][\w$.]{0,127}", re.ASCII)
"""Pattern of a JSONP callback, a JavaScript name. Any other text would let a link inject script."""
CORS = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": (
        "content-type, x-auth-token, x-request-id, x-kazoo-cluster-id, location, etag, warning, x-next-start-key"
    ),
}
CORS_PREFLIGHT = {
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
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return the response to a request that succeeded.

    If `revision` is given, it is the response's ETag. If a GET names this ETag in If-None-Match,
    the response is a 304. `members` are further members of the envelope, `headers` further headers.
    """
    others = dict(headers or {})
    if revision is None:
        return _respond(request, status, {"data": data, **(members or {}), "status": "success"}, others)
    etag = f'"{revision}"'
    others |= {"etag": etag, "cache-control": "private, no-cache", "vary": "accept"}
    if request.method == "GET" and web.is_not_modified(request, etag):
        return Response(status=304, headers=_headers(request) | others)
    envelope = {"data": data, **(members or {}), "revision": revision, "status": "success"}
    return _respond(request, status, envelope, others)


def fail(request: Request, refusal: CrossbarError) -> Response:
    """Return an error response."""
    envelope = {"data": refusal.data, "error": str(refusal.status), "message": refusal.code, "status": "error"}
    return _respond(request, refusal.status, envelope, refusal.headers)


def plain(request: Request, status: int, headers: Mapping[str, str], body: str = "") -> Response:
    """Return a response without an envelope."""
    return Response(status=status, headers=_headers(request) | dict(headers), body=body)


def preflight(request: Request, methods: Iterable[str]) -> Response:
    """Answer a CORS preflight.

    Pages of all origins may send all requests, because no request is authenticated by a cookie. If
    CorsOrigins lists origins, `cors.mark` limits that.
    """
    allowed = ", ".join([*methods, "OPTIONS"])
    return plain(request, 200, CORS_PREFLIGHT | {"access-control-allow-methods": allowed, "allow": allowed})


def digest(content: object) -> str:
    """Return a revision for content that has no revision of its own."""
    return hashlib.md5(json.dumps(content).encode(), usedforsecurity=False).hexdigest()


def weigh(request: Request, document: object) -> int:
    """Return the size of a document in Lambda's response, in bytes.

    The response contains the body as a JSON string, in which some characters are escaped.
    """
    return len(json.dumps(_text(request, {"data": [document]})))


def _respond(
    request: Request, status: int, members: Mapping[str, object], headers: Mapping[str, str] | None = None
) -> Response:
    """Return an envelope as JSON or, with `jsonp`, as a call of a JavaScript function."""
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
    """Return the headers of every response."""
    return {
        **responses.GUARDS,
        "x-request-id": _request_id(request),
        **CORS,
    }


def _request_id(request: Request) -> str:
    """Return the request id that the caller sent, or else the one that the HTTP API gave."""
    own = request.headers.get("x-request-id", "")
    return own if REQUEST_ID.fullmatch(own) else request.request_id or NODE


def _text(request: Request, content: object) -> str:
    """Return JSON text, indented if the caller asks for it."""
    pretty = "true" in {request.query.get("pretty_print"), request.headers.get("x-pretty-print", "").lower()}
    layout: dict[str, Any] = {"indent": 2} if pretty else {"separators": (",", ":")}
    text = json.dumps(content, ensure_ascii=False, **layout)
    return text.encode(errors="replace").decode()  # a provider's JSON can contain lone surrogates

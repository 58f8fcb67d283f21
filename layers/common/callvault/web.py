"""Turn an HTTP API event into a plain request, and a plain response into what the HTTP API wants.

Event shape: AWS "Working with AWS Lambda proxy integrations for HTTP APIs", payload format 2.0. The raw query string is
kept because the providers sign it as it was sent.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from callvault.errors import InvalidRequestError, RequestError, UnauthenticatedError, UnavailableError

RETRY_AFTER = 5
"""Default Retry-After, in seconds."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """An HTTP request."""

    method: str
    path: str
    """Decoded, without the stage."""
    raw_query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case; repeated ones joined by a comma."""
    body: bytes = b""
    parameters: Mapping[str, str] = field(default_factory=dict)
    """What the route's `{names}` matched."""
    origin: str = ""
    """Scheme and host that the caller used, with the stage."""
    request_id: str = ""

    @property
    def query(self) -> dict[str, str]:
        """Return the query's parameters, blank ones too; of a repeated one, the first."""
        return dict(reversed(parse_qsl(self.raw_query, keep_blank_values=True)))

    def basic(self) -> tuple[str, str] | None:
        """Return user and password of a Basic Authorization header (RFC 7617), or None if there is no such thing."""
        scheme, _, encoded = self.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "basic":
            return None
        try:
            user, colon, password = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
        except ValueError:
            return None
        return (user, password) if colon else None


@dataclass(frozen=True, kw_only=True)
class Response:
    """An HTTP response."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    content: bytes | None = None
    """Sent instead of `body`."""


def read(event: Mapping[str, Any]) -> Request:
    """Return the request of a payload-format-2.0 event; what no UTF-8 can hold, which JSON can spell, is replaced."""
    context = event["requestContext"]
    body = event.get("body") or ""
    stage = context.get("stage", "$default")
    prefix = "" if stage == "$default" else f"/{stage}"
    headers = {name.lower(): value for name, value in _texts(event.get("headers")).items()}
    return Request(
        method=context["http"]["method"],
        path=_text(event["rawPath"]).removeprefix(prefix),
        raw_query=_text(event.get("rawQueryString", "")),
        headers=headers,
        body=base64.b64decode(body) if event.get("isBase64Encoded") else body.encode(errors="replace"),
        parameters=_texts(event.get("pathParameters")),
        origin=f"{headers.get('x-forwarded-proto', 'https')}://{context.get('domainName', 'localhost')}{prefix}",
        request_id=context.get("requestId", ""),
    )


def _texts(values: Mapping[str, str] | None) -> dict[str, str]:
    """Return names and values that UTF-8 can hold."""
    return {_text(name): _text(value) for name, value in (values or {}).items()}


def _text(value: str) -> str:
    """Return a text that UTF-8 can hold."""
    return value.encode(errors="replace").decode()


def write(response: Response) -> dict[str, Any]:
    """Return a response as the HTTP API wants it."""
    written = {"statusCode": response.status, "headers": dict(response.headers), "body": response.body}
    if response.content is not None:
        written |= {"body": base64.b64encode(response.content).decode(), "isBase64Encoded": True}
    return written


def json_response(status: int, content: object, headers: Mapping[str, str] | None = None) -> Response:
    """Return a JSON response."""
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return Response(status=status, headers={"content-type": "application/json", **(headers or {})}, body=body)


def refusal(error: RequestError) -> Response:
    """Return the JSON that says why a request is refused."""
    headers = (
        {"www-authenticate": error.challenge} if isinstance(error, UnauthenticatedError) and error.challenge else {}
    )
    content = {"error": error.code, "message": str(error)}
    if isinstance(error, InvalidRequestError):
        content["field"] = error.field
    return json_response(error.status, content, headers)


def retry_after(error: UnavailableError) -> dict[str, str]:
    """Return the Retry-After header for an error, in whole seconds."""
    return {"retry-after": str(RETRY_AFTER if error.retry_after is None else ceil(error.retry_after))}


def is_not_modified(request: Request, etag: str) -> bool:
    """Say whether If-None-Match names an ETag, so that the caller has this representation (RFC 9110 13.1.2)."""
    known = {tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")}
    return bool(known & {etag, "*"})


def origin_of(url: str) -> str:
    """Return scheme, host and port of a URL in one spelling: lower case, no default port; raises ValueError."""
    parts = urlsplit(url)
    if not parts.hostname:
        raise ValueError("has no host")
    default = {"https": 443, "http": 80}.get(parts.scheme)
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port not in {None, default} else "")

"""Read the request of an HTTP API event, and write the response to it.

The events have payload format 2.0 (AWS, "Working with AWS Lambda proxy integrations for HTTP
APIs"). The raw query string is kept, because providers sign it as they sent it.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from math import ceil
from typing import Any
from urllib.parse import parse_qsl

from callvault import times
from callvault.errors import (
    InvalidRequestError,
    RequestError,
    TooLargeError,
    UnauthenticatedError,
    UnavailableError,
)

RETRY_AFTER = 5
"""Default Retry-After, in seconds."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """An HTTP request."""

    method: str
    path: str
    """The decoded path, without the stage."""
    raw_query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Headers by name in lower case. The values of a repeated header are joined by a comma."""
    body: bytes = b""
    excess_bytes: int = 0
    """The size of a body over the function's limit, which is not decoded; `body` is then empty."""
    parameters: Mapping[str, str] = field(default_factory=dict)
    """The path parameters, by their names in the route."""
    origin: str = ""
    """The scheme and host that the caller used, with the stage."""
    request_id: str = ""
    may_control: bool = True
    """Whether it may have come by a route for controls of calls, which has a stricter throttle."""
    api_id: str = ""
    """The id of the HTTP API that the request came through; its own domain begins with the id."""
    arrived: datetime = field(default_factory=times.now, compare=False)
    """When the request arrived.

    A signature expires by this time and not by the present, because a parked callback is
    authenticated long after it arrived.
    """

    @cached_property
    def query(self) -> dict[str, str]:
        """Return the query's parameters, blank ones too. A repeated one has its first value."""
        return dict(reversed(parse_qsl(self.raw_query, keep_blank_values=True)))

    @cached_property
    def json_object(self) -> dict[str, Any]:
        """Return the JSON object in the body, or an empty one for any other body; parsed once.

        JSON with a lone surrogate, NaN or Infinity counts as another body.
        """
        try:
            content = json.loads(self.body or b"{}")
            json.dumps(content, ensure_ascii=False, allow_nan=False).encode()
        except (ValueError, RecursionError):
            return {}
        return content if isinstance(content, dict) else {}

    def basic(self) -> tuple[str, str] | None:
        """Return the user and password of Basic authorization (RFC 7617), or None."""
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
    """Bytes that are sent instead of `body`."""


def read(event: Mapping[str, Any], max_bytes: int) -> Request:
    """Return the request of an event in payload format 2.0.

    A body over `max_bytes` is not decoded: whoever sent it is not authenticated yet. JSON can
    contain surrogates that UTF-8 cannot encode. They are replaced by `?`.
    """
    context = event["requestContext"]
    body, excess_bytes = _body(event, max_bytes)
    stage = context.get("stage", "$default")
    prefix = "" if stage == "$default" else f"/{stage}"
    headers = {name.lower(): value for name, value in _texts(event.get("headers")).items()}
    return Request(
        method=context["http"]["method"],
        path=_text(event["rawPath"]).removeprefix(prefix),
        raw_query=_text(event.get("rawQueryString", "")),
        headers=headers,
        body=body,
        excess_bytes=excess_bytes,
        parameters=_texts(event.get("pathParameters")),
        origin=f"{_scheme(headers)}://{context.get('domainName', 'localhost')}{prefix}",
        request_id=context.get("requestId", ""),
        api_id=context.get("apiId", ""),
        arrived=_arrived(context.get("timeEpoch")),
    )


def check_size(request: Request) -> None:
    """Raise TooLargeError if a request's body is over the limit of its function."""
    if request.excess_bytes:
        raise TooLargeError(f"The body is too large: {request.excess_bytes} bytes.")


def _body(event: Mapping[str, Any], max_bytes: int) -> tuple[bytes, int]:
    """Return the body of an event and 0, or nothing and the size of a body over `max_bytes`."""
    text = event.get("body") or ""
    encoded = event.get("isBase64Encoded")
    size = len(text) // 4 * 3 - text[-2:].count("=") if encoded else len(text)
    if size > max_bytes:
        return b"", size
    body = base64.b64decode(text) if encoded else text.encode(errors="replace")
    return (b"", len(body)) if len(body) > max_bytes else (body, 0)


def _scheme(headers: Mapping[str, str]) -> str:
    """Return the scheme that the caller used: `https`, unless the header says `http`."""
    return "http" if headers.get("x-forwarded-proto") == "http" else "https"


def _arrived(milliseconds: int | None) -> datetime:
    """Return the time of arrival, which an event has in milliseconds since 1970."""
    return times.now() if milliseconds is None else datetime.fromtimestamp(milliseconds / 1000, UTC)


def _texts(values: Mapping[str, str] | None) -> dict[str, str]:
    """Return names and values in which `?` replaces what UTF-8 cannot encode."""
    return {_text(name): _text(value) for name, value in (values or {}).items()}


def _text(value: str) -> str:
    """Return a text in which `?` replaces each character that UTF-8 cannot encode."""
    return value.encode(errors="replace").decode()


def write(response: Response) -> dict[str, Any]:
    """Return a response in the form of the HTTP API, payload format 2.0."""
    written = {"statusCode": response.status, "headers": dict(response.headers), "body": response.body}
    if response.content is not None:
        written |= {"body": base64.b64encode(response.content).decode(), "isBase64Encoded": True}
    return written


def json_response(status: int, content: object, headers: Mapping[str, str] | None = None) -> Response:
    """Return a JSON response."""
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return Response(status=status, headers={"content-type": "application/json", **(headers or {})}, body=body)


def refusal(error: RequestError) -> Response:
    """Return the JSON response to a refused request."""
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
    """Return whether If-None-Match has the ETag or `*`.

    If it does, the caller answers 304 (RFC 9110 13.1.2).
    """
    known = {tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")}
    return bool(known & {etag, "*"})

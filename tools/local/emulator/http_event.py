"""Build the event of an HTTP request, and read the response from a function's answer.

Payload format 2.0: API Gateway developer guide, "Create AWS Lambda proxy integrations for HTTP
APIs". Captured events (github.com/hotsock/voker/pull/8) show what the guide leaves out. The path is
percent-decoded before the route is chosen, so `rawPath` and the path variables are decoded, and
`%2F` separates two parts of a path. A decoded `?` ends the path. `rawQueryString` is as sent.
"""

import base64
import binascii
import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, quote, unquote_to_bytes

from tools.local.aws.process import ACCOUNT
from tools.local.emulator.wire import Head

API_ID = "local"
TEXT_TYPES = {"application/json", "application/javascript", "application/xml"}
"""The media types, besides `text/…`, whose body an event has as text."""
REMAPPED_HEADERS = {"www-authenticate": "x-amzn-remapped-www-authenticate"}
"""Response headers that the gateway renames.

AWS documents this for REST APIs ("Amazon API Gateway important notes", developer guide).
It says nothing about HTTP APIs, but users report the same
(github.com/anthropics/claude-ai-mcp/issues/748).
"""
OMITTED_HEADERS = {"connection", "cookie", "expect", "transfer-encoding"}
"""Headers that an event leaves out: they concern the connection, or have a field of their own."""


class InvalidResponseError(Exception):
    """A function's answer is not an HTTP response."""


@dataclass(frozen=True, kw_only=True)
class Response:
    """An HTTP response."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


def split_target(target: str) -> tuple[str, str]:
    """Return the decoded path and the raw query of a request target.

    In the query, bytes that are not ASCII are percent-encoded, which keeps them. In the path, bytes
    that are not UTF-8 become U+FFFD.
    """
    raw = target.encode("latin-1")
    if raw.startswith((b"http://", b"https://")):
        raw = b"/" + raw.split(b"//", 1)[1].partition(b"/")[2]
    raw_path, _, raw_query = raw.partition(b"#")[0].partition(b"?")
    path = unquote_to_bytes(raw_path).decode(errors="replace").partition("?")[0]
    return path, quote(raw_query, safe="".join(map(chr, range(0x21, 0x7F))))


def build(
    head: Head,
    body: bytes,
    *,
    path: str,
    query: str,
    route_key: str,
    variables: Mapping[str, str],
    peer: str,
    port: int,
) -> dict[str, Any]:
    """Return the event of a request."""
    headers = {name: head.header(name) or "" for name, _ in head.headers if name not in OMITTED_HEADERS}
    host = headers.get("host", "")
    headers["x-forwarded-for"] = ",".join(filter(None, [headers.get("x-forwarded-for"), peer]))
    headers["x-forwarded-port"] = str(port)
    headers["x-forwarded-proto"] = "http"
    headers.setdefault("content-length", str(len(body)))
    cookies = [part.strip() for name, value in head.headers if name == "cookie" for part in value.split(";")]
    parameters: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        parameters[name] = f"{parameters[name]},{value}" if name in parameters else value
    now = time.time()
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": route_key,
        "rawPath": path,
        "rawQueryString": query,
        "headers": headers,
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": API_ID,
            "domainName": host,
            "domainPrefix": host.partition(".")[0].partition(":")[0],
            "http": {
                "method": head.method,
                "path": path,
                "protocol": head.version,
                "sourceIp": peer,
                "userAgent": headers.get("user-agent", ""),
            },
            "requestId": str(uuid.uuid4()),
            "routeKey": route_key,
            "stage": "$default",
            "time": datetime.fromtimestamp(now, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000"),
            "timeEpoch": int(now * 1000),
        },
        "isBase64Encoded": False,
    }
    if cookies:
        event["cookies"] = cookies
    if parameters:
        event["queryStringParameters"] = parameters
    if variables:
        event["pathParameters"] = dict(variables)
    if body:
        event["body"], event["isBase64Encoded"] = _encode(body, headers.get("content-type", ""))
    return event


def _encode(body: bytes, content_type: str) -> tuple[str, bool]:
    """Return a body as an event has it, and whether it is in Base64. Only text is not."""
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type.startswith("text/") or media_type in TEXT_TYPES:
        try:
            return body.decode(), False
        except UnicodeDecodeError:
            """The body is not the text that its type promises."""
    return base64.b64encode(body).decode(), True


def read_response(payload: bytes) -> Response:
    """Return the HTTP response that a function's answer describes; raises InvalidResponseError."""
    try:
        answer = json.loads(payload)
    except ValueError:
        raise InvalidResponseError("The answer is not JSON.") from None
    if not isinstance(answer, dict) or "statusCode" not in answer:
        # Any other answer is the body of a 200.
        body = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
        return Response(status=200, headers=(("content-type", "application/json"),), body=body)
    try:
        status = int(answer["statusCode"])
    except (TypeError, ValueError):
        raise InvalidResponseError("The status is not a number.") from None
    headers, cookies = answer.get("headers") or {}, answer.get("cookies") or []
    if not (100 <= status <= 599 and isinstance(headers, dict) and isinstance(cookies, list)):  # noqa: PLR2004
        raise InvalidResponseError("The status, the headers or the cookies are invalid.")
    names = {name: str(name).lower() for name in headers}
    pairs = [(REMAPPED_HEADERS.get(names[name], names[name]), _header_value(headers[name])) for name in headers]
    pairs += [("set-cookie", _header_value(cookie)) for cookie in cookies]
    if any("\n" in text or "\r" in text for pair in pairs for text in pair):
        raise InvalidResponseError("A header has a line break.")
    body = _body(answer.get("body"), encoded=answer.get("isBase64Encoded") is True)
    if body and not any(name == "content-type" for name, _ in pairs):
        pairs.append(("content-type", "text/plain;charset=UTF-8"))
    # The gateway sends these headers itself.
    pairs = [pair for pair in pairs if pair[0] not in {"content-length", "transfer-encoding", "connection"}]
    return Response(status=status, headers=tuple(pairs), body=body)


def _header_value(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _body(body: object, *, encoded: bool) -> bytes:
    if body is None:
        return b""
    if not isinstance(body, str):
        raise InvalidResponseError("The body is not text.")
    if not encoded:
        return body.encode()
    try:
        return base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        raise InvalidResponseError("The body is not Base64.") from None

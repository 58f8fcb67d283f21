"""Clients of AWS that act under the role of a function, such as those of the pollers.

Before such a client sends a request, the guard decides on it. The request itself goes to AWS and
not through the proxy, so that the faults of the functions' requests do not affect it.
"""

import io
from typing import Any
from urllib.parse import urlsplit

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from urllib3.response import HTTPResponse

from tools.local.emulator.wire import Head
from tools.local.iam.guard import Guard
from tools.local.iam.refusals import Refusal


def enforce(client: Any, guard: Guard) -> Any:  # noqa: ANN401 - a boto3 client
    """Let a guard refuse requests of a client, and return the client."""

    def answer(request: AWSPreparedRequest, **_: object) -> AWSResponse | None:
        refusal = guard.refusal(head_of(request), body_of(request))
        return response(request, refusal) if refusal else None

    client.meta.events.register("before-send", answer, unique_id="guard")
    return client


def head_of(request: AWSPreparedRequest) -> Head:
    """Return the head of a request of botocore."""
    parts = urlsplit(request.url)
    named = tuple(
        (name.lower(), value.decode() if isinstance(value, bytes) else str(value))
        for name, value in request.headers.items()
    )
    target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    return Head(method=request.method, target=target, version="HTTP/1.1", headers=(("host", parts.netloc), *named))


def body_of(request: AWSPreparedRequest) -> bytes:
    """Return the body of a request; that of an upload is not needed."""
    if isinstance(request.body, str):
        return request.body.encode()
    return request.body if isinstance(request.body, bytes) else b""


def response(request: AWSPreparedRequest, refusal: Refusal) -> AWSResponse:
    """Return a refusal as botocore receives it."""
    body = b"" if request.method == "HEAD" else refusal.body
    headers: Any = dict(refusal.headers)
    raw: Any = HTTPResponse(body=io.BytesIO(body), preload_content=False)
    return AWSResponse(request.url, refusal.status, headers, raw)

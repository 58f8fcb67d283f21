"""Refuse the requests to S3 that moto accepts and S3 refuses, before moto sees them.

`s3_limits`, `s3_integrity`, `upload_rules` and `conditional_writes` hold the rules. Rules that
depend on a stored object or upload are in `moto_uploads` and `moto_versions`.
"""

import io
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from tools.local.aws import aws_chunks, operations, s3_integrity, s3_limits, upload_rules
from tools.local.aws.conditional_writes import ConditionalWrites, conflict, unknown
from tools.local.aws.presigned import Application
from tools.local.aws.refusals import Refusal
from tools.local.emulator.wire import Head

WRITES = {"s3.PutObject", "s3.CompleteMultipartUpload"}
"""The operations of the archive that may have a condition."""


def refusing(application: Application) -> Application:
    """Return a WSGI application that answers what S3 refuses, and forwards all other requests."""
    writes = ConditionalWrites()

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        head = head_of(environ)
        if not _is_s3(head):
            return application(environ, start_response)
        operation, place = operations.name(head), operations.place(head)
        with writes.begun(head, place) as overtaken:
            refusal = _refusal(head, operation, environ)
            if refusal is None and overtaken.is_set():
                refusal = conflict("If-None-Match", place[1].decode(errors="replace"))
            if refusal:
                return _answered(refusal, head, start_response)
            status, headers, body = _called(application, environ)
        if operation == "s3.DeleteObject" and status.startswith("204"):
            writes.deleted(place)
        start_response(status, headers)
        return body

    return answer


def head_of(environ: dict[str, Any]) -> Head:
    """Return the head of a WSGI request."""
    named = [(name.removeprefix("HTTP_"), value) for name, value in environ.items() if name.startswith("HTTP_")]
    named += [(name, environ[name]) for name in ("CONTENT_LENGTH", "CONTENT_TYPE") if name in environ]
    headers = tuple((name.replace("_", "-").lower(), str(value)) for name, value in named)
    version = environ["SERVER_PROTOCOL"]
    return Head(method=environ["REQUEST_METHOD"], target=environ["REQUEST_URI"], version=version, headers=headers)


def _is_s3(head: Head) -> bool:
    """Return whether a request is one to S3: it is signed for S3, or is no other service's."""
    if head.header("x-amz-target") is not None or head.target.startswith("/moto-api"):
        return False
    authorization = head.header("authorization") or ""
    return "/aws4_request" not in authorization or "/s3/aws4_request" in authorization


def _refusal(head: Head, operation: str, environ: dict[str, Any]) -> Refusal | None:
    """Return why S3 refuses a request, or None. The body is left to be read again."""
    stream = environ["wsgi.input"]
    sent = (
        stream.read() if environ.get("wsgi.input_terminated") else stream.read(int(environ.get("CONTENT_LENGTH") or 0))
    )
    environ["wsgi.input"] = io.BytesIO(sent)
    payload = aws_chunks.decode(head, sent)
    if isinstance(payload, Refusal):
        return payload
    return (
        s3_limits.refusal(head)
        or (unknown(head) if operation in WRITES else None)
        or (upload_rules.numbered(head) if operation == "s3.UploadPart" else None)
        or (s3_limits.deletions(payload.body) if operation == "s3.DeleteObjects" else None)
        or s3_integrity.refusal(head, sent, payload, of_body=operation != "s3.CompleteMultipartUpload")
    )


def _called(application: Application, environ: dict[str, Any]) -> tuple[str, list[tuple[str, str]], Iterable[bytes]]:
    """Return the status, the headers and the body of an application's answer."""
    started: list[tuple[str, list[tuple[str, str]]]] = []
    body = application(environ, lambda status, headers, *_: started.append((status, headers)))
    status, headers = started[0]
    return status, headers, body


def _answered(refusal: Refusal, head: Head, start_response: Callable[..., Any]) -> Iterable[bytes]:
    status, headers, text = refusal.answer()
    body = text.encode()
    start_response(f"{status} {HTTPStatus(status).phrase}", [*headers.items(), ("content-length", str(len(body)))])
    return [body] if head.method != "HEAD" else []

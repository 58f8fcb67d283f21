"""Answer AccessDenied in the form of each service.

The message is that of "Access denied error messages" in the IAM user guide. S3 and SQS call the
error AccessDenied, the other services AccessDeniedException (the pages "Error responses" of S3 and
"Common errors" of each service's API). SQS's JSON has its older name in a header, which botocore
prefers (SQS developer guide, "Using the AWS JSON protocol").
"""

import json
from dataclasses import dataclass
from xml.sax.saxutils import escape

from tools.local.emulator import wire
from tools.local.iam.policies import Decision, Need


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """An answer that refuses a request."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def wire(self, *, with_body: bool) -> bytes:
        """Return the bytes of the answer; an answer to HEAD has no body."""
        return wire.response(self.status, (*self.headers, ("connection", "close")), self.body, with_body=with_body)


def denied(service: str, principal: str, need: Need, decision: Decision) -> Refusal:
    """Return the refusal of a permission."""
    resource = f'"{need.resource}"' if service == "s3" else need.resource
    return of(
        service,
        f"User: {principal} is not authorized to perform: {need.action} on resource: {resource} {decision.reason}",
    )


def of(service: str, message: str) -> Refusal:
    """Return a refusal with a message."""
    if service == "s3":
        body = f"<?xml version='1.0'?><Error><Code>AccessDenied</Code><Message>{escape(message)}</Message></Error>"
        return Refusal(status=403, headers=(("content-type", "application/xml"),), body=body.encode())
    kind = "com.amazon.coral.service#AccessDeniedException"
    named = (("x-amzn-query-error", "AccessDenied;Sender"),) if service == "sqs" else ()
    return Refusal(
        status=403 if service == "sqs" else 400,
        headers=(("content-type", "application/x-amz-json-1.0"), *named),
        body=json.dumps({"__type": kind, "message": message}).encode(),
    )

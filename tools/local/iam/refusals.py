"""Answer AccessDenied in the form of each service.

The message is that of "Access denied error messages" in the IAM user guide. S3 calls the error
AccessDenied, the other services AccessDeniedException (the pages "Error responses" of S3 and
"Common errors" of each service's API). SQS adds AccessDenied, the code of its older query protocol,
in a header, which botocore prefers (SQS developer guide, "Using the AWS JSON protocol").
"""

import json
from dataclasses import dataclass
from xml.sax.saxutils import escape

from tools.local.emulator import wire
from tools.local.iam.policies import Decision, Need

SQS_KINDS = {
    "AccessDenied": "AccessDeniedException",
    "InvalidClientTokenId": "UnrecognizedClientException",
    "MissingAuthenticationToken": "MissingAuthenticationTokenException",
    "IncompleteSignature": "IncompleteSignatureException",
    "SignatureDoesNotMatch": "InvalidSignatureException",
}
"""The type of each error in SQS's JSON, by the error's older name."""


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
    if service in {"s3", "sqs"}:
        return answer(service, 403, "AccessDenied", message)
    return answer(service, 400, "AccessDeniedException", message)


def answer(service: str, status: int, code: str, message: str) -> Refusal:
    """Return an error in the form of a service."""
    if service == "s3":
        body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
        return Refusal(status=status, headers=(("content-type", "application/xml"),), body=body.encode())
    older = service == "sqs"
    kind = SQS_KINDS.get(code, code) if older else code
    named = (("x-amzn-query-error", f"{code};Sender"),) if older else ()
    return Refusal(
        status=status,
        headers=(("content-type", "application/x-amz-json-1.0"), *named),
        body=json.dumps({"__type": f"com.amazon.coral.service#{kind}", "message": message}).encode(),
    )

"""Check the body of a request to S3 against the hashes that its sender gives.

S3 API Reference, "Error responses" (BadDigest, InvalidDigest, XAmzContentSHA256Mismatch), and S3
User Guide, "Checking object integrity in Amazon S3". The messages are those that callers of S3
quote.
"""

import re

from tools.local.aws import checksums
from tools.local.aws.aws_chunks import Payload
from tools.local.aws.checksums import Digests
from tools.local.aws.refusals import Refusal
from tools.local.emulator.wire import Head

PREFIX = "x-amz-checksum-"
NOT_CHECKSUMS = {PREFIX + "algorithm", PREFIX + "type", PREFIX + "mode"}
SHA256 = re.compile(r"[0-9a-f]{64}")
NO_VALUE = (
    "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found."
)
NO_SHA256 = "Missing required header for this request: x-amz-content-sha256"
SEVERAL = "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed."


def refusal(head: Head, sent: bytes, payload: Payload, *, of_body: bool = True) -> Refusal | None:
    """Return why S3 refuses a request for its hashes, or None.

    `sent` is the body as it was sent. `of_body` is false if x-amz-checksum-* is not the checksum of
    the body: CompleteMultipartUpload sends that of the object.
    """
    digests = Digests(sent)
    decoded = digests if payload.body is sent else Digests(payload.body)
    return (
        _content_sha256(head, digests)
        or _content_md5(head, decoded)
        or (_checksum(head, payload.trailers, decoded) if of_body else None)
    )


def given(head: Head, trailers: dict[str, str]) -> dict[str, str]:
    """Return the checksums that a request gives, in Base64, by algorithm.

    S3 wants them in headers, also of a presigned upload (S3 User Guide, "Download and upload
    objects with presigned URLs"). S3 ignores a checksum in the query of the URL, where the SDK for
    JavaScript puts that of an empty body (github.com/aws/aws-sdk-go-v2/issues/2610 and
    github.com/ministackorg/ministack/issues/1695 show S3's answers).
    """
    named = [*head.headers, *trailers.items()]
    return {
        name.removeprefix(PREFIX).upper(): value
        for name, value in named
        if name.startswith(PREFIX) and name not in NOT_CHECKSUMS
    }


def _content_sha256(head: Head, digests: Digests) -> Refusal | None:
    """Return why S3 refuses the hash of the body that a request was signed with, or None.

    "The x-amz-content-sha256 header is required for all AWS Signature Version 4 requests" (S3 API
    Reference, "Signature Calculations for the Authorization Header": sig-v4-header-based-auth). A
    presigned request has no Authorization header, and its payload is not signed.
    """
    value = head.header("x-amz-content-sha256")
    if value is None and (head.header("authorization") or "").startswith("AWS4-HMAC-SHA256"):
        return Refusal(400, "InvalidRequest", NO_SHA256)
    if value is None or value == "UNSIGNED-PAYLOAD" or value.startswith("STREAMING-"):
        return None
    if not SHA256.fullmatch(value):
        message = (
            "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, "
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 value."
        )
        return Refusal(400, "InvalidArgument", message)
    computed = digests.of("SHA256").hex()
    if computed == value:
        return None
    return Refusal(
        400,
        "XAmzContentSHA256Mismatch",
        "The provided 'x-amz-content-sha256' header does not match what was computed.",
        {"ClientComputedContentSHA256": value, "S3ComputedContentSHA256": computed},
    )


def _content_md5(head: Head, digests: Digests) -> Refusal | None:
    value = head.header("content-md5")
    if value is None:
        return None
    expected, computed = checksums.decoded(value), digests.of("MD5")
    if expected is None or len(expected) != len(computed):
        return Refusal(400, "InvalidDigest", "The Content-MD5 you specified was invalid.", {"Content-MD5": value})
    if expected == computed:
        return None
    return Refusal(
        400,
        "BadDigest",
        "The Content-MD5 you specified did not match what we received.",
        {"ExpectedDigest": expected.hex(), "CalculatedDigest": computed.hex()},
    )


def _checksum(head: Head, trailers: dict[str, str], digests: Digests) -> Refusal | None:
    values = given(head, trailers)
    announced = head.header("x-amz-sdk-checksum-algorithm")
    if not values:
        return Refusal(400, "InvalidRequest", NO_VALUE) if announced else None
    if len(values) > 1:
        return Refusal(400, "InvalidRequest", SEVERAL)
    algorithm, value = next(iter(values.items()))
    if announced and announced.upper() != algorithm:
        return Refusal(400, "InvalidRequest", "Value for x-amz-sdk-checksum-algorithm header is invalid.")
    return _mismatch(algorithm, value, digests)


def _mismatch(algorithm: str, value: str, digests: Digests) -> Refusal | None:
    """Return why a checksum in Base64 is not that of a body, or None if it is."""
    if algorithm not in checksums.ALGORITHMS:
        return Refusal(501, "NotImplemented", f"The local stack cannot compute {algorithm}.")
    expected, computed = checksums.decoded(value), digests.of(algorithm)
    if expected is None or len(expected) != len(computed):
        return Refusal(400, "InvalidRequest", f"Value for {PREFIX}{algorithm.lower()} header is invalid.")
    if expected != computed:
        message = f"The {algorithm} you specified did not match the calculated checksum."
        return Refusal(400, "BadDigest", message)
    return None

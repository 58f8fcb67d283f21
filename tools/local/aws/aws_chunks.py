"""Decode bodies in AWS's chunks, with the headers that may follow the last chunk.

S3 API Reference, "Signature calculations for the Authorization header: Transferring payload in
multiple chunks", and the same "with trailing headers".
"""

import io
from typing import NamedTuple

from tools.local.aws.refusals import Refusal
from tools.local.emulator.wire import Head

INCOMPLETE = Refusal(
    400, "IncompleteBody", "You did not provide the number of bytes specified by the Content-Length HTTP header"
)
MALFORMED_TRAILER = Refusal(
    400,
    "MalformedTrailerError",
    "The request contained trailing data that was not well-formed or did not conform to our published schema.",
)


class Payload(NamedTuple):
    """The decoded body of a request, and its trailing headers: names in lower case."""

    body: bytes
    trailers: dict[str, str]


def decode(head: Head, body: bytes) -> Payload | Refusal:
    """Return the decoded body of a request, or why S3 refuses it.

    A header that x-amz-trailer announces must come.
    """
    if not (head.header("x-amz-content-sha256") or "").startswith("STREAMING-"):
        return Payload(body, {})
    stream, content = io.BytesIO(body), bytearray()
    try:
        while length := int(stream.readline().partition(b";")[0], 16):
            content += stream.read(length)
            if stream.readline() != b"\r\n":
                return INCOMPLETE
    except ValueError:
        return INCOMPLETE
    if str(len(content)) != head.header("x-amz-decoded-content-length"):
        return INCOMPLETE
    lines = (line.decode("latin-1").partition(":") for line in stream)
    trailers = {name.strip().lower(): value.strip() for name, colon, value in lines if colon}
    announced = (head.header("x-amz-trailer") or "").lower()
    if announced and announced not in trailers:
        return MALFORMED_TRAILER
    return Payload(bytes(content), trailers)

"""Check the headers, the key and the metadata of a request against the limits of S3."""

from urllib.parse import parse_qsl

from tools.local.aws import operations
from tools.local.aws.refusals import Refusal
from tools.local.emulator.wire import Head

MAX_KEY_BYTES = 1024
"""Maximum length of a key in bytes of UTF-8 (S3 User Guide, "Naming Amazon S3 objects")."""
MAX_METADATA_BYTES = 2048
"""Maximum size of the metadata of an object that its sender defines, in bytes.

It is the sum of the lengths of the names and of the values (S3 User Guide, "Working with object
metadata"). The prefix of the names does not count.
"""
PREFIX = "x-amz-meta-"
MAX_HEADER_BYTES = 8192
"""Maximum size of the headers of a request and of its query, in bytes.

"The PUT request header is limited to 8 KB in size" (S3 User Guide, "Working with object metadata").
S3 refuses other requests for it too, and counts the query (S3 API Reference, "Error responses",
RequestHeaderSectionTooLarge).
"""


def refusal(head: Head) -> Refusal | None:
    """Return why S3 refuses a request for its headers, its key or its metadata, or None.

    S3 API Reference, "Error responses": RequestHeaderSectionTooLarge, KeyTooLongError and
    MetadataTooLarge.
    """
    if sum(len(name) + len(value) for name, value in head.headers) + len(_query_text(head)) > MAX_HEADER_BYTES:
        message = "Your request header section exceeds the maximum allowed size."
        return Refusal(400, "RequestHeaderSectionTooLarge", message, {"MaxSizeAllowed": MAX_HEADER_BYTES})
    _, key = operations.place(head)
    if len(key) > MAX_KEY_BYTES:
        members = {"Size": len(key), "MaxSizeAllowed": MAX_KEY_BYTES}
        return Refusal(400, "KeyTooLongError", "Your key is too long", members)
    size = sum(_size(name, value) for name, value in [*head.headers, *_query(head)])
    if size > MAX_METADATA_BYTES:
        members = {"Size": size, "MaxSizeAllowed": MAX_METADATA_BYTES}
        message = "Your metadata headers exceed the maximum allowed metadata size"
        return Refusal(400, "MetadataTooLarge", message, members)
    return None


def _size(name: str, value: str) -> int:
    """Return the size of a header; both texts are decoded as Latin-1, a byte for a character."""
    return len(name) - len(PREFIX) + len(value) if name.startswith(PREFIX) else 0


def _query(head: Head) -> list[tuple[str, str]]:
    """Return the query of a target, as presigned requests carry metadata."""
    query = parse_qsl(_query_text(head), keep_blank_values=True, encoding="latin-1")
    return [(name.lower(), value) for name, value in query]


def _query_text(head: Head) -> str:
    return head.target.partition("?")[2]

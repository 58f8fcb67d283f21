"""Check the key and the metadata of an object against the limits of S3."""

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


def refusal(head: Head) -> Refusal | None:
    """Return why S3 refuses a request for its key or its metadata, or None.

    S3 API Reference, "Error responses": KeyTooLongError and MetadataTooLarge.
    """
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
    query = head.target.partition("?")[2]
    return [(name.lower(), value) for name, value in parse_qsl(query, keep_blank_values=True, encoding="latin-1")]

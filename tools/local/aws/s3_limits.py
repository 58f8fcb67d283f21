"""Check the headers, the key and the metadata of a request against the limits of S3."""

from urllib.parse import parse_qsl
from xml.etree import ElementTree

from tools.local.aws import operations
from tools.local.aws.refusals import MALFORMED, Refusal
from tools.local.emulator.wire import Head

MAX_KEY_BYTES = 1024
"""Maximum length of a key in bytes of UTF-8 (S3 User Guide, "Naming Amazon S3 objects")."""
MAX_DELETIONS = 1000
"""Maximum number of keys of one DeleteObjects."""
MAX_METADATA_BYTES = 2048
"""Maximum size of the metadata of an object that its sender defines, in bytes.

It is the sum of the lengths of the names and of the values (S3 User Guide, "Working with object
metadata"). The prefix of the names does not count.
"""
PREFIX = "x-amz-meta-"
MAX_HEADER_BYTES = 8192
"""Maximum size of the headers of a request and of its query, in bytes.

"The PUT request header is limited to 8 KB in size" (S3 User Guide, "Working with object metadata").
S3 refuses other requests with too large a header too, and counts the query (S3 API Reference,
"Error responses", RequestHeaderSectionTooLarge).
"""


def refusal(head: Head) -> Refusal | None:
    """Return why S3 refuses a request because of its headers, key or metadata, or None.

    S3 API Reference, "Error responses": RequestHeaderSectionTooLarge, KeyTooLongError and
    MetadataTooLarge.
    """
    if sum(len(name) + len(value) for name, value in head.headers) + len(_query_text(head)) > MAX_HEADER_BYTES:
        message = "Your request header section exceeds the maximum allowed size."
        return Refusal(400, "RequestHeaderSectionTooLarge", message, {"MaxSizeAllowed": MAX_HEADER_BYTES})
    too_long = _key(operations.place(head)[1])
    if too_long:
        return too_long
    size = sum(_size(name, value) for name, value in [*head.headers, *_query(head)])
    if size > MAX_METADATA_BYTES:
        members = {"Size": size, "MaxSizeAllowed": MAX_METADATA_BYTES}
        message = "Your metadata headers exceed the maximum allowed metadata size"
        return Refusal(400, "MetadataTooLarge", message, members)
    return None


def deletions(body: bytes) -> Refusal | None:
    """Return why S3 refuses the body of a DeleteObjects, or None.

    It may have 1,000 keys (S3 API Reference, "DeleteObjects"). One key that is too long fails the
    whole request (github.com/aws/aws-sdk-net/issues/3828 shows S3's answer).
    """
    try:
        root = ElementTree.fromstring(body)  # noqa: S314 - from our own clients
    except ElementTree.ParseError:
        return MALFORMED
    keys = [one.text or "" for one in root.iter() if one.tag.rpartition("}")[2] == "Key"]
    if not 0 < len(keys) <= MAX_DELETIONS:
        return MALFORMED
    return next((too_long for key in keys if (too_long := _key(key.encode()))), None)


def _key(key: bytes) -> Refusal | None:
    if len(key) <= MAX_KEY_BYTES:
        return None
    members = {"Size": len(key), "MaxSizeAllowed": MAX_KEY_BYTES}
    return Refusal(400, "KeyTooLongError", "Your key is too long", members)


def _size(name: str, value: str) -> int:
    """Return the size of a header; both texts are decoded as Latin-1, a byte for a character."""
    return len(name) - len(PREFIX) + len(value) if name.startswith(PREFIX) else 0


def _query(head: Head) -> list[tuple[str, str]]:
    """Return the query of a target, as presigned requests carry metadata."""
    query = parse_qsl(_query_text(head), keep_blank_values=True, encoding="latin-1")
    return [(name.lower(), value) for name, value in query]


def _query_text(head: Head) -> str:
    return head.target.partition("?")[2]

"""Read the multipart bodies that KAZOO sends for storage plans (kz_att_util.erl, encode_multipart).

They are unusual: a line break stands before every delimiter, also before the first one; part names
are unquoted, and parts have no file name; nothing follows the last delimiter. The library
`multipart` accepts this and works on bytes. The parser in the standard library's `email` is
unsuitable, because it treats audio as text and its line breaks as ends of lines.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import multipart

from callvault.errors import InvalidRequestError

MAX_PARTS = 8
MAX_HEADER_BYTES = 8192
"""Maximum length of one header of a part."""


@dataclass(frozen=True)
class Part:
    """One part of a body."""

    name: str
    content_type: str
    """The media type in lower case; empty if the part has none."""
    body: bytes


def parts(content_type: str, body: bytes) -> Iterator[Part]:
    """Yield the parts of a body.

    Raises InvalidRequestError if the body is not valid multipart for its content type, or has more
    than MAX_PARTS parts.
    """
    _, options = multipart.parse_options_header(content_type)
    try:
        with multipart.PushMultipartParser(
            options.get("boundary", ""),
            content_length=len(body),
            max_segment_count=MAX_PARTS,
            max_header_size=MAX_HEADER_BYTES,
        ) as parser:
            yield from _parts(parser, body)
    except (multipart.MultipartError, ValueError):
        raise InvalidRequestError("body", "The body is not valid multipart for its content type.") from None


def _parts(parser: multipart.PushMultipartParser, body: bytes) -> Iterator[Part]:
    """Yield the parts of a body in order; raises the parser's errors."""
    segment: Any = None
    content = bytearray()
    for event in parser.parse(body):
        if isinstance(event, multipart.MultipartSegment):
            segment, content = event, bytearray()
        elif event:
            content += event
        else:
            yield Part(segment.name, (segment.content_type or "").lower(), bytes(content))

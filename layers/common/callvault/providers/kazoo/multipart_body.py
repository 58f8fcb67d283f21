"""Read the multipart bodies of KAZOO's storage plans (kz_att_util.erl, encode_multipart).

Each delimiter comes with its line break before it, the first one too; part names are not quoted, and are no file names;
nothing follows the last delimiter. `multipart` reads all that, in bytes; the parser of the standard library's `email`
takes line breaks within the audio for ends of lines, and its content for text.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import multipart

from callvault.errors import InvalidRequestError

MAX_PARTS = 8
HEADER_BYTES = 8192


@dataclass(frozen=True)
class Part:
    """One part of a body."""

    name: str
    content_type: str
    body: bytes


def parts(content_type: str, body: bytes) -> Iterator[Part]:
    """Yield the parts of a body; raises InvalidRequestError where it is none, or has more than eight."""
    _, options = multipart.parse_options_header(content_type)
    try:
        with multipart.PushMultipartParser(
            options.get("boundary", ""),
            content_length=len(body),
            max_segment_count=MAX_PARTS,
            max_header_size=HEADER_BYTES,
        ) as parser:
            yield from _parts(parser, body)
    except (multipart.MultipartError, ValueError):
        raise InvalidRequestError("body", "The body is not the multipart that its content type promises.") from None


def _parts(parser: multipart.PushMultipartParser, body: bytes) -> Iterator[Part]:
    """Yield the parts as they end."""
    segment: Any = None
    content = bytearray()
    for event in parser.parse(body):
        if isinstance(event, multipart.MultipartSegment):
            segment, content = event, bytearray()
        elif event:
            content += event
        else:
            yield Part(segment.name, (segment.content_type or "").lower(), bytes(content))

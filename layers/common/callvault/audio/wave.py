"""Measure WAVE files.

Sources: Microsoft "Multimedia Programming Interface and Data Specifications 1.0"; RFC 2361 for the
format tags; EBU Tech 3306 for RF64.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from callvault.audio.measurement import WAVE, Measurement

EXTENSIBLE = 0xFFFE
"""The format tag of a `fmt ` chunk that has the real tag in its subformat."""
STREAMED = 0x7FFF0000
"""Smallest data length that means "unknown", in bytes.

A writer that cannot seek back to the header leaves a length of 0, or a placeholder of about this
value or more. No call is that long.
"""
CODECS = {0x0001: "pcm", 0x0003: "float", 0x0006: "alaw", 0x0007: "mulaw"}
"""Codecs by WAVE format tag. In each of them, a block is one sample of every channel."""


class Format(NamedTuple):
    """The content of a `fmt ` chunk."""

    tag: int
    channels: int
    sample_rate: int
    byte_rate: int


def is_wave(head: bytes) -> bool:
    """Return whether a file that begins with these bytes is a WAVE file."""
    return head[:4] in {b"RIFF", b"RF64"} and head[8:12] == b"WAVE"


def measure(head: bytes, size: int) -> Measurement | None:
    """Measure the file of `size` bytes that begins with `head`; None if its header is unusable."""
    description = b""
    for name, start, length in _chunks(head):
        if name == b"fmt ":
            description = head[start : start + length]
        elif name == b"data":
            return _measure_data(_format(description), length, size - start)
    return None


def _format(description: bytes) -> Format:
    """Read a `fmt ` chunk, which may be cut off; missing fields are 0."""
    fields = struct.unpack_from("<HHIIH10xH", description.ljust(26, b"\0"))
    tag, channels, rate, byte_rate, block, subformat = fields
    if tag == EXTENSIBLE:
        tag = subformat
    if tag in CODECS and block:  # the byte rate is redundant then, and some writers get it wrong
        byte_rate = rate * block
    return Format(tag, channels, rate, byte_rate)


def _measure_data(audio: Format, length: int, available: int) -> Measurement | None:
    """Measure a `data` chunk, or return None if its format is incomplete.

    The chunk's header says that the chunk has `length` bytes; the file has `available`.
    """
    if not (audio.channels and audio.sample_rate and audio.byte_rate):
        return None
    # A writer that cannot seek back to the header leaves a length of 0, or one that is far too
    # large. The file may also be truncated.
    present = min(length or available, available)
    promised = length if length < STREAMED else 0
    return Measurement(
        content_type=WAVE,
        codec=CODECS.get(audio.tag, f"0x{audio.tag:04x}"),
        channels=audio.channels,
        sample_rate=audio.sample_rate,
        duration_ms=round(present * 1000 / audio.byte_rate),
        missing=max(0, promised - present),
        estimated=audio.tag not in CODECS,
    )


def _chunks(head: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield name, start and length of each chunk whose header is in the head."""
    offset = 12
    while offset + 8 <= len(head):
        name, length = struct.unpack_from("<4sI", head, offset)
        yield name, offset + 8, length
        offset += 8 + length + length % 2

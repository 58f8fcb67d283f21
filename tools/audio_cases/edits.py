"""Change a made file as broken writers, tag editors and interrupted transfers do."""

import struct
from collections.abc import Callable
from typing import Any

from tools import audio_samples
from tools.audio_cases.case import Edit


def cut(content: bytes, start: int, end: int | None) -> bytes:
    """Leave out the beginning before `start` and the end from `end` on."""
    return content[start:end]


def half(content: bytes) -> bytes:
    """Leave out the second half."""
    return content[: len(content) // 2]


def write(content: bytes, chunk: str, offset: int, value: str) -> bytes:
    """Write hex digits at an offset behind the first appearance of a text."""
    start = content.index(chunk.encode()) + offset
    return content[:start] + bytes.fromhex(value) + content[start + len(value) // 2 :]


def before(content: bytes, *lengths: int) -> bytes:
    """Put ID3 tags of these lengths before the file."""
    return b"".join(audio_samples.id3("A call", length) for length in lengths) + content


def zeros(content: bytes, length: int) -> bytes:
    """Put zeros before the file."""
    return bytes(length) + content


def behind(content: bytes, kind: str) -> bytes:
    """Put a tag behind the file."""
    ape = struct.pack("<8sIIII8x", b"APETAGEX", 2000, 32, 1, 0)
    return content + {"id3v1": b"TAG".ljust(128, b"\0"), "ape": bytes(32) + ape, "zeros": bytes(5000)}[kind]


def chunk(content: bytes, name: str, length: int) -> bytes:
    """Insert a chunk before the data of a WAVE file."""
    start = content.index(b"data")
    return content[:start] + audio_samples.chunk(name.encode(), bytes(length)) + content[start:]


def twice(content: bytes, between: int = 0) -> bytes:
    """Append the file to itself; `between` is the length of an ID3 tag between both."""
    return content + (audio_samples.id3("A call", between) if between else b"") + content


EDITS: dict[str, Callable[..., bytes]] = {
    function.__name__: function for function in (cut, half, write, before, zeros, behind, chunk, twice)
}


def apply(content: bytes, edits: list[Edit]) -> bytes:
    """Return the file with all these changes."""
    for name, *arguments in edits:
        found: list[Any] = arguments
        content = EDITS[name](content, *found)
    return content

"""Check the container of MP4 files, and read what it says of the audio.

Source: ISO/IEC 14496-12, 4.2 for the boxes, 8.2 to 8.5 for those of `moov`; 14496-14 for `mp4a`.
KAZOO records calls in MP4 too (kapps_call_recording.erl). The samples are not read. If the box
`moov` stands behind the samples, as most recorders write it, it is beyond the head of a long file,
and then only the sizes of the boxes are checked.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from callvault.audio.measurement import MP4, Measurement

BRANDS = (b"iso", b"mp4", b"M4A", b"M4V", b"3gp", b"3g2", b"qt  ", b"dash", b"MSNV", b"avc1")
"""Beginnings of the major brands of audio and video; the pictures HEIC and AVIF have others."""
HEADER, LONG_HEADER = 8, 16
MIN_TYPE_BOX, MAX_TYPE_BOX = 16, 1024
"""Limits of the length of the box `ftyp`, in bytes; it has four for each brand."""
PATH = (b"trak", b"mdia", b"minf", b"stbl")
SOUND = b"soun"
DESCRIPTORS = ((b"\x03", 3), (b"\x04", 13), (b"\x05", 0))
"""Tags of the nested descriptors, with the number of bytes before the next one or the content."""
CHANNELS = {1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 6, 7: 8}
EXPLICIT_RATE = 15
UNKNOWN = (0, 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF)
"""Durations of a track that mean that it is not known, as in a fragmented file."""


class Box(NamedTuple):
    """A box of a file; `start` is the offset of its content, `end` that of what follows it."""

    name: bytes
    start: int
    end: int


class Track(NamedTuple):
    """What a sound track says of itself; the duration is None if it is not known."""

    codec: str
    channels: int
    sample_rate: int
    duration_ms: int | None


def is_mp4(head: bytes) -> bool:
    """Return whether a file that begins with these bytes is MP4."""
    length = int.from_bytes(head[:4])
    sized = MIN_TYPE_BOX <= length <= MAX_TYPE_BOX and length % 4 == 0
    return head[4:8] == b"ftyp" and sized and head[8:12].startswith(BRANDS)


def measure(head: bytes, size: int) -> Measurement | None:
    """Measure the file of `size` bytes that begins with `head`; None if its container is unusable.

    The boxes must follow each other up to `moov` or `mdat`. A file without `moov` cannot be played:
    if all boxes are in the head, the bytes of its header are missing.
    """
    boxes = list(_boxes(head, 0, size))
    found = {box.name: box for box in boxes}
    if not found.keys() & {b"moov", b"mdat"} or not all(map(_is_named, boxes)):
        return None
    track = _sound(head, found[b"moov"]) if b"moov" in found else None
    end = boxes[-1].end
    promised = end if b"moov" in found or end + HEADER <= size else end + HEADER
    return Measurement(
        content_type=MP4,
        codec=track and track.codec,
        channels=track and track.channels,
        sample_rate=track and track.sample_rate,
        duration_ms=track and track.duration_ms,
        missing=max(0, promised - size),
    )


def _is_named(box: Box) -> bool:
    """Return whether a box has a name of four letters, as every box of a file has."""
    return box.name.isascii() and box.name.decode("ascii").isprintable()


def _boxes(content: bytes, offset: int, end: int) -> Iterator[Box]:
    """Yield each box between two offsets whose header is in the content."""
    while offset + HEADER <= min(len(content), end):
        length, name = struct.unpack_from(">I4s", content, offset)
        start = offset + HEADER
        if length == 1 and offset + LONG_HEADER <= len(content):
            (length,) = struct.unpack_from(">Q", content, start)
            start = offset + LONG_HEADER
        box = Box(name, start, offset + length if length else end)
        if box.end < box.start:
            return
        yield box
        offset = box.end


def _sound(head: bytes, moov: Box) -> Track | None:
    """Return the first sound track of a `moov` box, or None."""
    tables = [moov]
    for name in PATH[:2]:
        tables = [box for table in tables for box in _children(head, table, name)]
    for media in tables:
        handler = next(_children(head, media, b"hdlr"), None)
        if handler and head[handler.start + 8 : handler.start + 12] == SOUND:
            return _track(head, media)
    return None


def _track(head: bytes, media: Box) -> Track | None:
    """Read the box `mdia` of a sound track; return None if it is incomplete."""
    tables, header = [media], next(_children(head, media, b"mdhd"), None)
    for name in (*PATH[2:], b"stsd"):
        tables = [box for table in tables for box in _children(head, table, name)]
    if not tables or header is None or tables[0].start + 44 > len(head):
        return None
    codec, channels, rate = struct.unpack_from(">12x4s16xH6xH", head, tables[0].start)
    content = head[header.start : header.end].ljust(32, b"\0")
    scale, duration = struct.unpack_from(">20xIQ" if content[0] else ">12xII", content)
    known = round(duration * 1000 / scale) if scale and duration not in UNKNOWN else None
    channels = _configured_channels(head[tables[0].start : tables[0].end]) or channels
    return Track(codec.decode("latin-1").strip(), channels, rate, known)


def _configured_channels(table: bytes) -> int | None:
    """Return the number of channels of AAC (ISO/IEC 14496-1, 7.2.6; 14496-3, 1.6.2), or None.

    It stands in the decoder's configuration. The table itself says 2 for mono too. The
    configuration is in the innermost of three nested descriptors, whose lengths have up to four
    bytes.
    """
    at = table.find(b"esds") + HEADER
    for tag, skipped in DESCRIPTORS:
        if at < HEADER or table[at : at + 1] != tag:
            return None
        at += 1
        while table[at : at + 1] >= b"\x80":
            at += 1
        at += 1 + skipped
    bits = int.from_bytes(table[at : at + 2])
    return CHANNELS.get(bits >> 3 & 15) if bits >> 7 & 15 != EXPLICIT_RATE else None


def _children(head: bytes, parent: Box, name: bytes) -> Iterator[Box]:
    """Yield the boxes with this name directly within a box."""
    return (box for box in _boxes(head, parent.start, parent.end) if box.name == name)

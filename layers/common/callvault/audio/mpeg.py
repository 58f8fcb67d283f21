"""Measure MPEG audio of layer III (MP3).

Sources: ISO/IEC 11172-3 and 13818-3, 2.4.1.3, for the frames; id3.org "ID3v2.4.0 structure" 3.1 for
the tag; Konrad Windszus "MPEG Audio Frame Header" 2.3 for the Xing and VBRI headers.
"""

import re
import struct
from collections.abc import Iterator
from typing import NamedTuple

from callvault.audio.measurement import MPEG, Measurement

ID3 = re.compile(rb"ID3[\x02-\x04][^\xff](?P<flags>.)(?P<length>[\x00-\x7f]{4})", re.DOTALL)
FOOTER = 0x10

SYNC, LAYER_3, MONO = 0x7FF, 1, 3
VERSIONS = {
    3: (1152, (44100, 48000, 32000, 0), (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0)),
    2: (576, (22050, 24000, 16000, 0), (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0)),
    1: (0, (0, 0, 0, 0), (0,) * 16),
    0: (576, (11025, 12000, 8000, 0), (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0)),
}
"""By the version bits of a frame header: samples per frame, sample rates in Hertz, and bitrates of
layer III in kbit/s. 0 stands for a reserved value, or for the free format, which is not read."""
SIDE_INFORMATION = {(1152, 2): 32, (1152, 1): 17, (576, 2): 17, (576, 1): 9}
"""Length of the side information in bytes, by samples per frame and channels."""
FRAMES_AND_BYTES = 3
"""The two flags of a Xing header that has the number of frames and the number of bytes."""


class Frame(NamedTuple):
    """The header of one MP3 frame."""

    bitrate: int
    sample_rate: int
    channels: int
    samples: int
    length: int
    """Length of the frame in bytes, with its header."""


def is_mpeg(head: bytes) -> bool:
    """Return whether a file that begins with these bytes is MP3.

    Text is never accepted as MP3, whatever status or content type it came with. Text has no ID3
    tag, and the byte order mark of UTF-16 (FF FE) looks like a frame of layer I, not of layer III.
    A file without a tag must begin with a frame, and a second frame must follow if `head` is long
    enough to show it.
    """
    return bool(_tag_length(head)) or _is_frame(head, 0)


def measure(head: bytes, size: int) -> Measurement | None:
    """Measure the file of `size` bytes that begins with `head`; None if it has no usable frame."""
    offset = _first_frame(head)
    if offset is None:
        return None
    frames = list(_frames(head, offset))
    first, present = frames[0], size - offset
    count, indexed = _index(head, offset, first)
    has_index = bool(count and indexed)
    if has_index:
        number = count * min(1, present / indexed)
    else:
        number = len(frames) * present / sum(frame.length for frame in frames)
    is_constant = len({frame.bitrate for frame in frames}) == 1
    return Measurement(
        content_type=MPEG,
        codec="mp3",
        channels=first.channels,
        sample_rate=first.sample_rate,
        duration_ms=round(number * first.samples * 1000 / first.sample_rate),
        missing=max(0, indexed - present) if count else 0,
        estimated=not (is_constant or has_index or size == len(head)),
    )


def _first_frame(head: bytes) -> int | None:
    """Return the offset of the first frame, or None; padding may stand between tag and frame."""
    offset = _tag_length(head)
    while not _is_frame(head, offset):
        offset = head.find(b"\xff", offset + 1)
        if offset < 0:
            return None
    return offset


def _tag_length(head: bytes) -> int:
    """Return the length of the ID3v2 tag at the beginning, or 0 if there is none.

    The tag may be longer than the head.
    """
    tag = ID3.match(head)
    if tag is None:
        return 0
    length = 0
    for seven_bits in tag["length"]:
        length = length << 7 | seven_bits
    return 10 + length + (10 if tag["flags"][0] & FOOTER else 0)


def _frames(head: bytes, offset: int) -> Iterator[Frame]:
    """Yield each consecutive frame, from the offset on, whose header is in the head."""
    while frame := _frame(head, offset):
        yield frame
        offset += frame.length


def _frame(head: bytes, offset: int) -> Frame | None:
    """Read the frame header at the offset; return None if there is none of layer III."""
    bits = int.from_bytes(head[offset : offset + 4])
    samples, rates, bitrates = VERSIONS[bits >> 19 & 3]
    bitrate, rate = bitrates[bits >> 12 & 15], rates[bits >> 10 & 3]
    if bits >> 21 != SYNC or bits >> 17 & 3 != LAYER_3 or not (bitrate and rate):
        return None
    length = samples // 8 * bitrate * 1000 // rate + (bits >> 9 & 1)
    return Frame(bitrate, rate, 1 if bits >> 6 & 3 == MONO else 2, samples, length)


def _is_frame(head: bytes, offset: int) -> bool:
    """Return whether a frame is at the offset and, if the head is long enough, another after it."""
    frame = _frame(head, offset)
    return frame is not None and (
        offset + frame.length + 4 > len(head) or _frame(head, offset + frame.length) is not None
    )


def _index(head: bytes, offset: int, first: Frame) -> tuple[int, int]:
    """Return the numbers of frames and bytes from the first frame's index, or zeros without one."""
    # A Xing header follows the side information of the frame; a VBRI header has a fixed offset.
    xing = offset + 4 + SIDE_INFORMATION[first.samples, first.channels]
    mark, flags, count, length = struct.unpack(">4sIII", head[xing : xing + 16].ljust(16, b"\0"))
    if mark in {b"Xing", b"Info"} and flags & FRAMES_AND_BYTES == FRAMES_AND_BYTES:
        return count, length
    mark, length, count = struct.unpack(">4s6xII", head[offset + 36 : offset + 54].ljust(18, b"\0"))
    return (count, length) if mark == b"VBRI" else (0, 0)

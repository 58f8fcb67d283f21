"""Measure MPEG audio of layer III (MP3).

Source for the Xing and VBRI headers: Konrad Windszus "MPEG Audio Frame Header" 2.3.
"""

import struct
from itertools import pairwise

from callvault.audio import frames, tags
from callvault.audio.frames import Frame
from callvault.audio.measurement import MPEG, Measurement

MAX_JUNK = 64 * 1024
"""Maximum length of what may stand before the first frame of a file without a tag, in bytes.

A file that was cut out of a longer one begins in the middle of a frame.
"""
FIRST_BYTES = 16
SIDE_INFORMATION = {(1152, 2): 32, (1152, 1): 17, (576, 2): 17, (576, 1): 9}
"""Length of the side information in bytes, by samples per frame and channels."""
FRAMES_AND_BYTES = 3
"""The two flags of a Xing header that has the number of frames and the number of bytes."""
MAX_TRAILER_MS = 1000
"""What stands behind the indexed audio is audio too if it is longer than this at the same bitrate.

An ID3v1 tag has 128 bytes, which are an eighth of a second at 8 kbit/s.
"""


def is_mpeg(head: bytes) -> bool:
    """Return whether a file that begins with these bytes is MP3.

    Text is never accepted as MP3, whatever status or content type it came with. Text has no tag,
    and the byte order mark of UTF-16 (FF FE) looks like a frame of layer I, not of layer III. A
    file without a tag must begin with a frame, and a second frame must follow if `head` is long
    enough to show it; or a series of frames must begin within MAX_JUNK bytes that are not text.
    """
    return bool(tags.end(head)) or _first_frame(head) is not None


def measure(head: bytes, size: int) -> Measurement | None:
    """Measure the file of `size` bytes that begins with `head`; None if it has no usable frame."""
    offset = _first_frame(head)
    if offset is None:
        return None
    found = list(frames.walk(head, offset))
    first, present = found[0][1], size - offset
    count, indexed = _index(head, offset, first) or (0, 0)
    estimated = False
    if size <= len(head):
        duration = _milliseconds(head, found, size)
    elif count and indexed:
        duration, estimated = _indexed(count * first.samples * 1000 / first.sample_rate, indexed, present)
    else:
        duration = _milliseconds(head, found, len(head)) * present / (len(head) - offset)
        estimated = not _is_constant(found)
    return Measurement(
        content_type=MPEG,
        codec="mp3",
        channels=first.channels,
        sample_rate=first.sample_rate,
        duration_ms=round(duration),
        missing=max(0, indexed - present) if count else 0,
        estimated=estimated,
    )


def _first_frame(head: bytes) -> int | None:
    """Return the offset of the first frame, or None; padding may stand between tag and frame."""
    offset = tags.end(head)
    if frames.begin(head, offset, visible=1, wanted=2):
        return offset
    if offset:
        return frames.search(head, offset)
    if head[:FIRST_BYTES].isascii() and any(head[:FIRST_BYTES]):
        return None
    return frames.search(head, 0, MAX_JUNK, visible=3, wanted=8)


def _milliseconds(head: bytes, found: list[tuple[int, Frame]], end: int) -> float:
    """Return the duration of the frames before the offset `end`.

    A frame that is cut off counts in part. A frame with an index has no audio.
    """
    audio = ((offset, frame) for offset, frame in found if _index(head, offset, frame) is None)
    return sum(
        frame.samples * 1000 / frame.sample_rate * min(1, (end - offset) / frame.length) for offset, frame in audio
    )


def _indexed(duration: float, indexed: int, present: int) -> tuple[float, bool]:
    """Return the duration of an indexed file in milliseconds, and whether it is an estimate.

    `duration` is that of the index, for its `indexed` bytes; `present` is how many there are. If
    there are many more, other audio follows, which the index does not know: some programs append a
    second file to the first.
    """
    whole = duration * present / indexed
    if whole <= duration:
        return whole, False
    return (whole, True) if whole - duration > MAX_TRAILER_MS else (duration, False)


def _is_constant(found: list[tuple[int, Frame]]) -> bool:
    """Return whether all frames have one bitrate and nothing stands between them."""
    return all(
        one.bitrate == other.bitrate and offset + one.length == following
        for (offset, one), (following, other) in pairwise(found)
    )


def _index(head: bytes, offset: int, frame: Frame) -> tuple[int, int] | None:
    """Return the numbers of frames and bytes of a frame's index; None if it has no index.

    The numbers are 0 if the writer has not filled them in.
    """
    # A Xing header follows the side information of the frame; a VBRI header has a fixed offset.
    xing = offset + frames.HEADER + SIDE_INFORMATION[frame.samples, frame.channels]
    mark, flags, count, length = struct.unpack(">4sIII", head[xing : xing + 16].ljust(16, b"\0"))
    if mark in {b"Xing", b"Info"}:
        return (count, length) if flags & FRAMES_AND_BYTES == FRAMES_AND_BYTES else (0, 0)
    mark, length, count = struct.unpack(">4s6xII", head[offset + 36 : offset + 54].ljust(18, b"\0"))
    return (count, length) if mark == b"VBRI" else None

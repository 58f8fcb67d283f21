"""Recognise audio, and measure its duration from the size and the first bytes of the file.

`wave`, `mpeg` and `mp4` read the headers themselves. The library tinytag 2.3.2 was tried and
measured wrongly: it trusts the length in the header of a truncated or streamed WAVE file (74 hours
instead of 20 s), reads mu-law without a fact chunk as 0 s, and refuses RF64. It also derives the
bitrate of a whole call from five silent frames at its beginning (1358 s instead of 306 s).
"""

from callvault.audio import measurement, mp4, mpeg, tags, wave
from callvault.audio.beginnings import may_become_audio
from callvault.audio.comparison import (
    differences,
    encrypted_differences,
    is_as_long,
    is_empty,
    is_too_small,
    too_short,
)
from callvault.audio.measurement import MP4, MPEG, WAVE, Measurement
from callvault.errors import RejectedError

__all__ = [
    "HEAD_BYTES",
    "MAX_HEAD_BYTES",
    "MP4",
    "MPEG",
    "WAVE",
    "Measurement",
    "check",
    "differences",
    "encrypted_differences",
    "head",
    "is_as_long",
    "is_empty",
    "is_too_small",
    "may_become_audio",
    "measure",
    "too_short",
]

HEAD_BYTES = 256 * 1024
"""Length of the beginning of the audio that `check` and `measure` need, in bytes.

A WAVE header has hundreds of bytes. The duration of an MP3 with variable bitrate and no index is
estimated from this beginning, which is half a minute at 64 kbit/s.
"""
MAX_HEAD_BYTES = 8 * 1024 * 1024
"""Maximum length of a head, in bytes, with the tags and chunks that stand before the audio.

A picture in a tag has some 100,000 bytes. The head is held in memory.
"""


def head(content: bytes) -> bytes:
    """Return the beginning of a file that `check` and `measure` need.

    `content` is the whole file or its beginning; MAX_HEAD_BYTES are always enough.
    """
    start = tags.end(content)
    offset = start
    if wave.is_wave(content[start : start + 12]):
        offset += wave.data_offset(content[start:])
    return content[: min(offset + HEAD_BYTES, MAX_HEAD_BYTES)]


def check(head: bytes) -> str:
    """Return the content type of a file that begins with `head`.

    Raises RejectedError if the file is empty, or is neither WAVE nor MP3 nor MP4.
    """
    if not head:
        raise RejectedError("empty", "The file has no bytes.")
    if wave.is_wave(_untagged(head)):
        return WAVE
    if mp4.is_mp4(head):
        return MP4
    if mpeg.is_mpeg(head):
        return MPEG
    raise RejectedError("not_audio", "The file begins neither like WAVE nor like MP3 or MP4.")


def measure(head: bytes, size: int) -> Measurement:
    """Measure the file of `size` bytes that begins with `head`.

    `head` is what the function `head` returns. Raises RejectedError if the file is not audio or has
    no usable header.
    """
    head = head[:size]
    match check(head):
        case measurement.WAVE:
            untagged = _untagged(head)
            measured = wave.measure(untagged, size - len(head) + len(untagged))
        case measurement.MP4:
            measured = mp4.measure(head, size)
        case _:
            measured = mpeg.measure(head, size)
    if measured is None:
        raise RejectedError("not_audio", "The file begins like audio but has no usable header.")
    return measured


def _untagged(head: bytes) -> bytes:
    """Return the head without the tags at its beginning."""
    return head[tags.end(head) :]

"""Recognise audio, and measure its duration from the size and the first bytes of the file.

`wave` and `mpeg` read the headers themselves. The library tinytag 2.3.2 was tried and measured
wrongly: it trusts the length in the header of a truncated or streamed WAVE file (74 hours instead
of 20 s), reads mu-law without a fact chunk as 0 s, and refuses RF64. It also derives the bitrate of
a whole call from five silent frames at its beginning (1358 s instead of 306 s).
"""

from callvault.audio import mpeg, wave
from callvault.audio.measurement import FORMATS, MPEG, WAVE, Measurement
from callvault.errors import RejectedError
from callvault.models import Recording

__all__ = ["HEAD_BYTES", "MPEG", "WAVE", "Measurement", "check", "differences", "measure", "too_short"]

HEAD_BYTES = 256 * 1024
"""Length of the beginning that `check` and `measure` need, in bytes.

A WAVE header has hundreds of bytes, and an ID3 tag with a picture has about 100,000. The duration
of an MP3 with variable bitrate and no index is estimated from this beginning, which is half a
minute at 64 kbit/s.
"""


def check(head: bytes) -> str:
    """Return the content type of a file that begins with `head`.

    Raises RejectedError if the file is empty, or is neither WAVE nor MP3.
    """
    if not head:
        raise RejectedError("empty", "The file has no bytes.")
    if wave.is_wave(head):
        return WAVE
    if mpeg.is_mpeg(head):
        return MPEG
    raise RejectedError("not_audio", "The file begins neither like WAVE nor like MP3.")


def measure(head: bytes, size: int) -> Measurement:
    """Measure the file of `size` bytes that begins with `head`.

    `head` is HEAD_BYTES long, or the whole of a shorter file. Raises RejectedError if the file is
    not audio or has no usable header.
    """
    head = head[:size]
    measurement = wave.measure(head, size) if check(head) == WAVE else mpeg.measure(head, size)
    if measurement is None:
        raise RejectedError("not_audio", "The file begins like audio but has no usable header.")
    return measurement


def differences(recording: Recording, measurement: Measurement) -> tuple[str, ...]:
    """Describe each difference between the recording as announced and the measurement."""
    found = []
    announced, measured = recording.duration_ms, measurement.duration_ms
    if announced is not None and abs(announced - measured) > _tolerance(announced):
        verb = "estimated" if measurement.estimated else "measured"
        found.append(f"duration announced {announced} ms, {verb} {measured} ms")
    if measurement.missing:
        found.append(f"the header promises {measurement.missing} bytes more than there are")
    if recording.channels is not None and recording.channels != measurement.channels:
        found.append(f"channels announced {recording.channels}, measured {measurement.channels}")
    if recording.format is not None and recording.format != FORMATS[measurement.content_type]:
        found.append(f"format announced {recording.format}, measured {FORMATS[measurement.content_type]}")
    return tuple(found)


def too_short(recording: Recording, measurement: Measurement) -> bool:
    """Return whether the file is truncated: shorter than its header says or than announced.

    An estimated duration is not compared with the announced one.
    """
    if measurement.missing:
        return True
    if recording.duration_ms is None or measurement.estimated:
        return False
    return measurement.duration_ms < recording.duration_ms - _tolerance(recording.duration_ms)


def _tolerance(announced: int) -> float:
    """Return the accepted difference from an announced duration, both in milliseconds.

    Providers round durations to seconds, and encoders add padding.
    """
    return max(1000, 0.02 * announced)

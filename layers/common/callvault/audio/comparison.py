"""Compare a file with what the provider announced about the recording."""

from callvault.audio.measurement import FORMATS, Measurement
from callvault.models import Recording

MIN_BYTE_RATE = 8000
"""Smallest byte rate of a WAVE file of a telephone call: 8 kHz, mono, one byte for each sample.

Twilio's files have twice as many bytes: 128 kbit/s
(https://support.twilio.com/hc/en-us/articles/360002588893). Encryption (AES-256-GCM) adds 16 bytes
at most.
"""


def differences(recording: Recording, measured: Measurement) -> tuple[str, ...]:
    """Describe each difference between the recording as announced and the measurement.

    A file that is a header alone is a difference even if nothing was announced.
    """
    found = []
    announced, present = recording.duration_ms, measured.duration_ms
    if is_empty(measured):
        found.append("the file has no audio")
    tolerance = _tolerance(announced or 0, estimated=measured.estimated)
    if announced is not None and present is not None and abs(announced - present) > tolerance:
        verb = "estimated" if measured.estimated else "measured"
        found.append(f"duration announced {announced} ms, {verb} {present} ms")
    if measured.missing:
        found.append(f"the header promises {measured.missing} bytes more than there are")
    for name in ("channels", "format"):
        stated = getattr(recording, name)
        actual = FORMATS[measured.content_type] if name == "format" else measured.channels
        if None not in {stated, actual} and stated != actual:
            found.append(f"{name} announced {stated}, measured {actual}")
    return tuple(found)


def encrypted_differences(recording: Recording, size: int) -> tuple[str, ...]:
    """Describe the difference between a recording as announced and the size of encrypted media."""
    if not is_too_small(recording, size):
        return ()
    return (f"{size} bytes are too few for the announced {recording.duration_ms} ms",)


def is_too_small(recording: Recording, size: int) -> bool:
    """Return whether a WAVE file that nobody can read is too small for the announced duration."""
    shortest = (recording.duration_ms or 0) - _tolerance(recording.duration_ms or 0)
    return size * 1000 < shortest * MIN_BYTE_RATE


def is_empty(measured: Measurement) -> bool:
    """Return whether a file has a header and no audio."""
    return measured.duration_ms == 0


def too_short(recording: Recording, measured: Measurement) -> bool:
    """Return whether the file is truncated: shorter than its header says or than announced.

    A duration that is estimated or not known is not compared with the announced one.
    """
    if measured.missing:
        return True
    if recording.duration_ms is None or measured.duration_ms is None or measured.estimated:
        return False
    return measured.duration_ms < recording.duration_ms - _tolerance(recording.duration_ms)


def is_as_long(announced: int, measured: int) -> bool:
    """Return whether a measured duration, which may be estimated, is the announced one, in ms."""
    return abs(announced - measured) <= _tolerance(announced, estimated=True)


def _tolerance(announced: int, *, estimated: bool = False) -> float:
    """Return the accepted difference from an announced duration, both in milliseconds.

    A measured duration may differ by 1 second, or by 2 % of a longer one, but by no more than 2
    seconds and 0.1 %: providers round to seconds, encoders add padding, and clocks drift apart by
    less than 0.1 %. An estimated duration may differ by 2 % of any length.
    """
    share = 0.02 * announced
    return max(1000, share if estimated else min(share, 2000 + 0.001 * announced))

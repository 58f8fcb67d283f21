"""Define what a measurement of audio contains."""

from callvault.models import Format
from callvault.values import Frozen

WAVE = "audio/x-wav"
MPEG = "audio/mpeg"
MP4 = "audio/mp4"
FORMATS: dict[str, Format] = {WAVE: "wav", MPEG: "mp3", MP4: "mp4"}
"""The formats of recordings, by content type."""


class Measurement(Frozen):
    """The facts that the bytes of a file show, independent of what the provider announced."""

    content_type: str
    codec: str | None
    """`pcm`, `float`, `mulaw`, `alaw`, `mp3`, the WAVE format tag in hex, or MP4's four letters.

    None if an MP4 file describes its audio only at its end.
    """
    channels: int | None
    """None as for `codec`."""
    sample_rate: int | None
    """Sample rate in Hertz; None as for `codec`."""
    duration_ms: int | None
    """Duration of the bytes that are present, in milliseconds, whatever the header says.

    None as for `codec`. An MP4 file's duration is the one that the file states.
    """
    missing: int = 0
    """Number of bytes by which the file is shorter than its header says.

    If it is not 0, either the file is truncated or its header is wrong.
    """
    estimated: bool = False
    """Whether the duration is an estimate.

    It is if the bitrate varies and the file has no index, if more audio follows what the index
    describes, or if the codec is unknown.
    """

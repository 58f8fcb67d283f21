"""Define what a measurement of audio contains."""

from callvault.models import Frozen

WAVE = "audio/x-wav"
MPEG = "audio/mpeg"
FORMATS = {WAVE: "wav", MPEG: "mp3"}
"""The formats of recordings, by content type."""


class Measurement(Frozen):
    """The facts that the bytes of a file show, independent of what the provider announced."""

    content_type: str
    codec: str
    """`pcm`, `float`, `mulaw`, `alaw`, `mp3`, or the WAVE format tag in hex."""
    channels: int
    sample_rate: int
    """Sample rate in Hertz."""
    duration_ms: int
    """Duration of the bytes that are present, in milliseconds, whatever the header says."""
    missing: int = 0
    """Number of bytes by which the file is shorter than its header says.

    If it is not 0, either the file is truncated or its header is wrong.
    """
    estimated: bool = False
    """Whether the duration is an estimate.

    It is if the bitrate varies and the file has no index, or if the codec is unknown.
    """

"""Make unique audio for each recording, at little cost: a tone, and the id of the recording."""

from functools import cache

from tools import audio_samples
from tools.local.faults.replies import Reply
from tools.storm.plan import Drawn

RATE, BITS = 8000, 16
TYPES = {"wav": "audio/vnd.wave", "mp3": "audio/mpeg"}
NO_AUDIO = b"%PDF-1.7 this is not audio, whatever it is called "


def audio(drawn: Drawn, recording_id: str) -> bytes:
    """Return the audio of a recording; no two recordings have the same."""
    if drawn.format == "mp3":
        return audio_samples.mp3(drawn.seconds, tag=audio_samples.id3(recording_id))
    return audio_samples.wave(
        _tone(drawn.seconds, drawn.channels),
        channels=drawn.channels,
        rate=RATE,
        codec="pcm",
        bits=BITS,
        chunks=audio_samples.chunk(b"note", recording_id.encode()),
    )


def part(drawn: Drawn, recording_id: str) -> bytes:
    """Return the partial audio of a recording, which is served before the whole."""
    return audio(drawn, f"{recording_id} in part")


def reply(drawn: Drawn, audio: bytes) -> Reply:
    """Return a provider's answer with the audio."""
    return Reply(body=audio, headers={"content-type": TYPES[drawn.format]})


@cache
def _tone(seconds: int, channels: int) -> bytes:
    return audio_samples.wav(seconds, channels=channels)[44:]

"""Say of a recording what every dialect says, whatever it calls it."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from callvault import times
from callvault.models import Recording

CONTENT_TYPES = {"mp3": "audio/mpeg", "wav": "audio/x-wav"}
EXTENSIONS = {content_type: extension for extension, content_type in CONTENT_TYPES.items()}
UNSAFE = frozenset('"\\/')
LONGEST_NAME = 200
LONG = ("transcription", "history")
"""What of the archive's facts takes more room than a list of a thousand has for each."""


def duration_ms(recording: Recording) -> int | None:
    """Return a recording's duration: the announced one, or else the measured."""
    if recording.duration_ms is None and recording.media is not None:
        return recording.media.duration_ms
    return recording.duration_ms


def channels(recording: Recording) -> int | None:
    """Return how many channels a recording has: as announced, or else as measured."""
    if recording.channels is None and recording.media is not None:
        return recording.media.channels
    return recording.channels


def content_type(recording: Recording) -> str | None:
    """Return the audio's type, or the one it will have, or None if nobody told."""
    return recording.media.content_type if recording.media else CONTENT_TYPES.get(recording.format or "")


def extension(recording: Recording) -> str | None:
    """Return the audio's file name extension, `wav` or `mp3`, or None if nobody told."""
    return EXTENSIONS.get(content_type(recording) or "")


def file_name(recording: Recording) -> str:
    """Return the name under which a recording's audio is downloaded."""
    suffix = extension(recording) or "bin"
    name = recording.name or recording.recording_id
    return name if name.lower().endswith(f".{suffix}") else f"{name}.{suffix}"


def disposition(name: str, *, inline: bool = False) -> str:
    """Return a Content-Disposition (RFC 6266) in which a name can neither end its own quotes nor the header."""
    known = "".join("_" if letter in UNSAFE or not letter.isprintable() else letter for letter in name[-LONGEST_NAME:])
    plain = known.encode("ascii", errors="replace").decode().replace("?", "_").replace("%", "_")
    value = f'{"inline" if inline else "attachment"}; filename="{plain}"'
    return value if plain == known else f"{value}; filename*=UTF-8''{quote(known, safe='')}"


def archive(recording: Recording) -> dict[str, Any]:
    """Return what only the archive knows of a recording; its times are ISO 8601 in every dialect."""
    media = recording.media
    facts = {
        "provider": recording.provider,
        "state": recording.state,
        "reason": recording.reason,
        "partial": (media or recording).partial,
        "parent_call_id": recording.parent_call_id,
        "tag": recording.tag,
        "transcription": recording.transcription,
        "discrepancies": list(recording.discrepancies) or None,
        "created_time": recording.created_time and times.write(recording.created_time),
        "updated_time": recording.updated_time and times.write(recording.updated_time),
        "source_expires_time": recording.source_expires_time and times.write(recording.source_expires_time),
        "history": [{"time": times.write(event.time), "what": event.what} for event in recording.history],
    }
    if media is not None:
        facts |= media.model_dump(
            include={"size", "sha256", "codec", "channels", "sample_rate", "duration_ms"}, mode="json"
        )
    return told(facts)


def brief(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a document with the short ones of the archive's facts, for lists."""
    facts = {name: value for name, value in document["archive"].items() if name not in LONG}
    return {**document, "archive": facts}


def told(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of a document is not None."""
    return {name: value for name, value in document.items() if value is not None}

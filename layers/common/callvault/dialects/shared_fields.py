"""Compute the fields of a recording that all dialects have under different names.

Examples are duration, content type, file name and the `archive` member. The module also writes the
Content-Disposition of downloads.
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from callvault import times
from callvault.dialects import redaction
from callvault.models import Recording, State
from callvault.providers import look_ups
from callvault.readers.access import Principal
from callvault.transcript import REMOVED, Transcript, TranscriptState

CONTENT_TYPES = {"mp3": "audio/mpeg", "wav": "audio/x-wav", "mp4": "audio/mp4"}
EXTENSIONS = {content_type: extension for extension, content_type in CONTENT_TYPES.items()}
UNSAFE = frozenset('"\\/')
"""Characters that a file name in a header must not have."""
MAX_FILE_NAME = 200
"""Maximum length of a file name in a header, in characters."""
MAX_INT32 = 2**31 - 1
UNESCAPED = re.compile(r" [0-9]+")
"""Matches a number whose `+` was not escaped as `%2B`: `+` stands for a space in a query."""
LEFT_OUT_OF_LISTS = ("transcription", "history", "extra")
"""Members of `archive` that are too large for a list of a thousand recordings."""

MEDIA_FIELDS = ("size", "sha256", "codec", "channels", "sample_rate", "duration_ms")
"""Members of `archive` that describe the stored audio."""
ARCHIVE_FIELDS = frozenset({
    *MEDIA_FIELDS, "attempts", "created_time", "discrepancies", "extra", "history", "last_reason", "next_attempt_time",
    "parent_call_id", "partial", "provider", "reason", "source_expires_time", "state", "tag", "transcription",
    "updated_time",
})  # fmt: skip
"""All members of `archive` that a list may be filtered by; not those of `for_reader`."""


def duration_ms(recording: Recording) -> int | None:
    """Return the duration as announced, or else as measured, in milliseconds."""
    if recording.duration_ms is None and recording.served is not None:
        return recording.served.duration_ms
    return recording.duration_ms


def channels(recording: Recording) -> int | None:
    """Return the number of channels as announced, or else as measured."""
    if recording.channels is None and recording.served is not None:
        return recording.served.channels
    return int32(recording.channels)


def int32(number: int | None) -> int | None:
    """Return a number if typed SDKs can read it, or else None.

    The SDKs for C# and Java have 32 bits for a number, and fail on a larger one.
    """
    return number if number is not None and number <= MAX_INT32 else None


def content_type(recording: Recording) -> str | None:
    """Return the content type of the audio, or None if it is unknown.

    Before the audio is stored, the content type follows from the announced format.
    """
    return recording.served.content_type if recording.served else CONTENT_TYPES.get(recording.format or "")


def extension(recording: Recording) -> str | None:
    """Return the file name extension of the audio, or None if it is unknown or encrypted."""
    return EXTENSIONS.get(content_type(recording) or "")


def file_name(recording: Recording) -> str:
    """Return the file name under which the audio is downloaded."""
    suffix = extension(recording) or "bin"
    name = recording.name or recording.recording_id
    return name if name.lower().endswith(f".{suffix}") else f"{name}.{suffix}"


def disposition(name: str, *, inline: bool = False) -> str:
    """Return the value of a Content-Disposition header with a file name (RFC 6266).

    Characters of the name that could end the quoted string or the header are replaced. A name
    longer than MAX_FILE_NAME loses its beginning, so that the extension remains.
    """
    known = "".join("_" if letter in UNSAFE or not letter.isprintable() else letter for letter in name[-MAX_FILE_NAME:])
    plain = known.encode("ascii", errors="replace").decode().replace("?", "_").replace("%", "_")
    value = f'{"inline" if inline else "attachment"}; filename="{plain}"'
    return value if plain == known else f"{value}; filename*=UTF-8''{quote(known, safe='')}"


def archive(recording: Recording) -> dict[str, Any]:
    """Return the `archive` member: fields that only the archive has, times in ISO 8601."""
    media = recording.media
    extra = {name: value for name, value in recording.extra.items() if name != look_ups.EXTERNAL_URL}
    attempt = recording.attempt if recording.state is State.PENDING else None
    fields = {
        "provider": recording.provider,
        "state": recording.state,
        "reason": recording.reason,
        "attempts": attempt and attempt.count,
        "last_reason": attempt and attempt.reason,
        "next_attempt_time": attempt and attempt.next_time and times.write(attempt.next_time),
        "partial": (media or recording).partial,
        "parent_call_id": recording.parent_call_id,
        "tag": recording.tag,
        "transcription": transcription(recording),
        "transcript": _transcript(recording.transcript),
        "extra": redaction.clean(extra) or None,
        "discrepancies": list(recording.discrepancies) or None,
        "created_time": recording.created_time and times.write(recording.created_time),
        "updated_time": recording.updated_time and times.write(recording.updated_time),
        "source_expires_time": recording.source_expires_time and times.write(recording.source_expires_time),
        "history": [{"time": times.write(event.time), "what": event.what} for event in recording.history],
    }
    if media is not None:
        fields |= media.model_dump(include=set(MEDIA_FIELDS), mode="json")
    return without_nulls(fields)


def transcription(recording: Recording) -> dict[str, Any] | None:
    """Return the description of a transcription, or None if its text was removed.

    The description may contain the text.
    """
    removed = recording.transcript is not None and recording.transcript.state in REMOVED
    return None if removed else recording.transcription


def _transcript(found: Transcript | None) -> dict[str, Any] | None:
    """Return what the archive knows of a transcript, or None."""
    if found is None:
        return None
    attempt = found.attempt if found.state is TranscriptState.PENDING else None
    fields = {
        "state": found.state,
        "reason": found.reason,
        "attempts": attempt and attempt.count,
        "last_reason": attempt and attempt.reason,
        "next_attempt_time": attempt and attempt.next_time and times.write(attempt.next_time),
        "size": found.text and found.text.size,
        "sha256": found.text and found.text.sha256,
        "source_expires_time": found.source_expires_time and times.write(found.source_expires_time),
    }
    return without_nulls(fields)


def for_reader(document: Mapping[str, Any], recording: Recording, principal: Principal) -> dict[str, Any]:
    """Return a document with the member of its `archive` that only an admin sees.

    The member `external_url` says where the provider stored the media, if not at the provider. It
    may name a bucket of the customer's.
    """
    url = look_ups.external_url(recording) if principal.reader.is_admin else None
    return dict(document) if url is None else {**document, "archive": {**document["archive"], "external_url": url}}


def for_list(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a document without the large members of its `archive`."""
    fields = {name: value for name, value in document["archive"].items() if name not in LEFT_OUT_OF_LISTS}
    return {**document, "archive": fields}


def number(value: str) -> str:
    """Return a number of a query, with the `+` that became a space because it was not escaped."""
    return f"+{value[1:]}" if UNESCAPED.fullmatch(value) else value


def without_nulls(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members of a document that are not None."""
    return {name: value for name, value in document.items() if value is not None}

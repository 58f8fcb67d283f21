"""Render a recording as Bandwidth's metadata.

https://dev.bandwidth.com/apis/voice-apis/voice/#tag/Recordings. The types are those that
Bandwidth's SDK requires: `channels` is an integer, `fileFormat` is wav or mp3, `direction` is
inbound or outbound, and times are ISO 8601. A member whose value is unknown is left out, because
Bandwidth's OpenAPI allows a null only for the NULLABLE ones, and the SDK for C# fails on a null in
`channels`, `startTime`, `endTime` and `completedTime`. The member `archive` has the fields that
only the archive has; the SDK keeps it among additional properties.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from callvault import providers, times
from callvault.dialects import shared_fields
from callvault.dialects.dispatch import Names
from callvault.models import Recording, State
from callvault.providers.fields import json_object_or_empty
from callvault.transcript import REMOVED, Transcript, TranscriptState

type Document = dict[str, Any]
type Renderer = Callable[[Recording, str, str], Document]
"""Renders a recording.

Arguments: the recording, the account's URL, and the account id from the request's path.
"""

NULLABLE = ("mediaUrl", "transcription")
"""Members that are null if there is no value. Source: bandwidth.yml of Bandwidth's SDKs."""
FILE_FORMATS = ("wav", "mp3")
FAILED = {State.ABSENT, State.FAILED}
TRANSCRIPT_FIELDS = ("transcripts", "clips")
"""The members of Bandwidth's transcription that hold its text."""


def render_call(recording: Recording, base: str, account_id: str) -> Document:
    """Return the metadata of a call's recording."""
    document = {
        "applicationId": _extra(recording, "applicationId"),
        "accountId": account_id,
        "callId": recording.call_id,
        "parentCallId": recording.parent_call_id,
        "recordingId": recording.recording_id,
        "to": recording.callee,
        "from": recording.caller,
        "transferCallerId": _extra(recording, "transferCallerId"),
        "transferTo": _extra(recording, "transferTo"),
        "direction": recording.direction,
        **_common(recording, base),
        "transcription": _transcription(recording, base),
    }
    return _without_unknown(document)


def render_conference(recording: Recording, base: str, account_id: str) -> Document:
    """Return the metadata of a conference's recording; `name` is the name of the conference."""
    document = {
        "accountId": account_id,
        "conferenceId": recording.conference_id,
        "name": _extra(recording, "name"),
        "recordingId": recording.recording_id,
        **_common(recording, base),
    }
    return _without_unknown(document)


def text_of(recording: Recording, stored: bytes | None) -> Document | None:
    """Return the text of the transcription, as stored or within the callback; None if neither.

    A text in the form of another provider becomes entries with its words.
    """
    known = json_object_or_empty(stored) if stored else shared_fields.transcription(recording) or {}
    found = {name: _entries(known[name]) for name in TRANSCRIPT_FIELDS if isinstance(known.get(name), list)}
    if found:
        return {**(shared_fields.without_nulls(known) if stored else {}), **found}
    spoken = providers.spoken(recording, stored) if stored else []
    return {"transcripts": [{"text": words} for words in spoken]} if spoken else None


def path(pattern: str, names: Names) -> str:
    """Return the path that results when percent-encoded values replace a pattern's names."""
    return pattern.format_map({name: quote(value, safe="") for name, value in names.items()})


def _common(recording: Recording, base: str) -> Document:
    """Return the metadata that recordings of calls and of conferences share."""
    duration, end = shared_fields.duration_ms(recording), _end_time(recording)
    return {
        "duration": None if duration is None else times.write_duration(duration),
        "channels": shared_fields.channels(recording),
        "startTime": _time(recording, "startTime", recording.start_time),
        "endTime": _time(recording, "endTime", end),
        "fileFormat": _file_format(recording),
        "status": _status(recording),
        "mediaUrl": f"{_url(recording, base)}/media" if recording.served else None,
        "recordingName": recording.name,
        "archive": shared_fields.archive(recording),
    }


def _end_time(recording: Recording) -> datetime | None:
    """Return when a recording ended, as announced, or else its start and its duration added."""
    duration = shared_fields.duration_ms(recording)
    if recording.end_time is not None or recording.start_time is None or duration is None:
        return recording.end_time
    try:
        return recording.start_time + timedelta(milliseconds=duration)
    except OverflowError:  # a provider may announce any time
        return None


def _time(recording: Recording, name: str, time: datetime | None) -> str | None:
    """Return a time with the precision in which Bandwidth reported it."""
    return None if time is None else times.write_as_given(time, times.read_precise(_extra(recording, name)))


def _file_format(recording: Recording) -> str | None:
    """Return the format if Bandwidth has it: its SDK refuses every other word than these two."""
    extension = shared_fields.extension(recording)
    return extension if extension in FILE_FORMATS else None


def _status(recording: Recording) -> str:
    """Return Bandwidth's status of a recording."""
    if recording.state in FAILED:
        return "error"
    if recording.served is None:
        return "processing"
    return "partial" if recording.served.partial else "complete"


def _transcription(recording: Recording, base: str) -> Document | None:
    """Return Bandwidth's description of the transcription, or None if there is no transcription.

    The description has a URL only if the archive has the text. Until then its status is that the
    text is not there, whatever Bandwidth reported.
    """
    found, known = recording.transcript, recording.transcription or {}
    if (found is None and not known) or (found is not None and found.state in REMOVED):
        return None
    has_text = bool(found and found.text) or text_of(recording, None) is not None
    completed = times.read_precise(known.get("completedTime"))
    document = {
        "id": _text(known.get("id")),
        "status": _transcription_status(found, has_text=has_text) or _text(known.get("status")),
        "completedTime": completed and times.write_as_given(completed, completed),
        "url": f"{_url(recording, base)}/transcription" if has_text else None,
    }
    return shared_fields.without_nulls(document)


def _transcription_status(found: Transcript | None, *, has_text: bool) -> str | None:
    """Return Bandwidth's status of a transcription, or None if only its description tells."""
    if found is None:
        return None
    if has_text:
        return "available"
    return {TranscriptState.ABSENT: found.reason, TranscriptState.FAILED: "error"}.get(found.state, "processing")


def _without_unknown(document: Document) -> Document:
    """Return the members of a document that have a value, and those that may be null."""
    return {name: value for name, value in document.items() if value is not None or name in NULLABLE}


def _entries(entries: list[Any]) -> list[Document]:
    """Return the entries of a transcript, without members that are null.

    The SDK for C# fails on a null in an entry's numbers too.
    """
    return [shared_fields.without_nulls(entry) for entry in entries if isinstance(entry, dict)]


def _url(recording: Recording, base: str) -> str:
    """Return the URL of a recording below its conference, or else its call, or else its account."""
    pattern, names = "/recordings/{recording}", {"recording": recording.recording_id}
    if recording.conference_id or recording.call_id:
        pattern = f"/{{kind}}/{{parent}}{pattern}"
        names["kind"] = "conferences" if recording.conference_id else "calls"
        names["parent"] = recording.conference_id or recording.call_id or ""
    return base + path(pattern, names)


def _extra(recording: Recording, name: str) -> str | None:
    """Return a text field that only Bandwidth's callbacks have, or None."""
    return _text(recording.extra.get(name)) if recording.provider == "bandwidth" else None


def _text(value: object) -> str | None:
    """Return a value if it is text, or else None, because the SDK accepts only text."""
    return value if isinstance(value, str) else None

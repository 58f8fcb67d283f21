"""Render a recording as Bandwidth's metadata: https://dev.bandwidth.com/apis/voice-apis/voice/#tag/Recordings.

Types are those that Bandwidth's SDK insists on: `channels` an integer, `fileFormat` wav or mp3, `direction` inbound or
outbound, times in ISO 8601; what nobody told is null. `archive`, which the SDK keeps among additional properties, holds
what only the archive knows.
"""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from callvault import times
from callvault.dialects import shared_fields
from callvault.models import Recording, State

type Document = dict[str, Any]
type Renderer = Callable[[Recording, str, str], Document]
"""Given the recording, the address of its account, and the account's id as the caller knows it."""

FAILED = {State.ABSENT, State.FAILED}
SPOKEN = ("transcripts", "clips")
"""What Bandwidth's transcription of a recording consists of."""


def render_call(recording: Recording, base: str, account_id: str) -> Document:
    """Return the metadata of a call's recording."""
    return {
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


def render_conference(recording: Recording, base: str, account_id: str) -> Document:
    """Return the metadata of a conference's recording; `name` is the conference's."""
    return {
        "accountId": account_id,
        "conferenceId": recording.conference_id,
        "name": _extra(recording, "name"),
        "recordingId": recording.recording_id,
        **_common(recording, base),
    }


def transcript(recording: Recording) -> Document | None:
    """Return what was said, if the provider sent that along."""
    known = recording.transcription or {}
    spoken = {name: known[name] for name in SPOKEN if isinstance(known.get(name), list)}
    return spoken or None


def path(pattern: str, names: Mapping[str, str]) -> str:
    """Return the path that a pattern and its names stand for, percent-encoded."""
    return pattern.format_map({name: quote(value, safe="") for name, value in names.items()})


def _common(recording: Recording, base: str) -> Document:
    """Return what the metadata of calls' and conferences' recordings have in common."""
    duration = shared_fields.duration_ms(recording)
    return {
        "duration": None if duration is None else times.write_duration(duration),
        "channels": shared_fields.channels(recording),
        "startTime": recording.start_time and times.write(recording.start_time),
        "endTime": recording.end_time and times.write(recording.end_time),
        "fileFormat": shared_fields.extension(recording),
        "status": _status(recording),
        "mediaUrl": f"{_address(recording, base)}/media" if recording.media else None,
        "recordingName": recording.name,
        "archive": shared_fields.archive(recording),
    }


def _status(recording: Recording) -> str:
    """Return Bandwidth's word for what can be had of a recording."""
    if recording.state in FAILED:
        return "error"
    if recording.media is None:
        return "processing"
    return "partial" if recording.media.partial else "complete"


def _transcription(recording: Recording, base: str) -> Document | None:
    """Return what is known of a transcription; its address only if we can serve it."""
    known = recording.transcription
    if known is None:
        return None
    completed = times.read(known.get("completedTime"))
    return {
        "id": _text(known.get("id")),
        "status": _text(known.get("status")),
        "completedTime": completed and times.write(completed),
        "url": f"{_address(recording, base)}/transcription" if transcript(recording) else None,
    }


def _address(recording: Recording, base: str) -> str:
    """Return the address of a recording below its conference, its call, or, where neither is known, its account."""
    pattern, names = "/recordings/{recording}", {"recording": recording.recording_id}
    if recording.conference_id or recording.call_id:
        pattern = f"/{{kind}}/{{parent}}{pattern}"
        names["kind"] = "conferences" if recording.conference_id else "calls"
        names["parent"] = recording.conference_id or recording.call_id or ""
    return base + path(pattern, names)


def _extra(recording: Recording, name: str) -> str | None:
    """Return what only Bandwidth says of a recording."""
    return _text(recording.extra.get(name)) if recording.provider == "bandwidth" else None


def _text(value: object) -> str | None:
    """Return a text; everything else is nothing that the SDK could take."""
    return value if isinstance(value, str) else None

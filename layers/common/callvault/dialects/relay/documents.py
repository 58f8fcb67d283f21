"""Render a recording as SignalWire's Recordings API does.

https://signalwire.com/docs/apis/rest/recordings/get-call-recording. Times are ISO 8601, in UTC.
Unknown values are null. The member `archive` has the fields that only the archive has.
"""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import quote

from callvault import times
from callvault.dialects import shared_fields
from callvault.models import Recording, State
from callvault.readers.access import Principal
from callvault.web import Request

type Document = dict[str, Any]
type Renderer = Callable[[Recording], Document]

ROOT = "/api/relay/rest/recordings"
MEDIA = "/download"
"""End of the path of a recording's audio."""
NO_INPUT = "no_input"
STATUSES = {
    State.ANNOUNCED: "recording",
    State.PENDING: "processing",
    State.STORED: "completed",
    State.VERIFIED: "completed",
    State.ABSENT: "failed",
    State.FAILED: "failed",
}
"""Status by state; `no_input` is the status of an absent recording with that reason.

SignalWire's documentation has `completed` only, its events `recording` and `no_input`. `processing`
and `failed` are the words of its other APIs for what these do not name.
"""
PRICE = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,9})?")
STEREO = 2
"""Number of channels of a stereo recording."""
LEGS = ("relay_pstn_leg_id", "relay_sip_leg_id", "relay_webrtc_leg_id")
"""Members for the call leg; a resource has the one of the kind of its leg."""


def renderer(request: Request, principal: Principal) -> Renderer:
    """Return the function that renders recordings of a reader's account."""
    account = principal.account
    project_id = account.provider_account_id if account.provider == "signalwire" else account.account_id
    return lambda recording: shared_fields.for_reader(
        render(recording, request.origin, project_id), recording, principal
    )


def render(recording: Recording, origin: str, project_id: str) -> Document:
    """Return a recording's resource; `origin` is that of the archive's API."""
    channels = shared_fields.channels(recording)
    duration = shared_fields.duration_ms(recording)
    return {
        "id": recording.recording_id,
        "project_id": project_id,
        "created_at": recording.listed_time and times.write(recording.listed_time),
        "updated_at": recording.updated_time and times.write(recording.updated_time),
        "duration_in_seconds": None if duration is None else shared_fields.int32(duration // 1000),
        "error_code": _error_code(recording),
        "price": _price(recording),
        "price_unit": _text(recording, "price_unit"),
        "status": NO_INPUT if recording.reason == NO_INPUT else STATUSES[recording.state],
        "url": _url(recording, origin),
        "stereo": None if channels is None else channels == STEREO,
        "byte_size": recording.served and recording.served.size,
        "track": _text(recording, "track") or _text(recording, "RecordingTrack"),
        **_legs(recording),
        "archive": shared_fields.archive(recording)
        | shared_fields.without_nulls(
            {
                "from": recording.caller,
                "to": recording.callee,
                "direction": recording.direction,
                "start_time": _time(recording, "start_time", recording.start_time),
                "end_time": _time(recording, "end_time", recording.end_time),
            }
        ),
    }


def _legs(recording: Recording) -> Document:
    """Return the members for the call leg and the conference, as far as there are any."""
    leg = next((name for name in LEGS if _text(recording, name)), LEGS[0])
    return shared_fields.without_nulls({leg: recording.call_id, "relay_conference_id": recording.conference_id})


def _url(recording: Recording, origin: str) -> str | None:
    """Return the URL of a recording's audio, or None if there is no audio."""
    if recording.served is None:
        return None
    return f"{origin}{ROOT}/{quote(recording.recording_id, safe='')}{MEDIA}"


def _error_code(recording: Recording) -> str | None:
    """Return the provider's error code for missing audio, or None."""
    reason = recording.reason or ""
    return reason if reason.isascii() and reason.isdigit() else None


def _price(recording: Recording) -> float | None:
    """Return the price that SignalWire reported, or None."""
    value = recording.extra.get("price") if recording.provider == "signalwire" else None
    if isinstance(value, str) and PRICE.fullmatch(value):  # as in the Compatibility API
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if abs(value) <= shared_fields.MAX_INT32 else None  # neither NaN nor infinite


def _time(recording: Recording, name: str, time: datetime | None) -> str | None:
    """Return a time with the precision in which SignalWire reported it."""
    given = recording.extra.get(name) if recording.provider == "signalwire" else None
    return None if time is None else times.write_as_given(time, times.read_unix(given))


def _text(recording: Recording, name: str) -> str | None:
    """Return a text that SignalWire reported, or None."""
    value = recording.extra.get(name) if recording.provider == "signalwire" else None
    return value if isinstance(value, str) else None

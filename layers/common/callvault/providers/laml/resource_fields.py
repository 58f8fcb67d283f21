"""Read the fields of a recording's resource in SignalWire's and Twilio's API.

https://www.twilio.com/docs/voice/api/recording. The resource of one recording and an entry of the
list of recordings have the same members, so one function reads both.
"""

import re
from collections.abc import Mapping
from typing import Any, Literal

from callvault import times
from callvault.models import Recording, State
from callvault.providers.fields import integer, text
from callvault.providers.look_ups import DELETED

ID = re.compile(r"[A-Za-z0-9_-]+").fullmatch
"""Matches the ids of both, which can be part of a path.

SignalWire's are UUIDs. Twilio's are two letters and 32 hex digits. Users' own tests have ids such
as `RE_test_123`.
"""
DIRECTIONS: dict[str, Literal["inbound", "outbound"]] = {
    "inbound": "inbound",
    "outbound": "outbound",
    "outbound-api": "outbound",
    "outbound-dial": "outbound",
    "trunking-originating": "inbound",
    "trunking-terminating": "outbound",
}
"""Maps the `direction` of the API to the recording's. `trunking-terminating` is outbound, because
the trunk passes the call on to the telephone network."""
STATES = {
    "completed": State.PENDING,
    "absent": State.ABSENT,
    "failed": State.ABSENT,
    "deleted": State.ABSENT,
}
"""Maps the `status` of a resource to the state of the recording. A `stopped` recording has media if
it has a duration. With any other status, known or not, the recording stays announced."""
PROGRESS = ("queued", "in-progress", "paused", "resumed", "stopped", "processing", "none")
"""The other values of `status` that are known; `none` stands for a resource without a status."""
ENCRYPTION = "EncryptionDetails"
"""The field of Twilio's callback that says how the media is encrypted.

The resource has it as `encryption_details`.
"""
CREATED = "date_created"
"""The member with the time by which the list of recordings filters."""
KEPT = {
    "price": "price",
    "price_unit": "price_unit",
    "source": "RecordingSource",
    "track": "RecordingTrack",
    "trim": "Trim",
    CREATED: CREATED,
}
"""Members of a recording's resource that are kept in `extra`, with the names that they have there.

If callbacks have the member too, it gets the callbacks' name.
"""


def read(recording: Recording, resource: Mapping[str, Any]) -> Recording:
    """Return a recording as its resource describes it."""
    status, seconds = str(resource.get("status")).lower(), integer(resource.get("duration"))
    state = STATES.get(status, State.ANNOUNCED)
    if status == "stopped":
        state = State.PENDING if seconds else State.ABSENT
    changes: dict[str, Any] = {
        "state": state,
        "reason": _reason(status, resource) if state is State.ABSENT else None,
        "extra": recording.extra | kept(resource) | encryption(resource),
    }
    duration = None if seconds is None or state is State.ANNOUNCED else seconds * 1000
    found = known(resource) | {"duration_ms": duration}
    return recording.model_copy(update={name: value for name, value in found.items() if value is not None} | changes)


def known(resource: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a recording that its resource has; None for one that is not known."""
    return {
        "call_id": id_or_none(resource.get("call_sid")),
        "conference_id": id_or_none(resource.get("conference_sid")),
        "start_time": times.read_any(resource.get("start_time")),
        "channels": integer(resource.get("channels")) or None,
    }


def kept(resource: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members of a recording's resource that are kept in `extra`.

    An unknown status is among them.
    """
    status = resource.get("status")
    unknown = {} if str(status).lower() in {*STATES, *PROGRESS} else {"RecordingStatus": status}
    return unknown | {KEPT[name]: value for name in KEPT if (value := resource.get(name)) not in (None, "")}


def encryption(resource: Mapping[str, Any]) -> dict[str, Any]:
    """Return the member of `extra` that says how the media is encrypted; empty if it is not."""
    details = resource.get("encryption_details")
    return {ENCRYPTION: details} if details else {}


def direction(value: object) -> Literal["inbound", "outbound"] | None:
    """Return the direction of a call, or None."""
    return DIRECTIONS.get(value.lower()) if isinstance(value, str) else None


def id_or_none(value: object) -> str | None:
    """Return an id that can be part of a path, or None."""
    return value if isinstance(value, str) and ID(value) else None


def _reason(status: str, resource: Mapping[str, Any]) -> str:
    """Return why a recording has no media: the error's code, or the status."""
    code = text(resource.get("error_code"))
    return status if status == DELETED or code in {None, "", "0"} else str(code)

"""Read the fields of a recording in Bandwidth's callbacks and resources."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from callvault import times
from callvault.account_parameter import Account
from callvault.bounds import bounded
from callvault.models import Recording, State
from callvault.providers.bandwidth import resources, transcriptions
from callvault.providers.bandwidth.resources import ID
from callvault.providers.fields import PARENT_ID, Fields, check_account, integer, one_of, text
from callvault.storage import notes

AVAILABLE = {"recordingAvailable", "conferenceRecordingAvailable"}
MAX_TRANSCRIPTION_BYTES = 64 * 1024
REDUNDANT = ("mediaUrl",)
"""Fields that are not kept. The URL of the media is built from the ids."""


def read(account: Account, kind: str, fields: Fields) -> Recording:
    """Return the recording that the fields of an event of type `kind` describe.

    Malformed optional fields are kept in `extra`. Raises InvalidRequestError.
    """
    result, happened = _take_result(kind, fields), times.read(fields.rest.get("eventTime"))
    fields.drop(*REDUNDANT)
    start, end = (fields.take_time(name, times.read_precise) for name in ("startTime", "endTime"))
    recorded = next((time for time in (end, start) if time and notes.is_plausible(time)), None)
    recording: dict[str, Any] = {
        "recording_id": fields.require("recordingId", ID),
        "call_id": fields.identify("callId", PARENT_ID),
        "parent_call_id": fields.identify("parentCallId", PARENT_ID),
        "conference_id": fields.identify("conferenceId", PARENT_ID),
        "caller": fields.take("from", text),
        "callee": fields.take("to", text),
        "direction": fields.take("direction", one_of("inbound", "outbound")),
        "duration_ms": fields.take("duration", times.read_duration),
        "channels": fields.take("channels", integer),
        "format": fields.take("fileFormat", one_of("wav", "mp3")),
        "tag": fields.take("tag", text),
        "name": fields.take("recordingName", text),
        "transcription": fields.take("transcription", _transcription),
    }
    return Recording(
        transcript=transcriptions.read(kind, recording["transcription"], happened),
        account_id=account.account_id,
        provider="bandwidth",
        **result,
        start_time=start,
        end_time=end,
        source_expires_time=times.after(recorded, resources.RETENTION) if recorded else None,
        **recording,
        extra=bounded(fields.rest),
    )


def read_resource(account: Account, fields: Mapping[str, Any]) -> Recording:
    """Return the recording that a resource of Bandwidth's API, or an entry of a list, describes.

    It has all fields of the callback except the tag. Raises InvalidRequestError.
    """
    kind = "recordingAvailable" if resources.is_finished(fields) else "recordComplete"
    return read(account, kind, Fields(fields))


def read_entry(account: Account, fields: Mapping[str, Any], **known: str) -> Recording:
    """Return the recording that an entry of a list describes; `known` are further fields.

    Raises InvalidRequestError, and ForbiddenError for a recording of another account.
    """
    check_account(account, fields.get("accountId"))
    rest = {name: value for name, value in fields.items() if name != "accountId"}
    return read_resource(account, rest | known)


def start(recording: Recording) -> datetime | None:
    """Return the start, by which the list of calls filters, and by which conferences are listed."""
    return recording.start_time


def _take_result(kind: str, fields: Fields) -> dict[str, Any]:
    """Return state and reason of a recording, and whether it is partial.

    An unknown status is kept in `extra`.
    """
    status = fields.take("status", one_of(*resources.STATUSES)) or ""
    if kind not in AVAILABLE:
        return {"state": State.ANNOUNCED}
    if status in resources.WITHOUT_MEDIA and not fields.rest.get("mediaUrl"):
        return {"state": State.ABSENT, "reason": status}
    return {"state": State.PENDING, "partial": status == "partial"}


def _transcription(value: object) -> dict[str, Any] | None:
    """Return the description of a transcription, cut to its maximum size, or None."""
    return bounded(value, MAX_TRANSCRIPTION_BYTES) if isinstance(value, dict) else None

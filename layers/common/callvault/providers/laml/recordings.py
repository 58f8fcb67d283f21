"""Read the fields of a recording in SignalWire's and Twilio's callbacks."""

from typing import Any

from callvault import times
from callvault.account_parameter import Account
from callvault.bounds import bounded
from callvault.models import Format, Recording, State
from callvault.providers.fields import PARENT_ID, Fields, integer, one_of, text
from callvault.providers.laml import resource_fields
from callvault.providers.laml.resource_fields import ID

STATES = {
    "completed": State.PENDING,
    "in-progress": State.ANNOUNCED,
    "absent": State.ABSENT,
    "failed": State.ABSENT,
}
"""State of the recording by RecordingStatus. Callbacks arrive in any order, and the table keeps the
most advanced state."""
NO_ERROR = ("", "0", 0)
"""Values of ErrorCode that mean that there is no error."""


def read(account: Account, provider: str, fields: Fields, media_format: Format) -> Recording:
    """Return the recording that the fields describe; raises InvalidRequestError."""
    result = _take_result(fields)
    fields.drop("RecordingUrl")  # it is not stored, because it may give access without credentials
    recording: dict[str, Any] = {
        "recording_id": fields.require("RecordingSid", ID),
        "call_id": fields.identify("CallSid", PARENT_ID),
        "conference_id": fields.identify("ConferenceSid", PARENT_ID),
        "caller": fields.take("From", text),
        "callee": fields.take("To", text),
        "direction": fields.take("Direction", resource_fields.direction),
        "start_time": fields.take("RecordingStartTime", times.read_any),
        "channels": fields.take("RecordingChannels", integer),
    }
    return Recording(
        account_id=account.account_id,
        provider=provider,
        format=media_format,
        **result,
        **recording,
        extra=bounded(fields.rest),
    )


def _take_result(fields: Fields) -> dict[str, Any]:
    """Return state, reason and duration of a recording.

    An unknown RecordingStatus means announced, and is kept in `extra`.
    """
    status = fields.take("RecordingStatus", one_of(*STATES))
    state = STATES[status] if status else State.ANNOUNCED
    if fields.rest.get("ErrorCode") in NO_ERROR:
        fields.drop("ErrorCode")
    reason = (fields.take("ErrorCode", text) or status) if state is State.ABSENT else None
    seconds = fields.take("RecordingDuration", integer)
    if state is State.ANNOUNCED:  # of a recording in progress the duration is 0 or -1
        seconds = seconds or None
        fields.drop("RecordingDuration")
    return {"state": state, "reason": reason, "duration_ms": None if seconds is None else seconds * 1000}

"""Read TeXML's status callbacks about recordings, which are forms.

https://developers.telnyx.com/api-reference/callbacks/texml-recording-completed. CallSid is the
call's `call_control_id`, and RecordingSid is the id of the recording in the API. AccountSid is not
compared: the public key that verified the signature belongs to one account of Telnyx.
"""

from collections.abc import Mapping
from typing import Any

from callvault import times
from callvault.account_parameter import Account
from callvault.bounds import bounded
from callvault.models import Recording, State
from callvault.providers import look_ups
from callvault.providers.fields import PARENT_ID, Fields, integer, one_of, text
from callvault.providers.telnyx import media
from callvault.providers.telnyx.recordings import ID

STATES = {
    "completed": State.PENDING,
    "in-progress": State.ANNOUNCED,
    "absent": State.ABSENT,
    "failed": State.ABSENT,
}
"""State of the recording by RecordingStatus. `failed` is not documented; Twilio has it."""
REDUNDANT = ("RecordingUrl", "CallSidLegacy")


def read(account: Account, form: Mapping[str, str]) -> Recording | None:
    """Return the recording that a form reports, or None if it has no RecordingStatus.

    Raises InvalidRequestError if the ids are missing or malformed.
    """
    fields = Fields(form)
    if not fields.rest.get("RecordingStatus"):
        return None
    result = _take_result(fields)
    fields.drop(*REDUNDANT)
    known: dict[str, Any] = {
        "recording_id": fields.require("RecordingSid", ID),
        "call_id": fields.identify("CallSid", PARENT_ID),
        "conference_id": fields.identify("ConferenceSid", PARENT_ID),
        "caller": fields.take("From", text),
        "callee": fields.take("To", text),
        "start_time": fields.take("RecordingStartTime", times.read_any),
        "channels": fields.take("RecordingChannels", integer),
    }
    return Recording(account_id=account.account_id, provider="telnyx", **result, **known, extra=bounded(fields.rest))


def _take_result(fields: Fields) -> dict[str, Any]:
    """Return state, reason and duration; an unknown status means announced, and is kept."""
    status = fields.take("RecordingStatus", one_of(*STATES))
    state = STATES[status] if status else State.ANNOUNCED
    seconds = fields.take("RecordingDuration", integer)
    if state is State.PENDING and (place := media.own_storage([fields.rest.get("RecordingUrl", "")])):
        fields.rest[look_ups.EXTERNAL_URL] = place
        return {"state": State.ABSENT, "reason": look_ups.STORED_ELSEWHERE}
    duration = seconds * 1000 if seconds and state is State.PENDING else None
    return {"state": state, "reason": status if state is State.ABSENT else None, "duration_ms": duration}

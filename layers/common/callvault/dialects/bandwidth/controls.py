"""Pause and resume a call's recording as Bandwidth does.

https://dev.bandwidth.com/apis/voice-apis/voice/#tag/Calls/operation/updateCallRecordingState: PUT with
`{"state": "paused" | "recording"}` and no other field (bandwidth-sdk, models/update_call_recording.py), 200, no body.
"""

from collections.abc import Mapping

from callvault.dialects import responses
from callvault.errors import InvalidRequestError
from callvault.providers.commands import Progress, Update
from callvault.providers.fields import json_object
from callvault.readers import access, controls
from callvault.web import Request, Response

STATES: dict[object, Progress] = {"paused": "paused", "recording": "in-progress"}


def update(request: Request, names: Mapping[str, str]) -> Response:
    """Pause or resume the recording that runs."""
    principal = access.enter(request, names["account_id"])
    access.check_can_control(principal)
    state = json_object(request.body).get("state")
    if not isinstance(state, str) or state not in STATES:
        raise InvalidRequestError("state", "state must be one of paused, recording.")
    controls.update(principal, Update(call_id=names["call_id"], progress=STATES[state]))
    return Response(status=200, headers=responses.GUARDS)

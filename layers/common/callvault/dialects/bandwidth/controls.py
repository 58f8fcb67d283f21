"""Pause and resume a call's recording as in Bandwidth's API.

https://dev.bandwidth.com/apis/voice-apis/voice/#tag/Calls/operation/updateCallRecordingState. The
request is a PUT with `{"state": "paused" | "recording"}` and no other field (bandwidth-sdk,
models/update_call_recording.py). The response is a 200 without a body.
"""

from callvault.dialects import dispatch, responses
from callvault.dialects.dispatch import Names
from callvault.errors import InvalidRequestError
from callvault.providers.commands import Progress, Update
from callvault.providers.fields import json_object
from callvault.readers import access, controls
from callvault.web import Request, Response

STATES: dict[object, Progress] = {"paused": "paused", "recording": "in-progress"}


@dispatch.control
def update(request: Request, names: Names) -> Response:
    """Pause or resume the call's recording in progress."""
    principal = access.enter(request, names["account_id"])
    access.check_can_control(principal)
    state = json_object(request.body).get("state")
    if not isinstance(state, str) or state not in STATES:
        raise InvalidRequestError("state", "state must be one of paused, recording.")
    controls.update(principal, Update(call_id=names["call_id"], progress=STATES[state]))
    return Response(status=200, headers=responses.GUARDS)

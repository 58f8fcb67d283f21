"""Read resources of SignalWire's or Twilio's API that complete or replace a callback.

A call's resource (https://www.twilio.com/docs/voice/api/call-resource) has caller and callee, which
callbacks lack. If it cannot be read, the recording is stored without them: a failed request for
metadata does not delay the fetch of the audio. A recording's resource
(https://www.twilio.com/docs/voice/api/recording) shows the present state of an announced
recording.
"""

import re
from collections.abc import Callable
from typing import Any, Literal

from aws_lambda_powertools import Logger

from callvault import times, transport
from callvault.errors import InvalidRequestError, UnavailableError
from callvault.models import Recording, State
from callvault.providers import look_ups
from callvault.providers.fields import integer, json_object, text

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
OK = 200
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
KEPT = {
    "price": "price",
    "price_unit": "price_unit",
    "source": "RecordingSource",
    "track": "RecordingTrack",
    "trim": "Trim",
}
"""Members of a recording's resource that are kept in `extra`, with the names that they have there.

If callbacks have the member too, it gets the callbacks' name.
"""
NOT_FOUND = 20404
"""`code` of the error for a resource that does not exist. The 404 of a wrong path has no such
body."""

BUSY = {408, 425, 429}
DOWN = 500
"""Statuses that say nothing about a resource: these, and DOWN or more."""

logger = Logger(child=True)


def direction(value: object) -> Literal["inbound", "outbound"] | None:
    """Return the direction of a call, or None."""
    return DIRECTIONS.get(value.lower()) if isinstance(value, str) else None


def describe(recording: Recording, resource_url: Callable[[str], str], authorization: str) -> Recording:
    """Return a recording with missing fields filled in from its own resource and its call's.

    Each resource is requested at most once. `resource_url` returns the URL of a resource, given its
    path relative to the account's resource.
    """
    known: dict[str, Any] = {}
    extra = recording.extra
    if recording.start_time is None or not (recording.call_id or recording.conference_id):
        resource = get(resource_url(f"Recordings/{recording.recording_id}.json"), authorization)
        known = {
            "call_id": _id(resource.get("call_sid")),
            "conference_id": _id(resource.get("conference_sid")),
            "start_time": times.read_any(resource.get("start_time")),
            "channels": integer(resource.get("channels")) or None,
        }
        extra = kept(resource) | extra
        if details := resource.get("encryption_details"):
            extra = extra | {ENCRYPTION: details}
    call_id = recording.call_id or known.get("call_id")
    if call_id and ID(call_id) and not (recording.caller and recording.callee):
        call = get(resource_url(f"Calls/{call_id}.json"), authorization)
        known |= {
            "caller": text(call.get("from")),
            "callee": text(call.get("to")),
            "direction": direction(call.get("direction")),
            "parent_call_id": _id(call.get("parent_call_sid")),
        }
    missing = {name: value for name, value in known.items() if value and getattr(recording, name) is None}
    return recording.model_copy(update=missing | {"extra": extra})


def look_up(recording: Recording, url: str, authorization: str) -> Recording:
    """Return a recording as its resource at a URL describes it.

    Raises UnavailableError, RejectedError.
    """
    answer = look_ups.get(url, lambda _: {"authorization": authorization})
    if look_ups.not_found_body(answer).get("code") == NOT_FOUND:
        return look_ups.unknown(recording)
    resource = look_ups.document(answer)
    if resource.get("sid") != recording.recording_id:
        raise UnavailableError("no_document", "The provider's answer is not the requested recording.")
    status, seconds = str(resource.get("status")).lower(), integer(resource.get("duration"))
    state = STATES.get(status, State.ANNOUNCED)
    if status == "stopped":
        state = State.PENDING if seconds else State.ABSENT
    code = text(resource.get("error_code"))
    known: dict[str, Any] = {
        "call_id": _id(resource.get("call_sid")),
        "conference_id": _id(resource.get("conference_sid")),
        "start_time": times.read_any(resource.get("start_time")),
        "channels": integer(resource.get("channels")) or None,
        "duration_ms": None if seconds is None or state is State.ANNOUNCED else seconds * 1000,
    }
    reason = (code if code not in {None, "", "0"} else status) if state is State.ABSENT else None
    known["extra"] = recording.extra | kept(resource)
    if details := resource.get("encryption_details"):
        known["extra"] |= {ENCRYPTION: details}
    changes = {name: value for name, value in known.items() if value is not None}
    return recording.model_copy(update={"state": state, "reason": reason} | changes)


def kept(resource: dict[str, Any]) -> dict[str, Any]:
    """Return the members of a recording's resource that are kept in `extra`.

    An unknown status is among them.
    """
    status = resource.get("status")
    unknown = {} if str(status).lower() in {*STATES, *PROGRESS} else {"RecordingStatus": status}
    return unknown | {KEPT[name]: value for name in KEPT if (value := resource.get(name)) not in (None, "")}


def get(url: str, authorization: str) -> dict[str, Any]:
    """Return a resource; it is empty if the API does not return one."""
    try:
        return ask(url, authorization)
    except UnavailableError as error:
        return _nothing(error.reason)


def ask(url: str, authorization: str) -> dict[str, Any]:
    """Return a resource; it is empty if the API refuses it.

    Raises UnavailableError if the API is down or too busy to answer.
    """
    answer = transport.call("GET", url, headers={"authorization": authorization})
    if answer.status in BUSY or answer.status >= DOWN:
        raise transport.failure(answer.status, answer.headers)
    try:
        return json_object(answer.body) if answer.status == OK else _nothing(f"http_{answer.status}")
    except InvalidRequestError:
        return _nothing("not_json")


def _nothing(reason: str) -> dict[str, Any]:
    """Return the empty resource, and log why the API returned none."""
    logger.info("The provider's API did not return the metadata of a recording", extra={"reason": reason})
    return {}


def read(url: str, authorization: str) -> dict[str, Any]:
    """Return a resource; it is empty if the API says that it does not exist.

    Raises UnavailableError if the API does not return it, whatever the status.
    """
    answer = transport.call("GET", url, headers={"authorization": authorization})
    if look_ups.not_found_body(answer).get("code") == NOT_FOUND:
        return {}
    return look_ups.readable(answer)


def _id(value: object) -> str | None:
    """Return an id that can be part of a path, or None."""
    return value if isinstance(value, str) and ID(value) else None

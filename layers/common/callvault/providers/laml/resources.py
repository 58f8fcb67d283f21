"""Ask the API of SignalWire or Twilio what callbacks do not tell: https://www.twilio.com/docs/voice/api/call-resource.

What describes a recording is gone without if it is not answered: who called whom is not worth a recording. What became
of a recording that was announced is in its own resource: https://www.twilio.com/docs/voice/api/recording.
"""

from collections.abc import Callable, Mapping
from typing import Any, Literal

from aws_lambda_powertools import Logger

from callvault import times, transport
from callvault.errors import InvalidRequestError, UnavailableError
from callvault.models import Recording, State
from callvault.providers import look_ups
from callvault.providers.fields import integer, json_object, text

DIRECTIONS: dict[str, Literal["inbound", "outbound"]] = {
    "inbound": "inbound",
    "outbound": "outbound",
    "outbound-api": "outbound",
    "outbound-dial": "outbound",
    "trunking-originating": "inbound",
    "trunking-terminating": "outbound",
}
"""Seen from the platform: a trunk terminates calls into the telephone network."""
OK = 200
STATES = {
    "completed": State.PENDING,
    "absent": State.ABSENT,
    "failed": State.ABSENT,
    "deleted": State.ABSENT,
}
"""What a resource's status means; a `stopped` one has media if it has a duration. All others, known or not, go on."""
NOT_FOUND = 20404
"""The `code` of the error that says that a resource is not there; a path that is none has no such body."""

logger = Logger(child=True)


def direction(value: object) -> Literal["inbound", "outbound"] | None:
    """Read a call's direction."""
    return DIRECTIONS.get(value.lower()) if isinstance(value, str) else None


def describe(recording: Recording, address: Callable[[str], str], authorization: str) -> Recording:
    """Return a recording with what it lacks and its own or its call's resource knows; each is asked at most once.

    `address` returns the URL of a resource.
    """
    known: dict[str, Any] = {}
    if recording.start_time is None or not (recording.call_id or recording.conference_id):
        resource = _get(address(f"Recordings/{recording.recording_id}.json"), authorization)
        known = {
            "call_id": _id(resource.get("call_sid")),
            "conference_id": _id(resource.get("conference_sid")),
            "start_time": times.read_any(resource.get("start_time")),
            "channels": integer(resource.get("channels")),
        }
    call_id = recording.call_id or known.get("call_id")
    if call_id and not (recording.caller and recording.callee):
        call = _get(address(f"Calls/{call_id}.json"), authorization)
        known |= {
            "caller": text(call.get("from")),
            "callee": text(call.get("to")),
            "direction": direction(call.get("direction")),
            "parent_call_id": _id(call.get("parent_call_sid")),
        }
    news = {name: value for name, value in known.items() if value and getattr(recording, name) is None}
    return recording.model_copy(update=news)


def look_up(recording: Recording, url: str, authorization: str) -> Recording:
    """Return what a recording's resource says of it; raises UnavailableError, RejectedError."""
    answer = look_ups.get(url, lambda _: {"authorization": authorization})
    if look_ups.refusal(answer).get("code") == NOT_FOUND:
        return look_ups.unknown(recording)
    resource = look_ups.document(answer)
    if resource.get("sid") != recording.recording_id:
        raise UnavailableError("no_document", "The provider answered something else than the recording.")
    status, seconds = str(resource.get("status")).lower(), integer(resource.get("duration"))
    state = STATES.get(status, State.ANNOUNCED)
    if status == "stopped":
        state = State.PENDING if seconds else State.ABSENT
    code = text(resource.get("error_code"))
    known = {
        "call_id": _id(resource.get("call_sid")),
        "conference_id": _id(resource.get("conference_sid")),
        "start_time": times.read_any(resource.get("start_time")),
        "channels": integer(resource.get("channels")),
        "duration_ms": seconds * 1000 if seconds and state is State.PENDING else None,
    }
    reason = (code if code not in {None, "", "0"} else status) if state is State.ABSENT else None
    news = {name: value for name, value in known.items() if value}
    return recording.model_copy(update={"state": state, "reason": reason} | news)


def _get(url: str, authorization: str) -> Mapping[str, Any]:
    """Return a resource, empty where the API does not give it."""
    try:
        answer = transport.call("GET", url, headers={"authorization": authorization})
        if answer.status == OK:
            return json_object(answer.body)
        reason = f"http_{answer.status}"
    except UnavailableError as error:
        reason = error.reason
    except InvalidRequestError:
        reason = "not_json"
    logger.info("A recording is described without its provider's help", extra={"reason": reason})
    return {}


def _id(value: object) -> str | None:
    """Read an id that may stand in a path."""
    return value if isinstance(value, str) and value.replace("-", "").isalnum() and value.isascii() else None

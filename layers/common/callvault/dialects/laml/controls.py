"""Start, pause, resume and stop recordings of live calls as SignalWire and Twilio do.

https://signalwire.com/docs/compatibility-api/rest/recordings/create-recording,
https://www.twilio.com/docs/voice/api/recording#create-a-recording-resource. Parameters are sent as
a form or, by one of SignalWire's SDKs, as JSON. As at both providers, a blank parameter counts as
missing, and unknown parameters are ignored.

Differences, on purpose: RecordingStatusCallback must be https, or at an origin in the account's
`forward_origins`; a reader with a `user_id` may name only such an origin. It must have no user name
and password, and its fragment is ignored. The archive sends a callback there only after it has
stored its own copy durably.
"""

from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import parse_qsl

from callvault.dialects import dispatch, responses
from callvault.dialects.dispatch import Names
from callvault.dialects.laml import flavours, refusals
from callvault.errors import InvalidRequestError, UnprocessableError
from callvault.ingest import forwarding
from callvault.providers import commands
from callvault.providers.commands import Forward, Outcome, Progress, Start, Update
from callvault.providers.fields import is_json, json_object
from callvault.readers import access, controls
from callvault.readers.access import Principal
from callvault.web import Request, Response

RECORDINGS = "/Accounts/{account_id}/Calls/{call_id}/Recordings"
RECORDING = f"{RECORDINGS}/{{recording_id}}"
EVENTS = ("completed", "in-progress", "absent")
"""Values of RecordingStatusCallbackEvent."""
CHOICES = {
    "RecordingChannels": ("mono", "dual"),
    "RecordingTrack": ("both", "inbound", "outbound"),
    "Trim": ("do-not-trim", "trim-silence"),
    "RecordingStatusCallbackMethod": ("POST", "GET"),
    "Status": ("", "paused", "in-progress", "stopped"),
    "PauseBehavior": ("silence", "skip"),
}
"""Allowed values of parameters, in upper or lower case. The first value is the default."""
CONFIGURED = (
    "RecordingChannels",
    "RecordingTrack",
    "Trim",
    "RecordingStatusCallback",
    "RecordingStatusCallbackEvent",
    "RecordingStatusCallbackMethod",
)
"""Parameters that a Recording Configuration of Twilio's sets instead."""
BAD_EVENT, BAD_TRIM = 13621, 13699
"""Twilio's error codes for a wrong RecordingStatusCallbackEvent and a wrong Trim."""

type Parameters = Mapping[str, list[str]]


@dispatch.control
def start(request: Request, names: Names) -> Response:
    """Start to record a call."""
    principal = access.enter(request, names["account_id"])
    access.check_can_control(principal)
    given = _parameters(request)
    chosen: dict[str, Any] = {
        "configuration_id": _configuration(given),
        "channels": _choose(given, "RecordingChannels"),
        "track": _choose(given, "RecordingTrack"),
        "trim": _choose(given, "Trim", BAD_TRIM),
    }
    forward = _forward(request, principal, given)
    outcome = controls.start(principal, request, Start(call_id=names["call_id"], forward=forward, **chosen))
    status = 200 if flavours.is_signalwire(request, principal) else 201
    return responses.as_json(status, _document(request, principal, names, outcome))


@dispatch.control
def update(request: Request, names: Names) -> Response:
    """Pause, resume or stop a call's recording."""
    principal = access.enter(request, names["account_id"])
    access.check_can_control(principal)
    given = _parameters(request)
    if not _value(given, "Status"):
        raise InvalidRequestError("Status", "Status is missing.")
    progress = _choose(given, "Status")
    behavior = _choose(given, "PauseBehavior")
    recording_id = names["recording_id"]
    command = Update(
        call_id=names["call_id"],
        progress=cast("Progress", progress),
        recording_id=None if recording_id == commands.CURRENT_RECORDING else recording_id,
        pause_behavior=cast("Any", behavior),
    )
    outcome = controls.update(principal, command)
    return responses.as_json(200, _document(request, principal, names, outcome))


def _document(request: Request, principal: Principal, names: Names, outcome: Outcome) -> dict[str, Any]:
    """Return the recording's resource with the provider's own status.

    If the recording is unknown, return the ids and the status alone.
    """
    if outcome.recording is None:
        known = {"sid": names.get("recording_id"), "account_sid": names["account_id"], "call_sid": names["call_id"]}
        return {**known, "status": outcome.status}
    document = flavours.renderer(request, principal, names)(outcome.recording)
    return document | {"status": outcome.status or document["status"]}


def _parameters(request: Request) -> Parameters:
    """Return the parameters by name. Twilio's SDK repeats a name that has several values."""
    if is_json(request):
        pairs = [(name, str(one)) for name, value in json_object(request.body).items() for one in _as_list(value)]
    else:
        pairs = parse_qsl(request.body.decode(errors="replace"))
    given: dict[str, list[str]] = {}
    for name, value in pairs:
        given.setdefault(name, []).append(value)
    return given


def _as_list(value: object) -> list[object]:
    """Return a JSON value as a list; null is an empty list."""
    if isinstance(value, list):
        return value
    return [] if value is None else [value]


def _value(given: Parameters, name: str) -> str:
    """Return a parameter's first value, blank if it is missing."""
    return given.get(name, [""])[0].strip()


def _choose(given: Parameters, name: str, number: int | None = None) -> str | None:
    """Return which of the CHOICES the caller chose, or None for the default.

    Raises InvalidParameterError, with `number` as Twilio's error code.
    """
    word, (default, *others) = _value(given, name).lower(), CHOICES[name]
    for known in others:
        if word == known.lower():
            return known
    if word not in {"", default.lower()}:
        known = ", ".join(filter(None, CHOICES[name]))
        raise refusals.InvalidParameterError(name, f"{name} must be one of {known}.", number)
    return None


def _configuration(given: Parameters) -> str | None:
    """Return the id of a configuration of Twilio's, or None if the caller names none.

    Twilio wants either a configuration or parameters. Raises UnprocessableError for both.
    """
    others = [name for name in CONFIGURED if _value(given, name)]
    configuration_id = _value(given, "RecordingConfigurationId") or None
    if configuration_id and others:
        raise UnprocessableError(
            f"RecordingConfigurationId excludes {', '.join(others)}: set these in the configuration."
        )
    return configuration_id


def _forward(request: Request, principal: Principal, given: Parameters) -> Forward | None:
    """Return the URL, method and events of the forward, or None if the caller names no URL.

    Raises InvalidRequestError.
    """
    method = _choose(given, "RecordingStatusCallbackMethod")
    events = " ".join(given.get("RecordingStatusCallbackEvent", [])).split()
    if not set(events) <= set(EVENTS):
        message = f"RecordingStatusCallbackEvent must be one or more of {', '.join(EVENTS)}."
        raise refusals.InvalidParameterError("RecordingStatusCallbackEvent", message, BAD_EVENT)
    value = _value(given, "RecordingStatusCallback")
    if not value:
        return None
    try:
        is_limited = principal.reader.user_id is not None
        url = forwarding.read_url(principal.account, request, value, only_listed=is_limited)
    except ValueError as error:
        raise InvalidRequestError("RecordingStatusCallback", f"RecordingStatusCallback {error}.") from None
    return Forward(url=url, method="GET" if method else "POST", events=tuple(events) or EVENTS[:1])

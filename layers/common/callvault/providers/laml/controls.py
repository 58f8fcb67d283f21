"""Start and update recordings at SignalWire and Twilio.

https://www.twilio.com/docs/voice/api/recording#create-a-recording-resource and
https://signalwire.com/docs/compatibility-api/rest/recordings/create-recording: forms by POST, the recording's resource
in return, with 200 at SignalWire and 201 at Twilio. All events are asked for, at our own address: the archive wants to
hear of a recording when it begins, when it ends, and when it turns out to be absent.
"""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from callvault import times, transport
from callvault.accounts import Account
from callvault.errors import InvalidRequestError, NotFoundError, UnavailableError
from callvault.models import Recording, State
from callvault.providers import callback_urls, commands, forward_parameter
from callvault.providers.commands import Outcome, Start, Update
from callvault.providers.fields import Fields, integer, json_object, text
from callvault.transport import Answer

type Post = Callable[[str, Mapping[str, str]], Answer]
"""Sends a form to a resource of the account, given its path below that."""
type Allowed = Callable[[str], object]
"""Says whether a text is an id of the provider's."""

EVENTS = "in-progress completed absent"
CARRIED = frozenset({"channels", "track", "trim", "format", "name", "label", "origin", "forward"})
"""What the API takes, and what the archive does itself: it fetches in the format asked for, and keeps the names."""
KEPT = {"source": "RecordingSource", "track": "RecordingTrack", "trim": "Trim"}
"""Fields of the resource that are kept under the names that callbacks have for them."""


def start(account: Account, command: Start, base: str, post: Post, allowed: Allowed) -> Outcome:
    """Start to record a call; raises NotFoundError, UnprocessableError, UnavailableError."""
    _check(command.call_id, allowed)
    commands.refuse_unless(command, CARRIED)
    query = {
        "owner_id": command.owner_id,
        "format": command.format,
        "forward": forward_parameter.write(command.forward) if command.forward else None,
    }
    form = {
        "RecordingStatusCallback": callback_urls.callback(account, base, _said(query)),
        "RecordingStatusCallbackEvent": EVENTS,
        "RecordingStatusCallbackMethod": "POST",
        "RecordingChannels": command.channels,
        "RecordingTrack": command.track,
        "Trim": command.trim,
    }
    answer = post(f"Calls/{command.call_id}/Recordings.json", _said(form))
    recording, status = _read(account, command.call_id, answer, allowed)
    ours: dict[str, Any] = {
        "format": command.format or account.media_format,
        "name": command.name,
        "owner_id": command.owner_id,
        "extra": recording.extra | _said({"origin": command.origin, "label": command.label}),
    }
    return Outcome(recording.model_copy(update=ours), status)


def update(account: Account, command: Update, recording_id: str, post: Post, allowed: Allowed) -> Outcome:
    """Pause, resume or stop a recording; raises NotFoundError, UnprocessableError, UnavailableError."""
    _check(command.call_id, allowed)
    if recording_id != commands.CURRENT_RECORDING:
        _check(recording_id, allowed)
    form = _said({"Status": command.progress, "PauseBehavior": command.pause_behavior})
    answer = post(f"Calls/{command.call_id}/Recordings/{recording_id}.json", form)
    return Outcome(*_read(account, command.call_id, answer, allowed))


def post(url: str, authorization: str, form: Mapping[str, str]) -> Answer:
    """Send a form."""
    headers = {"authorization": authorization, "content-type": "application/x-www-form-urlencoded"}
    return transport.call("POST", url, headers=headers, body=urlencode(form).encode(), timeout=transport.QUICK)


def _check(value: str, allowed: Allowed) -> None:
    """Refuse what is no id of the provider's: nothing else may stand in a path."""
    if not allowed(value):
        raise NotFoundError("The provider knows no such call or recording.")


def _said(values: Mapping[str, str | None]) -> dict[str, str]:
    """Return what is not None."""
    return {name: value for name, value in values.items() if value is not None}


def _read(account: Account, call_id: str, answer: Answer, allowed: Allowed) -> tuple[Recording, str]:
    """Return the recording that an answer describes, and its status in the provider's word."""
    try:
        content = json_object(answer.body)
    except InvalidRequestError:
        content = {}
    if not 200 <= answer.status < 300:  # noqa: PLR2004
        commands.refuse(answer, content.get("message"), content.get("code"))
    fields = Fields(content)
    try:
        known: dict[str, Any] = {
            "recording_id": fields.require("sid", allowed),
            "call_id": fields.identify("call_sid", allowed) or call_id,
            "conference_id": fields.identify("conference_sid", allowed),
            "start_time": fields.take("start_time", times.read_any),
            "channels": fields.take("channels", integer),
        }
    except InvalidRequestError:
        # It was done all the same: what became of it will be told to our callback.
        raise UnavailableError("no_resource", "The provider answered something else than a recording.") from None
    kept = {ours: value for name, ours in KEPT.items() if (value := text(content.get(name)))}
    recording = Recording(
        account_id=account.account_id, provider=account.provider, state=State.ANNOUNCED, **known, extra=kept
    )
    return recording, text(content.get("status")) or ""

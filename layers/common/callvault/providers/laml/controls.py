"""Start and update recordings of live calls at SignalWire and Twilio.

https://www.twilio.com/docs/voice/api/recording#create-a-recording-resource and
https://signalwire.com/docs/compatibility-api/rest/recordings/create-recording. A request is a POST
of a form. The answer is the recording's resource, with status 200 at SignalWire and 201 at Twilio.
A start requests callbacks for all events at the archive's own URL, so that the archive learns when
a recording begins, when it ends, and when it is absent. A start by the id of a configuration
requests none.
"""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from callvault import times, transport
from callvault.account_parameter import Account
from callvault.errors import InvalidRequestError, NotFoundError, UnavailableError
from callvault.models import Recording, State
from callvault.providers import callback_urls, commands, forward_parameter
from callvault.providers.commands import Outcome, Start, Update
from callvault.providers.fields import Fields, integer, json_object_or_empty, text
from callvault.transport import Answer

type Post = Callable[[str, Mapping[str, str]], Answer]
"""Sends a form to a resource; the path is relative to the account's URL."""
type Allowed = Callable[[str], object]
"""Returns whether a text has the form of the provider's ids."""

EVENTS = "in-progress completed absent"
SUPPORTED = frozenset({"channels", "track", "trim", "format", "name", "label", "origin", "forward"})
"""Options of a start at both providers. The API implements `channels`, `track` and `trim`. The
archive implements the others: it fetches the media in `format`, stores `name`, `label` and
`origin`, and forwards the callbacks."""
CONFIGURATION = "RecordingConfigurationId"
"""Parameter of Twilio's with the id of a Recording Configuration, and its name in `extra`."""
EXTRA_NAMES = {"source": "RecordingSource", "track": "RecordingTrack", "trim": "Trim"}
"""Fields of the resource that are kept in `extra`, under the names that the callbacks use."""


def start(account: Account, command: Start, base: str, post: Post, allowed: Allowed) -> Outcome:
    """Start to record a call; `base` is the public URL.

    Raises NotFoundError, UnprocessableError, UnavailableError.
    """
    _require_id(command.call_id, allowed)
    answer = post(f"Calls/{command.call_id}/Recordings.json", _form(account, command, base))
    recording, status = _read(account, command.call_id, answer, allowed)
    own = {"origin": command.origin, "label": command.label, CONFIGURATION: command.configuration_id}
    known: dict[str, Any] = {
        "format": command.format or account.media_format,
        "name": command.name,
        "owner_id": command.owner_id,
        "extra": recording.extra | _given(own),
    }
    return Outcome(recording.model_copy(update=known), status)


def _form(account: Account, command: Start, base: str) -> dict[str, str]:
    """Return the parameters of a start.

    Twilio wants either the id of a configuration or parameters: together they change how the
    recording is composed (https://www.twilio.com/docs/configurations/recording-configuration-resource).
    So with a configuration the archive's own callback URL is not sent either.
    """
    if command.configuration_id is not None:
        return {CONFIGURATION: command.configuration_id}
    query = {
        "owner_id": command.owner_id,
        "format": command.format,
        "forward": forward_parameter.write(command.forward) if command.forward else None,
    }
    parameters = {
        "RecordingStatusCallback": callback_urls.callback(account, base, _given(query)),
        "RecordingStatusCallbackEvent": EVENTS,
        "RecordingStatusCallbackMethod": "POST",
        "RecordingChannels": command.channels,
        "RecordingTrack": command.track,
        "Trim": command.trim,
    }
    return _given(parameters)


def update(account: Account, command: Update, recording_id: str, post: Post, allowed: Allowed) -> Outcome:
    """Pause, resume or stop a recording.

    Raises NotFoundError, UnprocessableError, UnavailableError.
    """
    _require_id(command.call_id, allowed)
    if recording_id != commands.CURRENT_RECORDING:
        _require_id(recording_id, allowed)
    form = _given({"Status": command.progress, "PauseBehavior": command.pause_behavior})
    answer = post(f"Calls/{command.call_id}/Recordings/{recording_id}.json", form)
    return Outcome(*_read(account, command.call_id, answer, allowed))


def post(url: str, authorization: str, form: Mapping[str, str]) -> Answer:
    """Send a form and return the answer; raises UnavailableError."""
    headers = {"authorization": authorization, "content-type": "application/x-www-form-urlencoded"}
    return transport.call("POST", url, headers=headers, body=urlencode(form).encode(), timeout=transport.QUICK)


def _require_id(value: str, allowed: Allowed) -> None:
    """Raise NotFoundError unless a value is an id, so that nothing else gets into a path."""
    if not allowed(value):
        raise NotFoundError(commands.UNKNOWN_CALL)


def _given(values: Mapping[str, str | None]) -> dict[str, str]:
    """Return the values that are not None."""
    return {name: value for name, value in values.items() if value is not None}


def _read(account: Account, call_id: str, answer: Answer, allowed: Allowed) -> tuple[Recording, str]:
    """Return the recording that an answer describes, and its status in the provider's term.

    Raises NotFoundError, UnprocessableError, UnavailableError.
    """
    content = json_object_or_empty(answer.body)
    if not commands.succeeded(answer):
        commands.raise_refusal(account, answer, content.get("message"), content.get("code"))
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
        # The provider has carried out the command; its callback will report the recording.
        raise UnavailableError("no_resource", "The provider's answer is not a recording.") from None
    extra = {extra_name: value for name, extra_name in EXTRA_NAMES.items() if (value := text(content.get(name)))}
    recording = Recording(
        account_id=account.account_id, provider=account.provider, state=State.ANNOUNCED, **known, extra=extra
    )
    return recording, text(content.get("status")) or ""

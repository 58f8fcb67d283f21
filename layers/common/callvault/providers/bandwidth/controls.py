"""Pause and resume recordings at Bandwidth. Refuse to start and stop them; name the BXML to use.

`PUT …/calls/{callId}/recording`
(https://dev.bandwidth.com/apis/voice-apis/voice/#tag/Calls/operation/updateCallRecordingState)
accepts two states, `paused` and `recording`, for the only recording that a call can have at a time.
Starting and stopping need BXML (https://dev.bandwidth.com/docs/voice/bxml/startRecording).
"""

from collections.abc import Callable
from xml.sax.saxutils import quoteattr

from callvault.account_parameter import Account
from callvault.errors import NotFoundError, UnprocessableError
from callvault.providers import callback_urls, commands
from callvault.providers.commands import Outcome, Progress, Start, Update
from callvault.providers.fields import json_object_or_empty
from callvault.transport import Answer

type Put = Callable[[str], Answer]
"""Requests a state for the recording of a call."""

STATES: dict[Progress, str] = {"in-progress": "recording", "paused": "paused"}
BXML_OPTIONS = frozenset({"channels", "format", "name", "label"})
"""Options of a start that `<StartRecording>` has an attribute for."""


def explain_start(account: Account, command: Start, base: str) -> UnprocessableError:
    """Return the refusal of a start; it has the BXML to use instead, without secrets."""
    attributes = {
        "recordingAvailableUrl": callback_urls.callback(account, base, hide=True),
        "recordingAvailableMethod": "POST",
        "fileFormat": command.format or account.media_format,
    }
    if account.callback.password is not None:
        attributes |= {"username": "{username}", "password": "{password}"}
    if command.channels == "dual":
        attributes["multiChannel"] = "true"
    attributes |= {"recordingName": command.name} if command.name else {}
    attributes |= {"tag": command.label} if command.label else {}
    bxml = " ".join(f"{name}={quoteattr(value)}" for name, value in attributes.items())
    missing = commands.parameter_names(command.options.keys() - BXML_OPTIONS)
    note = f" BXML has no equivalent of {missing}." if missing else ""
    verb = f"<StartRecording {bxml}/>"
    return UnprocessableError(f"Bandwidth starts a recording by BXML only. Answer the next callback with: {verb}{note}")


def update(account: Account, command: Update, put: Put, allowed: Callable[[str], object]) -> Outcome:
    """Pause or resume the recording of a call; `allowed` returns whether a text is a valid id.

    Raises NotFoundError, UnprocessableError, UnavailableError.
    """
    if not allowed(command.call_id):
        raise NotFoundError(commands.UNKNOWN_CALL)
    if command.progress not in STATES:
        raise UnprocessableError(
            "Bandwidth stops a recording by BXML only. Answer the next callback with: <StopRecording/>"
        )
    if command.recording_id is not None:
        raise UnprocessableError(
            "Bandwidth assigns a recording's id when the recording ends. Address the recording in progress as "
            f"{commands.CURRENT_RECORDING}, or by PUT …/calls/{{callId}}/recording."
        )
    answer = put(STATES[command.progress])
    if not commands.succeeded(answer):
        commands.raise_refusal(account, answer, json_object_or_empty(answer.body).get("description"))
    return Outcome(None, command.progress)

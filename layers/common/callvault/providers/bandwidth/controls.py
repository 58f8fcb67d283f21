"""Pause and resume recordings at Bandwidth, and say how they are started and stopped there.

`PUT …/calls/{callId}/recording` (https://dev.bandwidth.com/apis/voice-apis/voice/#tag/Calls/operation/updateCallRecordingState)
knows two states, `paused` and `recording`, of the one recording that a call can have at a time. Only BXML starts or
stops it (https://dev.bandwidth.com/docs/voice/bxml/startRecording).
"""

from collections.abc import Callable
from xml.sax.saxutils import quoteattr

from callvault.accounts import Account
from callvault.errors import InvalidRequestError, NotFoundError, UnprocessableError
from callvault.providers import callback_urls, commands
from callvault.providers.commands import Outcome, Progress, Start, Update
from callvault.providers.fields import json_object
from callvault.transport import Answer

type Put = Callable[[str], Answer]
"""Asks for a state of a call's recording."""

STATES: dict[Progress, str] = {"in-progress": "recording", "paused": "paused"}
WRITTEN = frozenset({"channels", "format", "name", "label"})
"""What BXML can say of a recording."""


def explain_start(account: Account, command: Start, base: str) -> UnprocessableError:
    """Return the refusal that has the BXML to send instead, without the account's secrets."""
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
    lost = commands.names_of(command.said.keys() - WRITTEN)
    note = f" It cannot say {lost}." if lost else ""
    verb = f"<StartRecording {bxml}/>"
    return UnprocessableError(f"Bandwidth starts a recording by BXML only. Answer the next callback with: {verb}{note}")


def update(command: Update, put: Put, allowed: Callable[[str], object]) -> Outcome:
    """Pause or resume the recording of a call; raises NotFoundError, UnprocessableError, UnavailableError."""
    if not allowed(command.call_id):
        raise NotFoundError("The provider knows no such call or recording.")
    if command.progress not in STATES:
        raise UnprocessableError(
            "Bandwidth stops a recording by BXML only. Answer the next callback with: <StopRecording/>"
        )
    if command.recording_id is not None:
        raise UnprocessableError(
            "Bandwidth gives a recording its id when it is over. The one that runs is Twilio.CURRENT, or that of "
            "PUT …/calls/{callId}/recording."
        )
    answer = put(STATES[command.progress])
    if not 200 <= answer.status < 300:  # noqa: PLR2004
        try:
            description = json_object(answer.body).get("description")
        except InvalidRequestError:
            description = None
        commands.refuse(answer, description)
    return Outcome(None, command.progress)

"""Build the callbacks by which the providers announce the recordings of a month."""

import json
from typing import Any
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator

from callvault import times
from tests.integration import events
from tools.local.providers import relay_recordings
from tools.local.providers.books import Kept

TOKEN, SIGNING_KEY = "month-callback-token", "month-signing-key"
FORM = {"content-type": "application/x-www-form-urlencoded"}
ORIGIN = "https://api.example.com"


def event(provider: str, account_id: str, kept: Kept) -> dict[str, Any]:
    """Return the HTTP API event of the callback of a finished recording."""
    parameters = {"provider": provider, "account_id": account_id}
    path = f"/callbacks/{provider}/{account_id}"
    if provider in {"bandwidth", "kazoo"}:
        body, headers = _bandwidth(account_id, kept) if provider == "bandwidth" else _kazoo(account_id, kept)
        parameters["token"] = TOKEN
        path += f"/{TOKEN}"
    elif kept.is_relay:
        params: dict[str, Any] = {
            "call_id": kept.call_id,
            "record": {"audio": {"format": "wav", "stereo": False}},
            "duration": kept.seconds,
            "start_time": kept.time.timestamp(),
        }
        state = "no_input" if kept.status == "absent" else "finished"
        body = relay_recordings.event(account_id, kept.recording_id, state, **params)
        headers = relay_recordings.signed(f"{ORIGIN}{path}", body, SIGNING_KEY)
    else:
        body, headers = _laml(f"{ORIGIN}{path}", account_id, kept)
    return events.http("POST", path, body, headers=headers, parameters=parameters)


def _bandwidth(account_id: str, kept: Kept) -> tuple[bytes, dict[str, str]]:
    """Return body and headers of a callback of Bandwidth."""
    parent = {"conferenceId": kept.conference_id} if kept.conference_id else {"callId": kept.call_id}
    callback = {
        "eventType": "conferenceRecordingAvailable" if kept.conference_id else "recordingAvailable",
        "accountId": account_id,
        "recordingId": kept.recording_id,
        **parent,
        "from": kept.caller,
        "to": kept.callee,
        "direction": "inbound",
        "startTime": times.write(kept.time),
        "duration": f"PT{kept.seconds}S",
        "channels": kept.channels,
        "fileFormat": "wav",
        "status": "error" if kept.status == "absent" else "complete",
    }
    return json.dumps(callback).encode(), {"content-type": "application/json"}


def _kazoo(account_id: str, kept: Kept) -> tuple[bytes, dict[str, str]]:
    """Return body and headers of a webhook of KAZOO, which edits a document to add the audio."""
    action = "doc_created" if kept.status == "absent" else "doc_edited"
    fields = {"id": kept.recording_id, "account_id": account_id, "type": "call_recording", "action": action}
    return urlencode(fields).encode(), FORM


def _laml(url: str, account_id: str, kept: Kept) -> tuple[bytes, dict[str, str]]:
    """Return body and headers of a callback of Twilio, or of SignalWire's Compatibility API."""
    form = {
        "AccountSid": account_id,
        "RecordingSid": kept.recording_id,
        "CallSid": kept.call_id,
        "RecordingStatus": kept.status,
        "RecordingChannels": str(kept.channels),
        "RecordingStartTime": f"{kept.time:%a, %d %b %Y %H:%M:%S} +0000",
        "RecordingDuration": str(kept.seconds) if kept.status == "completed" else "-1",
    }
    signature = RequestValidator(SIGNING_KEY).compute_signature(url, form)
    return urlencode(form).encode(), {**FORM, "x-twilio-signature": signature}

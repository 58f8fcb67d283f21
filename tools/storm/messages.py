"""Build the requests by which the providers announce or upload the storm's recordings."""

import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator

from tools.local.providers import relay_recordings, scenarios, telnyx_recordings
from tools.local.providers.kazoo_api import GREGORIAN_EPOCH
from tools.storm.ledger import EARLY, Entry
from tools.storm.plan import LAML, Way
from tools.storm.variants import Variant
from tools.storm.world import SIGNING_KEY, TOKEN

FORM = "application/x-www-form-urlencoded"
EXPIRES_SECONDS = 20
"""Seconds after which Bandwidth deletes a recording that expires. An earlier time would not be
believed, because Bandwidth announces no recording that it has deleted."""
QUERY = "owner_id=alice&from=%2B15551112222&to=%2B15553334444"


@dataclass(frozen=True)
class Message:
    """One request of a provider."""

    method: str
    url: str
    body: bytes
    headers: dict[str, str]


def build(api_url: str, entry: Entry, call_id: str, status: str, audio: bytes) -> Message:
    """Return the request that announces a status of a recording, or uploads its audio."""
    way = entry.drawn.way
    if way is Way.BANDWIDTH:
        return bandwidth(api_url, entry, call_id, status)
    if way in LAML:
        return _laml(api_url, entry, call_id, status)
    if way is Way.TELNYX:
        return _telnyx(api_url, entry, call_id, status)
    if way is Way.RELAY:
        return _relay(api_url, entry, call_id, status)
    if way is Way.HOOK:
        return _kazoo_webhook(api_url, entry, status)
    return _kazoo_upload(api_url, entry, call_id, audio)


def bandwidth(api_url: str, entry: Entry, call_id: str, status: str) -> Message:
    """Return a callback of Bandwidth."""
    drawn = entry.drawn
    expired = timedelta(days=30, seconds=-EXPIRES_SECONDS)
    start = datetime.now(UTC) - expired if drawn.fault.expired else entry.time
    callback = {
        "eventType": "recordComplete" if status in EARLY else "recordingAvailable",
        "accountId": scenarios.BANDWIDTH,
        "recordingId": entry.recording_id,
        "callId": call_id,
        "from": "+15551112222",
        "to": "+15553334444",
        "direction": "inbound",
        "startTime": f"{start:%Y-%m-%dT%H:%M:%S.000Z}",
        "duration": f"PT{drawn.seconds}S",
        "channels": drawn.channels,
        "fileFormat": drawn.format,
        **({} if status in EARLY else {"status": status}),
    }
    url = f"{api_url}/callbacks/bandwidth/{scenarios.BANDWIDTH}/{TOKEN}"
    return Message("POST", url, json.dumps(callback).encode(), {"content-type": "application/json"})


def transcription(api_url: str, entry: Entry, call_id: str, number: int) -> Message:
    """Return Bandwidth's callback about a transcription of a recording, counted from 0."""
    described = {
        "id": f"t-{number}-{entry.recording_id}",
        "status": "available",
        "completedTime": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(time.time() - 30)) + f".{number}00Z",
    }
    callback = {
        "eventType": "transcriptionAvailable",
        "accountId": scenarios.BANDWIDTH,
        "recordingId": entry.recording_id,
        "callId": call_id,
        "transcription": described,
    }
    url = f"{api_url}/callbacks/bandwidth/{scenarios.BANDWIDTH}/{TOKEN}"
    return Message("POST", url, json.dumps(callback).encode(), {"content-type": "application/json"})


def _relay(api_url: str, entry: Entry, call_id: str, status: str) -> Message:
    """Return a signed event of SignalWire's SWML or Relay, in the form that was drawn."""
    drawn = entry.drawn
    params: dict[str, Any] = {
        "call_id": call_id,
        "record": {"audio": {"format": drawn.format, "stereo": drawn.channels > 1}},
    }
    if status == "finished":
        params |= {"duration": drawn.seconds, "start_time": entry.time.timestamp()}
        params |= {"size": entry.size} if drawn.number % 2 else {}
    event = json.loads(relay_recordings.event(scenarios.SIGNALWIRE, entry.recording_id, status, **params))
    if drawn.variant is Variant.ENVELOPE:
        event = {"jsonrpc": "2.0", "id": entry.recording_id, "method": "signalwire.event", "params": event}
    elif drawn.variant is Variant.FLAT:
        event |= event.pop("params")
    url, body = f"{api_url}/callbacks/signalwire/{entry.account_id}?{QUERY}", json.dumps(event).encode()
    return Message("POST", url, body, relay_recordings.signed(url, body, SIGNING_KEY))


def _form(entry: Entry, call_id: str, status: str) -> dict[str, str]:
    """Return the fields that callbacks of SignalWire, Twilio and TeXML share."""
    return {
        "AccountSid": entry.account_id,
        "RecordingSid": entry.recording_id,
        "CallSid": call_id,
        "RecordingStatus": status,
        "RecordingChannels": "1",
    }


def _laml(api_url: str, entry: Entry, call_id: str, status: str) -> Message:
    """Return a signed callback of SignalWire or Twilio."""
    form = _form(entry, call_id, status) | {
        "RecordingStartTime": format_datetime(entry.time),
        "RecordingDuration": str(entry.drawn.seconds) if status == "completed" else "-1",
    }
    if entry.drawn.variant is Variant.SEALED and status == "completed":
        form["EncryptionDetails"] = json.dumps(entry.details)
    url = f"{api_url}/callbacks/{entry.drawn.way}/{entry.account_id}?{QUERY}"
    signature = RequestValidator(SIGNING_KEY).compute_signature(url, form)
    headers = {"content-type": FORM, "x-twilio-signature": signature}
    return Message("POST", url, urlencode(form).encode(), headers)


def _telnyx(api_url: str, entry: Entry, call_id: str, status: str) -> Message:
    """Return a signed callback of TeXML."""
    body = urlencode(_form(entry, call_id, status) | {"RecordingSource": "DialVerb"}).encode()
    url = f"{api_url}/callbacks/telnyx/{entry.account_id}"
    return Message("POST", url, body, {"content-type": FORM, **telnyx_recordings.headers(body)})


def _kazoo_webhook(api_url: str, entry: Entry, status: str) -> Message:
    """Return a webhook of KAZOO."""
    url = f"{api_url}/callbacks/kazoo/{scenarios.KAZOO}/{TOKEN}"
    fields = {"id": entry.recording_id, "account_id": scenarios.KAZOO, "type": "call_recording", "action": status}
    return Message("POST", url, urlencode(fields).encode(), {"content-type": FORM})


def _kazoo_upload(api_url: str, entry: Entry, call_id: str, audio: bytes) -> Message:
    """Return an upload of KAZOO."""
    fields = {
        "from": "1000@example.com",
        "to": "1001@example.com",
        "call_id": call_id,
        "account_id": scenarios.KAZOO,
        "start": str(int(time.time()) + GREGORIAN_EPOCH),
        "duration_ms": str(entry.drawn.seconds * 1000),
        "recording_id": entry.recording_id,
    }
    name = f"call_recording_{call_id}.{entry.drawn.format}"
    url = f"{api_url}/uploads/kazoo/{scenarios.KAZOO}/{TOKEN}/{name}?{urlencode(fields)}"
    return Message("PUT" if entry.drawn.way is Way.PUT else "POST", url, audio, {"content-type": "audio/x-wav"})

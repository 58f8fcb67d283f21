"""The recordings of the demo that Telnyx makes: signed webhooks, and links that expire."""

import json
import time
from typing import Any
from urllib.parse import urlencode

from tools import audio_samples
from tools.local.faults.replies import Reply
from tools.local.providers import telnyx_recordings
from tools.local.providers.scenarios import READERS, Scenario
from tools.local.providers.telnyx_recordings import API_KEY, PUBLIC_KEY, Telnyx
from tools.local.stack import Stack

TELNYX = "cb6cfbbc-eb00-41af-a3f3-0d7b32009e4b"
FORM = "application/x-www-form-urlencoded"
EXPIRED = Reply(status=403, body=b"<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>")


def telnyx(stack: Stack, api: Telnyx) -> list[Scenario]:
    """Return Telnyx's scenarios: Call Control in two formats, a transcript, and TeXML."""
    configured = {"origin": api.origin, "api_key": API_KEY}
    parameter = {"provider": "telnyx", "callback": {"public_keys": [PUBLIC_KEY]}, "api": configured, "readers": READERS}
    stack.put_account(TELNYX, parameter | {"media_origins": [api.storage.origin]})
    url = f"{stack.url}/callbacks/telnyx/{TELNYX}"
    start = time.strftime("%Y-%m-%dT%H:%M:%S.000000Z", time.gmtime(time.time() - 60))

    def scenario(title: str, number: int, audio: bytes, *early: Reply) -> Scenario:
        recording_id = f"{number}0cd86ac-fef8-4765-b203-0f7511f9fc75"
        facts: dict[str, Any] = {
            "recording_started_at": start,
            "channels": "single",
            "call_control_id": f"v3:demo-{number}",
        }
        api.keep(recording_id, audio, *early, **facts)
        body = telnyx_recordings.event("call.recording.saved", recording_id, **facts)
        return Scenario(TELNYX, recording_id, title, audio, (lambda: telnyx_recordings.send(url, body),))

    def transcribed(one: Scenario) -> Scenario:
        text_id = "60cd86ac-fef8-4765-b203-0f7511f9fc75"
        api.keep_transcription(text_id, one.recording_id, "Hello")
        text = {"transcripts": [{"text": "Hello"}]}  # as Bandwidth's dialect serves it
        kind, fields = "call.recording.transcription.saved", {"recording_transcription_id": text_id}
        body = telnyx_recordings.event(kind, one.recording_id, **fields)
        requests = (*one.requests, lambda: telnyx_recordings.send(url, body))
        return Scenario(
            one.account_id, one.recording_id, one.title, one.audio, requests, transcript=json.dumps(text).encode()
        )

    def texml(one: Scenario) -> Scenario:
        def form(status: str) -> bytes:
            fields = {"RecordingSid": one.recording_id, "RecordingStatus": status, "CallSid": "v3:demo-texml"}
            return urlencode(fields | {"AccountSid": TELNYX, "RecordingSource": "DialVerb"}).encode()

        forms = [form("in-progress"), form("completed")]
        requests = tuple(lambda body=body: telnyx_recordings.send(url, body, FORM) for body in forms)
        return Scenario(one.account_id, one.recording_id, one.title, one.audio, requests)

    return [
        scenario("wav of a call", 1, audio_samples.wav(16, seed=21)),
        scenario("mp3, expired link at first", 2, audio_samples.mp3(18, seed=22), EXPIRED),
        transcribed(scenario("with a transcript", 3, audio_samples.wav(6, seed=23))),
        texml(scenario("TeXML", 4, audio_samples.mp3(12, seed=24))),
    ]

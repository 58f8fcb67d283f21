"""The recordings of the demo: their audio at a stand-in, and the requests by which each arrives."""

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import urlencode

import urllib3
from twilio.request_validator import RequestValidator

from tools import audio_samples
from tools.local.faults.replies import Reply
from tools.local.providers import sealed_media, standins
from tools.local.providers.standins import Standin
from tools.local.stack import Stack

SECRET, TOKEN, SIGNING_KEY = "demo-reader-secret", "demo-callback-token", "demo-signing-key"
BANDWIDTH, SIGNALWIRE = "9900000", "b3877c40-da60-4998-90ad-b792e98472af"
TWILIO, KAZOO = "AC" + "0" * 31 + "1", "0" * 31 + "2"
READERS = [{"name": "demo", "sha256": hashlib.sha256(SECRET.encode()).hexdigest()}]
WAV, MP3 = "audio/vnd.wave", "audio/mpeg"

http = urllib3.PoolManager()


@dataclass(frozen=True)
class Scenario:
    """One recording, how it arrives, and how it has to be archived."""

    account_id: str
    recording_id: str
    title: str
    audio: bytes
    requests: tuple[Callable[[], urllib3.BaseHTTPResponse], ...] = ()
    """The provider's requests, in order."""
    one_at_a_time: bool = False
    """Whether the archive finishes its work on one request before the next is sent."""
    versions: int = 1
    """Number of object versions that the archive has to store."""
    objects: dict[str, bytes] = field(default_factory=dict)
    """Objects, by key, that the provider itself puts into the bucket."""
    transcript: bytes | None = None
    """The text of the recording's transcription, if it has one."""


def bandwidth(stack: Stack, standin: Standin) -> list[Scenario]:
    """Return Bandwidth's scenarios: JSON callbacks with a token in the path, audio by OAuth2."""
    user, password = standins.CREDENTIALS
    token_url = standin.origin + standins.TOKEN_PATH
    api = {"origin": standin.origin, "token_url": token_url, "username": user, "password": password}
    stack.put_account(
        BANDWIDTH, {"provider": "bandwidth", "callback": {"token": TOKEN}, "api": api, "readers": READERS}
    )
    scenarios: list[Scenario] = []

    def add(
        title: str,
        audio: bytes,
        *early: Reply,
        statuses: tuple[str, ...] = ("complete",),
        transcript: bytes | None = None,
        **fields: Any,  # noqa: ANN401 - any JSON value
    ) -> None:
        """Add a scenario; requests for its audio get the early replies before the audio."""
        recording_id, call_id = f"r-demo-{len(scenarios) + 1}", f"c-demo-{len(scenarios) + 1}"
        parent = f"conferences/{fields['conferenceId']}" if "conferenceId" in fields else f"calls/{call_id}"
        whole = Reply(body=audio, headers={"content-type": MP3 if fields.get("fileFormat") == "mp3" else WAV})
        path = f"/api/v2/accounts/{BANDWIDTH}/{parent}/recordings/{recording_id}/media"
        standin.serve(path, *early, whole)
        call = {"callId": call_id, "from": "+15551112222", "to": "+15553334444", "direction": "inbound"}
        callback = {
            "eventType": "conferenceRecordingAvailable" if "conferenceId" in fields else "recordingAvailable",
            "accountId": BANDWIDTH,
            "recordingId": recording_id,
            "startTime": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(time.time() - 60)),
            "mediaUrl": standin.origin + path,
            "fileFormat": "wav",
            **({} if "conferenceId" in fields else call),
            **fields,
        }
        url = f"{stack.url}/callbacks/bandwidth/{BANDWIDTH}/{TOKEN}"
        sent = [callback | {"status": status} for status in statuses]
        if transcript is not None:
            text_path = path.removesuffix("/media") + "/transcription"
            standin.serve(text_path, Reply(body=transcript, headers={"content-type": "application/json"}))
            described = {"id": f"t-{recording_id}", "status": "available", "url": standin.origin + text_path}
            sent.append(callback | {"eventType": "transcriptionAvailable", "transcription": described})
        copies = len(set(statuses))
        scenarios.append(
            Scenario(
                BANDWIDTH,
                recording_id,
                title,
                audio,
                tuple(partial(http.request, "POST", url, json=body) for body in sent),
                one_at_a_time=copies > 1,
                versions=copies,
                transcript=transcript,
            )
        )

    part = Reply(body=audio_samples.wav(5, seed=6), headers={"content-type": WAV})
    add("wav of a call", audio_samples.wav(20, seed=1), duration="PT20S", channels=1)
    add("mp3 of a call", audio_samples.mp3(30, seed=2), duration="PT30S", fileFormat="mp3", channels=1)
    add("stereo wav", audio_samples.wav(15, channels=2, seed=3), duration="PT15S", channels=2)
    add("long wav, in parts", audio_samples.wav(1500, seed=4), duration="PT25M", channels=1)
    add("conference", audio_samples.wav(25, seed=5), duration="PT25S", channels=1, conferenceId="conf-demo")
    add(
        "partial, then complete",
        audio_samples.wav(12, seed=6),
        part,
        statuses=("partial", "complete"),
        duration="PT12S",
    )
    add("announced three times", audio_samples.wav(8, seed=7), statuses=("complete",) * 3, duration="PT8S")
    text = json.dumps({"transcripts": [{"speaker": 0, "text": "Hello", "confidence": 0.9}]}).encode()
    add("with a transcript", audio_samples.wav(7, seed=12), transcript=text, duration="PT7S", channels=1)
    add("not there yet (404)", audio_samples.wav(9, seed=8), Reply(status=404), duration="PT9S")
    return scenarios


def signalwire(stack: Stack, standin: Standin) -> list[Scenario]:
    """Return SignalWire's scenarios of the Compatibility API; `swml_scenarios` has the others."""
    ids = ["19e436af-5688-4307-b03b-bdb2b42b8142", "29e436af-5688-4307-b03b-bdb2b42b8142"]
    return _laml(stack, standin, "signalwire", SIGNALWIRE, ids)


def twilio(stack: Stack, standin: Standin) -> list[Scenario]:
    """Return Twilio's scenarios."""
    return _laml(stack, standin, "twilio", TWILIO, ["RE" + "0" * 31 + str(number) for number in range(1, 4)])


def _laml(stack: Stack, standin: Standin, provider: str, account_id: str, ids: list[str]) -> list[Scenario]:
    """Return the scenarios of SignalWire or Twilio: signed forms, audio by Basic."""
    root = "/api/laml/2010-04-01" if provider == "signalwire" else "/2010-04-01"
    api = {"origin": standin.origin, "password": "demo-api-token"}
    callback = {"signing_keys": [SIGNING_KEY]}
    stack.put_account(account_id, {"provider": provider, "callback": callback, "api": api, "readers": READERS})
    url = f"{stack.url}/callbacks/{provider}/{account_id}?owner_id=alice&from=%2B15551112222&to=%2B15553334444"

    def scenario(title: str, recording_id: str, audio: bytes, statuses: tuple[str, ...], **fields: str) -> Scenario:
        query = "?RequestedChannels=2" if provider == "twilio" and fields.get("RecordingChannels") == "2" else ""
        path = f"{root}/Accounts/{account_id}/Recordings/{recording_id}.wav"
        standin.audio(path + query, audio, "audio/x-wav")
        form = {"AccountSid": account_id, "RecordingSid": recording_id, "CallSid": "CA1", **fields}
        requests = tuple(request(form | {"RecordingStatus": status}) for status in statuses)
        return Scenario(account_id, recording_id, title, audio, requests)

    def request(form: dict[str, str]) -> Callable[[], urllib3.BaseHTTPResponse]:
        signature = RequestValidator(SIGNING_KEY).compute_signature(url, form)
        headers = {"content-type": "application/x-www-form-urlencoded", "x-twilio-signature": signature}
        return lambda: http.request("POST", url, body=urlencode(form), headers=headers)

    long, dual = audio_samples.wav(94, seed=9), audio_samples.wav(10, channels=2, seed=10)
    scenarios = [
        scenario("in progress, then completed", ids[0], long, ("in-progress", "completed"), RecordingDuration="94"),
        scenario("dual, out of order", ids[1], dual, ("completed", "in-progress"), RecordingChannels="2"),
    ]
    if provider == "twilio":
        key = sealed_media.make_key().public_key()
        sealed, details = sealed_media.seal(audio_samples.wav(11, seed=13), key)
        own = {"EncryptionDetails": json.dumps(details), "RecordingDuration": "11"}
        scenarios.append(scenario("encrypted with your key", ids[2], sealed, ("completed",), **own))
    return scenarios

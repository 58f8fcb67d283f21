"""What the demo plays: each provider's recordings, their audio on a stand-in, and how they are announced or pushed."""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import urllib3
from twilio.request_validator import RequestValidator

from tools import audio_samples
from tools.local.providers import standins
from tools.local.providers.kazoo_api import API_KEY, Crossbar
from tools.local.providers.standins import Reply, Standin
from tools.local.stack import Stack

SECRET, TOKEN, SIGNING_KEY = "demo-reader-secret", "demo-callback-token", "demo-signing-key"
BANDWIDTH, SIGNALWIRE = "9900000", "b3877c40-da60-4998-90ad-b792e98472af"
TWILIO, KAZOO = "AC" + "0" * 31 + "1", "0" * 31 + "2"
READERS = [{"name": "demo", "sha256": hashlib.sha256(SECRET.encode()).hexdigest()}]
WAV, MP3 = "audio/vnd.wave", "audio/mpeg"

http = urllib3.PoolManager()


@dataclass(frozen=True)
class Play:
    """One recording, and what has to become of it."""

    account_id: str
    recording_id: str
    title: str
    audio: bytes
    sends: tuple[Callable[[], urllib3.BaseHTTPResponse], ...] = ()
    """Requests of the provider, in their order."""
    settle: bool = False
    """Wait for the archive between the requests."""
    versions: int = 1
    """How many objects it may leave."""
    puts: dict[str, bytes] = field(default_factory=dict)
    """Objects that the provider itself puts into the bucket."""


def bandwidth(stack: Stack, standin: Standin) -> list[Play]:
    """Play Bandwidth: JSON callbacks with a token in the path, media by OAuth2."""
    user, password = standins.CREDENTIALS
    token_url = standin.origin + standins.TOKEN_PATH
    api = {"origin": standin.origin, "token_url": token_url, "username": user, "password": password}
    stack.put_account(
        BANDWIDTH, {"provider": "bandwidth", "callback": {"token": TOKEN}, "api": api, "readers": READERS}
    )
    plays: list[Play] = []

    def play(title: str, audio: bytes, *replies: Reply, statuses: tuple[str, ...] = ("complete",), **said: Any) -> None:  # noqa: ANN401
        recording_id, call_id = f"r-demo-{len(plays) + 1}", f"c-demo-{len(plays) + 1}"
        parent = f"conferences/{said['conferenceId']}" if "conferenceId" in said else f"calls/{call_id}"
        whole = Reply(body=audio, headers={"content-type": MP3 if said.get("fileFormat") == "mp3" else WAV})
        path = f"/api/v2/accounts/{BANDWIDTH}/{parent}/recordings/{recording_id}/media"
        standin.serve(path, *replies, whole)
        call = {"callId": call_id, "from": "+15551112222", "to": "+15553334444", "direction": "inbound"}
        callback = {
            "eventType": "conferenceRecordingAvailable" if "conferenceId" in said else "recordingAvailable",
            "accountId": BANDWIDTH,
            "recordingId": recording_id,
            "startTime": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(time.time() - 60)),
            "mediaUrl": standin.origin + path,
            "fileFormat": "wav",
            **({} if "conferenceId" in said else call),
            **said,
        }
        url = f"{stack.url}/callbacks/bandwidth/{BANDWIDTH}/{TOKEN}"
        sends = [
            lambda status=status: http.request("POST", url, json=callback | {"status": status}) for status in statuses
        ]
        settle = len(set(statuses)) > 1
        plays.append(Play(BANDWIDTH, recording_id, title, audio, tuple(sends), settle, len(set(statuses))))

    part = Reply(body=audio_samples.wav(5, seed=6), headers={"content-type": WAV})
    play("wav of a call", audio_samples.wav(20, seed=1), duration="PT20S", channels=1)
    play("mp3 of a call", audio_samples.mp3(30, seed=2), duration="PT30S", fileFormat="mp3", channels=1)
    play("stereo wav", audio_samples.wav(15, channels=2, seed=3), duration="PT15S", channels=2)
    play("long wav, in parts", audio_samples.wav(1500, seed=4), duration="PT25M", channels=1)
    play("conference", audio_samples.wav(25, seed=5), duration="PT25S", channels=1, conferenceId="conf-demo")
    play(
        "partial, then complete",
        audio_samples.wav(12, seed=6),
        part,
        statuses=("partial", "complete"),
        duration="PT12S",
    )
    play("announced three times", audio_samples.wav(8, seed=7), statuses=("complete",) * 3, duration="PT8S")
    play("not there yet (404)", audio_samples.wav(9, seed=8), Reply(status=404), duration="PT9S")
    return plays


def laml(stack: Stack, standin: Standin, provider: str, account_id: str, ids: list[str]) -> list[Play]:
    """Play SignalWire or Twilio: signed forms, media by Basic."""
    root = "/api/laml/2010-04-01" if provider == "signalwire" else "/2010-04-01"
    api = {"origin": standin.origin, "password": "demo-api-token"}
    callback = {"signing_keys": [SIGNING_KEY]}
    stack.put_account(account_id, {"provider": provider, "callback": callback, "api": api, "readers": READERS})
    url = f"{stack.url}/callbacks/{provider}/{account_id}?owner_id=alice&from=%2B15551112222&to=%2B15553334444"

    def play(title: str, recording_id: str, audio: bytes, statuses: tuple[str, ...], **said: str) -> Play:
        query = "?RequestedChannels=2" if provider == "twilio" and said.get("RecordingChannels") == "2" else ""
        path = f"{root}/Accounts/{account_id}/Recordings/{recording_id}.wav"
        standin.audio(path + query, audio, "audio/x-wav")
        form = {"AccountSid": account_id, "RecordingSid": recording_id, "CallSid": "CA1", **said}
        return Play(
            account_id, recording_id, title, audio, tuple(send(form | {"RecordingStatus": s}) for s in statuses)
        )

    def send(form: dict[str, str]) -> Callable[[], urllib3.BaseHTTPResponse]:
        signature = RequestValidator(SIGNING_KEY).compute_signature(url, form)
        headers = {"content-type": "application/x-www-form-urlencoded", "x-twilio-signature": signature}
        return lambda: http.request("POST", url, body=urlencode(form), headers=headers)

    long, dual = audio_samples.wav(94, seed=9), audio_samples.wav(10, channels=2, seed=10)
    return [
        play("in progress, then completed", ids[0], long, ("in-progress", "completed"), RecordingDuration="94"),
        play("dual, out of order", ids[1], dual, ("completed", "in-progress"), RecordingChannels="2"),
    ]


def signalwire(stack: Stack, standin: Standin) -> list[Play]:
    """Play SignalWire."""
    ids = ["19e436af-5688-4307-b03b-bdb2b42b8142", "29e436af-5688-4307-b03b-bdb2b42b8142"]
    return laml(stack, standin, "signalwire", SIGNALWIRE, ids)


def twilio(stack: Stack, standin: Standin) -> list[Play]:
    """Play Twilio."""
    return laml(stack, standin, "twilio", TWILIO, ["RE" + "0" * 31 + "1", "RE" + "0" * 31 + "2"])


def kazoo(stack: Stack, crossbar: Crossbar) -> list[Play]:
    """Play KAZOO: pushed to a URL, put by its own S3 handler, and fetched from Crossbar after a webhook."""
    api = {"origin": crossbar.origin, "api_key": API_KEY}
    stack.put_account(KAZOO, {"provider": "kazoo", "callback": {"token": TOKEN}, "api": api, "readers": READERS})
    month, audios = (
        time.strftime("%Y%m", time.gmtime()),
        [audio_samples.mp3(seconds, seed=seconds) for seconds in (11, 13, 17)],
    )
    pushed, put, hooked = (f"{month}-{number:032x}" for number in (1, 2, 3))
    document = {"id": put, "name": f"{put}.mp3", "media_type": "mp3", "call_id": "kazoo-call", "duration_ms": 13_000}
    crossbar.keep(KAZOO, document)
    crossbar.keep(KAZOO, document | {"id": hooked, "name": f"{hooked}.mp3", "duration_ms": 17_000}, audios[2])
    upload = f"{stack.url}/uploads/kazoo/{KAZOO}/{TOKEN}/call_recording_kazoo-call.mp3?" + urlencode(
        {
            "from": "1000@example.com",
            "to": "1001@example.com",
            "call_id": "kazoo-call",
            "account_id": KAZOO,
            "start": int(time.time()) + 62_167_219_200,
            "duration_ms": 11_000,
            "recording_id": pushed,
        }
    )
    hook = f"{stack.url}/callbacks/kazoo/{KAZOO}/{TOKEN}"
    said = {"id": hooked, "account_id": KAZOO, "type": "call_recording"}
    return [
        Play(
            KAZOO,
            pushed,
            "pushed twice by PUT",
            audios[0],
            (lambda: http.request("PUT", upload, body=audios[0], headers={"content-type": MP3}),) * 2,
        ),
        Play(
            KAZOO, put, "by KAZOO's S3 handler", audios[1], puts={f"incoming/kazoo/{KAZOO}/{put}/{put}.mp3": audios[1]}
        ),
        Play(
            KAZOO,
            hooked,
            "webhook, then Crossbar",
            audios[2],
            (
                lambda: http.request("POST", hook, fields=said | {"action": "doc_created"}, encode_multipart=False),
                lambda: http.request("POST", hook, fields=said | {"action": "doc_edited"}, encode_multipart=False),
            ),
        ),
    ]

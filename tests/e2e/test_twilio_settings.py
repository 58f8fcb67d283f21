"""Settings of an account at Twilio, through the real template and Twilio's unmodified SDK.

The settings are Voice Recording encryption, external storage, and Recording Configurations.
"""

import hashlib
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
import requests
import urllib3
from twilio.base.exceptions import TwilioRestException
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from tests import worlds
from tests.e2e import archive
from tools import audio_samples
from tools.local.faults.replies import Reply
from tools.local.providers import call_apis, sealed_media
from tools.local.providers.call_apis import PASSWORD, Calls
from tools.local.stack import Stack

ACCOUNT, KEY = "AC" + "7" * 32, "auth-token-of-the-account"
CALL = "CA0123456789abcdef0123456789abcdef"
ROOT = f"/2010-04-01/Accounts/{ACCOUNT}"
BUCKET = "https://acme-calls.s3.us-east-1.amazonaws.com/voice/RE1"
WAV = audio_samples.wav(5, seed=41)

http = urllib3.PoolManager()


@pytest.fixture(scope="module")
def calls(stack: Stack) -> Iterator[Calls]:
    with call_apis.Calls() as running:
        running.live = {CALL}
        admin = worlds.reader("admin", archive.ADMIN_SECRET, is_admin=True)
        stack.put_account(
            ACCOUNT,
            {
                "provider": "twilio",
                "callback": {"signing_keys": [KEY]},
                "api": {"origin": running.origin, "password": PASSWORD},
                "readers": [archive.READER, admin],
            },
        )
        yield running


@pytest.fixture
def client(stack: Stack) -> Client:
    """Return Twilio's SDK, unmodified, with the archive's address."""
    made = Client(ACCOUNT, archive.SECRET)
    made.api.base_url = stack.url
    return made


def announce(stack: Stack, recording_id: str, **fields: str) -> None:
    """Send the signed callback of a completed recording, and let the archive finish its work."""
    url = f"{stack.url}/callbacks/twilio/{ACCOUNT}"
    form = {
        "AccountSid": ACCOUNT, "CallSid": CALL, "RecordingSid": recording_id, "RecordingStatus": "completed",
        "RecordingDuration": "5", "RecordingChannels": "1",
        "RecordingStartTime": "Fri, 20 Nov 2026 09:30:00 +0000", **fields,
    }  # fmt: skip
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "x-twilio-signature": RequestValidator(KEY).compute_signature(url, form),
    }
    assert http.request("POST", url, body=urlencode(form), headers=headers).status == 200
    stack.drain()


def describe(calls: Calls, recording_id: str, **fields: Any) -> None:
    """Serve the resource of a recording at Twilio."""
    body = json.dumps({"sid": recording_id, "status": "completed", **fields}).encode()
    reply = Reply(body=body, headers={"content-type": "application/json"})
    calls.serve(f"{ROOT}/Recordings/{recording_id}.json", reply)


@pytest.mark.parametrize("where", ["callback", "resource"])
def test_the_sdk_reads_what_decrypts_a_recording(stack: Stack, calls: Calls, client: Client, where: str) -> None:
    recording_id, key = "RE" + hashlib.sha256(where.encode()).hexdigest()[:32], sealed_media.make_key()
    ciphertext, details = sealed_media.seal(WAV, key.public_key())
    calls.audio(f"{ROOT}/Recordings/{recording_id}.wav", ciphertext, "audio/x-wav")
    describe(calls, recording_id, encryption_details=details)
    announce(stack, recording_id, **({"EncryptionDetails": json.dumps(details)} if where == "callback" else {}))
    got = client.recordings(recording_id).fetch()
    assert (got.status, got.encryption_details) == ("completed", details)
    assert [one.encryption_details for one in client.recordings.list() if one.sid == recording_id] == [details]
    audio = requests.get(got.media_url, auth=(ACCOUNT, archive.SECRET), timeout=10)
    assert (audio.headers["content-type"], audio.content) == ("application/octet-stream", ciphertext)
    assert got.encryption_details is not None
    assert sealed_media.unseal(audio.content, dict(got.encryption_details), key) == WAV
    found = archive.document(stack, ACCOUNT, recording_id)["archive"]
    assert (found["state"], found["codec"], found["size"]) == ("verified", "encrypted", len(ciphertext))
    assert found["sha256"] == hashlib.sha256(ciphertext).hexdigest()


def test_the_sdk_reads_that_a_recording_is_stored_elsewhere(stack: Stack, calls: Calls, client: Client) -> None:
    recording_id = "RE" + "e" * 32
    describe(calls, recording_id, media_url=f"{BUCKET}?X-Amz-Signature=0a1b")
    announce(stack, recording_id, RecordingUrl=f"{BUCKET}?X-Amz-Signature=0a1b")
    got = client.recordings(recording_id).fetch()
    assert (got.status, got.media_url, got.error_code, got.duration) == ("absent", None, None, "5")
    url = f"{stack.url}{ROOT}/Recordings/{recording_id}.json"
    for secret, place in ((archive.SECRET, None), (archive.ADMIN_SECRET, BUCKET)):
        found = requests.get(url, auth=(ACCOUNT, secret), timeout=10).json()["archive"]
        assert (found["reason"], found.get("external_url")) == ("stored_elsewhere", place)
    audio = requests.get(url.replace(".json", ".wav"), auth=(ACCOUNT, archive.SECRET), timeout=10)
    assert audio.status_code == 404
    assert [one.path for one in calls.asked if recording_id in one.path] == [
        f"{ROOT}/Recordings/{recording_id}.wav",
        f"{ROOT}/Recordings/{recording_id}.json",
    ]


def test_the_sdk_starts_a_recording_by_a_configuration(stack: Stack, calls: Calls, client: Client) -> None:
    made = client.calls(CALL).recordings.create(recording_configuration_id="recording-configuration-1")
    assert made.sid is not None
    assert calls.started[made.sid].form == {"RecordingConfigurationId": "recording-configuration-1"}
    assert archive.document(stack, ACCOUNT, made.sid)["archive"]["state"] == "announced"
    calls.audio(f"{ROOT}/Recordings/{made.sid}.wav", WAV, "audio/x-wav")
    announce(stack, made.sid, RecordingConfigurationId="recording-configuration-1")
    assert archive.document(stack, ACCOUNT, made.sid)["archive"]["state"] == "verified"
    row = archive.row(stack, ACCOUNT, made.sid)
    assert row is not None
    assert row.extra["RecordingConfigurationId"] == "recording-configuration-1"


def test_the_sdk_learns_that_a_configuration_excludes_parameters(client: Client, calls: Calls) -> None:
    with pytest.raises(TwilioRestException) as caught:
        client.calls(CALL).recordings.create(recording_configuration_id="c-1", recording_channels="dual")
    assert (caught.value.status, caught.value.code) == (422, 20001)
    assert "RecordingChannels" in caught.value.msg

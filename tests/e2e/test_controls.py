"""Recordings of live calls through the real template: an SDK starts them, the user is called."""

import hashlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

import pytest
import urllib3
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from tests.e2e import archive
from tools import audio_samples
from tools.local.faults.replies import Reply
from tools.local.providers import call_apis
from tools.local.providers.call_apis import PASSWORD, Calls
from tools.local.providers.loopback import LoopbackHandler, LoopbackServer
from tools.local.stack import Stack

KEY, CALL = "signing-key", "CA0123456789abcdef0123456789abcdef"
WAV = audio_samples.wav(5, seed=31)
ROOTS = {"twilio": "/2010-04-01", "signalwire": "/api/laml/2010-04-01"}

http = urllib3.PoolManager()
type Received = list[tuple[str, dict[str, str], str]]
"""Path, form and signature of what a user's server got."""


@pytest.fixture(scope="module")
def calls() -> Iterator[Calls]:
    with call_apis.Calls() as running:
        running.live = {CALL}
        yield running


@pytest.fixture
def user() -> Iterator[tuple[str, Received]]:
    """Run a user's server and return its origin and what it got."""
    received: Received = []

    class Handler(LoopbackHandler):
        def post(self) -> None:
            fields = dict(parse_qsl(self._read_body().decode(), keep_blank_values=True))
            received.append((self.path, fields, self.headers["x-twilio-signature"]))
            self._send(Reply())

    class User(LoopbackServer):
        handler = Handler

    with User() as server:
        yield server.origin, received


def configure(stack: Stack, calls: Calls, provider: str, origin: str) -> str:
    account_id = f"controls-{provider}"
    stack.put_account(
        account_id,
        {
            "provider": provider,
            "callback": {"signing_keys": [KEY], "token": "callback-token"},
            "api": {"origin": calls.origin, "password": PASSWORD},
            "forward_origins": [origin],
            "readers": [archive.READER],
        },
    )
    return account_id


def started_by_an_sdk(stack: Stack, account_id: str, url: str) -> Any:
    """Start, pause and stop a recording by Twilio's SDK, and return the SDK's object of it."""
    client = Client(account_id, archive.SECRET)
    client.api.base_url = stack.url
    recordings = client.calls(CALL).recordings
    made = recordings.create(recording_status_callback=url, recording_status_callback_event=["completed", "absent"])
    assert recordings(made.sid).update(status="paused", pause_behavior="skip").status == "paused"
    assert recordings("Twilio.CURRENT").update(status="stopped").sid == made.sid
    return made


@pytest.mark.parametrize("provider", ROOTS)
def test_a_recording_is_started_archived_and_forwarded_to_the_user(
    stack: Stack, calls: Calls, user: tuple[str, Received], provider: str
) -> None:
    origin, received = user
    account_id = configure(stack, calls, provider, origin)
    made = started_by_an_sdk(stack, account_id, f"{origin}/hook?customer=7#rc=2")
    assert (made.call_sid, made.status, made.channels) == (CALL, "in-progress", 1)
    assert archive.document(stack, account_id, made.sid)["archive"]["state"] == "announced"

    calls.audio(f"{ROOTS[provider]}/Accounts/{account_id}/Recordings/{made.sid}.wav", WAV, "audio/x-wav")
    assert calls.announce(made.sid, "in-progress", KEY) == 200
    assert calls.announce(made.sid, "completed", KEY, RecordingDuration="5") == 200
    stack.drain()
    found = archive.document(stack, account_id, made.sid)["archive"]
    assert (found["state"], found["sha256"]) == ("verified", hashlib.sha256(WAV).hexdigest())
    assert [one["what"] for one in found["history"]][:3] == ["started by ops", "paused by ops", "stopped by ops"]
    [(path, fields, signature)] = received
    assert (path, fields["RecordingSid"], fields["RecordingStatus"]) == ("/hook?customer=7", made.sid, "completed")
    assert RequestValidator(KEY).validate(f"{origin}{path}", fields, signature)
    assert calls.announce(made.sid, "completed", "another key") == 403


def test_bandwidths_dialect_controls_the_calls_of_every_provider(stack: Stack, calls: Calls) -> None:
    account_id = configure(stack, calls, "signalwire", "http://127.0.0.1:9")
    answer = archive.ask(stack, account_id, f"/calls/{CALL}/recordings", "POST", json={"data": {"action": "start"}})
    recording_id = answer.json()["data"]["id"]
    url = f"{stack.url}/api/v2/accounts/{account_id}/calls/{CALL}/recording"
    headers = {"x-auth-token": f"{account_id}.{archive.SECRET}"}
    answer = http.request("PUT", url, headers=headers, json={"state": "paused"})
    assert (answer.status, answer.data) == (200, b"")
    assert calls.started[recording_id].status == "paused"

"""Fill a stack for schemathesis: accounts of every provider, recordings, live calls."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import urllib3

from callvault import times
from callvault.models import Recording, State
from callvault.providers import PROVIDERS
from callvault.storage import rows, table
from tests import worlds
from tools import audio_samples
from tools.local.faults.replies import Reply
from tools.local.providers import call_apis, kazoo_api, kazoo_channels, standins
from tools.local.providers.call_apis import Calls, Started
from tools.local.providers.kazoo_channels import Channels
from tools.local.stack import Stack

SECRET, TOKEN, SIGNING_KEY = "reader-secret", "fuzz-token", "fuzz-signing-key"
READING = {
    "kazoo": "fuzz-kazoo", "bandwidth": "fuzz-bandwidth", "twilio": "fuzz-twilio", "signalwire": "fuzz-other",
    "relay": "fuzz-kazoo",
}  # fmt: skip
"""The account to read, by tag of the description.

That of SignalWire belongs to KAZOO, so that the prefix of the path decides the dialect. No path of
the tag `relay` names an account, so it is the one whose reader asks in `hooks`.
"""
CONTROLLABLE = ("bandwidth", "kazoo", "signalwire", "twilio")
"""The providers whose calls the archive controls, each with a stand-in of its API."""
CALLED = "fuzz-called-"
"""Begins the name of each provider's account that takes callbacks with a token in the path."""
BARE = "fuzz-bare-"
"""Begins the name of those that take them without: signed, or by Basic with that name as user."""
CONTROLLED = "fuzz-controlled-"
"""Prefix of the accounts whose readers may control recordings; each has one live call."""
RETRYING = "fuzz-retrying"
"""The account whose reader is an admin; what is fetched there fails again at once."""
DELETING = "fuzz-deleting"
"""The only account whose reader may delete."""
PUSHED = "202611-9d6e7a3f0c1b4e58a2f7c6d5e4b3a2ff"
DOOMED = [f"doomed-{number}" for number in range(60)]
FAILED = [f"failed-{number}" for number in range(5)]
RUNNING = {"twilio": f"RE{0:032x}", "signalwire": "00000000-5688-4307-b03b-bdb2b42b8142"}
"""The recording of the live call, where it has an id while it runs."""
CALL, CONFERENCE, USER = "call-1", "conf-1", "user-1"
MEDIA = worlds.media(version_id=None)
"""Of no version, because nothing is in the bucket."""
TOLD: dict[str, Any] = {
    "call_id": CALL,
    "conference_id": CONFERENCE,
    "parent_call_id": "call-0",
    "caller": "+15551112222",
    "callee": "sip:bob@example.com",
    "direction": "inbound",
    "owner_id": USER,
    "duration_ms": 1500,
    "channels": 1,
    "format": "wav",
    "tag": "support",
    "name": "a name",
    "discrepancies": ("duration",),
    "user_metadata": {"ticket": 7},
}
VARIANTS: dict[str, dict[str, Any]] = {
    "r-verified": {**TOLD, "state": State.VERIFIED, "media": MEDIA},
    "r-mp3": {**TOLD, "state": State.VERIFIED, "media": MEDIA.model_copy(update={"content_type": "audio/mpeg"})},
    "r-conference": {"state": State.STORED, "conference_id": CONFERENCE, "media": MEDIA},
    "r-pending": {**TOLD, "state": State.PENDING},
    "r-announced": {"state": State.ANNOUNCED},
    "r-absent": {"state": State.ABSENT, "reason": "30001"},
    "r-failed": {**TOLD, "state": State.FAILED, "reason": "gone", "transcription": {"id": "t-1", "transcripts": []}},
    "r-deleted": {"state": State.DELETED},
}


@contextmanager
def filled(stack: Stack) -> Iterator[None]:
    """Fill a stack while the block runs, and leave nothing behind in it that is tried again."""
    with call_apis.Calls() as calls, kazoo_channels.Channels() as channels:
        calls.otherwise = Reply(status=410, public=True)
        calls.live = channels.live = {CALL}
        try:
            _read_and_told(stack)
            _acted_on(stack, calls, channels)
            yield
        finally:
            stack.drain(hidden=False)
            stack.client("sqs").purge_queue(QueueUrl=stack.outputs["FetchQueueUrl"])


def _read_and_told(stack: Stack) -> None:
    """Configure the accounts that are read and that are called back, and archive recordings."""
    providers = {READING["kazoo"]: "kazoo", READING["bandwidth"]: "bandwidth", READING["twilio"]: "twilio"}
    for account_id in dict.fromkeys(READING.values()):
        provider = providers.get(account_id, "kazoo")
        _configure(stack, account_id, provider)
        for recording_id, fields in VARIANTS.items():
            _archive(stack, account_id, recording_id, provider, fields)
    _configure(stack, DELETING, "bandwidth", {"can_delete": True})
    for recording_id in DOOMED:
        _archive(stack, DELETING, recording_id, "bandwidth", VARIANTS["r-verified"])
    for provider in PROVIDERS:
        keys = [SIGNING_KEY] if provider in {"signalwire", "twilio"} else []
        called = {"provider": provider, "callback": {"token": TOKEN, "signing_keys": keys}}
        stack.put_account(CALLED + provider, called)
        bare = {"signing_keys": keys} if keys else {"username": BARE + provider, "password": SECRET}
        stack.put_account(BARE + provider, {"provider": provider, "callback": bare})
    url = f"{stack.url}/uploads/kazoo/{CALLED}kazoo/{TOKEN}/call_recording_{CALL}.wav?recording_id={PUSHED}"
    pushed = urllib3.request("PUT", url, body=audio_samples.wav(1, seed=3), headers={"content-type": "audio/x-wav"})
    if pushed.status != 201:
        raise RuntimeError(f"The upload was answered {pushed.status}.")


def _acted_on(stack: Stack, calls: Calls, channels: Channels) -> None:
    """Configure the accounts with live calls, and the one where what failed is tried again."""
    client_id, secret = standins.CREDENTIALS
    origin: dict[str, Any] = {"origin": calls.origin}
    bandwidth = origin | {"token_url": calls.origin + standins.TOKEN_PATH, "username": client_id, "password": secret}
    apis = {
        "bandwidth": bandwidth,
        "kazoo": {"origin": channels.origin, "api_key": kazoo_api.API_KEY},
        **dict.fromkeys(RUNNING, origin | {"password": call_apis.PASSWORD}),
    }
    for provider in CONTROLLABLE:
        _configure(stack, CONTROLLED + provider, provider, {"can_control": True}, api=apis[provider])
    for provider, recording_id in RUNNING.items():
        calls.started[recording_id] = Started(CONTROLLED + provider, CALL, {})
        _archive(stack, CONTROLLED + provider, recording_id, provider, {"state": State.ANNOUNCED, "call_id": CALL})
    _configure(stack, RETRYING, "bandwidth", {"is_admin": True}, api=bandwidth)
    for recording_id in FAILED:
        _archive(stack, RETRYING, recording_id, "bandwidth", VARIANTS["r-failed"] | {"conference_id": None})


def _configure(
    stack: Stack, account_id: str, provider: str, rights: Mapping[str, bool] | None = None, **more: object
) -> None:
    reader = worlds.reader("fuzz", SECRET, **(rights or {}))
    stack.put_account(account_id, worlds.parameter(provider, readers=[reader], **more))


def _archive(stack: Stack, account_id: str, recording_id: str, provider: str, fields: dict[str, Any]) -> None:
    start = times.now() - timedelta(hours=1)
    recording = Recording(
        account_id=account_id, recording_id=recording_id, provider=provider, start_time=start, **fields
    )
    row = table.merge(None, recording, "seen")
    stack.client("dynamodb").put_item(TableName=stack.outputs["TableName"], Item=rows.write(row))

"""Fill a stack with what schemathesis asks for: accounts of every provider, and recordings in every state."""

import hashlib
from datetime import timedelta
from typing import Any

import urllib3

from callvault import rows, table, times
from callvault.models import Media, Recording, State
from tools import audio_samples
from tools.local.stack import Stack

SECRET, TOKEN, SIGNING_KEY = "fuzz-reader-secret", "fuzz-token", "fuzz-signing-key"
READING = {"kazoo": "fuzz-kazoo", "bandwidth": "fuzz-bandwidth", "twilio": "fuzz-twilio", "signalwire": "fuzz-other"}
"""By tag of the description, the account that is read; the last one is at KAZOO, so that the prefix decides."""
PROVIDERS = ("bandwidth", "kazoo", "signalwire", "twilio")
"""Each has an account of its name, which takes callbacks with a token in the path."""
BARE = "bare-"
"""Begins the name of those that take them without: signed, or by Basic with that name as user."""
DELETING = "fuzz-deleting"
"""The only account whose reader may delete."""
PUSHED = "202611-9d6e7a3f0c1b4e58a2f7c6d5e4b3a2ff"
DOOMED = [f"doomed-{number}" for number in range(60)]
CALL, CONFERENCE, USER = "call-1", "conf-1", "user-1"
MEDIA = Media(
    key="media/fuzz/2026/11/21/x.wav",
    size=8044,
    sha256="ab" * 32,
    content_type="audio/x-wav",
    codec="pcm",
    channels=1,
    sample_rate=8000,
    duration_ms=1000,
)
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


def build(stack: Stack) -> None:
    """Configure the accounts and archive their recordings."""
    providers = {READING["kazoo"]: "kazoo", READING["bandwidth"]: "bandwidth", READING["twilio"]: "twilio"}
    for account_id in READING.values():
        provider = providers.get(account_id, "kazoo")
        _configure(stack, account_id, provider)
        for recording_id, fields in VARIANTS.items():
            _archive(stack, account_id, recording_id, provider, fields)
    _configure(stack, DELETING, "bandwidth", can_delete=True)
    for recording_id in DOOMED:
        _archive(stack, DELETING, recording_id, "bandwidth", VARIANTS["r-verified"])
    for provider in PROVIDERS:
        keys = [SIGNING_KEY] if provider in {"signalwire", "twilio"} else []
        stack.put_account(provider, {"provider": provider, "callback": {"token": TOKEN, "signing_keys": keys}})
        bare = {"signing_keys": keys} if keys else {"username": BARE + provider, "password": SECRET}
        stack.put_account(BARE + provider, {"provider": provider, "callback": bare})
    url = f"{stack.url}/uploads/kazoo/kazoo/{TOKEN}/call_recording_{CALL}.wav?recording_id={PUSHED}"
    pushed = urllib3.request("PUT", url, body=audio_samples.wav(1, seed=3), headers={"content-type": "audio/x-wav"})
    if pushed.status != 201:
        raise RuntimeError(f"The upload was answered {pushed.status}.")


def _configure(stack: Stack, account_id: str, provider: str, *, can_delete: bool = False) -> None:
    reader = {"name": "fuzz", "sha256": hashlib.sha256(SECRET.encode()).hexdigest(), "can_delete": can_delete}
    stack.put_account(account_id, {"provider": provider, "readers": [reader]})


def _archive(stack: Stack, account_id: str, recording_id: str, provider: str, fields: dict[str, Any]) -> None:
    start = times.now() - timedelta(hours=1)
    recording = Recording(
        account_id=account_id, recording_id=recording_id, provider=provider, start_time=start, **fields
    )
    row = table.merge(None, recording, "seen")
    stack.client("dynamodb").put_item(TableName=stack.outputs["TableName"], Item=rows.write(row))

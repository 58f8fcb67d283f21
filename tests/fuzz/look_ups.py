"""Make random resources of recordings at each provider, and look recordings up in them."""

import json
from functools import cache
from random import Random
from typing import Any
from unittest.mock import patch

from urllib3 import HTTPHeaderDict

from callvault import accounts, providers
from callvault.errors import RejectedError, UnavailableError
from callvault.models import Recording
from callvault.providers import look_ups
from callvault.transport import Answer
from tests import samples
from tests.fuzz import values

RELAY: dict[str, Any] = {
    "id": "",
    "status": "completed",
    "stereo": True,
    "byte_size": 320_044,
    "duration_in_seconds": 20,
    "track": "both",
    "price": 0.0025,
    "price_unit": "USD",
    "error_code": None,
    "created_at": "2026-11-20T09:30:00Z",
    "relay_pstn_leg_id": "leg-1",
}
"""A resource of SignalWire's Recordings API."""
SECRET = "X-Amz-Signature=5e7a11ed"
PLACE = f"https://key:word@files.example.com/r.wav?{SECRET}"
"""The URL of the media in every resource; it may give access, so it must never be kept."""
IDS = {"bandwidth": "recordingId", "kazoo": "id", "signalwire": "sid", "telnyx": "id", "twilio": "sid"}
PLACES = {
    "bandwidth": "mediaUrl",
    "kazoo": "url",
    "signalwire": "uri",
    "telnyx": "download_urls",
    "twilio": "media_url",
}
IN_DATA = {"kazoo", "telnyx"}
"""The providers that put a resource into the member `data`."""
TRANSCRIPTION = {"id": "t-1", "status": "available", "completedTime": "2026-06-17T22:21:00.000Z"}
STATUSES = (200,) * 18 + (404, 503)


def look_up(random: Random, recording: Recording) -> Recording | None:
    """Return a recording as a random resource describes it, or None if it describes none."""
    body = _body(random, recording)
    answer = Answer(status=random.choice(STATUSES), headers=HTTPHeaderDict(), body=body)
    provider = providers.of(accounts.get(recording.account_id))
    ask = provider.describe if recording.provider == "kazoo" else provider.look_up
    try:
        with patch.object(look_ups, "get", return_value=answer):
            return ask(recording)
    except (RejectedError, UnavailableError):
        return None


def shows_secrets(recording: Recording) -> bool:
    """Return whether a recording has the URL of its media from the resource."""
    return SECRET in recording.model_dump_json()


def _body(random: Random, recording: Recording) -> bytes:
    """Return the answer of the provider's API, with a mutated resource."""
    provider, is_relay = recording.provider, str(recording.extra.get("event_type")).startswith("calling.")
    known = dict(RELAY if is_relay else random.choice(_resources(provider)))
    if provider == "bandwidth" and random.random() < 0.6:
        described = list(TRANSCRIPTION.items())
        known["transcription"] = dict(values.pairs(random, described, list(TRANSCRIPTION)))
    names = ("id", "url") if is_relay else (IDS[provider], PLACES[provider])
    fields = values.pairs(random, list(known.items()), [*known, "duration", "status"])
    own = dict(zip(names, (recording.recording_id, {"wav": PLACE} if provider == "telnyx" else PLACE), strict=True))
    document = values.document(random, [(name, value) for name, value in fields if name not in own] + list(own.items()))
    if provider in IN_DATA:
        document = b'{"data":%s}' % document
    return _without_stray(values.garble(random, document), names[1]) if random.random() < 0.05 else document


def _without_stray(garbled: bytes, name: str) -> bytes:
    """Return a garbled resource without the secret if another member than the URL's may have it.

    A provider's class cannot know that a member with a garbled name is a URL of media.
    """
    is_named = garbled.count(SECRET.encode()) == garbled.count(f'"{name}":'.encode()) == 1
    return garbled if is_named else garbled.replace(SECRET.encode(), b"")


@cache
def _resources(provider: str) -> list[dict[str, Any]]:
    """Return the resources among a provider's samples."""
    found = [one.body for one in samples.of(provider).look_ups if isinstance(one.body, dict)]
    return [json.loads(json.dumps(one.get("data", one))) for one in found if isinstance(one.get("data", one), dict)]

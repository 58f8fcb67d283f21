"""Serve what the providers' APIs say about the storm's recordings, beside the audio itself.

It is the resource of a recording at SignalWire and Twilio, and the text of a transcription at
Bandwidth.
"""

import json
from dataclasses import replace
from functools import cache

from cryptography.hazmat.primitives.asymmetric import rsa

from tools.local.faults.media import Stage
from tools.local.faults.replies import Reply
from tools.local.providers import relay_recordings, scenarios, sealed_media
from tools.storm import sounds
from tools.storm.ledger import Entry
from tools.storm.plan import Drawn, Way
from tools.storm.variants import Variant
from tools.storm.world import World

JSON = {"content-type": "application/json"}
LATE = [Reply(status=503), Reply(status=502)]
"""Answers before the resource, if it is described late: one or both."""
BUCKET = "https://acme-calls.s3.us-east-1.amazonaws.com/voice"
"""Where the customer's own storage is."""


@cache
def key() -> rsa.RSAPublicKey:
    """Return the customer's public key at Twilio."""
    return sealed_media.make_key().public_key()


def describe(world: World, entry: Entry, audio: bytes) -> None:
    """Serve the resource of a recording of Relay, or of one that Twilio keeps in its own way."""
    if entry.drawn.way is Way.RELAY:
        _describe_relay(world, entry, audio)
    elif entry.drawn.variant in {Variant.SEALED_SILENTLY, Variant.ELSEWHERE}:
        _describe_twilio(world, entry)


def _describe_relay(world: World, entry: Entry, audio: bytes) -> None:
    """Serve the resource; the media, with its fault, is at another origin without credentials."""
    drawn, recording_id = entry.drawn, entry.recording_id
    status = "no_input" if drawn.absent else "completed"
    about = {"status": status, "stereo": drawn.channels > 1, "duration_in_seconds": drawn.seconds}
    url = relay_recordings.keep(world.standin, recording_id, audio, files=world.elsewhere, **about)
    script = world.script(drawn, recording_id, sounds.reply(drawn, audio))
    path = url.removeprefix(world.elsewhere.origin)
    world.elsewhere.serve(path, *(replace(reply, public=True) for reply in script))
    path = f"{relay_recordings.ROOT}/{recording_id}"
    world.standin.serve(path, *_late(drawn), *world.standin.replies[path])


def _describe_twilio(world: World, entry: Entry) -> None:
    """Serve the resource that says how to decrypt the media, or where it is stored."""
    about: dict[str, object] = {"sid": entry.recording_id, "status": "completed"}
    if entry.place is None:
        about |= {"encryption_details": entry.details}
    else:
        about |= {"media_url": f"{entry.place}?X-Amz-Signature=secret"}
    path = f"/2010-04-01/Accounts/{scenarios.TWILIO}/Recordings/{entry.recording_id}.json"
    world.standin.serve(path, *_late(entry.drawn), Reply(body=json.dumps(about).encode(), headers=JSON))


def _late(drawn: Drawn) -> list[Reply]:
    """Return the answers before the resource of a recording, if it is described late."""
    return LATE[: 1 + drawn.number % 2] if drawn.described_late else []


def text_of(recording_id: str, number: int) -> bytes:
    """Return the text of a recording's transcription, counted from 0; no two are the same."""
    words = f"Words {number} of {recording_id}. " * 20
    return json.dumps({"transcripts": [{"speaker": 0, "text": words, "confidence": 0.9}]}).encode()


def serve_text(world: World, entry: Entry, call_id: str, number: int) -> None:
    """Serve a text; the first one has the fault that was drawn."""
    drawn, recording_id = entry.drawn, entry.recording_id
    good = Reply(body=text_of(recording_id, number), headers=JSON)
    redirected = world.redirected(drawn, f"{recording_id}-text")
    stage = Stage(good=good, redirected=redirected, hang_seconds=world.hang_seconds)
    script = drawn.text.script(stage) if drawn.text and not number else [good]
    path = f"/api/v2/accounts/{scenarios.BANDWIDTH}/calls/{call_id}/recordings/{recording_id}/transcription"
    world.standin.serve(path, *script)

"""Serve what the providers' APIs say about the storm's recordings, beside the audio itself.

It is what differs in a recording's resource or document from one to another, and the text of a
transcription at Bandwidth.
"""

import json
from dataclasses import replace
from functools import cache

from cryptography.hazmat.primitives.asymmetric import rsa

from tools.local.faults.media import Stage
from tools.local.faults.replies import Reply
from tools.local.providers import relay_recordings, scenarios, sealed_media
from tools.local.providers.books import Kept
from tools.storm import sounds
from tools.storm.ledger import Entry
from tools.storm.plan import Drawn, Way
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


def describe(world: World, entry: Entry, kept: Kept, audio: bytes) -> None:
    """Let the provider describe a recording that differs from those that its stand-in knows.

    If it is described late, requests for its document or resource fail first; its list has it.
    """
    drawn, recording_id = entry.drawn, entry.recording_id
    if drawn.way is Way.BANDWIDTH:
        world.providers.bandwidth.changes[recording_id] = {"fileFormat": drawn.format}
    elif drawn.way is Way.RELAY:
        _describe_relay(world, entry, kept, audio)
    elif drawn.way is Way.TWILIO:
        _describe_twilio(world, entry, kept)
    elif drawn.way in {Way.HOOK, Way.INCOMING}:
        _describe_kazoo(world, entry, kept)


def _describe_relay(world: World, entry: Entry, kept: Kept, audio: bytes) -> None:
    """Serve the media, with its fault, at another origin without credentials."""
    drawn, signalwire = entry.drawn, world.providers.signalwire
    path = f"/{relay_recordings.SPACE}/recordings/{entry.recording_id}.{drawn.format}"
    script = world.script(drawn, entry.recording_id, sounds.reply(drawn, audio))
    world.providers.elsewhere.serve(path, *(replace(reply, public=True) for reply in script))
    url = world.providers.elsewhere.origin + path
    signalwire.changes[entry.recording_id] = {"url": url, "byte_size": entry.size}
    if drawn.described_late:
        resource = signalwire.relay_resource(kept)
        signalwire.serve(f"{relay_recordings.ROOT}/{entry.recording_id}", *_late(drawn), _json(resource))


def _describe_twilio(world: World, entry: Entry, kept: Kept) -> None:
    """Say how to decrypt the media, or where it is stored."""
    drawn, twilio = entry.drawn, world.providers.twilio
    if entry.details is not None:
        twilio.changes[entry.recording_id] = {"encryption_details": entry.details}
    elif entry.place is not None:
        twilio.changes[entry.recording_id] = {"media_url": f"{entry.place}?X-Amz-Signature=secret"}
    if drawn.described_late:
        path = f"{twilio.root}/Accounts/{twilio.account_id}/Recordings/{entry.recording_id}.json"
        twilio.serve(path, *_late(drawn), _json(twilio.resource(kept)))


def _describe_kazoo(world: World, entry: Entry, kept: Kept) -> None:
    """Say which format the audio has."""
    drawn, crossbar = entry.drawn, world.providers.crossbar
    crossbar.changes[entry.recording_id] = {
        "name": f"{entry.recording_id}.{drawn.format}",
        "media_type": drawn.format,
        "content_type": sounds.TYPES[drawn.format],
    }
    if drawn.described_late:
        document = {name: value for name, value in crossbar.document(kept).items() if name != "_read_only"}
        whole = _json({"data": document, "status": "success"})
        crossbar.state.documents[entry.recording_id] = [Reply(status=404), Reply(status=503), whole]


def _json(content: object) -> Reply:
    return Reply(body=json.dumps(content).encode(), headers=JSON)


def _late(drawn: Drawn) -> list[Reply]:
    """Return the answers before the resource of a recording that is described late."""
    return LATE[: 1 + drawn.number % 2]


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
    world.providers.bandwidth.serve(path, *script)

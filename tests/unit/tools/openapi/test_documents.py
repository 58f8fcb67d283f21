"""The schemas have every field that the dialects render, and accept every rendered document."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from openapi_schema_validator import OAS31Validator

from callvault import times
from callvault.dialects import shared_fields
from callvault.dialects.bandwidth import documents as bandwidth_documents
from callvault.dialects.kazoo import documents as kazoo_documents
from callvault.dialects.laml import documents as laml_documents
from callvault.dialects.relay import documents as relay_documents
from callvault.models import TOMBSTONES, Event, Recording, State
from callvault.providers import PROVIDERS, look_ups
from callvault.transcript import Transcript
from callvault.values import Attempt
from tests import worlds
from tools.openapi import document

NOW = times.now()
WHOLE: dict[str, Any] = {
    "reason": "30001",
    "call_id": "c1",
    "parent_call_id": "c0",
    "conference_id": "f1",
    "caller": "+15551112222",
    "callee": "+15553334444",
    "direction": "inbound",
    "owner_id": "u1",
    "start_time": NOW,
    "end_time": NOW,
    "duration_ms": 90_500,
    "channels": 2,
    "format": "mp3",
    "tag": "t",
    "name": "n",
    "transcription": {"id": "t1", "status": "available", "completedTime": times.write(NOW), "transcripts": [{}]},
    "transcript": Transcript.model_validate(
        {
            "state": "pending",
            "reason": "gone",
            "attempt": {"count": 2, "reason": "http_503", "next_time": NOW},
            "completed_time": NOW,
            "source_expires_time": NOW,
            "text": {"key": "k", "size": 2, "sha256": "ab" * 32},
        }
    ),
    "extra": {"applicationId": "app-1", "transferCallerId": "+1", "transferTo": "+2", "name": "Monday"},
    "user_metadata": {"a": 1},
    "media": worlds.media(content_type="audio/mpeg", codec="mp3", channels=2),
    "discrepancies": ("duration",),
    "history": (Event(time=NOW, what="seen"),),
    "attempt": Attempt(count=2, reason="http_503", next_time=NOW),
    "created_time": NOW,
    "updated_time": NOW,
    "source_expires_time": NOW,
    "listed_at": f"{times.write(NOW)}#r1",
}
DESCRIPTION = document.build()
SCHEMAS = DESCRIPTION["components"]["schemas"]
PLACE = laml_documents.Place("https://api.example.com", "/2010-04-01", "a1")
RENDERERS: dict[str, Callable[[Recording], dict[str, Any]]] = {
    "KazooRecording": kazoo_documents.render,
    "BandwidthCallRecording": lambda one: bandwidth_documents.render_call(one, "https://api.example.com/a", "a1"),
    "BandwidthConferenceRecording": lambda one: bandwidth_documents.render_conference(one, "https://a.example", "a1"),
    "TwilioRecording": lambda one: laml_documents.render_twilio(one, PLACE),
    "SignalWireRecording": lambda one: laml_documents.render_signalwire(one, PLACE),
    "RelayRecording": lambda one: relay_documents.render(one, "https://api.example.com", "a1"),
}
ADDED_LATER = {"_read_only"}
KAZOOS_OWN = {
    "caller_id_name",
    "callee_id_name",
    "cdr_id",
    "interaction_id",
    "origin",
    "request",
    "custom_channel_vars",
}
OTHER_LEGS = {"relay_sip_leg_id", "relay_webrtc_leg_id"}
"""A recording has one leg."""


def recordings() -> Iterator[Recording]:
    for provider in PROVIDERS:
        for state in set(State) - TOMBSTONES:
            bare = Recording(account_id="a1", recording_id="r1", provider=provider, state=state)
            yield from (bare, bare.model_copy(update=WHOLE))


def validator(name: str) -> OAS31Validator:
    return OAS31Validator({"$ref": f"#/components/schemas/{name}", "components": DESCRIPTION["components"]})


def whole(provider: str) -> Recording:
    return Recording(account_id="a1", recording_id="r1", provider=provider, state=State.VERIFIED, **WHOLE)


@pytest.mark.parametrize("name", RENDERERS)
def test_every_rendered_document_matches_its_schema(name: str) -> None:
    judge = validator(name)
    for recording in recordings():
        rendered = json.loads(json.dumps(RENDERERS[name](recording)))
        assert [error.message for error in judge.iter_errors(rendered)] == []


@pytest.mark.parametrize("name", RENDERERS)
def test_a_schema_has_every_field_that_is_rendered_and_no_other(name: str) -> None:
    rendered = set(RENDERERS[name](whole("bandwidth")))
    assert rendered == set(SCHEMAS[name]["properties"]) - ADDED_LATER - KAZOOS_OWN - OTHER_LEGS


def test_every_field_of_the_archive_is_described() -> None:
    pending = whole("twilio").model_copy(update={"state": State.PENDING})
    elsewhere = look_ups.stored_elsewhere(pending, "https://acme-calls.s3.amazonaws.com/RE1")
    plain = {"archive": kazoo_documents.render(pending)["archive"]}
    rendered = shared_fields.for_reader(plain, elsewhere, worlds.principal(is_admin=True))
    assert set(rendered["archive"]) == set(SCHEMAS["Archive"]["properties"])


def test_a_schema_refuses_other_documents() -> None:
    rendered = bandwidth_documents.render_call(whole("kazoo"), "https://api.example.com/a", "a1")
    assert not validator("BandwidthCallRecording").is_valid(rendered | {"status": "lost"})
    assert not validator("BandwidthCallRecording").is_valid({})

"""Every document of Bandwidth's dialect fits the models of Bandwidth's SDKs for C#, Java and Ruby.

`sdk_models.json` is a table of the models; `tests/sdk_models.py` says how to read it. Bandwidth's
SDK for Python reads the documents here too.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from callvault.dialects.bandwidth import documents, refusals
from callvault.errors import NotFoundError
from callvault.models import Recording, State
from callvault.providers import PROVIDERS
from callvault.web import Request
from tests import sdk_models, worlds

TABLE = Path(__file__).parent / "sdk_models.json"
BASE = "https://archive.example.com/api/v2/accounts/a1"
CLIP = {"speaker": 0, "text": "Hello", "confidence": 0.9, "startTimeSeconds": 0.0, "endTimeSeconds": 1.5}
RECORDINGS: dict[str, dict[str, Any]] = {
    "nothing is known": {"state": State.ANNOUNCED},
    "absent": {"state": State.ABSENT, "reason": "error"},
    "stored": {"state": State.VERIFIED, "media": worlds.media(channels=None, duration_ms=None)},
    "all is known": {
        "state": State.VERIFIED,
        "media": worlds.media(),
        "call_id": "c-1",
        "parent_call_id": "c-0",
        "conference_id": "conf-1",
        "caller": "Restricted",
        "callee": "sip:ann@example.com",
        "direction": "outbound",
        "start_time": datetime(2026, 6, 17, 22, 19, 40, 375_000, UTC),
        "duration_ms": 13_670,
        "channels": 2,
        "format": "mp3",
        "name": "First call",
        "transcription": {"id": "t-1", "status": "available", "completedTime": "2026-06-17T22:30Z", "clips": [CLIP]},
        "extra": {
            "applicationId": "app-1",
            "transferCallerId": "+1",
            "transferTo": "+2",
            "name": "Monday",
            "startTime": "2026-06-17T22:19:40.375833Z",
        },
    },
    "values that are not Bandwidth's": {
        "state": State.PENDING,
        "channels": 10**12,
        "transcription": {"id": 7, "status": None, "completedTime": "soon", "transcripts": [{"speaker": None}, 5]},
        "extra": {"applicationId": 7, "transferTo": {}, "name": None, "startTime": "soon"},
    },
}
STATES = [pytest.param(fields, id=name) for name, fields in RECORDINGS.items()]


def recording(provider: str, fields: Mapping[str, Any]) -> Recording:
    return worlds.recording("r-1", **{"provider": provider, **fields})


def assert_fits(document: Mapping[str, Any], model: str) -> None:
    for one in sdk_models.of(TABLE, model):
        assert one.misfits(document) == {}, one.sdk


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("fields", STATES)
def test_a_calls_recording_fits_the_models(provider: str, fields: dict[str, Any]) -> None:
    document = documents.render_call(recording(provider, fields), BASE, "a1")
    assert_fits(document, "CallRecordingMetadata")
    assert_fits(document["transcription"] or {}, "RecordingTranscriptionMetadata")


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("fields", STATES)
def test_a_conferences_recording_fits_the_models(provider: str, fields: dict[str, Any]) -> None:
    document = documents.render_conference(recording(provider, fields), BASE, "a1")
    assert_fits(document, "ConferenceRecordingMetadata")


@pytest.mark.parametrize("name", [None, *CLIP])
def test_an_entry_of_a_transcript_fits_the_models(name: str | None) -> None:
    entry = CLIP | ({} if name is None else {name: None})
    known = {"transcription": {"transcripts": [entry], "clips": [entry]}}
    found = documents.text_of(recording("bandwidth", known), None)
    assert found is not None
    assert_fits(found["transcripts"][0], "Transcription")
    assert_fits(found["clips"][0], "RecordingTranscriptionClip")
    assert found["clips"][0] == {key: value for key, value in entry.items() if value is not None}


@pytest.mark.parametrize("request_id", ["", "JKJaXmPLvHcESHA="])
def test_a_refusal_fits_the_models(request_id: str) -> None:
    request = Request(method="GET", path="/api/v2/accounts/a1/recordings/x", request_id=request_id)
    document = json.loads(refusals.refuse(NotFoundError("Not found."), request).body)
    assert_fits(document, "VoiceApiError")
    assert set(document) == {"type", "description", "id"}


def test_the_sdks_agree_on_which_members_may_be_null() -> None:
    """A member that C# reads as a number or a time is in no SDK's list of nullable ones."""
    for sdk in json.loads(TABLE.read_text()):
        for name, model in sdk["models"].items():
            (first, *others) = [one.nullable for one in sdk_models.of(TABLE, name)]
            assert all(other == first for other in others), (sdk["sdk"], name)
            assert not first & set(model["fails_on_null"])

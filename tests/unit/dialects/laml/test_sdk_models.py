"""Every recording of Twilio's and SignalWire's dialect fits the models of their SDKs.

`sdk_models.json` is a table of the models of Twilio's SDKs for C#, Java and Go;
`tests/sdk_models.py` says how to read it. In these SDKs every member may be null. SignalWire's SDK
for Python fails if a member is missing.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from twilio.rest.api.v2010.account.recording import RecordingInstance

from callvault.dialects.laml import documents
from callvault.dialects.laml.documents import Place
from callvault.models import Recording, State
from callvault.providers import PROVIDERS
from tests import sdk_models, worlds

TABLE = Path(__file__).parent / "sdk_models.json"
PLACE = Place("https://archive.example.com", "/2010-04-01", "AC1")
INDEXED = {
    "account_sid", "api_version", "call_sid", "conference_sid", "date_created", "date_updated", "start_time",
    "duration", "sid", "price", "uri", "price_unit", "status", "source", "error_code",
}  # fmt: skip
"""The members that signalwire 2.1.1 of PyPI indexes in each recording."""
RECORDINGS: dict[str, dict[str, Any]] = {
    "nothing is known": {"state": State.ANNOUNCED},
    "absent": {"state": State.ABSENT, "reason": "16101"},
    "absent, with a reason that is too long a number": {"state": State.ABSENT, "reason": "9" * 12},
    "stored": {"state": State.VERIFIED, "media": worlds.media(channels=None, duration_ms=None)},
    "all is known": {
        "state": State.VERIFIED,
        "media": worlds.media(),
        "call_id": "CA1",
        "conference_id": "CF1",
        "start_time": datetime(2026, 6, 17, 22, 19, 40, tzinfo=UTC),
        "duration_ms": 4_000,
        "channels": 2,
        "extra": {
            "RecordingSource": "DialVerb",
            "RecordingTrack": "both",
            "Trim": "trim-silence",
            "price": -0.0025,
            "price_unit": "USD",
        },
    },
    "values that are not the provider's": {
        "state": State.PENDING,
        "channels": 10**12,
        "extra": {"RecordingSource": 7, "RecordingTrack": {}, "Trim": [], "price": {}, "price_unit": 5},
    },
}


def recording(provider: str, fields: Mapping[str, Any]) -> Recording:
    return worlds.recording("RE1", **{"provider": provider, **fields})


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("fields", [pytest.param(fields, id=name) for name, fields in RECORDINGS.items()])
def test_a_recording_fits_the_models(provider: str, fields: dict[str, Any]) -> None:
    document = documents.render_twilio(recording(provider, fields), PLACE)
    for model in sdk_models.of(TABLE, "Recording"):
        assert model.misfits(document) == {}, model.sdk
        assert set(model.members) <= set(document), model.sdk
    read = RecordingInstance(None, document, "AC1")
    assert (read.sid, read.channels, read.error_code) == ("RE1", document["channels"], document["error_code"])


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("fields", [pytest.param(fields, id=name) for name, fields in RECORDINGS.items()])
def test_a_recording_has_the_members_that_signalwires_sdk_indexes(provider: str, fields: dict[str, Any]) -> None:
    document = documents.render_signalwire(recording(provider, fields), PLACE)
    assert set(document) >= INDEXED
    assert {type(document[name]) for name in ("source", "channels", "trim")} <= {str, type(None)}

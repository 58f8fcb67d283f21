"""The schemas of what acts on recordings say what the dialects take and answer."""

from typing import Any

import pytest
from openapi_schema_validator import OAS31Validator

from callvault.dialects.kazoo import controls as kazoo_controls
from callvault.dialects.laml import controls as laml_controls
from callvault.dialects.laml import documents
from callvault.models import Recording, State
from tools.openapi import document, kazoo, laml

COMPONENTS = document.build()["components"]
PLACE = documents.Place("https://api.example.com", "/2010-04-01", "a1")
LIVE = Recording(
    account_id="a1",
    recording_id="RE1",
    provider="signalwire",
    state=State.ANNOUNCED,
    call_id="CA1",
    extra={"RecordingSource": "StartCallRecordingApi", "Trim": "do-not-trim", "RecordingTrack": "both"},
)
UNKNOWN = {"sid": None, "account_sid": "a1", "call_sid": "CA1", "status": "in-progress"}


def takes(name: str, value: object) -> bool:
    judge = OAS31Validator({"$ref": f"#/components/schemas/{name}", "components": COMPONENTS})
    return bool(judge.is_valid(value))


def test_every_parameter_is_described_and_no_other() -> None:
    assert set(kazoo.control_schemas.MEANINGS) == set(kazoo_controls.TYPES)
    assert set(laml.control_schemas.MEANINGS) == set(laml_controls.CHOICES)


@pytest.mark.parametrize(
    ("data", "right"),
    [
        ({}, True),
        (kazoo_controls.DEFAULTS, True),
        (dict.fromkeys(kazoo_controls.TYPES), True),
        ({"time_limit": 5}, True),
        ({"time_limit": 4}, False),
        ({"time_limit": 10801}, False),
        ({"record_on_answer": 1}, False),
        ({"format": "ogg"}, False),
        ({"label": ""}, False),
        ({"url": "http://x"}, True),
        ({"url": "x" * 2049}, False),
    ],
)
def test_kazoos_parameters_have_types_values_and_ranges(data: dict[str, Any], *, right: bool) -> None:
    assert takes("KazooControl", {"data": data}) is right


@pytest.mark.parametrize(
    ("name", "body", "right"),
    [
        ("CompatibilityStart", {}, True),
        ("CompatibilityStart", {"RecordingChannels": "dual", "RecordingStatusCallbackEvent": ["absent"]}, True),
        ("CompatibilityStart", {"RecordingChannels": "stereo"}, False),
        ("CompatibilityStart", {"RecordingStatusCallback": "ftp://a.example"}, False),
        ("CompatibilityUpdate", {}, False),
        ("CompatibilityUpdate", {"Status": ""}, False),
        ("CompatibilityUpdate", {"Status": "paused", "PauseBehavior": "skip"}, True),
        ("BandwidthControl", {"state": "recording"}, True),
        ("BandwidthControl", {"state": "stopped"}, False),
        ("KazooRetry", {"action": "retry"}, True),
        ("KazooRetry", {"data": {}}, False),
    ],
)
def test_bodies_have_values_and_required_members(name: str, body: dict[str, Any], *, right: bool) -> None:
    assert takes(name, body) is right


@pytest.mark.parametrize("render", [documents.render_twilio, documents.render_signalwire])
def test_a_recording_in_progress_has_its_providers_own_status(render: Any) -> None:
    assert takes("CompatibilityLiveRecording", render(LIVE, PLACE) | {"status": "paused"})


def test_the_answer_for_an_unknown_recording_has_only_the_status() -> None:
    assert takes("CompatibilityLiveRecording", UNKNOWN)
    assert not takes("CompatibilityLiveRecording", UNKNOWN | {"price": "much"})


def test_a_started_recording_of_signalwire_matches_its_schema() -> None:
    assert takes("SignalWireRecording", documents.render_signalwire(LIVE, PLACE))

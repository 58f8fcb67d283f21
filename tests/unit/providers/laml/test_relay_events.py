"""Events about recordings of SignalWire's present product, SWML and Relay."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from callvault.errors import ForbiddenError, InvalidRequestError, RejectedError
from callvault.models import Recording, State
from callvault.providers.laml import relay_events
from callvault.providers.laml.signalwire import SignalWire
from tests import samples

CONTRACT = samples.of("signalwire")
FINISHED = CONTRACT.sample("relay_finished.json").request
EVENT = json.loads(FINISHED.body)
PARAMS = EVENT["params"]
RECORDING_ID = PARAMS["recording_id"]


def provider(**changes: Any) -> SignalWire:
    return SignalWire(CONTRACT.account(**changes))


def read_content(content: Any) -> Recording | None:
    return provider().read(replace(FINISHED, body=json.dumps(content).encode()))


def read(*without: str, **changes: Any) -> Recording:
    params = {name: value for name, value in (PARAMS | changes).items() if name not in without}
    recording = read_content(EVENT | {"params": params})
    assert recording is not None
    return recording


@pytest.mark.parametrize(
    ("word", "state", "reason"),
    [
        ("recording", State.ANNOUNCED, None),
        ("paused", State.ANNOUNCED, None),
        ("finished", State.PENDING, None),
        ("FINISHED", State.PENDING, None),
        ("no_input", State.ABSENT, "no_input"),
        ("error", State.ABSENT, "error"),
        ("levitating", State.ANNOUNCED, None),
        (None, State.ANNOUNCED, None),
        (7, State.ANNOUNCED, None),
    ],
)
def test_the_events_state_determines_the_state(word: Any, state: State, reason: str | None) -> None:
    recording = read(state=word)
    assert (recording.state, recording.reason) == (state, reason)


@pytest.mark.parametrize(
    "content",
    [
        {"jsonrpc": "2.0", "id": "1", "method": "signalwire.event", "params": EVENT},
        {"event": EVENT},
        {"payload": {"event": EVENT}},
    ],
)
def test_an_event_in_an_envelope_is_read_like_the_event(content: Any) -> None:
    assert read_content(content) == read_content(EVENT)


@pytest.mark.parametrize(
    "content",
    [
        {"data": PARAMS},
        {
            "event_type": "calling.recording",
            "params": {"id": "x", "url": f"https://x.example/recordings/{RECORDING_ID}"},
        },
        {"event_type": "recording.finished", "params": {"recordingId": RECORDING_ID, "state": "finished"}},
    ],
)
def test_an_event_in_another_form_is_announced_under_its_id(content: Any) -> None:
    found = read_content(content)
    assert found is not None
    assert (found.recording_id, found.state) == (RECORDING_ID, State.ANNOUNCED)


def test_a_state_that_is_not_known_is_kept() -> None:
    assert read(state="levitating").extra["state"] == "levitating"


def test_every_event_of_one_recording_is_marked_as_relays() -> None:
    for word in relay_events.STATES:
        assert relay_events.is_relay(read(state=word))
    compatibility = provider().read(CONTRACT.sample("completed.json").request)
    assert compatibility is not None
    assert not relay_events.is_relay(compatibility)


def test_a_callback_of_the_compatibility_api_cannot_carry_the_mark() -> None:
    body = CONTRACT.sample("completed.json").request.body
    recording = read_content(json.loads(body) | {"event_type": "of-next-year"})
    assert recording is not None
    assert not relay_events.is_relay(recording)


def test_json_with_a_recording_sid_is_of_the_compatibility_api() -> None:
    recording = read_content({"RecordingSid": "r-1", "record": {}, "recording_id": "r-2"})
    assert recording is not None
    assert recording.recording_id == "r-1"


@pytest.mark.parametrize("extension", [".wav", ".mp3", "/download", "", "?x=1"])
def test_the_url_names_the_recording_if_no_member_does(extension: str) -> None:
    url = f"https://files.signalwire.com/s/p/recordings/{RECORDING_ID}{extension}"
    assert read("recording_id", url=url).recording_id == RECORDING_ID
    assert read("recording_id", "url", record={"url": url}).recording_id == RECORDING_ID


@pytest.mark.parametrize("value", ["../x", "a/b", "", ".", 7, None, ["r"], "a" * 257, "unnamed-1"])
def test_a_malformed_id_gives_way_to_that_of_the_url(value: Any) -> None:
    assert read(recording_id=value).recording_id == RECORDING_ID


def test_no_url_is_kept_because_it_may_give_access_without_credentials() -> None:
    record = {"url": "https://files.example.com/recordings/r.wav", "audio": {"format": "wav"}}
    assert "https" not in json.dumps(read(record=record, recording_url="https://x").extra)


def test_an_event_that_names_no_recording_is_announced_under_an_id_of_its_own() -> None:
    one = read("recording_id", "url")
    assert one.recording_id.startswith(relay_events.UNNAMED)
    assert (one.state, one.extra["state"], one.call_id) == (State.ANNOUNCED, "finished", PARAMS["call_id"])
    with pytest.raises(RejectedError):
        provider().media_url(one)


def test_the_events_of_an_unnamed_recording_have_one_id() -> None:
    ids = {read("recording_id", "url", state=word, duration=1).recording_id for word in relay_events.STATES}
    assert len(ids) == 1
    assert read("recording_id", "url", control_id="other").recording_id not in ids
    assert read("recording_id", "url", "call_id").recording_id != read("recording_id", "url", "control_id").recording_id


def test_an_event_in_another_form_is_announced_and_keeps_what_it_has() -> None:
    flat = read_content({**PARAMS, "project_id": EVENT["project_id"]})
    assert flat is not None
    assert (flat.state, flat.recording_id, flat.duration_ms) == (State.ANNOUNCED, RECORDING_ID, 20_000)
    assert flat.extra["event_type"] == relay_events.EVENT
    assert flat.extra["state"] == "finished"


@pytest.mark.parametrize("params", ["text", ["list"], None, 7])
def test_an_event_without_an_object_of_params_is_announced(params: Any) -> None:
    recording = read_content(EVENT | {"params": params})
    assert recording is not None
    assert recording.state is State.ANNOUNCED
    assert recording.recording_id.startswith(relay_events.UNNAMED)


def test_the_sdks_other_place_of_duration_and_size_is_read() -> None:
    recording = read("duration", "size", record={"duration": 15.5, "size": 248_320, "format": "mp3"})
    assert (recording.duration_ms, recording.extra["size"], recording.format) == (15_500, 248_320, "mp3")


def test_a_size_before_the_end_is_not_that_of_the_media() -> None:
    assert "size" not in read(state="paused", size=64_044).extra


@pytest.mark.parametrize("place", ["outer", "params"])
def test_another_projects_recording_is_refused(place: str) -> None:
    other = {"project_id": "b3877c40-da60-4998-90ad-b792e98472ae"}
    content = EVENT | other if place == "outer" else EVENT | {"params": PARAMS | other}
    with pytest.raises(ForbiddenError):
        read_content(content)


@pytest.mark.parametrize("body", [b"[]", b"null", b"{"])
def test_a_body_that_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidRequestError):
        provider().read(replace(FINISHED, body=body))


@pytest.mark.parametrize(
    ("event_type", "event"),
    [
        ("calling.call.state", "call"),
        ("calling.call.connect", "call"),
        ("calling.call.tap", "stream"),
        ("calling.call.transcribe", "transcription"),
        ("calling.call.of-next-year", "other"),
        (None, "other"),
    ],
)
def test_an_event_of_another_kind_is_named_and_reports_no_recording(event_type: Any, event: str) -> None:
    request = replace(FINISHED, body=json.dumps({"event_type": event_type, "params": {"call_id": "c"}}).encode())
    assert provider().read(request) is None
    assert provider().event(request) == event


def test_a_refused_event_is_mentioned_by_its_recordings_id() -> None:
    found = SignalWire.MENTION.search(FINISHED.body)
    assert found is not None
    assert found[1].decode() == RECORDING_ID


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)
NAMES = [*PARAMS, "format", "audio", "stereo", "project", "zoo", "duration", "size"]


@hypothesis(deadline=None)
@given(st.dictionaries(st.sampled_from(NAMES), ANYTHING), st.dictionaries(st.sampled_from(NAMES), ANYTHING))
def test_no_field_can_reject_a_recording(params: dict[str, Any], record: dict[str, Any]) -> None:
    changed = PARAMS | {"record": record} | params
    recording = read_content(EVENT | {"params": changed})
    assert recording is not None
    assert json.dumps(recording.model_dump(mode="json"))

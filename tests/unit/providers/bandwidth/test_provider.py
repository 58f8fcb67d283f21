"""Bandwidth's callbacks, in all forms of its documentation, its SDK and captures."""

import base64
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from callvault import account_parameter, clients, settings, times
from callvault.errors import ForbiddenError, InvalidRequestError, RejectedError, UnauthenticatedError, UnavailableError
from callvault.messaging import fetch_requests
from callvault.models import Recording, State
from callvault.providers.bandwidth.provider import Bandwidth
from callvault.storage import table
from callvault.web import Request
from tests import worlds

EVENTS = Path(__file__).parents[4] / "events" / "bandwidth"
CALL_ID = "c-15ac29a2-1331029c-2cb0-4a07-b215-b22865662d85"
RECORDING_ID = "r-115da407-e3d9-4ea7-889f-5f4ad7386a80"


def account(**fields: Any) -> account_parameter.Account:
    return worlds.account(**{"provider_account_id": "9900000", **fields})


def sample(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text())
    return content


def post(payload: object, **fields: Any) -> Request:
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return Request(method="POST", path="/callbacks/bandwidth/acme", body=body, **fields)


def read(payload: object) -> Recording | None:
    return Bandwidth(account()).read(post(payload))


def read_sample(name: str, **changes: Any) -> Recording:
    recording = read(sample(name) | changes)
    assert recording is not None
    return recording


def test_an_available_recording_is_pending_with_all_fields() -> None:
    assert read_sample("recording_available") == Recording(
        account_id="acme",
        recording_id=RECORDING_ID,
        provider="bandwidth",
        state=State.PENDING,
        call_id=CALL_ID,
        caller="+15551112222",
        callee="+15553334444",
        direction="outbound",
        start_time=times.read("2026-06-17T22:19:40.375Z"),
        end_time=times.read("2026-06-17T22:20:00Z"),
        duration_ms=20056,
        channels=1,
        format="wav",
        source_expires_time=times.read("2026-07-17T22:20:00Z"),
        extra={
            "applicationId": "04e88489-df02-4e34-a0ee-27a91849555f",
            "callUrl": f"https://voice.bandwidth.com/api/v2/accounts/9900000/calls/{CALL_ID}",
            "eventTime": "2026-06-17T22:20:03.375Z",
        },
    )


def test_a_conference_recording_needs_no_call() -> None:
    recording = read_sample("conference_recording_available")
    assert recording.state is State.PENDING
    assert recording.conference_id == "conf-95ac90b3-ac6cd003-85e4-466f-b2e2-3fc5462c5d0d"
    assert (recording.call_id, recording.caller, recording.callee, recording.direction) == (None, None, None, None)
    assert recording.extra == {"name": "thisConference", "eventTime": "2026-06-17T22:50:53.788Z"}


def test_a_status_that_is_not_known_is_kept() -> None:
    assert read_sample("recording_available_unknown_status").extra["status"] == "fermenting"


@pytest.mark.parametrize("name", ["record_complete", "recording_complete", "transcription_available"])
def test_an_event_before_the_media_announces_the_recording(name: str) -> None:
    assert read_sample(name).state is State.ANNOUNCED


def test_a_transcription_is_kept() -> None:
    transcription = read_sample("transcription_available").transcription
    assert transcription is not None
    assert transcription["status"] == "available"


@pytest.mark.parametrize("name", ["disconnect", "event_of_next_year"])
def test_another_event_has_no_recording(name: str) -> None:
    assert read(sample(name)) is None


@pytest.mark.parametrize("name", sorted(path.stem for path in EVENTS.glob("recording_available*.json")))
def test_every_form_of_the_event_gives_its_recording(name: str) -> None:
    recording = read_sample(name)
    assert (recording.recording_id, recording.call_id) == (RECORDING_ID, CALL_ID)
    assert recording.state is (State.ABSENT if name.endswith("error") else State.PENDING)


@pytest.mark.parametrize(
    ("name", "tag"), [("tag_null", None), ("tag_empty", None), ("tagged", "customer=4711; agent=José")]
)
def test_a_tag_may_be_absent_null_or_empty(name: str, tag: str | None) -> None:
    assert read_sample(f"recording_available_{name}").tag == tag


def test_a_recording_name_is_kept() -> None:
    assert read_sample("recording_available_tagged").name == "claim-4711"


def test_times_without_a_zone_are_utc() -> None:
    assert read_sample("recording_available_naive_times").start_time == times.read("2026-06-17T22:19:40.375Z")


def test_microseconds_are_truncated_to_milliseconds() -> None:
    assert read_sample("recording_available_2019").start_time == times.read("2019-09-13T16:48:29.235Z")


def test_times_with_microseconds_are_kept_as_given() -> None:
    extra = read_sample("recording_available_2019").extra
    assert (extra["startTime"], extra["endTime"]) == ("2019-09-13T16:48:29.235833Z", "2019-09-13T16:48:48.890016Z")
    assert not {"startTime", "endTime"} & set(read_sample("recording_available").extra)


def test_malformed_optional_fields_are_kept_unchanged() -> None:
    recording = read_sample("recording_available_malformed_times")
    assert (recording.start_time, recording.end_time, recording.duration_ms) == (None, None, None)
    assert recording.extra["startTime"] == "yesterday"
    assert recording.extra["duration"] == "20 seconds"
    assert recording.extra["enqueuedTime"] == "2019-09-13-16:48:27.198Z"


def test_unknown_fields_are_kept() -> None:
    extra = read_sample("recording_available_unknown_fields").extra
    assert (extra["privacy"], extra["callerDisplayName"], extra["quality"]) == (True, "Alice", {"mos": 4.2})


def test_a_caller_may_be_any_text() -> None:
    recording = read_sample("recording_available_from_restricted")
    assert (recording.caller, recording.callee) == ("Restricted", "sip:alice@example.com")


def test_a_duration_may_have_hours_and_minutes() -> None:
    assert read_sample("recording_available_long").duration_ms == 3_750_500


def test_partial_media_is_flagged() -> None:
    assert read_sample("recording_available_partial").partial


def test_a_failed_recording_with_media_is_fetched() -> None:
    assert read_sample("recording_available", status="error").state is State.PENDING


def test_a_failed_recording_without_media_is_absent_with_its_reason() -> None:
    recording = read_sample("recording_available_error")
    assert (recording.state, recording.reason) == (State.ABSENT, "error")


@pytest.mark.parametrize("name", ["recording_available", "conference_recording_available_tagged"])
def test_a_get_gives_the_same_recording_as_a_post(name: str) -> None:
    payload = sample(name)
    query = Request(method="GET", path="/callbacks/bandwidth/acme", raw_query=urlencode(payload))
    assert Bandwidth(account()).read(query) == read(payload)


def test_another_accounts_recording_is_refused() -> None:
    with pytest.raises(ForbiddenError):
        read_sample("recording_available", accountId="9900001")


def test_the_provider_account_id_defaults_to_the_account_id() -> None:
    provider = Bandwidth(worlds.account("9900000"))
    assert provider.read(post(sample("recording_available"))) is not None


@pytest.mark.parametrize(
    ("payload", "field"),
    [
        (b"", "body"),
        (b"not json", "body"),
        (b"\xff\xfe", "body"),
        (b"[]", "body"),
        (b"null", "body"),
        (b"[" * 100_000, "body"),
        ({"eventType": "recordingAvailable"}, "recordingId"),
        ({"eventType": "recordingAvailable", "recordingId": ""}, "recordingId"),
        ({"eventType": "recordingAvailable", "recordingId": 7}, "recordingId"),
        ({"eventType": "recordingAvailable", "recordingId": "../r-1"}, "recordingId"),
        ({"eventType": "recordingAvailable", "recordingId": "r-1\n"}, "recordingId"),
        ({"eventType": "recordingAvailable", "recordingId": "r" * 257}, "recordingId"),
        ({"eventType": "recordingAvailable", "recordingId": "r-1", "callId": "c/1"}, "callId"),
        ({"eventType": "recordingAvailable", "recordingId": "r-1", "conferenceId": {"id": 1}}, "conferenceId"),
    ],
)
def test_a_malformed_webhook_is_refused_with_the_field(payload: object, field: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        read(payload)
    assert caught.value.field == field


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@hypothesis(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from([*sample("recording_available_transfer"), "tag", "transcription", "zoo"]), JSON))
def test_no_optional_field_can_reject_a_recording(fields: dict[str, Any]) -> None:
    ours = {"eventType", "accountId", "recordingId", "callId", "parentCallId", "conferenceId"}
    changes = {name: value for name, value in fields.items() if name not in ours}
    assert read_sample("recording_available", **changes).recording_id == RECORDING_ID


@pytest.mark.parametrize("depth", [50, 1000])
def test_values_that_cannot_be_stored_are_converted(depth: int) -> None:
    strange = b'"deep":' + b"[" * depth + b"]" * depth + b',"half":"\\ud800","nothing":NaN,"zero":"\\u0000\xef\xbf\xbe"'
    body = b'{"eventType":"recordingAvailable","recordingId":"r-1","callId":"c-1",' + strange + b"}"
    recording = Bandwidth(account()).read(post(body))
    assert recording is not None
    row = table.put(recording, "callback")
    fetch_requests.send(row)
    message = clients.sqs().receive_message(QueueUrl=settings.get().fetch_queue_url)["Messages"][0]
    assert Recording.model_validate_json(message["Body"]).extra["half"] == "?"
    kept = table.get("acme", "r-1")
    assert kept is not None
    assert kept.extra["deep"] == "[" * depth + "]" * depth


def basic(user: str, password: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


TOKEN = {"token": "s3cret"}
PAIR = {"username": "bw", "password": "pa:ss"}


@pytest.mark.parametrize(
    ("callback", "token", "headers"),
    [
        (TOKEN, "s3cret", {}),
        (PAIR, None, basic("bw", "pa:ss")),
        (TOKEN | PAIR, "s3cret", basic("bw", "pa:ss")),
        (TOKEN | PAIR, "s3cret", {}),
        (TOKEN | PAIR, "s3cret", {"authorization": ""}),
    ],
)
def test_a_callback_with_the_right_token_or_else_basic_is_accepted(
    callback: dict[str, str], token: str | None, headers: dict[str, str]
) -> None:
    parameters = {"token": token} if token else {}
    Bandwidth(account(callback=callback)).authenticate(post({}, headers=headers, parameters=parameters))


@pytest.mark.parametrize(
    ("callback", "token", "headers", "error"),
    [
        ({}, None, {}, ForbiddenError),
        ({}, "s3cret", basic("bw", "pa:ss"), ForbiddenError),
        (TOKEN, None, {}, ForbiddenError),
        (TOKEN, "s3crets", {}, ForbiddenError),
        (PAIR, "s3cret", basic("bw", "pa:ss"), ForbiddenError),
        (PAIR, None, {}, UnauthenticatedError),
        (PAIR, None, basic("bw", "pass"), ForbiddenError),
        (PAIR, None, {"authorization": "Basic !!!"}, ForbiddenError),
        (PAIR, None, {"authorization": "Bearer bw"}, ForbiddenError),
        (TOKEN | PAIR, "s3cret", basic("bw", "pass"), ForbiddenError),
        (TOKEN | PAIR, "s3cret", {"authorization": "Bearer bw"}, ForbiddenError),
        (TOKEN | PAIR, "s3crets", {}, ForbiddenError),
        (TOKEN | PAIR, "s3crets", basic("bw", "pa:ss"), ForbiddenError),
        (TOKEN | PAIR, None, {}, ForbiddenError),
        (TOKEN | PAIR, None, basic("bw", "pa:ss"), ForbiddenError),
    ],
)
def test_a_callback_without_its_secrets_is_refused(
    callback: dict[str, str], token: str | None, headers: dict[str, str], error: type[Exception]
) -> None:
    parameters = {"token": token} if token else {}
    with pytest.raises(error):
        Bandwidth(account(callback=callback)).authenticate(post({}, headers=headers, parameters=parameters))


def test_a_refusal_has_a_challenge_so_that_a_second_request_follows() -> None:
    provider = Bandwidth(account(callback=PAIR))
    with pytest.raises(UnauthenticatedError) as caught:
        provider.authenticate(post({}))
    answer = provider.refuse(caught.value)
    assert (answer.status, answer.headers["www-authenticate"]) == (401, 'Basic realm="callvault"')


API = {"origin": "https://voice.bandwidth.com", "username": "id", "password": "secret"}


def test_the_media_url_is_built_from_ids_and_not_from_the_callback() -> None:
    provider = Bandwidth(account(api=API))
    recording = read_sample("recording_available", mediaUrl="https://evil.example/media")
    assert provider.media_url(recording) == (
        f"https://voice.bandwidth.com/api/v2/accounts/9900000/calls/{CALL_ID}/recordings/{RECORDING_ID}/media"
    )


def test_the_media_of_a_conference_is_below_the_conference() -> None:
    url = Bandwidth(account(api=API)).media_url(read_sample("conference_recording_available"))
    assert "/conferences/conf-95ac90b3-ac6cd003-85e4-466f-b2e2-3fc5462c5d0d/recordings/r-fbe05094" in url


@pytest.mark.parametrize(("call_id", "written"), [("c_1", "c_1"), ("0f3c@10.0.0.5", "0f3c%4010.0.0.5"), ("..a", "..a")])
def test_a_call_id_of_a_new_form_is_escaped_in_the_url(call_id: str, written: str) -> None:
    recording = read_sample("recording_available", callId=call_id)
    assert f"/calls/{written}/recordings/" in Bandwidth(account(api=API)).media_url(recording)


@pytest.mark.parametrize("call_id", [".", "..", "a/b", "a#b", "a?b", "a%2Fb", "a b", "é"])
def test_a_call_id_that_is_not_safe_in_a_url_is_refused(call_id: str) -> None:
    with pytest.raises(InvalidRequestError):
        read_sample("recording_available", callId=call_id)
    known = read_sample("recording_available").model_copy(update={"call_id": call_id})
    with pytest.raises(RejectedError):
        Bandwidth(account(api=API)).media_url(known)


def test_media_without_call_or_conference_has_no_url() -> None:
    with pytest.raises(RejectedError, match="is missing or malformed"):
        Bandwidth(account(api=API)).media_url(read_sample("recording_available", callId=None))


def test_without_a_token_endpoint_credentials_are_sent_as_basic() -> None:
    source = Bandwidth(account(api=API)).source
    assert source.authorization(False) == basic("id", "secret")["authorization"]


def test_an_account_without_api_is_unavailable() -> None:
    with pytest.raises(UnavailableError, match="no api"):
        _ = Bandwidth(account()).source


@pytest.mark.parametrize("name", ["startTime", "endTime"])
def test_a_time_in_the_year_9999_rejects_no_recording(name: str) -> None:
    recording = read_sample("recording_available", **{"endTime": None, name: "9999-12-31T23:59:59Z"})
    assert recording.state is State.PENDING


@pytest.mark.parametrize(
    "wrong", ["1970-01-01T00:00:20Z", "1999-12-31T23:59:59Z", "2030-01-01T00:00:00Z", "9999-12-31T23:59:59Z"]
)
def test_an_implausible_time_does_not_say_when_the_recording_expires(wrong: str) -> None:
    recording = read_sample("recording_available", startTime=wrong, endTime=wrong)
    assert recording.source_expires_time is None
    recording = read_sample("recording_available", endTime=wrong)
    assert recording.source_expires_time == times.read("2026-07-17T22:19:40.375Z")


def test_long_fields_are_kept_up_to_the_maximum_size() -> None:
    recording = read_sample(
        "recording_available",
        transcription={"id": "t-1", "text": "x" * 100_000},
        unknown="\x01" * 50_000,
        recordingName="n" * 5000,
    )
    assert recording.transcription == {"id": "t-1"}
    assert "unknown" not in recording.extra
    assert recording.name is None
    assert recording.extra["recordingName"] == "n" * 5000

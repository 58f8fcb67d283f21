"""Telnyx's peculiarities: what a webhook may lack or carry, and what its API says."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest
import urllib3

from callvault import providers, transcript, transport
from callvault.errors import InvalidRequestError, RejectedError, UnavailableError, UnprocessableError
from callvault.models import Recording, State
from callvault.providers import look_ups
from callvault.providers.commands import Start, Update
from callvault.providers.telnyx import events, resources, transcriptions
from callvault.providers.telnyx.provider import Telnyx
from callvault.transcript import TranscriptState
from tests import samples

CONTRACT = samples.of("telnyx")
RESOURCE: dict[str, Any] = dict(CONTRACT.look_ups[0].body["data"])
ID = RESOURCE["id"]
URL = f"https://origin.example.com/v2/recordings/{ID}"
LIST = f"https://origin.example.com/v2/recordings?filter%5Bcall_leg_id%5D={RESOURCE['call_leg_id']}"
S3 = "https://s3.amazonaws.com/bucket/r.wav"


def telnyx(**changes: Any) -> Telnyx:
    return Telnyx(CONTRACT.account(**changes))


def read(name: str, **changes: Any) -> Recording:
    found = telnyx(**changes).read(CONTRACT.sample(name).request)
    assert found is not None
    return found


class Api:
    """The API without a network; `asked` has the requested URLs, `answers` what it says."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, answers: dict[str, tuple[int, Any]]) -> None:
        self.asked: list[str] = []
        self.answers = answers
        monkeypatch.setattr(transport, "call", self.call)

    def call(self, method: str, url: str, *, headers: dict[str, str]) -> transport.Answer:
        """Answer as transport.call does."""
        assert method == "GET"
        assert headers["authorization"] == "Bearer KEY0123456789ABCDEF_test"
        self.asked.append(url)
        status, content = self.answers[url]
        return transport.Answer(status=status, headers=urllib3.HTTPHeaderDict(), body=json.dumps(content).encode())


# ---- callbacks -----------------------------------------------------------------------------------


def test_no_link_and_no_text_of_a_webhook_is_kept() -> None:
    for sample in CONTRACT.samples:
        recording = telnyx().read(sample.request)
        written = recording.model_dump_json() if recording else ""
        for word in ("X-Amz-Signature", "public.mp3", "sig=secret", "Hi, this is Alice", "Good morning"):
            assert word not in written


def test_a_webhook_reports_the_transcript_without_its_text() -> None:
    found = read("call_recording_transcription_saved.json").transcript
    assert found is not None
    assert (found.state, found.transcription_id) == (TranscriptState.PENDING, "6fa85f64-5717-4562-b3fc-2c963f66afa6")


@pytest.mark.parametrize("when", [b"2099-01-01", b"9999-12-31"])
def test_an_impossible_time_of_a_transcription_does_not_hide_a_later_one(when: bytes) -> None:
    sample = CONTRACT.sample("call_recording_transcription_saved.json").request
    body = re.sub(rb'("occurred_at": ")\d{4}-\d\d-\d\d', rb"\g<1>" + when, sample.body)
    assert body != sample.body
    known, later = telnyx().read(replace(sample, body=body)), telnyx().read(sample)
    assert known is not None
    assert later is not None
    assert later.transcript is not None
    second = later.transcript.model_copy(update={"transcription_id": "t-2"})
    assert transcript.merged(known.transcript, second) == second


def test_repetitions_of_a_webhook_without_an_id_are_of_one_recording() -> None:
    sample = CONTRACT.sample("call_recording_saved_without_id.json").request
    again = replace(sample, body=sample.body.replace(b"0ccc7b54", b"1ccc7b54"))
    other = replace(sample, body=sample.body.replace(b"09:30:36", b"09:30:37"))
    ids = [found.recording_id for one in (sample, again, other) if (found := telnyx().read(one))]
    assert ids[0] == ids[1] != ids[2]
    assert ids[0].startswith("unnamed-")


def test_a_texml_callback_with_a_malformed_id_is_invalid() -> None:
    sample = CONTRACT.sample("texml_completed.form").request
    for wrong in (b"RecordingSid=..%2Fx&", b""):
        body = sample.body.replace(f"RecordingSid={ID}&".encode(), wrong)
        with pytest.raises(InvalidRequestError):
            telnyx().read(replace(sample, body=body))


@pytest.mark.parametrize(
    ("name", "event"),
    [("call_hangup.json", "call.hangup"), ("event_of_next_year.json", "other"), ("texml_transcription.form", "texml")],
)
def test_the_event_of_an_ignored_callback_is_named(name: str, event: str) -> None:
    assert telnyx().event(CONTRACT.sample(name).request) == event


def test_related_events_have_one_name() -> None:
    assert {events.of(kind) for kind in events.EVENTS if kind.startswith("call.machine.")} == {"call.machine"}
    assert len({events.of(kind) for kind in events.EVENTS}) < 30
    assert events.of("call.machine.of_next_year") == "other"


def test_parameters_of_the_url_are_believed_only_if_the_url_has_a_secret() -> None:
    assert not telnyx().believes_query()
    keys = CONTRACT.parameter["callback"]
    assert telnyx(callback={**keys, "token": "s3cret"}).believes_query()


# ---- the API -------------------------------------------------------------------------------------


def test_a_recording_is_described_once_by_its_resource(monkeypatch: pytest.MonkeyPatch) -> None:
    api = Api(monkeypatch, {URL: (200, {"data": RESOURCE})})
    described = telnyx().describe(read("call_recording_saved.json"))
    assert (described.caller, described.callee, described.duration_ms) == ("+15551112222", "+15553334444", 20640)
    assert (described.format, described.channels) == ("wav", 1)
    assert described.extra["initiated_by"] == "StartCallRecordingAPI"
    assert telnyx().describe(described) is described
    assert api.asked == [URL]


@pytest.mark.parametrize("status", [401, 403, 404, 429, 503])
def test_no_key_is_chosen_before_the_format_is_known(monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    Api(monkeypatch, {URL: (status, {"errors": []})})
    with pytest.raises(UnavailableError) as caught:
        telnyx().describe(read("call_recording_saved.json"))
    assert caught.value.reason == f"http_{status}"


@pytest.mark.parametrize("links", [None, {}, {"flac": S3}, "x", {"wav": 7}])
def test_a_resource_without_links_is_asked_for_again(monkeypatch: pytest.MonkeyPatch, links: Any) -> None:
    Api(monkeypatch, {URL: (200, {"data": RESOURCE | {"download_urls": links}})})
    with pytest.raises(UnavailableError) as caught:
        telnyx().describe(read("call_recording_saved.json"))
    assert caught.value.reason == "not_audio"


@pytest.mark.parametrize(("wanted", "form"), [("wav", "wav"), ("mp3", "mp3")])
def test_the_account_chooses_among_two_formats(wanted: Any, form: str) -> None:
    links = {"mp3": "https://s3.amazonaws.com/b/r.mp3", "wav": S3}
    document = json.dumps({"data": {"download_urls": links}}).encode()
    locate = telnyx(media_format=wanted).source.locate
    assert locate is not None
    assert locate(document) == links[form]


def test_media_in_the_customers_own_storage_is_absent_with_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    resource = RESOURCE | {"download_urls": {"wav": "gs://acme/r.wav?sig=secret"}}
    api = Api(monkeypatch, {URL: (200, {"data": resource})})
    described = telnyx().describe(read("call_recording_saved.json"))
    with pytest.raises(RejectedError) as caught:
        resources.located(json.dumps({"data": resource}).encode(), "wav")
    explained = telnyx().explain(described, caught.value.reason)
    assert explained is not None
    assert (explained.state, explained.reason) == (State.ABSENT, "stored_elsewhere")
    assert look_ups.external_url(explained) == "gs://acme/r.wav"
    assert telnyx().explain(described, "http_403") is None
    assert len(api.asked) == 2


@pytest.mark.parametrize("answer", [(503, {}), (400, {}), (404, {}), (200, {}), (200, {"data": None})])
def test_the_place_of_media_is_asked_for_again_if_the_resource_cannot_be_read(
    monkeypatch: pytest.MonkeyPatch, answer: tuple[int, Any]
) -> None:
    Api(monkeypatch, {URL: answer})
    with pytest.raises(UnavailableError):
        telnyx().explain(read("call_recording_saved.json"), look_ups.STORED_ELSEWHERE)


def test_a_recording_that_telnyx_does_not_know_has_no_place(monkeypatch: pytest.MonkeyPatch) -> None:
    Api(monkeypatch, {URL: (404, {"errors": [{"code": resources.NOT_FOUND}]})})
    assert telnyx().explain(read("call_recording_saved.json"), look_ups.STORED_ELSEWHERE) is None


def test_a_recording_without_an_id_is_found_by_its_call_and_start(monkeypatch: pytest.MonkeyPatch) -> None:
    others = [RESOURCE | {"id": "other", "recording_started_at": "2026-11-20T09:00:00Z"}, "x", {}]
    api = Api(monkeypatch, {LIST: (200, {"data": [*others, RESOURCE]}), URL: (200, {"data": RESOURCE})})
    unnamed = read("call_recording_saved_without_id.json")
    found = telnyx().look_up(unnamed)
    assert (found.recording_id, found.state, found.format) == (ID, State.PENDING, "wav")
    with pytest.raises(RejectedError):
        telnyx().media_url(unnamed)
    assert telnyx().media_url(found) == URL
    assert telnyx().look_up(found).state is State.PENDING
    assert api.asked == [LIST, URL]


def list_of(*starts: str | None, **changes: Any) -> tuple[int, Any]:
    """Return the API's list of a leg's recordings, the first of which has the id of RESOURCE."""
    ids = [ID, *(f"other-{number}" for number in range(1, len(starts)))]
    found = [
        RESOURCE | {"id": one, "recording_started_at": start} | changes for one, start in zip(ids, starts, strict=True)
    ]
    return 200, {"data": found}


FAR = "2026-11-20T09:40:00Z"


@pytest.mark.parametrize(
    "starts",
    [
        ("2026-11-20T09:30:36Z", FAR),  # the webhook has 09:30:36.148619
        ("2026-11-20T09:30:37Z", FAR),
        ("2026-11-20T09:30:36.149Z", FAR, None),
        ("2026-11-20T09:30:36.148Z", "2026-11-20T09:30:36.900Z"),
        ("2026-11-20T09:30:50Z",),
        (None,),
    ],
)
def test_a_recording_without_an_id_is_found_if_the_api_rounds_its_start(
    monkeypatch: pytest.MonkeyPatch, starts: tuple[str | None, ...]
) -> None:
    Api(monkeypatch, {LIST: list_of(*starts)})
    assert telnyx().look_up(read("call_recording_saved_without_id.json")).recording_id == ID


@pytest.mark.parametrize(
    "answer",
    [
        list_of("2026-11-20T09:30:36Z", "2026-11-20T09:30:37Z"),
        list_of("2026-11-20T09:30:38Z", FAR),
        list_of(None, None),
        list_of(FAR),
        list_of("2026-11-20T09:30:36.148619Z", call_leg_id="another"),
        list_of("2026-11-20T09:30:36.148619Z", call_leg_id=["another"]),
    ],
)
def test_a_recording_of_another_time_or_call_is_not_taken_for_one_without_an_id(
    monkeypatch: pytest.MonkeyPatch, answer: tuple[int, Any]
) -> None:
    Api(monkeypatch, {LIST: answer})
    unnamed = read("call_recording_saved_without_id.json")
    assert telnyx().look_up(unnamed) == unnamed


@pytest.mark.parametrize("given", [12, "v3:abc/def", "x" * 300, {"a": 1}])
def test_an_unusable_id_in_a_webhook_does_not_hide_the_recording(monkeypatch: pytest.MonkeyPatch, given: Any) -> None:
    Api(monkeypatch, {LIST: (200, {"data": [RESOURCE]})})
    sample = CONTRACT.sample("call_recording_saved_without_id.json").request
    content = json.loads(sample.body)
    content["data"]["payload"]["recording_id"] = given
    unnamed = telnyx().read(replace(sample, body=json.dumps(content).encode()))
    assert unnamed is not None
    assert telnyx().look_up(unnamed).recording_id == ID


@pytest.mark.parametrize("listed", [[], [RESOURCE, RESOURCE | {"id": "other"}], None, [RESOURCE | {"id": "../x"}]])
def test_a_recording_without_an_id_stays_announced_if_none_or_several_fit(
    monkeypatch: pytest.MonkeyPatch, listed: Any
) -> None:
    Api(monkeypatch, {LIST: (200, {"data": listed})})
    assert telnyx().look_up(read("call_recording_saved_without_id.json")).state is State.ANNOUNCED


def test_an_error_of_a_recording_is_not_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    api = Api(monkeypatch, {})
    with pytest.raises(RejectedError):
        telnyx().look_up(read("call_recording_error.json"))
    with pytest.raises(RejectedError):
        telnyx().media_url(read("call_recording_error.json"))
    assert api.asked == []


@pytest.mark.parametrize("key", ["", "a\nb", "é"])
def test_a_key_that_no_header_can_carry_sends_no_request(key: str) -> None:
    one = telnyx(api={"origin": "https://origin.example.com", "api_key": key})
    with pytest.raises(UnavailableError) as caught:
        one.look_up(read("texml_in_progress.form"))
    assert caught.value.reason == "not_configured"


# ---- transcripts and control ---------------------------------------------------------------------


def test_the_text_is_at_the_resource_of_the_transcription() -> None:
    recording = read("call_recording_transcription_saved.json")
    found = "https://origin.example.com/v2/recording_transcriptions/6fa85f64-5717-4562-b3fc-2c963f66afa6"
    assert telnyx().transcript_url(recording) == found
    with pytest.raises(RejectedError):
        telnyx().transcript_url(read("call_recording_saved.json"))


@pytest.mark.parametrize("body", [b"", b"[]", b'{"data": []}', b'{"data": {"transcription_text": null}}'])
def test_what_is_no_transcription_is_refused(body: bytes) -> None:
    with pytest.raises(UnavailableError):
        transcriptions.check(body, doubt=False)
    assert Telnyx.spoken(body) == []


def test_an_empty_text_is_doubted() -> None:
    body = b'{"data": {"transcription_text": " "}}'
    transcriptions.check(body, doubt=False)
    with pytest.raises(UnavailableError):
        transcriptions.check(body, doubt=True)
    assert providers.spoken(read("call_recording_saved.json"), b'{"data": {"transcription_text": "Hi"}}') == ["Hi"]


def test_control_of_live_calls_says_what_to_do_instead() -> None:
    with pytest.raises(UnprocessableError, match="record_start"):
        telnyx().start(Start(call_id="c"), "https://x")
    with pytest.raises(UnprocessableError, match="record_pause"):
        telnyx().update(Update(call_id="c", progress="paused"))
    with pytest.raises(UnprocessableError, match="transcription: true"):
        telnyx().transcribe(read("call_recording_saved.json"), {}, "https://x")

"""Transcripts are read, deleted and requested in Bandwidth's dialect, by its functions."""

import base64
import hashlib
import json
from collections.abc import Iterator
from typing import Any

import pytest

from callvault import clients, settings
from callvault.models import Recording, State
from callvault.storage import table
from callvault.transcript import Transcript, TranscriptState
from functions.control_recording import app as control_recording
from functions.query_recordings import app as query_recordings
from tests import roles, worlds
from tests.integration import events
from tools.local.faults.replies import Reply
from tools.local.providers import transcriptions
from tools.local.providers.transcriptions import Transcriptions

TEXT: dict[str, Any] = {"transcripts": [{"speaker": 0, "text": "Hello", "confidence": 0.9}], "language": "en"}
BODY = json.dumps(TEXT).encode()
KEY = "transcripts/acme/2026/11/26/r-1.json"
PATH = "/api/v2/accounts/9900000/calls/c-1/recordings/r-1/transcription"
READERS = worlds.readers(
    ops={"can_delete": True, "can_control": True},
    viewer={},
    alice={"user_id": "alice", "can_delete": True, "can_control": True},
)


@pytest.fixture
def bandwidth() -> Iterator[Transcriptions]:
    with transcriptions.Transcriptions() as running:
        worlds.put_account(api=worlds.oauth_api(running), callback={"token": "s3cret"}, readers=READERS)
        yield running


@pytest.fixture(autouse=True)
def account() -> None:
    worlds.put_account(callback={"token": "s3cret"}, readers=READERS)


def stored(body: bytes = BODY, **fields: Any) -> Recording:
    """Store a verified text and the row that names it."""
    version = clients.s3().put_object(Bucket=settings.get().bucket_name, Key=KEY, Body=body)["VersionId"]
    text = {"key": KEY, "version_id": version, "size": len(body), "sha256": hashlib.sha256(body).hexdigest()}
    known = {"state": "verified", "transcription_id": "t-1", "completed_time": "2026-11-26T12:00:00Z", "text": text}
    row: dict[str, Any] = {
        "state": State.VERIFIED,
        "call_id": "c-1",
        "media": worlds.media(),
        "start_time": "2026-11-26T10:00:00Z",
    }
    described = {"id": "t-1", "status": "available", "completedTime": "2026-11-26T12:00:00.000Z"}
    return worlds.put(**row | {"transcription": described, "transcript": known} | fields)


def ask(method: str = "GET", path: str = PATH, reader: str = "ops", body: object = None) -> tuple[int, Any]:
    """Send a request to the function that has its route, and return status and content."""
    credentials = base64.b64encode(f"acme:{reader}".encode()).decode()
    content = b"" if body is None else json.dumps(body).encode()
    event = events.http(method, path, content, headers={"authorization": f"Basic {credentials}"})
    app = control_recording if method == "POST" else query_recordings
    answer = app.handler(event, events.context())
    return answer["statusCode"], json.loads(answer["body"]) if answer["body"] else answer["headers"].get("location")


def found() -> Transcript:
    """Return the transcript of the recording's row, which must have one."""
    known = worlds.row().transcript
    assert known is not None
    return known


def test_a_stored_text_is_served_as_the_provider_sent_it() -> None:
    stored()
    assert ask() == (200, TEXT)
    described = ask(path=PATH.removesuffix("/transcription"))[1]
    assert described["transcription"] == {
        "id": "t-1",
        "status": "available",
        "completedTime": "2026-11-26T12:00:00.000Z",
        "url": f"https://api.example.com{PATH}",
    }
    archive = described["archive"]["transcript"]
    assert archive == {"state": "verified", "size": len(BODY), "sha256": hashlib.sha256(BODY).hexdigest()}


def test_a_text_is_served_without_nulls_in_its_entries() -> None:
    stored(json.dumps({"transcripts": [{"text": "Hello", "confidence": None}], "clips": None}).encode())
    assert ask() == (200, {"transcripts": [{"text": "Hello"}]})


def test_a_text_that_does_not_fit_into_a_response_is_a_redirect(functions_roles: roles.Roles) -> None:
    stored(json.dumps({"transcripts": [{"text": "x" * 6_000_000}]}).encode())
    status, location = ask()
    assert (status, "versionId=" in location) == (302, True)
    assert functions_roles.opens("QueryRecordings", location, "GET")


def test_stored_bytes_that_are_not_the_verified_ones_are_not_served() -> None:
    row = stored()
    assert row.transcript is not None
    assert row.transcript.text is not None
    changed = row.transcript.text.model_copy(update={"sha256": "00" * 32})
    table.edit(row, "corrupt", transcript=row.transcript.model_copy(update={"text": changed}))
    assert ask()[0] == 503


@pytest.mark.parametrize(
    ("state", "reason", "status"),
    [
        ("requested", None, "processing"),
        ("announced", None, "processing"),
        ("pending", None, "processing"),
        ("absent", "file-size-too-big", "file-size-too-big"),
        ("failed", "gone", "error"),
    ],
)
def test_a_transcription_without_text_shows_its_status(state: str, reason: str | None, status: str) -> None:
    stored(transcript={"state": state, "reason": reason})
    described = ask(path=PATH.removesuffix("/transcription"))[1]
    assert (described["transcription"]["status"], "url" in described["transcription"]) == (status, False)
    assert described["archive"]["transcript"] == {"state": state} | ({"reason": reason} if reason else {})
    assert (ask()[0], described["status"]) == (404, "complete")


def test_a_limited_reader_reads_the_texts_of_its_own_recordings_only() -> None:
    stored()
    assert (ask(reader="alice")[0], ask("DELETE", reader="alice")[0], ask("POST", reader="alice")[0]) == (404,) * 3
    table.edit(worlds.row(), "owner", owner_id="alice")
    assert ask(reader="alice") == (200, TEXT)


def test_a_deleted_text_is_gone_and_the_audio_stays() -> None:
    stored()
    assert ask("DELETE") == (204, None)
    assert (ask()[0], ask("DELETE")[0]) == (404, 204)
    assert (found().state, found().text, worlds.row().transcription) == (TranscriptState.DELETED, None, None)
    assert (worlds.row().state, len(worlds.keys("transcripts/", deleted=True))) == (State.VERIFIED, 2)
    assert ask(path=PATH.removesuffix("/transcription"))[1]["transcription"] is None


def test_deleting_a_text_needs_the_right_to_delete() -> None:
    stored()
    assert ask("DELETE", reader="viewer")[0] == 403
    assert ask() == (200, TEXT)


def test_a_recording_without_transcription_has_none_to_delete() -> None:
    stored(transcript=None, transcription=None)
    assert ask("DELETE")[0] == 404


def test_a_text_within_the_callback_is_deleted_too() -> None:
    stored(transcript=None, transcription={"id": "t-1", "transcripts": [{"text": "Hello"}]})
    assert ask()[0] == 200
    assert (ask("DELETE")[0], ask()[0]) == (204, 404)


@pytest.mark.parametrize("state", ["deleted", "expired"])
def test_a_text_within_the_callback_is_not_served_after_its_removal(state: str) -> None:
    stored(transcript={"state": state}, transcription={"id": "t-1", "transcripts": [{"text": "Hello"}]})
    described = ask(path=PATH.removesuffix("/transcription"))[1]
    assert (ask()[0], described["transcription"]) == (404, None)
    assert "transcription" not in described["archive"]


def test_a_deletion_survives_a_writer_that_comes_between(monkeypatch: pytest.MonkeyPatch) -> None:
    stored()
    edit = table.edit

    def edit_late(known: Recording, what: str, **changes: Any) -> Recording | None:
        monkeypatch.setattr(table, "edit", edit)
        edit(known, "metadata by ops", user_metadata={"a": 1})
        return edit(known, what, **changes)

    monkeypatch.setattr(table, "edit", edit_late)
    assert ask("DELETE")[0] == 204
    assert (found().state, worlds.row().user_metadata) == (TranscriptState.DELETED, {"a": 1})


def test_a_reader_who_is_no_longer_the_owner_deletes_no_text(monkeypatch: pytest.MonkeyPatch) -> None:
    stored(owner_id="alice")
    edit = table.edit

    def edit_late(known: Recording, what: str, **changes: Any) -> Recording | None:
        monkeypatch.setattr(table, "edit", edit)
        edit(known, "owner changed from alice to bob by admin", owner_id="bob")
        return edit(known, what, **changes)

    monkeypatch.setattr(table, "edit", edit_late)
    assert ask("DELETE", reader="alice")[0] == 404
    assert ask() == (200, TEXT)
    assert worlds.objects("transcripts/") == [KEY]


@pytest.mark.parametrize("path", [PATH, PATH.removesuffix("/transcription")], ids=["text", "recording"])
def test_a_text_that_s3_does_not_delete_is_deleted_by_the_next_request(
    monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    stored()
    with monkeypatch.context() as refusing:
        worlds.fail(refusing, clients.s3(), "delete_object")
        assert ask("DELETE", path)[0] == 503
    assert worlds.objects("transcripts/") == [KEY]
    assert (ask("DELETE", path)[0], worlds.objects("transcripts/")) == (204, [])


@pytest.mark.parametrize("changes", [{}, {"transcript": None}], ids=["known", "dropped by an older release"])
def test_deleting_a_recording_deletes_its_text(changes: dict[str, Any]) -> None:
    stored(**changes)
    assert ask("DELETE", PATH.removesuffix("/transcription")) == (204, None)
    assert len(worlds.keys("transcripts/", deleted=True)) == 2
    tombstone = worlds.row()
    assert tombstone.state is State.DELETED
    assert tombstone.transcript is None or (tombstone.transcript.state, tombstone.transcript.text) == ("deleted", None)


@pytest.mark.loopback
def test_a_request_goes_to_bandwidth_with_the_archives_callback(bandwidth: Transcriptions) -> None:
    stored(transcript=None, transcription=None)
    options = {"callbackMethod": "GET", "callbackTimeout": 15, "detectLanguage": True}
    assert ask("POST", body=options) == (204, None)
    [one] = bandwidth.requested
    url = "https://api.example.com/callbacks/bandwidth/acme/s3cret"
    assert (one.path, one.options) == (PATH, options | {"callbackUrl": url, "callbackMethod": "POST"})
    assert found().state is TranscriptState.REQUESTED
    assert worlds.history()[-1] == "transcription requested by ops"


@pytest.mark.loopback
def test_a_request_sends_the_credentials_of_callbacks_if_there_are_some(bandwidth: Transcriptions) -> None:
    callback = {"username": "u", "password": "p"}
    worlds.put_account(api=worlds.oauth_api(bandwidth), callback=callback, readers=READERS)
    stored()
    assert ask("POST", body={})[0] == 204
    assert bandwidth.requested[0].options == callback | {
        "callbackUrl": "https://api.example.com/callbacks/bandwidth/acme",
        "callbackMethod": "POST",
    }


@pytest.mark.loopback
def test_a_callers_own_callback_goes_to_bandwidth_unchanged(bandwidth: Transcriptions) -> None:
    stored()
    options = {"callbackUrl": "https://example.com/mine", "callbackMethod": "POST", "username": "u", "password": "p"}
    assert ask("POST", body=options)[0] == 204
    assert bandwidth.requested[0].options == options


@pytest.mark.loopback
@pytest.mark.parametrize(
    ("reader", "url", "status"),
    [
        ("alice", "https://webhooks.customer.example/bandwidth", 400),
        ("alice", "https://listed.example/mine#rc=1", 204),
        ("ops", "https://webhooks.customer.example/bandwidth", 204),
        ("ops", "http://10.0.0.1/", 400),
        ("ops", "https://u:p@example.com/", 400),
        ("ops", "https://api.example.com/callbacks/bandwidth/acme/s3cret", 400),
        ("ops", "mine", 400),
    ],
)
def test_a_callers_own_callback_follows_the_rules_of_forwarding(
    bandwidth: Transcriptions, reader: str, url: str, status: int
) -> None:
    origins = ["https://listed.example"]
    worlds.put_account(
        api=worlds.oauth_api(bandwidth), callback={"token": "s3cret"}, readers=READERS, forward_origins=origins
    )
    stored(owner_id="alice")
    answered, content = ask("POST", reader=reader, body={"callbackUrl": url})
    sent = [one.options["callbackUrl"] for one in bandwidth.requested]
    assert (answered, sent) == (status, [url.partition("#")[0]] if status == 204 else [])
    if status == 400:
        assert (content["type"], content["description"].split()[0]) == ("validation", "callbackUrl")


@pytest.mark.loopback
def test_a_request_for_another_transcription_keeps_the_text_that_is_stored(bandwidth: Transcriptions) -> None:
    stored()
    assert ask("POST")[0] == 204
    assert (found().state, ask()) == (TranscriptState.REQUESTED, (200, TEXT))


@pytest.mark.loopback
def test_a_request_needs_the_right_to_control(bandwidth: Transcriptions) -> None:
    stored()
    assert ask("POST", reader="viewer")[0] == 403
    assert bandwidth.requested == []


@pytest.mark.loopback
@pytest.mark.parametrize(("refusal", "status"), [(400, 422), (404, 404), (429, 503), (500, 503)])
def test_a_refusal_of_bandwidth_is_passed_on_and_changes_nothing(
    bandwidth: Transcriptions, refusal: int, status: int
) -> None:
    stored()
    bandwidth.refusing = [Reply(status=refusal, body=b'{"description": "too short"}')]
    answered, content = ask("POST")
    assert (answered, found().state) == (status, TranscriptState.VERIFIED)
    assert refusal != 400 or "too short" in content["description"]


@pytest.mark.parametrize("options", [{"detectLanguage": "yes"}, {"callbackTimeout": True}, {"other": 1}, {"tag": 7}])
def test_an_option_that_bandwidth_does_not_have_is_refused(options: dict[str, Any]) -> None:
    stored()
    assert ask("POST", body=options)[0] == 400


def test_a_conferences_recording_cannot_be_transcribed() -> None:
    stored(conference_id="conf-1")
    assert ask("POST")[0] == 422


@pytest.mark.parametrize("provider", ["kazoo", "twilio", "signalwire"])
def test_another_providers_account_cannot_request_a_transcription(provider: str) -> None:
    worlds.put_account(provider=provider, provider_account_id="9900000", readers=READERS)
    stored(provider=provider)
    assert ask("POST")[0] == 422


@pytest.mark.loopback
def test_an_answer_of_bandwidth_that_is_faster_than_the_row_is_kept(
    bandwidth: Transcriptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    row, edit = stored(), table.edit

    def edit_late(known: Recording, what: str, **changes: Any) -> Recording | None:
        monkeypatch.setattr(table, "edit", edit)
        pending = Transcript.model_validate(
            {"state": "pending", "transcription_id": "t-2", "completed_time": "2026-11-26T13:00:00Z"}
        )
        table.put(row.model_copy(update={"transcript": pending}), "callback", known=row)
        return edit(known, what, **changes)

    monkeypatch.setattr(table, "edit", edit_late)
    assert ask("POST")[0] == 204
    assert (found().state, found().transcription_id) == (TranscriptState.PENDING, "t-2")


@pytest.mark.loopback
def test_a_request_that_bandwidth_accepted_succeeds_without_the_table(
    bandwidth: Transcriptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored()
    worlds.fail(monkeypatch, clients.dynamodb(), "put_item")
    assert ask("POST")[0] == 204
    assert len(bandwidth.requested) == 1


def test_a_deletion_gives_up_when_others_are_always_faster(monkeypatch: pytest.MonkeyPatch) -> None:
    stored()
    monkeypatch.setattr(table, "edit", lambda *_, **__: None)
    assert ask("DELETE")[0] == 503


@pytest.mark.loopback
def test_a_request_whose_row_others_keep_changing_succeeds(
    bandwidth: Transcriptions, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stored()
    monkeypatch.setattr(table, "edit", lambda *_, **__: None)
    assert ask("POST", body={})[0] in {200, 204}
    assert "A requested transcription could not be written to its row" in caplog.messages


def test_a_text_that_a_row_no_longer_names_is_deleted_without_an_object() -> None:
    stored(transcript={"state": "failed", "reason": "gone"})
    assert ask("DELETE")[0] == 204
    assert found().state is TranscriptState.DELETED

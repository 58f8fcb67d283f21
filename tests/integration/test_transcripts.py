"""The text of a transcription: announced, fetched from Bandwidth, stored, verified, removed."""

import hashlib
import json
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from callvault import accounts, alarm_messages, clients, settings, times
from callvault.ingest import texts, transcripts
from callvault.messaging.queues import Queue
from callvault.models import Recording, State
from callvault.providers.bandwidth.provider import Bandwidth
from callvault.readers import edits
from callvault.readers import transcripts as readers_transcripts
from callvault.storage import bucket, table
from callvault.storage.bucket import OpenObject
from callvault.transcript import Transcript, TranscriptState
from functions.fetch_media import app
from functions.ingest_callback import app as ingest_callback
from functions.sweep_recordings import app as sweep_recordings
from functions.verify_media import app as verify_media
from tests import worlds
from tests.integration import events, fetching
from tests.worlds import Clock
from tools.local.faults.replies import Reply
from tools.local.providers.standins import Standin

pytestmark = pytest.mark.loopback

PATH = "/api/v2/accounts/9900000/calls/c-1/recordings/r-1/transcription"
TEXT = {"transcripts": [{"speaker": 0, "text": "Hello", "confidence": 0.9}]}
BODY = json.dumps(TEXT).encode()
LATER = json.dumps({"transcripts": [{"speaker": 0, "text": "Bonjour"}]}).encode()
JSON = {"content-type": "application/json"}
EXPIRY = timedelta(days=30)
"""How long Bandwidth keeps a text."""


def of(number: int = 1, status: str = "available") -> dict[str, Any]:
    """Return Bandwidth's description of a transcription."""
    completed = {} if status != "available" else {"completedTime": f"2026-11-26T12:0{number}:00.000Z"}
    return {"id": f"t-{number}", "status": status, **completed}


def transcript(number: int = 1, **fields: Any) -> Transcript:
    """Return the transcript that a callback announces, with changes."""
    known = {
        "state": "pending",
        "transcription_id": f"t-{number}",
        "completed_time": f"2026-11-26T12:0{number}:00.000Z",
        "source_expires_time": f"2026-12-26T12:0{number}:00.000Z",
    }
    return Transcript.model_validate(known | fields)


def found() -> Transcript:
    """Return the transcript of the recording's row, which must have one."""
    known = worlds.row().transcript
    assert known is not None
    return known


def reason() -> str:
    """Return why the last attempt to fetch the text failed."""
    attempt = found().attempt
    assert attempt is not None
    return attempt.reason


def message(number: int = 1, **fields: Any) -> dict[str, Any]:
    """Return the message that requests the text."""
    announced = fetching.recording("r-1", **{"state": State.ANNOUNCED, "transcript": transcript(number), **fields})
    return {"wanted": "transcript", **announced.model_dump(mode="json")}


def fetch(number: int = 1, *, received: int = 1, since: float | None = None, **fields: Any) -> bool:
    """Deliver the message of a transcription and say whether it was processed."""
    event = events.sqs(message(number, **fields), received=received, since=since)
    return not app.handler(event, events.context(60))["batchItemFailures"]


def body() -> bytes:
    """Return the stored text that the row names."""
    text = found().text
    assert text is not None
    where: Any = {"Key": text.key, "VersionId": text.version_id}
    return clients.s3().get_object(Bucket=settings.get().bucket_name, **where)["Body"].read()


def callback(kind: str, **fields: Any) -> int:
    """Send a callback of the recording and return the status of the answer."""
    sent = {"eventType": kind, "accountId": "9900000", "recordingId": "r-1", "callId": "c-1", **fields}
    parameters = {"provider": "bandwidth", "account_id": "acme", "token": "s3cret"}
    path = "/callbacks/bandwidth/acme/s3cret"
    event = events.http("POST", path, json.dumps(sent).encode(), parameters=parameters, headers=JSON)
    return int(ingest_callback.handler(event, events.context())["statusCode"])


def announce(number: int = 1, status: str = "available") -> int:
    """Send Bandwidth's callback about a transcription."""
    return callback("transcriptionAvailable", transcription=of(number, status))


@pytest.fixture
def callbacks(standin: Standin) -> Standin:
    """Let `acme` accept callbacks too."""
    worlds.put_account(api=worlds.oauth_api(standin), callback={"token": "s3cret"})
    accounts.forget()
    return standin


def test_a_text_is_stored_as_it_came_where_documents_of_the_provider_name_the_media(
    standin: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain: Any = vars(Bandwidth)["source"]
    monkeypatch.setattr(Bandwidth, "source", property(lambda one: replace(plain.fget(one), locate=bytes.decode)))
    standin.serve(PATH, Reply(body=BODY, headers=JSON))
    assert fetch()
    assert body() == BODY


def test_a_text_is_stored_beside_the_audio_and_verified(standin: Standin) -> None:
    standin.serve(PATH, Reply(body=BODY, headers=JSON))
    assert fetch()
    text = found().text
    assert text is not None
    assert found().state is TranscriptState.VERIFIED
    assert (text.size, text.sha256) == (len(BODY), hashlib.sha256(BODY).hexdigest())
    assert text.key == worlds.row().key_for().replace("media/", "transcripts/").replace(".wav", ".json")
    assert body() == BODY
    assert worlds.row().state is State.ANNOUNCED


def test_the_object_of_a_text_has_its_ids_and_its_hash_in_its_metadata(standin: Standin) -> None:
    standin.serve(PATH, Reply(body=BODY, headers=JSON))
    fetch()
    head = clients.s3().head_object(Bucket=settings.get().bucket_name, Key=worlds.keys("transcripts/")[0])
    metadata = {"account-id": "acme", "recording-id": "r-1", "sha256": hashlib.sha256(BODY).hexdigest()}
    assert metadata.items() <= head["Metadata"].items()
    assert head["ContentType"] == "application/json"


def test_a_callback_queues_the_fetch_of_the_text_alone(callbacks: Standin) -> None:
    assert announce() == 204
    [queued] = worlds.queued(Queue.FETCH)
    assert json.loads(queued)["wanted"] == "transcript"
    assert found().state is TranscriptState.PENDING
    callbacks.serve(PATH, Reply(body=BODY, headers=JSON))
    assert not app.handler(events.sqs(queued), events.context(60))["batchItemFailures"]
    assert (found().state, worlds.row().state) == (TranscriptState.VERIFIED, State.ANNOUNCED)


def test_the_text_is_queued_if_the_row_cannot_be_written(callbacks: Standin, monkeypatch: pytest.MonkeyPatch) -> None:
    worlds.fail(monkeypatch, clients.dynamodb(), "put_item")
    assert announce() == 204
    assert [json.loads(text).get("wanted") for text in worlds.queued(Queue.FETCH)] == ["transcript"]


@pytest.mark.parametrize("order", ["audio first", "text first"])
def test_the_callbacks_may_come_in_any_order_and_twice(callbacks: Standin, order: str) -> None:
    callbacks.serve(PATH, Reply(body=BODY, headers=JSON))
    callbacks.audio(fetching.PATH, fetching.WAV)
    kinds = (
        ["recordingAvailable", "transcriptionAvailable"]
        if order == "audio first"
        else ["transcriptionAvailable", "recordingAvailable"]
    )
    for kind in [*kinds, *kinds]:
        fields = {"transcription": of()} if kind == "transcriptionAvailable" else {"status": "complete"}
        assert callback(kind, duration="PT2S", fileFormat="wav", **fields) == 204
    app.handler(events.sqs(*worlds.queued(Queue.FETCH)), events.context(60))
    assert (worlds.row().state, found().state) == (State.STORED, TranscriptState.VERIFIED)
    assert (len(worlds.versions("media/")), len(worlds.versions("transcripts/"))) == (1, 1)
    announce()
    assert (found().state, len(worlds.versions("transcripts/"))) == (TranscriptState.VERIFIED, 1)


@pytest.mark.parametrize("status", ["error", "timeout", "file-size-too-big", "file-size-too-small"])
def test_a_transcription_that_failed_at_the_provider_is_absent(callbacks: Standin, status: str) -> None:
    worlds.put(state=State.VERIFIED, call_id="c-1", media=worlds.media())
    announce(status=status)
    assert (found().state, found().reason) == (TranscriptState.ABSENT, status)
    assert (worlds.row().state, worlds.row().reason, worlds.queued(Queue.FETCH)) == (State.VERIFIED, None, [])


def test_a_text_that_cannot_be_fetched_fails_after_a_day_and_leaves_the_audio(
    standin: Standin, caplog: pytest.LogCaptureFixture
) -> None:
    worlds.put(state=State.PENDING, call_id="c-1")
    standin.serve(PATH, Reply(status=503))
    assert not fetch()
    assert (reason(), worlds.row().attempt) == ("http_503", None)
    assert fetch(received=10, since=time.time() - 25 * 3600)
    assert (found().state, found().reason) == (TranscriptState.FAILED, "http_503")
    assert (worlds.row().state, worlds.row().reason) == (State.PENDING, None)
    assert alarm_messages.TRANSCRIPT_FAILED in caplog.messages
    assert alarm_messages.RECORDING_FAILED not in caplog.messages


def test_the_last_attempt_at_an_earlier_text_does_not_fail_a_later_one(standin: Standin) -> None:
    worlds.put(call_id="c-1", transcript=transcript(2))
    standin.serve(PATH, Reply(status=503))
    assert fetch(1, received=10, since=time.time() - 25 * 3600)
    assert found().state is TranscriptState.PENDING


def test_a_text_is_gone_after_the_provider_deleted_it(standin: Standin, clock: Clock) -> None:
    with clock.ago(days=31):
        worlds.put(call_id="c-1", transcript=transcript(source_expires_time=times.after(times.now(), EXPIRY)))
    assert fetch(transcript=worlds.row().transcript)
    assert (found().state, found().reason) == (TranscriptState.FAILED, "gone")


@pytest.mark.parametrize("completed", ["0001-01-01T00:00:00Z", "2001-05-05T00:00:00Z", "2099-01-01T00:00:00Z"])
def test_a_text_with_an_impossible_time_is_fetched_until_it_is_there(callbacks: Standin, completed: str) -> None:
    callbacks.serve(PATH, Reply(status=404), Reply(body=BODY, headers=JSON), Reply(body=LATER, headers=JSON))
    described = {"id": "t-1", "status": "available", "completedTime": completed}
    assert callback("transcriptionAvailable", transcription=described, eventTime="2026-11-26T12:01:00Z") == 204
    [message] = worlds.queued(Queue.FETCH)
    assert app.handler(events.sqs(message), events.context(60))["batchItemFailures"]
    assert not app.handler(events.sqs(message, received=2), events.context(60))["batchItemFailures"]
    assert (found().state, body()) == (TranscriptState.VERIFIED, BODY)
    assert worlds.row().transcription == described
    announce(2)
    assert fetch(2)
    assert body() == LATER


def test_an_announced_text_of_a_recording_with_an_impossible_end_is_awaited(clock: Clock) -> None:
    worlds.put(source_expires_time="2001-01-31T00:00:00Z", transcript=Transcript(state=TranscriptState.ANNOUNCED))
    clock.forward(hours=2)
    assert transcripts.without_expired(worlds.row()) == worlds.row()
    assert found().state is TranscriptState.ANNOUNCED


def test_a_text_that_is_not_there_yet_is_fetched_later(standin: Standin) -> None:
    standin.serve(PATH, Reply(status=404), Reply(body=BODY, headers=JSON))
    assert not fetch()
    assert fetch(received=2)
    assert found().state is TranscriptState.VERIFIED


@pytest.mark.parametrize("answer", [b"", b"<html></html>", b"[]", b'{"error": "no"}', BODY[:-1]])
def test_an_answer_that_is_no_text_is_not_stored(standin: Standin, answer: bytes) -> None:
    standin.serve(PATH, Reply(body=answer, headers=JSON))
    assert not fetch(received=2, since=time.time() - 2 * 3600)
    assert (worlds.keys("transcripts/"), found().state) == ([], TranscriptState.PENDING)


def test_an_empty_text_is_fetched_again_for_an_hour_and_then_kept(standin: Standin) -> None:
    standin.serve(PATH, Reply(body=b'{"transcripts": []}', headers=JSON))
    assert not fetch()
    assert fetch(received=2, since=time.time() - 2 * 3600)
    assert found().state is TranscriptState.VERIFIED


def test_a_text_of_more_than_8_mib_is_refused(standin: Standin) -> None:
    standin.serve(PATH, Reply(body=b" " * (transcripts.MAX_BYTES + 1) + BODY, headers=JSON))
    assert fetch()
    assert (found().state, found().reason) == (TranscriptState.FAILED, "too_large")


def test_a_later_transcription_becomes_a_newer_version(standin: Standin) -> None:
    standin.serve(PATH, Reply(body=BODY, headers=JSON), Reply(body=LATER, headers=JSON))
    fetch(1)
    fetch(2)
    assert (body(), found().transcription_id, len(worlds.versions("transcripts/"))) == (LATER, "t-2", 2)
    assert fetch(1)
    assert (body(), len(worlds.versions("transcripts/"))) == (LATER, 2)


@pytest.mark.parametrize("before", [None, "2026-11-26T12:01:00Z"], ids=["the first", "a further one"])
def test_a_requested_transcription_that_does_not_come_fails(clock: Clock, before: str | None) -> None:
    expiry = times.after(times.now(), timedelta(minutes=1))
    requested = {"state": "requested", "completed_time": before, "source_expires_time": expiry}
    worlds.put(transcript=Transcript.model_validate(requested))
    clock.forward(minutes=2)
    assert transcripts.without_expired(worlds.row()) == worlds.row()
    assert (found().state, found().reason) == (TranscriptState.FAILED, "unanswered")


def test_the_text_before_is_kept_while_a_later_one_cannot_be_fetched(standin: Standin) -> None:
    standin.serve(PATH, Reply(body=BODY, headers=JSON), Reply(status=410))
    fetch(1)
    fetch(2)
    assert (found().state, found().reason, body()) == (TranscriptState.FAILED, "http_410", BODY)


@pytest.mark.parametrize("again", [BODY, LATER])
def test_a_crash_between_the_object_and_the_row_costs_nothing(
    standin: Standin, monkeypatch: pytest.MonkeyPatch, again: bytes
) -> None:
    standin.serve(PATH, Reply(body=BODY, headers=JSON), Reply(body=again, headers=JSON))
    with monkeypatch.context() as patch:
        patch.setattr(transcripts, "_mark_stored", lambda *_: 1 / 0)
        assert not fetch()
    assert fetch(received=2)
    assert (found().state, body(), len(worlds.versions("transcripts/"))) == (
        TranscriptState.VERIFIED,
        again,
        1 + (again != BODY),
    )


def test_a_text_that_a_crashed_attempt_stored_is_deleted_with_its_transcription(
    standin: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    standin.serve(PATH, Reply(body=BODY, headers=JSON))
    with monkeypatch.context() as patch:
        patch.setattr(transcripts, "_mark_stored", lambda *_: 1 / 0)
        assert not fetch()
    assert len(worlds.objects("transcripts/")) == 1
    readers_transcripts.delete(worlds.principal(can_delete=True), worlds.row())
    assert (found().state, worlds.objects("transcripts/")) == (TranscriptState.DELETED, [])


def test_a_text_whose_object_was_removed_is_stored_again(standin: Standin) -> None:
    standin.serve(PATH, Reply(body=BODY, headers=JSON), Reply(body=LATER, headers=JSON))
    fetch(1)
    clients.s3().delete_object(Bucket=settings.get().bucket_name, Key=worlds.keys("transcripts/")[0])
    assert fetch(2)
    assert body() == LATER


def test_stored_bytes_that_differ_are_noticed_when_they_are_read_back(
    standin: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    standin.serve(PATH, Reply(body=BODY, headers=JSON))
    monkeypatch.setattr(OpenObject, "read", lambda *_: b"other")
    assert not fetch()
    assert found().state is TranscriptState.PENDING
    assert reason() == "corrupt"


@pytest.mark.parametrize("removed", ["recording", "text"])
def test_a_text_that_is_deleted_during_its_fetch_stays_deleted(
    standin: Standin, monkeypatch: pytest.MonkeyPatch, removed: str
) -> None:
    store = texts.store

    def delete_meanwhile(row: Recording, content: bytes) -> Any:
        kept = store(row, content)
        changes = {"state": State.DELETED} if removed == "recording" else {"transcript": transcript(state="deleted")}
        table.edit(row, "deleted", **changes)
        return kept

    standin.serve(PATH, Reply(body=BODY, headers=JSON))
    monkeypatch.setattr(texts, "store", delete_meanwhile)
    assert fetch()
    assert len(worlds.keys("transcripts/", deleted=True)) == 2  # the version and a delete marker
    assert worlds.row().state is State.DELETED or found().state is TranscriptState.DELETED


def test_a_text_that_was_stored_while_its_recording_was_deleted_is_deleted_too(
    standin: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    standin.serve(PATH, Reply(body=BODY, headers=JSON))
    put = bucket.put

    def delete_and_put(*given: Any, **more: Any) -> Any:
        edits.delete(worlds.principal(can_delete=True), worlds.row())
        worlds.fail(monkeypatch, clients.dynamodb(), "put_item", "ThrottlingException")
        return put(*given, **more)

    with monkeypatch.context() as deleting:
        put_item = clients.dynamodb().put_item
        deleting.setattr(bucket, "put", delete_and_put)
        assert not fetch()
    monkeypatch.setattr(clients.dynamodb(), "put_item", put_item)
    assert fetch(received=2)
    assert (worlds.row().state, worlds.objects("transcripts/")) == (State.DELETED, [])
    versions = worlds.keys("transcripts/", deleted=True)
    fetch(received=3)
    assert worlds.keys("transcripts/", deleted=True) == versions


def test_a_repeated_message_restores_no_deleted_text(standin: Standin) -> None:
    standin.serve(PATH, Reply(body=BODY, headers=JSON))
    worlds.put(call_id="c-1", transcript=transcript(state="deleted"))
    assert fetch()
    assert (found().state, worlds.keys("transcripts/")) == (TranscriptState.DELETED, [])


@pytest.mark.parametrize("kind", ["recordComplete", "recordingAvailable"])
def test_a_repeated_callback_restores_no_deleted_text(callbacks: Standin, kind: str) -> None:
    callback("recordComplete", transcription=of() | TEXT)
    readers_transcripts.delete(worlds.principal(can_delete=True), worlds.row())
    callback(kind, transcription=of() | TEXT)
    assert (worlds.row().transcription, found().state) == (None, TranscriptState.DELETED)
    callback(kind, transcription=of(2) | TEXT)
    assert worlds.row().transcription == of(2) | TEXT


@pytest.mark.parametrize("requested", [False, True])
def test_a_queued_message_restores_no_deleted_text(callbacks: Standin, *, requested: bool) -> None:
    callback("recordComplete", transcription=of() | TEXT)
    [*queued] = worlds.queued(Queue.FETCH)
    readers_transcripts.delete(worlds.principal(can_delete=True), worlds.row())
    if requested:
        again = found().model_copy(update={"state": TranscriptState.REQUESTED})
        table.edit(worlds.row(), "transcription requested by ops", transcript=again)
    assert not app.handler(events.sqs(*queued), events.context(60))["batchItemFailures"]
    assert (len(queued), worlds.row().transcription) == (1, None)


@pytest.mark.parametrize(
    ("event", "state"),
    [
        ("ObjectRemoved:DeleteMarkerCreated", "deleted"),
        ("ObjectRemoved:Delete", "deleted"),
        ("LifecycleExpiration:Delete", "expired"),
    ],
)
def test_a_text_that_is_removed_from_the_bucket_is_noticed(standin: Standin, event: str, state: str) -> None:
    standin.serve(PATH, Reply(body=BODY, headers=JSON))
    fetch(transcription=of() | TEXT)
    text = found().text
    assert text is not None
    bucket.delete(text.key, None if "Marker" in event else text.version_id)
    changed = events.object_change(text.key, text.version_id, event)
    assert not verify_media.handler(events.sqs(changed), events.context(60))["batchItemFailures"]
    assert (found().state, found().text, worlds.row().state) == (TranscriptState(state), None, State.ANNOUNCED)
    assert worlds.row().transcription is None


def test_the_late_event_of_a_removed_text_leaves_the_later_text(standin: Standin) -> None:
    standin.serve(PATH, Reply(body=BODY, headers=JSON), Reply(body=LATER, headers=JSON))
    fetch(1)
    key = worlds.keys("transcripts/")[0]
    marker = clients.s3().delete_object(Bucket=settings.get().bucket_name, Key=key)["VersionId"]
    assert fetch(2)
    late = events.object_change(key, marker, "ObjectRemoved:DeleteMarkerCreated")
    assert not verify_media.handler(events.sqs(late), events.context(60))["batchItemFailures"]
    assert (found().state, body()) == (TranscriptState.VERIFIED, LATER)


@pytest.mark.parametrize("state", ["pending", "failed", "requested", "announced"])
@pytest.mark.parametrize("event", ["ObjectRemoved:DeleteMarkerCreated", "LifecycleExpiration:Delete"])
def test_the_removal_of_an_earlier_text_does_not_end_a_later_transcription(
    callbacks: Standin, event: str, state: str
) -> None:
    callbacks.serve(PATH, Reply(body=BODY, headers=JSON), Reply(body=LATER, headers=JSON))
    fetch(1, transcription=of() | TEXT)
    text = found().text
    assert text is not None
    changes = {"state": TranscriptState(state), "completed_time": transcript(2).completed_time}
    if state == "requested":
        changes = {"state": TranscriptState.REQUESTED}
    table.edit(worlds.row(), "meanwhile", transcript=found().model_copy(update=changes))
    bucket.delete(text.key, None if "Marker" in event else text.version_id)
    changed = events.object_change(text.key, text.version_id, event)
    assert not verify_media.handler(events.sqs(changed), events.context(60))["batchItemFailures"]
    assert (found().state, found().text) == (TranscriptState(state), None)
    assert (worlds.row().transcription is None) is (state == "requested")
    assert announce(2) == 204
    if state != "failed":
        assert fetch(2)
        assert body() == LATER


@pytest.mark.parametrize("then", ["announced", "requested"])
def test_a_text_that_is_deleted_during_its_fetch_does_not_come_back_with_a_later_transcription(
    callbacks: Standin, then: str
) -> None:
    assert announce(1) == 204

    def meanwhile(_: int) -> None:
        readers_transcripts.delete(worlds.principal(can_delete=True), worlds.row())
        if then == "requested":
            again = found().model_copy(update={"state": TranscriptState.REQUESTED, "attempt": None})
            table.edit(worlds.row(), "transcription requested by ops", transcript=again)
        else:
            assert announce(2) == 204

    callbacks.serve(PATH, Reply(body=BODY, headers=JSON, halfway=meanwhile), Reply(body=LATER, headers=JSON))
    assert fetch(1)
    assert (found().text, worlds.objects("transcripts/")) == (None, [])
    if then == "announced":
        assert fetch(2)
        assert body() == LATER


def test_a_removal_is_judged_again_after_another_writer(standin: Standin, monkeypatch: pytest.MonkeyPatch) -> None:
    standin.serve(PATH, Reply(body=BODY, headers=JSON))
    fetch()
    text = found().text
    assert text is not None
    edit = table.edit

    def after_another(row: Recording, what: str, **changes: Any) -> Recording | None:
        monkeypatch.setattr(table, "edit", edit)
        edit(row, "meanwhile")
        return edit(row, what, **changes)

    monkeypatch.setattr(table, "edit", after_another)
    bucket.delete(text.key, text.version_id)
    change = events.sqs(events.object_change(text.key, text.version_id, "ObjectRemoved:Delete"))
    assert verify_media.handler(change, events.context(60))["batchItemFailures"]
    assert not verify_media.handler(change, events.context(60))["batchItemFailures"]
    assert found().state is TranscriptState.DELETED


def test_the_removal_of_an_older_version_of_a_text_changes_nothing(standin: Standin) -> None:
    standin.serve(PATH, Reply(body=BODY, headers=JSON))
    fetch()
    described = {"key": worlds.keys("transcripts/")[0], "versionId": "older"}
    changed = {"Records": [{"eventName": "ObjectRemoved:Delete", "s3": {"object": described}}]}
    verify_media.handler(events.sqs(changed), events.context(60))
    assert found().state is TranscriptState.VERIFIED


def test_a_text_goes_with_audio_that_is_removed_from_the_bucket(standin: Standin) -> None:
    standin.serve(PATH, Reply(body=BODY, headers=JSON))
    worlds.put(state=State.VERIFIED, call_id="c-1", media=worlds.media())
    fetch()
    described = {"key": worlds.media().key, "versionId": "v1"}
    changed = {"Records": [{"eventName": "ObjectRemoved:Delete", "s3": {"object": described}}]}
    assert not verify_media.handler(events.sqs(changed), events.context(60))["batchItemFailures"]
    assert (worlds.row().state, found().state, found().text) == (State.DELETED, TranscriptState.DELETED, None)
    assert len(worlds.keys("transcripts/", deleted=True)) == 2


def test_the_sweep_requeues_a_text_whose_message_was_lost(clock: Clock) -> None:
    with clock.ago(hours=2):
        worlds.put(state=State.VERIFIED, call_id="c-1", media=worlds.media(), transcript=transcript())
    sweep_recordings.handler({}, events.context(300))
    assert [json.loads(text)["wanted"] for text in worlds.queued(Queue.FETCH)] == ["transcript"]


def test_the_sweep_requeues_a_text_of_a_recording_that_is_still_announced(standin: Standin, clock: Clock) -> None:
    standin.serve(fetching.PATH.removesuffix("/media"), Reply(status=503))
    with clock.ago(hours=2):
        worlds.put(state=State.ANNOUNCED, call_id="c-1", transcript=transcript())
    sweep_recordings.handler({}, events.context(300))
    assert [json.loads(text)["wanted"] for text in worlds.queued(Queue.FETCH)] == ["transcript"]


def test_a_failed_text_is_fetched_once_more_before_it_expires(clock: Clock) -> None:
    failed = transcript(state="failed", reason="http_401", source_expires_time="2026-12-26T00:00:00Z")
    with clock.at(datetime(2026, 12, 1, 0, tzinfo=UTC)):
        worlds.put(state=State.VERIFIED, call_id="c-1", media=worlds.media(), transcript=failed)
    clock.stop(datetime(2026, 12, 22, 23, tzinfo=UTC))
    sweep_recordings.handler({}, events.context(300))
    assert (found().state, worlds.queued(Queue.FETCH)) == (TranscriptState.FAILED, [])
    clock.stop(datetime(2026, 12, 23, 1, tzinfo=UTC))
    sweep_recordings.handler({}, events.context(300))
    assert (found().state, len(worlds.queued(Queue.FETCH))) == (TranscriptState.PENDING, 1)
    table.put(worlds.row().model_copy(update={"transcript": failed}), "transcript failed http_401", known=worlds.row())
    clock.forward(hours=2)
    sweep_recordings.handler({}, events.context(300))
    assert found().state is TranscriptState.FAILED


def test_a_message_about_the_audio_does_not_end_the_last_attempt_at_the_text(standin: Standin, clock: Clock) -> None:
    expires = times.after(times.now(), timedelta(hours=40))
    failed = transcript(state="failed", reason="http_401", source_expires_time=expires)
    with clock.ago(hours=30):
        worlds.put(state=State.FAILED, reason="http_401", call_id="c-1", transcript=failed, source_expires_time=expires)
    sweep_recordings.handler({}, events.context(300))
    (audio,) = worlds.queued(Queue.FETCH)
    clock.forward(hours=1, minutes=5)
    sweep_recordings.handler({}, events.context(300))
    standin.serve(fetching.PATH, Reply(status=503))
    app.handler(events.sqs(audio, received=3), events.context(60))
    assert (worlds.row().state, found().state) == (State.PENDING, TranscriptState.PENDING)


@pytest.mark.parametrize(
    ("status", "state"),
    [("available", "pending"), ("error", "absent"), ("processing", "announced"), ("new", "announced")],
)
def test_the_sweep_asks_for_a_transcription_that_was_requested(
    standin: Standin, clock: Clock, status: str, state: str
) -> None:
    resource = {"recordingId": "r-1", "callId": "c-1", "status": "complete", "transcription": of(1, status)}
    standin.serve(fetching.PATH.removesuffix("/media"), Reply(body=json.dumps(resource).encode(), headers=JSON))
    with clock.ago(minutes=20):
        requested = Transcript(state=TranscriptState.REQUESTED)
        worlds.put(state=State.VERIFIED, call_id="c-1", media=worlds.media(), transcript=requested)
    sweep_recordings.handler({}, events.context(300))
    assert found().state == state
    assert len(worlds.queued(Queue.FETCH)) == (status == "available")
    assert worlds.row().state is State.VERIFIED


def test_a_requested_transcription_that_never_comes_fails(standin: Standin, clock: Clock) -> None:
    resource = {"recordingId": "r-1", "callId": "c-1", "status": "complete", "transcription": None}
    standin.serve(fetching.PATH.removesuffix("/media"), Reply(body=json.dumps(resource).encode(), headers=JSON))
    with clock.ago(hours=48):
        requested = Transcript(
            state=TranscriptState.REQUESTED, source_expires_time=times.after(times.now(), timedelta(days=1))
        )
        worlds.put(state=State.VERIFIED, call_id="c-1", media=worlds.media(), transcript=requested)
    sweep_recordings.handler({}, events.context(300))
    assert (found().state, found().reason) == (TranscriptState.FAILED, "unanswered")


def test_a_transcript_waits_for_the_sweep_without_a_last_attempt_at_failed_audio(clock: Clock) -> None:
    expires = times.after(times.now(), timedelta(days=20))
    with clock.ago(hours=2):
        worlds.put(
            state=State.FAILED, reason="not_audio", call_id="c-1", source_expires_time=expires, transcript=transcript()
        )
    sweep_recordings.handler({}, events.context(300))
    assert worlds.row().state is State.FAILED
    assert len(worlds.queued(Queue.FETCH)) == 1


def test_a_text_that_cannot_be_queued_is_found_by_the_sweep(
    callbacks: Standin, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    with monkeypatch.context() as broken:
        worlds.fail(broken, clients.sqs(), "send_message")
        assert announce() == 204
    assert (found().state, worlds.queued(Queue.FETCH)) == (TranscriptState.PENDING, [])
    clock.forward(hours=2)
    sweep_recordings.handler({}, events.context(300))
    assert [json.loads(one).get("wanted") for one in worlds.queued(Queue.FETCH)] == ["transcript"]


def test_an_account_whose_provider_transcribes_nothing_fails_a_queued_text() -> None:
    worlds.put_account("acme", "twilio", api={"origin": "https://x.example", "password": "p"})
    assert fetch(provider="twilio")
    assert (found().state, found().reason) == (TranscriptState.FAILED, "no_transcripts")


def test_a_text_waits_while_the_accounts_parameter_names_another_provider(standin: Standin) -> None:
    worlds.put_account("acme", "twilio", api=worlds.basic_api(standin))
    assert not fetch()
    assert (found().state, standin.asked) == (TranscriptState.PENDING, [])
    assert fetch(received=10, since=time.time() - 25 * 3600)
    assert (found().state, found().reason) == (TranscriptState.FAILED, "other_provider")


def test_a_text_that_vanishes_before_it_is_read_back_is_fetched_again(
    standin: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    standin.serve(PATH, Reply(body=BODY, headers=JSON), Reply(body=BODY, headers=JSON))
    with monkeypatch.context() as gone:
        gone.setattr(bucket, "get", lambda *_: None)
        assert not fetch()
    assert (found().state, reason()) == (TranscriptState.PENDING, "unread")
    assert fetch()
    assert (found().state, body()) == (TranscriptState.VERIFIED, BODY)

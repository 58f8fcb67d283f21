"""What failed, given another try: once, however many ask."""

import json
from functools import partial

import pytest

from callvault import clients, settings, times
from callvault.errors import ExhaustedError, UnavailableError
from callvault.ingest import reopening
from callvault.ingest.reopening import RetryOutcome
from callvault.messaging.queues import Queue
from callvault.models import State
from callvault.storage import table
from callvault.transcript import Transcript, TranscriptState
from tests import worlds

put = partial(worlds.put, "r1", account_id="a1", reason="http_403")
row = partial(worlds.row, "r1", "a1")


def test_a_failed_recording_is_pending_again_and_queued() -> None:
    put(state=State.FAILED, call_id="c1")
    assert reopening.start(row(), "alice") is RetryOutcome.QUEUED
    assert (row().state, row().reason) == (State.PENDING, None)
    assert [event.what for event in row().history] == ["callback", "retried by alice"]
    assert [(message.state, message.call_id) for message in worlds.queued_recordings()] == [(State.PENDING, "c1")]


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        (state, RetryOutcome.PENDING if state is State.PENDING else RetryOutcome.LEFT)
        for state in State
        if state != "failed"
    ],
)
def test_a_recording_that_has_not_failed_is_left_unchanged(state: State, outcome: RetryOutcome) -> None:
    before = put(state=state)
    assert reopening.start(before, "alice") is outcome
    assert row() == before
    assert worlds.queued_recordings() == []


def test_of_two_concurrent_retries_only_one_queues_the_recording() -> None:
    failed = put(state=State.FAILED)
    assert [reopening.start(failed, name) for name in ("alice", "bob")] == [RetryOutcome.QUEUED, RetryOutcome.PENDING]
    assert [event.what for event in row().history] == ["callback", "retried by alice"]
    assert len(worlds.queued_recordings()) == 1


def test_a_row_that_was_verified_meanwhile_stays_verified() -> None:
    failed = put(state=State.FAILED)
    table.put(failed.model_copy(update={"state": State.VERIFIED}), "verified")
    assert reopening.start(failed, "alice") is RetryOutcome.LEFT
    assert row().state is State.VERIFIED


def test_a_row_whose_metadata_was_edited_meanwhile_is_retried() -> None:
    failed = put(state=State.FAILED)
    table.edit(failed, "metadata by bob", user_metadata={"note": 1})
    assert reopening.start(failed, "alice") is RetryOutcome.QUEUED
    assert (row().state, row().user_metadata) == (State.PENDING, {"note": 1})


def test_a_row_that_was_removed_is_not_retried() -> None:
    failed = put(state=State.FAILED)
    clients.dynamodb().delete_item(TableName=settings.get().table_name, Key={"pk": {"S": "a1#r1"}})
    table_name = {"TableName": settings.get().table_name}
    assert reopening.start(failed.model_copy(update={"revision": 7}), "alice") is RetryOutcome.LEFT
    assert "Item" not in clients.dynamodb().get_item(Key={"pk": {"S": "a1#r1"}}, **table_name)  # type: ignore[arg-type]


def test_a_recording_is_reopened_although_the_queue_fails() -> None:
    failed = put(state=State.FAILED)
    clients.sqs().delete_queue(QueueUrl=Queue.FETCH.url)
    assert reopening.start(failed, "alice") is RetryOutcome.QUEUED
    assert row().state is State.PENDING


def test_a_row_that_others_keep_changing_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    failed = put(state=State.FAILED)
    monkeypatch.setattr(table, "edit", lambda *_, **__: None)
    with pytest.raises(UnavailableError):
        reopening.start(failed, "alice")


def test_a_reopened_recording_is_not_queued() -> None:
    assert reopening.reopen(put(state=State.FAILED), "alice") is RetryOutcome.QUEUED
    assert row().state is State.PENDING
    assert worlds.queued_recordings() == []


def failed_text() -> Transcript:
    return Transcript(state=TranscriptState.FAILED, reason="http_401", completed_time=times.now())


def test_a_failed_text_of_a_stored_recording_is_fetched_again() -> None:
    kept = put(state=State.VERIFIED, reason=None, media=worlds.media(), transcript=failed_text())
    assert reopening.may_be_retried(kept)
    assert reopening.start(kept, "alice") is RetryOutcome.QUEUED
    text = row().transcript
    assert text is not None
    assert (row().state, text.state, text.reason) == (State.VERIFIED, TranscriptState.PENDING, None)
    [queued] = worlds.queued(Queue.FETCH)
    assert json.loads(queued)["wanted"] == "transcript"


def test_a_recording_and_its_text_are_retried_together() -> None:
    failed = put(state=State.FAILED, transcript=failed_text())
    assert reopening.start(failed, "alice") is RetryOutcome.QUEUED
    assert len(worlds.queued(Queue.FETCH)) == 2


def test_the_text_of_a_deleted_recording_is_not_retried() -> None:
    gone = put(state=State.DELETED, transcript=failed_text())
    assert reopening.start(gone, "alice") is RetryOutcome.LEFT


def test_an_old_message_of_a_recording_that_waits_for_nothing_does_not_go_on() -> None:
    error = ExhaustedError("http_404", "The attempts are used up.")
    assert not reopening.goes_on(put(state=State.FAILED), error)
    assert not reopening.goes_on(worlds.recording("unknown"), error)

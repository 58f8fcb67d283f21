"""What failed, given another try: once, however many ask."""

from functools import partial

import pytest

from callvault import clients, settings
from callvault.errors import UnavailableError
from callvault.ingest import reopening
from callvault.ingest.reopening import RetryOutcome
from callvault.messaging.queues import Queue
from callvault.models import State
from callvault.storage import table
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
def test_what_has_not_failed_is_left(state: State, outcome: RetryOutcome) -> None:
    before = put(state=state)
    assert reopening.start(before, "alice") is outcome
    assert row() == before
    assert worlds.queued_recordings() == []


def test_of_two_at_once_one_queues_it() -> None:
    failed = put(state=State.FAILED)
    assert [reopening.start(failed, name) for name in ("alice", "bob")] == [RetryOutcome.QUEUED, RetryOutcome.PENDING]
    assert [event.what for event in row().history] == ["callback", "retried by alice"]
    assert len(worlds.queued_recordings()) == 1


def test_a_row_that_was_verified_meanwhile_does_not_go_back() -> None:
    failed = put(state=State.FAILED)
    table.put(failed.model_copy(update={"state": State.VERIFIED}), "verified")
    assert reopening.start(failed, "alice") is RetryOutcome.LEFT
    assert row().state is State.VERIFIED


def test_a_row_that_was_merely_edited_meanwhile_is_retried_all_the_same() -> None:
    failed = put(state=State.FAILED)
    table.edit(failed, "metadata by bob", user_metadata={"note": 1})
    assert reopening.start(failed, "alice") is RetryOutcome.QUEUED
    assert (row().state, row().user_metadata) == (State.PENDING, {"note": 1})


def test_a_row_that_is_gone_is_left() -> None:
    failed = put(state=State.FAILED)
    clients.dynamodb().delete_item(TableName=settings.get().table_name, Key={"pk": {"S": "a1#r1"}})
    table_name = {"TableName": settings.get().table_name}
    assert reopening.start(failed.model_copy(update={"revision": 7}), "alice") is RetryOutcome.LEFT
    assert "Item" not in clients.dynamodb().get_item(Key={"pk": {"S": "a1#r1"}}, **table_name)  # type: ignore[arg-type]


def test_the_row_suffices_where_the_queue_does_not_answer() -> None:
    failed = put(state=State.FAILED)
    clients.sqs().delete_queue(QueueUrl=Queue.FETCH.url)
    assert reopening.start(failed, "alice") is RetryOutcome.QUEUED
    assert row().state is State.PENDING


def test_a_row_that_is_written_without_end_is_put_off(monkeypatch: pytest.MonkeyPatch) -> None:
    failed = put(state=State.FAILED)
    monkeypatch.setattr(table, "edit", lambda *_, **__: None)
    with pytest.raises(UnavailableError):
        reopening.start(failed, "alice")


def test_a_reopened_recording_is_not_queued() -> None:
    assert reopening.reopen(put(state=State.FAILED), "alice") is RetryOutcome.QUEUED
    assert row().state is State.PENDING
    assert worlds.queued_recordings() == []

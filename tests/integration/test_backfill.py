"""Tests of what a backfill recorded: its row, its message, the sweep, and a callback in between."""

from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from callvault import clients, times
from callvault.errors import UnavailableError
from callvault.ingest import backfill, intake
from callvault.messaging.queues import Queue
from callvault.models import Recording, State
from callvault.storage import table
from functions.fetch_media import app as fetch_media
from functions.sweep_recordings import app as sweep_recordings
from tests import worlds
from tests.integration import events
from tests.worlds import Clock
from tools import audio_samples
from tools.local.providers.standins import Standin

OLD = times.now() - timedelta(days=200)


def listed(recording_id: str = "r-1", **fields: Any) -> Recording:
    known: dict[str, Any] = {"call_id": "c-1", "format": "wav", "start_time": OLD, "duration_ms": 2000}
    return worlds.recording(recording_id, **known | fields)


def take(recording_id: str = "r-1", **fields: Any) -> Recording:
    """Record a listed recording and queue it, as the command does."""
    row = backfill.record(backfill.held(listed(recording_id, **fields)))
    assert row is not None
    backfill.send(row)
    return row


def sweep() -> dict[str, int]:
    counts: dict[str, int] = sweep_recordings.handler({}, events.context(300))
    return counts


def waiting() -> list[int]:
    """Return the number of messages of the fetch queue and of the backfill's queue."""
    return [worlds.count(Queue.FETCH), worlds.count(Queue.BACKFILL)]


def test_a_missing_recording_gets_a_row_and_a_message_in_the_backfills_queue() -> None:
    take()
    [message] = worlds.queued(Queue.BACKFILL)
    assert Recording.model_validate_json(message).call_id == "c-1"
    assert waiting() == [0, 1]
    assert worlds.history() == ["backfill pending"]
    assert backfill.is_held(worlds.row())


def test_a_recording_that_has_a_row_is_left_as_it_is() -> None:
    before = worlds.put("r-1", what="callback pending", call_id="c-2")
    assert backfill.record(backfill.held(listed())) is None
    assert worlds.row() == before


def test_of_two_backfills_one_records_a_recording() -> None:
    take()
    before = worlds.row()
    assert backfill.record(backfill.held(listed())) is None
    assert worlds.row() == before


@pytest.mark.parametrize("days", [None, 2])
def test_the_row_is_found_although_the_answer_to_its_write_was_lost(
    monkeypatch: pytest.MonkeyPatch, days: int | None
) -> None:
    """Otherwise a second request would find the row, take it for another's, and send no message."""
    write = clients.dynamodb().put_item
    lost = [ReadTimeoutError(endpoint_url="https://aws.example.com")]

    def put_item(**options: Any) -> Any:
        if lost:
            write(**options)
            raise lost.pop()
        return write(**options)

    monkeypatch.setattr(clients.dynamodb(), "put_item", put_item)
    expiry = times.now() + timedelta(days=days) if days else None
    held = backfill.held(listed(source_expires_time=expiry))
    with pytest.raises(UnavailableError):
        backfill.record(held)
    assert backfill.record(held) == worlds.row()


def test_the_sweep_leaves_a_row_to_its_message_for_a_day(clock: Clock) -> None:
    take()
    for _ in range(24):
        clock.forward(hours=1)
        assert sweep() == {}
    assert waiting() == [0, 1]


def test_a_row_whose_message_was_never_sent_is_queued_apart_from_the_live_ones(clock: Clock) -> None:
    """The process was killed between the row and its message."""
    assert backfill.record(backfill.held(listed())) is not None
    clock.forward(hours=26)
    assert sweep() == {"pending": 1}
    assert waiting() == [0, 1]
    clock.forward(minutes=5)
    assert sweep() == {}


def test_a_recording_that_expires_soon_is_queued_with_the_live_ones_after_an_hour(clock: Clock) -> None:
    take(source_expires_time=times.now() + timedelta(hours=60))
    assert sweep() == {}
    clock.forward(hours=1.1)
    assert sweep()["pending"] == 1
    assert waiting() == [1, 1]


def test_a_callback_does_not_wait_for_the_backfill(clock: Clock) -> None:
    take()
    intake.record(listed(), "callback")
    assert waiting() == [1, 1]
    assert worlds.history() == ["backfill pending", "callback pending"]
    clock.forward(hours=26)
    assert sweep() == {"pending": 1}
    assert waiting() == [2, 1]


@pytest.mark.loopback
def test_an_attempt_that_fails_waits_and_is_queued_apart_from_the_live_ones(standin: Standin, clock: Clock) -> None:
    row = take()
    del standin  # it answers 404
    [message] = worlds.queued(Queue.BACKFILL)
    worlds.empty(Queue.BACKFILL)
    event = events.sqs(message, received=4)
    event["Records"][0]["eventSourceARN"] = "arn:aws:sqs:us-east-1:123456789012:callvault-backfill"
    assert fetch_media.handler(event, events.context())["batchItemFailures"] == []
    failed = worlds.row()
    assert failed.attempt is not None
    assert (failed.attempt.count, failed.attempt.reason, failed.attempt.in_table) == (4, "http_404", True)
    assert not backfill.is_held(failed)
    assert row.attempt is not None
    clock.forward(hours=2)
    assert sweep() == {"pending": 1}
    assert waiting() == [0, 1]


@pytest.mark.loopback
def test_what_a_backfill_queued_is_stored(standin: Standin) -> None:
    standin.audio("/api/v2/accounts/9900000/calls/c-1/recordings/r-1/media", audio_samples.wav(2))
    take()
    [message] = worlds.queued(Queue.BACKFILL)
    assert fetch_media.handler(events.sqs(message), events.context())["batchItemFailures"] == []
    row = worlds.row()
    assert (row.state, row.attempt) == (State.STORED, None)
    assert worlds.history() == ["backfill pending", "stored"]
    assert worlds.keys("media/") == [f"media/acme/{OLD:%Y/%m/%d}/r-1.wav"]


def test_a_recording_without_media_is_recorded_and_nothing_is_queued() -> None:
    row = backfill.record(backfill.held(listed(state=State.ABSENT, reason="deleted")))
    assert row is not None
    assert not backfill.is_held(row)
    assert table.get("acme", "r-1") == row

"""Tests of the reconciliation: what is missing, what changed, and what is listed no more."""

import json
from datetime import timedelta
from typing import Any

import pytest

from callvault import clients, settings
from callvault.errors import RejectedError, UnavailableError
from callvault.ingest import naming
from callvault.models import State
from callvault.storage import table
from callvault.upkeep.reconcile import outcomes, steps
from tests import listers, worlds
from tests.integration.reconciling import (
    TODAY,
    YESTERDAY,
    configure,
    every_report,
    finish,
    numbers,
    of_day,
    reconcile,
)
from tests.listers import NOON, arrive, kept
from tests.worlds import Clock


@pytest.fixture(autouse=True)
def noon(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    clock.stop(NOON)
    configure(monkeypatch, days=4)


# ---- what is missing ----------------------------------------------------------------------------


def test_a_recording_whose_callback_was_lost_is_taken_in_and_queued(monkeypatch: pytest.MonkeyPatch) -> None:
    listers.install(monkeypatch, kept(1), kept(2))
    arrive([kept(1)])
    assert reconcile() == []
    assert worlds.history("r-2") == ["reconcile pending"]
    assert [one.recording_id for one in worlds.queued_recordings()] == ["r-2"]
    assert numbers() == {"listed": 2, "pending": 2, "callbacks": 1}


def test_the_report_is_the_providers_book(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    ours = [kept(number, days_ago=number % 4) for number in range(12)]
    lister = listers.install(
        monkeypatch, *ours, kept(20, status="deleted"), kept(21, status="absent"), kept(22, status="processing")
    )
    arrive(ours[:9])
    reconcile()
    finish(lister, failing=frozenset({"r-0"}))
    reconcile(message="m-2")
    assert numbers() == {
        "listed": 6, "stored": 2, "pending": 1, "absent": 1, "failed": 1, "gone": 1, "callbacks": 3,
    }  # fmt: skip
    assert of_day().failed_by == {"http_500": 1}
    assert (of_day().seconds_listed, of_day().seconds_measured) == (100, 40)
    assert [numbers(TODAY - timedelta(days=ago))["stored"] for ago in (1, 2, 3)] == [3, 3, 3]
    before = every_report()
    clock.forward(hours=1)
    reconcile(message="m-3")
    assert every_report() == before
    assert len(before) == 4


def test_a_first_run_covers_the_days_within_reach_and_a_later_one_the_overlap(
    monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    lister = listers.install(monkeypatch)
    configure(monkeypatch, days=10, overlap_days=2)
    reconcile()
    assert {span.since.date() for _, span, _ in lister.asked} == {TODAY - timedelta(days=ago) for ago in range(10)}
    assert max(span.until for _, span, _ in lister.asked) == NOON - timedelta(minutes=10)
    lister.asked.clear()
    clock.forward(days=1)
    reconcile(message="m-2")
    assert {span.since.date() for _, span, _ in lister.asked} == {TODAY + timedelta(days=1 - ago) for ago in range(4)}


def test_a_day_that_is_not_explained_is_covered_again_until_it_is(
    monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    lister = listers.install(monkeypatch, kept(1, days_ago=5))
    configure(monkeypatch, days=10)
    reconcile()
    assert numbers(TODAY - timedelta(days=5)) == {"listed": 1, "pending": 1}
    finish(lister)
    clock.forward(hours=6)
    reconcile(message="m-2")
    assert numbers(TODAY - timedelta(days=5)) == {"listed": 1, "stored": 1}
    lister.asked.clear()
    clock.forward(hours=6)
    reconcile(message="m-3")
    assert {span.since.date() for _, span, _ in lister.asked} == {TODAY - timedelta(days=ago) for ago in range(3)}


def test_a_day_is_covered_again_until_its_recordings_are_verified(
    monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    """The duration is measured when the audio is read back."""
    one = kept(1, days_ago=3)
    listers.install(monkeypatch, one)
    arrive([one])
    copy = worlds.media(duration_ms=None)
    table.put(worlds.row(one.recording_id).model_copy(update={"state": State.STORED, "media": copy}), "stored")
    reconcile()
    day = TODAY - timedelta(days=3)
    assert (of_day(day).stored, of_day(day).seconds_measured) == (1, 0)
    measured = copy.model_copy(update={"duration_ms": 20_000})
    table.put(worlds.row(one.recording_id).model_copy(update={"state": State.VERIFIED, "media": measured}), "verified")
    clock.forward(hours=6)
    reconcile(message="m-2")
    assert (of_day(day).stored, of_day(day).seconds_measured) == (1, 20)


def test_a_recording_that_cannot_be_taken_in_is_unexplained(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    listers.install(monkeypatch, kept(1), kept(2))
    put = table.put

    def refuse(update: Any, *arguments: Any, **options: Any) -> Any:
        if update.recording_id == "r-2":
            raise RejectedError("too_long", "No.")
        return put(update, *arguments, **options)

    monkeypatch.setattr(table, "put", refuse)
    reconcile()
    assert numbers() == {"listed": 2, "pending": 1, "unexplained": 1}
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line[outcomes.UNEXPLAINED] for line in lines if outcomes.UNEXPLAINED in line] == [[1]]
    monkeypatch.setattr(table, "put", put)
    reconcile(message="m-2")
    assert numbers() == {"listed": 2, "pending": 2}


def test_a_row_that_cannot_be_read_explains_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    listers.install(monkeypatch, kept(1))
    arrive([kept(1)])
    item = clients.to_item({"pk": "acme#r-1", "state": "nonsense"})
    clients.dynamodb().put_item(TableName=settings.get().table_name, Item=item)
    reconcile()
    assert numbers() == {"listed": 1, "unexplained": 1}


# ---- what changed -------------------------------------------------------------------------------


def test_an_announced_recording_that_the_list_has_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    listers.install(monkeypatch, kept(1, seconds=7))
    worlds.put("r-1", what="callback announced", state=State.ANNOUNCED)
    reconcile()
    assert (worlds.row().state, worlds.row().duration_ms) == (State.PENDING, 7000)
    assert worlds.history() == ["callback announced", "reconcile pending"]
    assert len(worlds.queued_recordings()) == 1


def test_what_the_list_says_of_a_recording_that_is_still_announced_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    listers.install(monkeypatch, kept(1, status="processing"))
    worlds.put("r-1", state=State.ANNOUNCED, extra={"status": "recording"})
    reconcile()
    assert (worlds.row().state, worlds.row().extra) == (State.ANNOUNCED, {"status": "processing"})
    assert numbers() == {"listed": 1, "pending": 1, "callbacks": 1}


def test_an_announced_recording_that_the_provider_deleted_becomes_pending_so_that_it_fails_visibly(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    listers.install(monkeypatch, kept(1, status="deleted"))
    worlds.put("r-1", state=State.ANNOUNCED)
    reconcile()
    assert (worlds.row().state, worlds.row().source_expires_time) == (State.PENDING, NOON)


def test_a_stored_recording_that_the_provider_deleted_stays_stored(
    monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    lister = listers.install(monkeypatch, kept(1))
    arrive([kept(1)])
    finish(lister)
    lister.book.change("r-1", status="deleted")
    reconcile()
    assert worlds.row().state is State.VERIFIED
    assert worlds.history()[-1] == steps.DELETED_THERE
    assert numbers() == {"listed": 1, "stored": 1, "callbacks": 1}
    before = worlds.row()
    clock.forward(hours=6)
    reconcile(message="m-2")
    assert worlds.row() == before


def test_a_pending_recording_that_the_provider_deleted_is_gone_after_the_next_404(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    listers.install(monkeypatch, kept(1, status="deleted"))
    arrive([kept(1)])
    reconcile()
    assert (worlds.row().state, worlds.row().source_expires_time) == (State.PENDING, NOON)


def test_another_duration_is_noted_once(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    lister = listers.install(monkeypatch, kept(1, seconds=20))
    arrive([kept(1, seconds=20)])
    finish(lister)
    lister.book.change("r-1", seconds=25)
    reconcile()
    assert worlds.row().discrepancies == ("the provider's list has another duration, 25 s",)
    assert worlds.row().duration_ms == 20_000
    before = worlds.row()
    clock.forward(hours=1)
    reconcile(message="m-2")
    assert worlds.row() == before


def test_a_failure_of_the_provider_is_retried_once_when_its_list_is_there_again(
    monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    lister = listers.install(monkeypatch, kept(1))
    arrive([kept(1)])
    finish(lister, failing=frozenset({"r-1"}))
    reconcile()
    assert worlds.row().state is State.FAILED  # it failed a moment ago
    clock.forward(hours=7)
    reconcile(message="m-2")
    assert worlds.row().state is State.PENDING
    assert worlds.history()[-1] == "retried by reconcile"
    finish(lister, failing=frozenset({"r-1"}))
    clock.forward(hours=7)
    reconcile(message="m-3")
    assert worlds.row().state is State.FAILED


def test_a_failure_of_the_audio_is_not_retried(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    listers.install(monkeypatch, kept(1))
    worlds.put("r-1", state=State.FAILED, reason="not_audio", start_time=kept(1).time)
    clock.forward(hours=7)
    reconcile()
    assert worlds.row().state is State.FAILED
    assert of_day().failed_by == {"not_audio": 1}


def test_a_pending_row_that_the_sweep_left_is_queued_again(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    listers.install(monkeypatch, kept(1))
    arrive([kept(1)])
    reconcile()
    assert worlds.queued_recordings() == []
    clock.forward(hours=3)
    reconcile(message="m-2")
    assert [one.recording_id for one in worlds.queued_recordings()] == ["r-1"]


def test_media_that_is_elsewhere_is_not_fetched_again(monkeypatch: pytest.MonkeyPatch) -> None:
    listers.install(monkeypatch, kept(1))
    worlds.put("r-1", state=State.ABSENT, reason="stored_elsewhere")
    reconcile()
    assert worlds.row().state is State.ABSENT
    assert numbers() == {"listed": 1, "absent": 1, "callbacks": 1}


def test_a_deleted_recording_stays_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    listers.install(monkeypatch, kept(1))
    worlds.put("r-1", state=State.DELETED)
    before = worlds.row()
    reconcile()
    assert worlds.row() == before
    assert numbers() == {"listed": 1, "gone": 1, "callbacks": 1}


def test_a_callback_that_comes_after_the_list_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    lister = listers.install(monkeypatch, kept(1))
    reconcile()
    finish(lister)
    assert numbers() == {"listed": 1, "pending": 1}
    table.put(worlds.recording("r-1"), "callback pending", entry=True)
    table.put(worlds.recording("r-1"), "callback pending", entry=True)
    assert worlds.history() == ["reconcile pending", "verified", "callback pending"]
    reconcile(message="m-2")
    assert numbers() == {"listed": 1, "stored": 1, "callbacks": 1}


# ---- what the provider lists no more ------------------------------------------------------------


def test_a_stored_recording_that_is_not_listed_is_counted_as_unlisted(monkeypatch: pytest.MonkeyPatch) -> None:
    lister = listers.install(monkeypatch, *(kept(number, days_ago=number % 2) for number in range(10)))
    arrive(lister.book.kept.values())
    finish(lister)
    for recording_id in ("r-0", "r-2", "r-5"):
        lister.book.remove(recording_id)
    arrive([kept(30)])  # it is not stored, so the archive does not have it
    reconcile()
    assert numbers() == {"listed": 3, "stored": 3, "unlisted": 2, "callbacks": 3}
    assert numbers(YESTERDAY) == {"listed": 4, "stored": 4, "unlisted": 1, "callbacks": 4}


def test_a_document_whose_audio_is_kept_as_its_push_is_stored_and_not_unlisted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    listers.install(monkeypatch, kept(1))
    fields = {"state": State.VERIFIED, "media": worlds.media(duration_ms=19_000), "start_time": kept(1).time}
    worlds.put("pushed", what="upload stored", **fields)
    table.put(worlds.recording("pushed", **fields), "looked up announced", entry=True)
    worlds.put("r-1", what="callback pending", start_time=kept(1).time)
    naming.end(worlds.row(), "pushed", naming.PUSHED)
    before = [worlds.row(one) for one in ("r-1", "pushed")]
    reconcile()
    assert numbers() == {"listed": 1, "stored": 1, "callbacks": 1}
    assert of_day().seconds_measured == 19
    assert [worlds.row(one) for one in ("r-1", "pushed")] == before


def test_audio_that_was_only_sent_here_is_not_unlisted(monkeypatch: pytest.MonkeyPatch) -> None:
    listers.install(monkeypatch)
    fields = {"state": State.VERIFIED, "media": worlds.media(), "start_time": kept(1).time}
    worlds.put("pushed", what="upload stored", **fields)
    reconcile()
    assert numbers() == {}


# ---- rows that cannot be changed -----------------------------------------------------------------


@pytest.mark.parametrize("error", [UnavailableError("table_conflict", "No."), ValueError("No.")])
def test_a_row_that_cannot_be_changed_is_counted_as_it_was(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    listers.install(monkeypatch, kept(1))
    worlds.put("r-1", state=State.ANNOUNCED)

    def refuse(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(table, "put", refuse)
    reconcile()
    assert numbers() == {"listed": 1, "pending": 1, "callbacks": 1}
    queued = [one.recording_id for one in worlds.queued_recordings()]
    noted = "A listed recording could not be brought up to date" in caplog.messages
    assert (queued, noted) == ((["r-1"], False) if isinstance(error, UnavailableError) else ([], True))


def test_a_row_that_another_writer_changed_first_is_counted_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    lister = listers.install(monkeypatch, kept(1))
    arrive([kept(1)])
    finish(lister)
    lister.book.change("r-1", status="deleted")
    monkeypatch.setattr(table, "edit", lambda *_, **__: None)
    reconcile()
    assert numbers() == {"listed": 1, "stored": 1, "callbacks": 1}

"""Tests of the reconciliation: kills, limits of time and memory, overlap, and the schedule."""

import json
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from botocore.client import BaseClient

from callvault import clients, settings, times
from callvault.errors import UnavailableError
from callvault.messaging.queues import Queue
from callvault.models import State
from callvault.providers.listings import Listed, Page
from callvault.storage import bucket, cursors, table
from callvault.upkeep.reconcile import lease
from functions.reconcile_accounts import app
from tests import listers, worlds
from tests.integration import events
from tests.integration.reconciling import (
    TODAY,
    YESTERDAY,
    configure,
    cursors_reached,
    every_report,
    numbers,
    reconcile,
)
from tests.listers import NOON, BookLister, arrive, kept
from tests.worlds import Clock


@pytest.fixture(autouse=True)
def noon(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    clock.stop(NOON)
    configure(monkeypatch, days=4)


# ---- kills, time and overlap --------------------------------------------------------------------


class KilledError(BaseException):
    """The process was killed."""


@contextmanager
def killed(monkeypatch: pytest.MonkeyPatch, number: int, *, after: bool) -> Iterator[list[str]]:
    """Kill the function at the nth call of AWS, before or after it has its effect."""
    calls: list[str] = []
    base: Any = BaseClient
    call = base._make_api_call

    def counted(client: Any, operation: str, arguments: Any) -> Any:
        calls.append(operation)
        if len(calls) != number:
            return call(client, operation, arguments)
        if after:
            call(client, operation, arguments)
        raise KilledError

    with monkeypatch.context() as patch:
        patch.setattr(base, "_make_api_call", counted)
        yield calls


def book() -> list[Any]:
    return [kept(number, days_ago=number % 2) for number in range(5)] + [kept(9, status="deleted")]


def test_a_run_that_is_killed_at_any_call_ends_with_the_same_numbers(
    monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    configure(monkeypatch, days=2)
    monkeypatch.setattr("callvault.upkeep.reconcile.progress.WRITTEN_EVERY", 0)
    lister = listers.install(monkeypatch, *book(), size=2)
    arrive(book()[:2])
    reconcile()
    expected, states = every_report(), {one: worlds.row(one).state for one in lister.book.kept}
    number, total = 0, 1
    while number < total:
        number += 1
        clear()
        clock.stop(NOON)
        listers.install(monkeypatch, *book(), size=2)
        arrive(book()[:2])
        with killed(monkeypatch, number, after=number % 2 == 0) as calls:
            try:
                reconcile()
            except KilledError:
                total = number + 1
        clock.forward(seconds=31)
        assert reconcile(received=2) == [], calls
        assert every_report() == expected, (number, calls)
        assert {one: worlds.row(one).state for one in lister.book.kept} == states
    assert number > 30


def clear() -> None:
    """Empty the table and the bucket."""
    name, bucket = settings.get().table_name, settings.get().bucket_name
    for item in clients.dynamodb().scan(TableName=name)["Items"]:
        clients.dynamodb().delete_item(TableName=name, Key={"pk": item["pk"]})
    for key in worlds.objects():
        clients.s3().delete_object(Bucket=bucket, Key=key)


class Minutes:
    """A clock of the function's time that shows later times when somebody sleeps."""

    def __init__(self) -> None:
        self.slept = 0.0

    def monotonic(self) -> float:
        """Return the time of the process, with the time that was slept."""
        return time.monotonic() + self.slept

    def sleep(self, seconds: float) -> None:
        """Pass the time at once."""
        self.slept += seconds


def test_a_run_takes_in_no_more_than_its_rate_and_goes_on_in_a_new_message(monkeypatch: pytest.MonkeyPatch) -> None:
    listers.install(monkeypatch, *(kept(number, days_ago=number % 2) for number in range(40)), size=7)
    configure(monkeypatch, days=3, per_minute=6)
    taken, messages = [0], 0
    while not cursors_reached():
        monkeypatch.setattr("callvault.upkeep.reconcile.pace.time", Minutes())
        messages += 1
        assert reconcile(message=f"m-{messages}", seconds=120 + 60) == []
        taken.append(sum(table.get("acme", f"r-{number}") is not None for number in range(40)))
        assert 0 <= taken[-1] - taken[-2] <= 7
        queued = clients.sqs().receive_message(QueueUrl=Queue.RECONCILE.url, MaxNumberOfMessages=10)
        assert cursors_reached() is not bool(queued.get("Messages"))
        for one in queued.get("Messages", []):
            assert json.loads(one["Body"]) == {"account_id": "acme"}
            clients.sqs().delete_message(QueueUrl=Queue.RECONCILE.url, ReceiptHandle=one["ReceiptHandle"])
    assert taken[-1] == 40
    assert messages >= 6
    assert (numbers(), numbers(YESTERDAY)) == ({"listed": 20, "pending": 20}, {"listed": 20, "pending": 20})


def test_a_new_message_goes_on_at_the_page_where_the_last_one_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    lister = listers.install(monkeypatch, *(kept(number) for number in range(21)), size=7)
    configure(monkeypatch, days=1, per_minute=6)
    monkeypatch.setattr("callvault.upkeep.reconcile.pace.time", Minutes())
    reconcile(seconds=120 + 100)
    stopped = lister.asked[-1]
    assert json.loads(str(stopped[2])) == {"start": 7}
    lister.asked.clear()
    configure(monkeypatch, per_minute=60_000)
    reconcile(message="m-2")
    assert lister.asked[0] == stopped
    assert numbers() == {"listed": 21, "pending": 21}


def test_a_message_waits_for_the_run_of_another_one_once(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    listers.install(monkeypatch, kept(1))
    held = lease.Lease("acme", "m-other")
    assert reconcile() == [{"itemIdentifier": "m-1"}]
    held.keep()
    clock.forward(seconds=20)
    assert reconcile(received=2) == []  # the other run has renewed its lease, so it is alive
    assert every_report() == []
    clock.forward(seconds=11)
    assert reconcile(received=2) == []
    assert numbers() == {"listed": 1, "pending": 1}


def test_two_runs_at_the_same_time_count_and_store_nothing_twice(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    entries = [kept(number, days_ago=number % 2) for number in range(12)]
    lister = listers.install(monkeypatch, *entries)
    list_page, calls = lister.list_page, iter(range(10_000))

    def slow(self: BookLister, *arguments: Any) -> Any:
        page = list_page(self, *arguments)
        if next(calls) == 4:
            clock.forward(seconds=31)  # the lease ends, and another message takes over
            assert reconcile(message="m-2") == []
        return page

    monkeypatch.setattr(lister, "list_page", slow)
    assert reconcile() == []
    assert next(calls) > 8
    for day in (TODAY, YESTERDAY):
        assert numbers(day) == {"listed": 6, "pending": 6}
    for one in entries:
        assert worlds.history(one.recording_id) == ["reconcile pending"]
    assert cursors_reached()


def test_a_slow_run_that_another_one_overtook_stops(clock: Clock) -> None:
    slow = lease.Lease("acme", "m-1")
    clock.forward(seconds=31)
    fast = lease.Lease("acme", "m-2")
    with pytest.raises(lease.LostError):
        slow.keep()
    assert fast.keep().holder == "m-2"


def test_a_message_that_was_delivered_often_is_replaced_by_a_new_one(monkeypatch: pytest.MonkeyPatch) -> None:
    lister = listers.install(monkeypatch)
    lister.failures.append(UnavailableError("http_503", "No."))
    assert reconcile(received=20) == []
    assert [json.loads(body) for body in worlds.queued(Queue.RECONCILE)] == [{"account_id": "acme"}]


@pytest.mark.parametrize("text", ["{}", "nonsense"])
def test_a_place_in_a_day_that_cannot_be_read_begins_the_day_again(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    listers.install(monkeypatch, kept(1))
    bucket.write("completeness/acme/unfinished", text.encode(), "application/json")
    assert reconcile() == []
    assert numbers() == {"listed": 1, "pending": 1}


def test_a_message_that_was_sent_before_a_finished_run_began_is_done_with(
    monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    lister = listers.install(monkeypatch)
    reconcile()
    lister.asked.clear()
    with clock.ago(minutes=1):
        event = events.sqs({"account_id": "acme"}, received=2, since=times.now().timestamp())
    assert app.handler(event, events.context(900)) == {"batchItemFailures": []}
    assert lister.asked == []


def test_an_unfinished_run_of_yesterday_is_begun_again(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    lister = listers.install(monkeypatch, kept(1))
    lister.failures.append(UnavailableError("http_503", "No."))
    reconcile()
    clock.forward(days=1, hours=1)
    reconcile(message="m-2")
    found = cursors.of("acme")
    assert found is not None
    assert found.reached == times.now() - timedelta(minutes=10)


def test_a_run_that_aws_does_not_answer_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    listers.install(monkeypatch, kept(1))
    with monkeypatch.context() as refusing:
        worlds.fail(refusing, clients.s3(), "put_object", "SlowDown")
        assert reconcile() == [{"itemIdentifier": "m-1"}]
    assert reconcile(received=2) == []
    assert numbers() == {"listed": 1, "pending": 1}


def test_a_message_without_an_account_is_dead_lettered() -> None:
    assert app.handler(events.sqs("{}"), events.context(900)) == {"batchItemFailures": []}
    assert [one.reason for one in worlds.dead_letters_of(Queue.RECONCILE)] == ["unreadable"]


# ---- the schedule -------------------------------------------------------------------------------


def test_the_schedule_queues_every_account() -> None:
    for name in ("acme", "other"):
        worlds.put_account(name)
    assert app.handler({"source": "aws.events"}, events.context(900)) == {"accounts": 2}
    bodies = [json.loads(body) for body in worlds.queued(Queue.RECONCILE)]
    assert sorted(body["account_id"] for body in bodies) == ["acme", "other"]


def test_the_schedule_stops_when_its_time_ends() -> None:
    worlds.put_account()
    assert app.handler({}, events.context(10)) == {"accounts": 0}


# ---- size ---------------------------------------------------------------------------------------


def test_a_day_of_100_000_recordings_needs_little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """The list and the table are generated, so that only what a run keeps is measured."""
    size, number = 1000, 100_000
    lister = listers.install(monkeypatch)
    configure(monkeypatch, days=1)
    first = lister.listed(lister(worlds.account()), kept(1)).recording
    stored = first.model_copy(update={"state": State.VERIFIED})

    def list_page(_: BookLister, name: str, span: Any, cursor: str | None = None) -> Page:
        start = int(cursor or 0)
        found = range(start, min(start + size + 1, number)) if name == "calls" else ()
        listed = [
            Listed(recording=first.model_copy(update={"recording_id": f"RE{one:032}"}), time=span.since)
            for one in found
        ]
        return Page(listed=tuple(listed), cursor=str(start + size) if listed and start + size < number else None)

    def rows_of(_: str, recording_ids: Any) -> dict[str, Any]:
        return {one: stored.model_copy(update={"recording_id": one}) for one in recording_ids}

    monkeypatch.setattr(lister, "list_page", list_page)
    monkeypatch.setattr("callvault.upkeep.reconcile.rows.of", rows_of)
    tracemalloc.start()
    try:
        reconcile()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert numbers() == {"listed": number, "stored": number}
    assert peak < 16 * 1024 * 1024

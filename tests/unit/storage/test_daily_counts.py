"""Refused callbacks are counted for today and yesterday, in one row for each account."""

from datetime import UTC, datetime
from itertools import count

import pytest

from callvault import clients, settings
from callvault.errors import UnavailableError
from callvault.storage import daily_counts
from callvault.storage.daily_counts import Kind
from tests import worlds

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def noon(clock: worlds.Clock) -> None:
    clock.stop(NOON)


def test_an_account_without_refusals_has_none() -> None:
    assert daily_counts.recent(Kind.REFUSED, "acme") == 0


def test_the_refusals_of_today_and_yesterday_are_counted(clock: worlds.Clock) -> None:
    daily_counts.add(Kind.REFUSED, "acme", 1)
    daily_counts.add(Kind.REFUSED, "acme", 4)
    assert daily_counts.recent(Kind.REFUSED, "acme") == 5
    clock.forward(days=1)
    assert daily_counts.recent(Kind.REFUSED, "acme") == 5
    daily_counts.add(Kind.REFUSED, "acme", 2)
    assert daily_counts.recent(Kind.REFUSED, "acme") == 7
    clock.forward(days=1)
    assert daily_counts.recent(Kind.REFUSED, "acme") == 2
    clock.forward(days=1)
    assert daily_counts.recent(Kind.REFUSED, "acme") == 0


def test_a_day_long_ago_does_not_count_as_yesterday(clock: worlds.Clock) -> None:
    daily_counts.add(Kind.REFUSED, "acme", 5)
    clock.forward(days=3)
    daily_counts.add(Kind.REFUSED, "acme", 1)
    assert daily_counts.recent(Kind.REFUSED, "acme") == 1


def test_accounts_are_counted_apart_in_one_row_each(clock: worlds.Clock) -> None:
    for account_id, number in (("acme", 1), ("other", 2)):
        daily_counts.add(Kind.REFUSED, account_id, number)
        clock.forward(days=1)
        daily_counts.add(Kind.REFUSED, account_id, number)
    assert daily_counts.recent(Kind.REFUSED, "other") == 4
    items = clients.dynamodb().scan(TableName=settings.get().table_name)["Items"]
    assert {item["pk"]["S"] for item in items} == {"#REFUSED#acme", "#REFUSED#other"}
    assert len(items) == 2


def test_another_clock_that_is_ahead_begins_no_new_day(clock: worlds.Clock) -> None:
    with clock.ago(days=-1):
        daily_counts.add(Kind.REFUSED, "acme", 1)
    daily_counts.add(Kind.REFUSED, "acme", 1)
    clock.forward(days=1)
    assert daily_counts.recent(Kind.REFUSED, "acme") == 2


def test_two_functions_that_begin_a_day_at_the_same_time_are_both_counted() -> None:
    updates = count(1)

    def hurry() -> None:
        if next(updates) == 2:
            daily_counts.add(Kind.REFUSED, "acme", 3)

    with worlds.before_each(clients.dynamodb(), "UpdateItem", hurry):
        daily_counts.add(Kind.REFUSED, "acme", 2)
    assert daily_counts.recent(Kind.REFUSED, "acme") == 5


def test_the_count_begins_yesterday_at_midnight() -> None:
    assert daily_counts.since() == datetime(2026, 11, 25, tzinfo=UTC)


def test_without_the_table_the_count_is_unavailable() -> None:
    clients.dynamodb().delete_table(TableName=settings.get().table_name)
    with pytest.raises(UnavailableError):
        daily_counts.add(Kind.REFUSED, "acme", 1)
    with pytest.raises(UnavailableError):
        daily_counts.recent(Kind.REFUSED, "acme")

"""The count of an account's parked callbacks, by the hour."""

from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest

from callvault import clients, settings
from callvault.errors import UnavailableError
from callvault.storage import parked_counts
from callvault.storage.parked_counts import Outcome
from tests import worlds

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def most(monkeypatch: pytest.MonkeyPatch, clock: worlds.Clock) -> None:
    monkeypatch.setattr(parked_counts, "MAX_PER_HOUR", 3)
    clock.stop(NOON)
    for account_id in ("a1", "a2"):
        parked_counts.know(account_id)


def row(account_id: str = "a1") -> dict[str, Any]:
    key = {"pk": {"S": f"#PARKED#{account_id}"}}
    answer = clients.dynamodb().get_item(TableName=settings.get().table_name, Key=key)
    return clients.from_item(answer.get("Item", {}))


def test_no_more_than_the_maximum_is_counted_in_an_hour() -> None:
    assert [parked_counts.add("a1") for _ in range(5)] == [Outcome.COUNTED] * 3 + [Outcome.FULL] * 2
    assert row() == {"pk": "#PARKED#a1", "parked_hour": "2026-11-26T12", "parked_count": 3}


def test_each_account_is_counted_by_itself() -> None:
    assert [parked_counts.add("a1") for _ in range(4)][-1] is Outcome.FULL
    assert parked_counts.add("a2") is Outcome.COUNTED


def test_the_next_hour_begins_anew(clock: worlds.Clock) -> None:
    assert [parked_counts.add("a1") for _ in range(4)][-1] is Outcome.FULL
    clock.forward(hours=1)
    assert parked_counts.add("a1") is Outcome.COUNTED
    assert row()["parked_count"] == 1


def test_a_clock_that_is_behind_counts_in_the_hour_that_has_begun(clock: worlds.Clock) -> None:
    assert [parked_counts.add("a1") for _ in range(2)] == [Outcome.COUNTED] * 2
    clock.forward(hours=-1)
    assert [parked_counts.add("a1") for _ in range(2)] == [Outcome.COUNTED, Outcome.FULL]
    assert row()["parked_hour"] == "2026-11-26T12"


def test_two_writers_that_begin_an_hour_at_the_same_time_are_both_counted() -> None:
    updates = count(1)

    def hurry() -> None:
        if next(updates) == 2:
            parked_counts.add("a1")

    with worlds.before_each(clients.hasty_dynamodb(), "UpdateItem", hurry):
        assert parked_counts.add("a1") is Outcome.COUNTED
    assert row()["parked_count"] == 2


def test_an_account_that_is_not_known_is_not_counted() -> None:
    assert parked_counts.add("invented") is Outcome.UNKNOWN
    assert row("invented") == {}


def test_making_an_account_known_again_keeps_its_count() -> None:
    parked_counts.add("a1")
    parked_counts.know("a1")
    assert row()["parked_count"] == 1


@pytest.mark.parametrize("code", ["ProvisionedThroughputExceededException", "RequestLimitExceeded"])
def test_a_throttled_count_is_as_a_full_hour(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    client = clients.hasty_dynamodb()
    refused: Any = client.exceptions.from_code(code)
    error = refused({"Error": {"Code": code}}, "UpdateItem")

    def throttle(**_: object) -> None:
        raise error

    monkeypatch.setattr(client, "update_item", throttle)
    assert parked_counts.add("a1") is Outcome.FULL


def test_a_deleted_count_is_gone() -> None:
    parked_counts.add("a1")
    parked_counts.delete("a1")
    assert row() == {}
    parked_counts.delete("a1")


def test_without_the_table_nothing_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    worlds.fail(monkeypatch, clients.hasty_dynamodb(), "update_item")
    worlds.fail(monkeypatch, clients.dynamodb(), "delete_item")
    with pytest.raises(UnavailableError):
        parked_counts.add("a1")
    with pytest.raises(UnavailableError):
        parked_counts.delete("a1")


def test_no_recording_has_the_key_of_a_count() -> None:
    parked_counts.add("a1")
    worlds.put("a1", account_id="PARKED")
    assert row()["parked_count"] == 1
    assert worlds.row("a1", "PARKED").recording_id == "a1"

"""Tests of finding due rows in every shard, including behind rows that cannot be read."""

from typing import Any

import pytest

from callvault import clients, settings, times
from callvault.errors import UnavailableError
from callvault.models import Recording
from callvault.storage import queries, rows, shards
from callvault.upkeep import due_rows
from tests import worlds


def wait(clock: worlds.Clock, recording_id: str, hours: float) -> Recording:
    """Write a pending row that was last changed the given number of hours ago."""
    with clock.ago(hours=hours):
        return worlds.put(recording_id, account_id="a1")


def due() -> list[str | None]:
    return [row.recording_id if row else None for row in due_rows.read(due_rows.keys(times.now()))]


def shard_of(recording_id: str) -> str:
    row = worlds.recording(recording_id, account_id="a1", listed_at="2026-01-01#x")
    return str(rows.write(row)["due_shard"]["S"])


def of_one_shard(count: int) -> list[str]:
    """Return ids whose rows are in the same shard."""
    return [name for name in (f"r-{number}" for number in range(count * 40)) if shard_of(name) == "3"][:count]


def test_every_row_that_is_due_is_found(clock: worlds.Clock) -> None:
    names = {f"r-{number}" for number in range(20)}
    for name in names:
        wait(clock, name, 2)
    wait(clock, "not-yet", 0.5)
    assert set(due()) == names
    assert len(due()) == len(names)


def test_the_longest_overdue_rows_come_first_across_pages(clock: worlds.Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shards, "MAX_PAGE", 2)
    names = of_one_shard(5)
    for hours, name in enumerate(names):
        wait(clock, name, 10 - hours)
    assert due() == names


def test_an_account_with_many_rows_does_not_delay_another_account(
    clock: worlds.Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(6):
        wait(clock, f"r-{number}", 9)
    for hours, name in ((3, "other"), (2, "another")):
        with clock.ago(hours=hours):
            worlds.put(name, account_id="a2")
    assert due()[1:4:2] == ["other", "another"]
    monkeypatch.setattr(due_rows, "MAX_ROWS", 2)
    assert due() == ["r-0", "other"]


def test_a_run_reads_a_limited_number_of_keys_of_each_shard(
    clock: worlds.Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = of_one_shard(5)
    for hours, name in enumerate(names):
        wait(clock, name, 10 - hours)
    monkeypatch.setattr(shards, "MAX_PAGE", 2)
    monkeypatch.setattr(due_rows, "MAX_KEYS_OF_SHARD", 3)
    assert due() == names[:4]


def test_a_row_that_cannot_be_read_is_logged_and_skipped(clock: worlds.Clock, caplog: pytest.LogCaptureFixture) -> None:
    first, *others = of_one_shard(4)
    for hours, name in enumerate(others):
        wait(clock, name, 9 - hours)
    item = rows.write(wait(clock, first, 10))
    odd: tuple[dict[str, Any], ...] = (
        {"state": {"S": "odd"}},
        {"extra": {"S": "{"}},
        {"extra": {"L": []}},
        {"history": {"N": "7"}},
    )
    for changes in odd:
        clients.dynamodb().put_item(TableName=settings.get().table_name, Item=item | changes)
        caplog.clear()
        assert due() == [None, *others]
        assert [vars(record)["row"] for record in caplog.records] == [f"a1#{first}"]


def test_a_deleted_row_is_left_out(clock: worlds.Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    wait(clock, "r-1", 2)
    monkeypatch.setattr(queries, "items", lambda _: [])
    assert due() == []


def test_a_table_that_does_not_answer_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TABLE_NAME", "no-such-table")
    with pytest.raises(UnavailableError):
        due()

"""When a row is due for the sweep, and the index that finds it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callvault import times
from callvault.models import Event, Recording, State
from callvault.storage import due, shards, table
from tests import worlds

UPDATED = datetime(2026, 7, 1, 12, tzinfo=UTC)


def recording(**fields: Any) -> Recording:
    """Return a recording whose row was updated at a known time."""
    known = {"account_id": "a1", "recording_id": "r1", "provider": "bandwidth", "state": State.PENDING}
    return Recording.model_validate(
        known | {"listed_at": "2026-06-30T23:59:59.999Z#r1", "updated_time": UPDATED} | fields
    )


@pytest.mark.parametrize(("state", "hours"), [(State.ANNOUNCED, 6), (State.PENDING, 1), (State.STORED, 1)])
def test_a_waiting_row_is_due_after_its_last_change(state: State, hours: int) -> None:
    assert due.due_time(recording(state=state)) == UPDATED + timedelta(hours=hours)


@pytest.mark.parametrize("state", [State.ABSENT, State.FAILED, State.VERIFIED, State.EXPIRED, State.DELETED])
def test_a_row_that_waits_for_nothing_is_never_due(state: State) -> None:
    assert due.due_time(recording(state=state)) is None


def test_a_row_without_a_time_is_due_from_now_on() -> None:
    assert due.due_time(recording(updated_time=None)) > times.now()  # type: ignore[operator]


def test_the_rows_are_spread_over_all_shards() -> None:
    found = [shards.shard_of(f"a1#r{number}") for number in range(400)]
    assert set(found) == {str(shard) for shard in range(shards.SHARDS)}
    assert max(found.count(shard) for shard in set(found)) < 100


def test_the_index_finds_the_rows_that_are_due() -> None:
    now = times.now()
    for number in range(3):
        row = recording(recording_id=f"r{number}", listed_at=None, updated_time=None)
        table.put(row, "callback")
    until = now + timedelta(hours=2)
    found = [key for shard in range(shards.SHARDS) for page in shards.pages(shard, until) for key in page]
    assert {key["pk"]["S"] for key in found} == {"a1#r0", "a1#r1", "a1#r2"}
    assert not [key for shard in range(shards.SHARDS) for page in shards.pages(shard, now) for key in page]


def swept(times_: int, before: str = "callback") -> tuple[Event, ...]:
    return tuple(Event(time=UPDATED, what=what) for what in [before, *[due.SWEPT] * times_])


@pytest.mark.parametrize(("times_", "hours"), [(0, 1), (1, 2), (2, 4), (5, 32), (6, 32)])
def test_each_sweep_without_a_change_doubles_the_gap(times_: int, hours: int) -> None:
    assert due.due_time(recording(history=swept(times_))) == UPDATED + timedelta(hours=hours)


def test_any_other_change_resets_the_gap() -> None:
    history = (*swept(4), *swept(1, "looked up pending"))
    assert due.due_time(recording(history=history)) == UPDATED + timedelta(hours=2)


PARTIAL: dict[str, Any] = {"state": State.VERIFIED, "partial": True, "created_time": UPDATED}


@pytest.mark.parametrize(("times_", "hours"), [(0, 6), (1, 12), (5, 192), (9, 192)])
def test_a_verified_partial_recording_is_due_for_its_rest(times_: int, hours: int) -> None:
    assert due.due_time(recording(**PARTIAL, history=swept(times_))) == UPDATED + timedelta(hours=hours)


@pytest.mark.parametrize(
    ("days", "hours", "waits"),
    [(30, 720, False), (30, 719, True), (2, 48, False), (2, 47, True), (None, 719, True), (None, 720, False)],
)
def test_the_rest_of_a_partial_recording_is_asked_for_until_the_provider_deletes_it(
    clock: worlds.Clock, days: int | None, hours: int, *, waits: bool
) -> None:
    row = recording(**PARTIAL, source_expires_time=UPDATED + timedelta(days=days) if days else None)
    late = row.model_copy(update={"updated_time": UPDATED + timedelta(hours=hours - 6)})
    clock.stop(UPDATED + timedelta(hours=hours))
    assert due.waits_for_provider(row) is waits
    assert (due.due_time(late) is not None) is waits


def test_an_expiry_before_the_announcement_does_not_hide_the_rest() -> None:
    row = recording(**PARTIAL, source_expires_time=UPDATED - timedelta(days=1))
    assert due.due_time(row) == UPDATED + timedelta(hours=6)


@pytest.mark.parametrize("changes", [{"partial": False}, {"state": State.DELETED}, {"state": State.EXPIRED}])
def test_nothing_waits_for_the_rest_of_a_complete_or_removed_recording(changes: dict[str, Any]) -> None:
    row = recording(**PARTIAL | changes)
    assert due.due_time(row) is None
    assert not due.waits_for_provider(row)


def expires(hours: float, **fields: Any) -> Recording:
    """Return a recording that its provider deletes so many hours after it was changed last."""
    return recording(source_expires_time=UPDATED + timedelta(hours=hours), **fields)


@pytest.mark.parametrize(
    ("state", "hours", "after"),
    [
        (State.FAILED, 100, 28),  # 72 hours before
        (State.FAILED, 73, 1),
        (State.FAILED, 50, 1),  # hourly from then on
        (State.FAILED, 1.5, 1),
        (State.FAILED, 1, None),  # once more would be too late
        (State.FAILED, -5, None),
        (State.ANNOUNCED, 100, 6),
        (State.ANNOUNCED, 74, 2),
        (State.ANNOUNCED, 50, 1),
        (State.ANNOUNCED, 1, 6),
        (State.PENDING, 50, 1),
        (State.STORED, 50, 1),
        (State.ABSENT, 50, None),
        (State.VERIFIED, 50, None),
        (State.DELETED, 50, None),
    ],
)
def test_a_row_that_expires_soon_is_due_sooner(state: State, hours: float, after: float | None) -> None:
    expected = None if after is None else UPDATED + timedelta(hours=after)
    assert due.due_time(expires(hours, state=state)) == expected


def test_a_row_that_was_swept_often_is_due_hourly_before_it_expires() -> None:
    assert due.due_time(expires(50, history=swept(9))) == UPDATED + timedelta(hours=1)


def test_a_row_with_audio_does_not_expire() -> None:
    assert due.due_time(expires(50, state=State.VERIFIED, media=worlds.media())) is None


@settings(deadline=None)
@given(st.sampled_from(State), st.integers(-200, 900), st.integers(0, 12))
def test_no_row_is_due_before_its_gap_or_after_its_expiry(state: State, hours: int, times_: int) -> None:
    row = expires(hours, state=state, history=swept(times_))
    time = due.due_time(row)
    if time is not None:
        assert time >= UPDATED + timedelta(hours=1)
    if state is State.FAILED and time is not None:
        assert row.source_expires_time is not None
        assert row.source_expires_time - timedelta(hours=72) <= time < row.source_expires_time


@pytest.mark.parametrize(
    ("state", "hours", "expiring"),
    [
        (State.PENDING, 72, True),
        (State.ANNOUNCED, 1, True),
        (State.FAILED, 1, True),
        (State.PENDING, 73, False),
        (State.PENDING, 0, False),
        (State.STORED, 1, False),
        (State.ABSENT, 1, False),
    ],
)
def test_a_row_whose_audio_is_not_stored_is_expiring_for_its_last_72_hours(
    clock: worlds.Clock, state: State, hours: float, expiring: object
) -> None:
    clock.stop(UPDATED)
    assert due.is_expiring(expires(hours, state=state)) is expiring
    assert due.is_expiring(expires(hours, state=state, media=worlds.media())) is expiring
    assert not due.is_expiring(recording(state=state))

"""Adding up a day: every listed recording is in one number, in whatever order it is added."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callvault.completeness import Day
from callvault.models import Event, Recording, State
from callvault.upkeep.reconcile.tally import OUTCOMES, Tally, outcome
from tests import worlds

NOW = datetime(2026, 11, 27, tzinfo=UTC)
REASONS = (None, "gone", "http_404", "http_410", "http_500", "deleted", "absent", "not_audio")
ROWS = st.builds(
    lambda state, reason, whats, measured: worlds.recording(
        state=state,
        reason=reason,
        history=tuple(Event(time=NOW, what=what) for what in whats),
        media=worlds.media(duration_ms=measured),
    ),
    st.sampled_from(State),
    st.sampled_from(REASONS),
    st.lists(st.sampled_from(["callback pending", "reconcile pending", "upload stored", "verified"]), max_size=3),
    st.none() | st.integers(0, 10**7),
)
LISTED = st.builds(
    lambda duration: worlds.recording(duration_ms=duration), st.none() | st.integers(min_value=0, max_value=10**7)
)
PAIRS = st.lists(st.tuples(LISTED, st.none() | ROWS), max_size=30)


def report(tally: Tally) -> Day:
    return tally.report(date(2026, 11, 26), unlisted=2, unaccountable=("conferences",), checked_at=NOW)


def added(pairs: list[tuple[Recording, Recording | None]]) -> Tally:
    tally = Tally()
    for listed, row in pairs:
        tally.add(listed, row)
    return tally


@given(PAIRS)
def test_every_listed_recording_is_in_exactly_one_number(pairs: list[tuple[Recording, Recording | None]]) -> None:
    day = report(added(pairs))
    assert day.listed == len(pairs) == sum(getattr(day, name) for name in OUTCOMES)
    assert day.failed == sum(day.failed_by.values())
    assert day.unexplained == sum(row is None for _, row in pairs)
    assert (day.callbacks or 0) <= (day.listed or 0) - (day.unexplained or 0)
    assert day.seconds_listed == (sum(listed.duration_ms or 0 for listed, _ in pairs) + 500) // 1000


@given(PAIRS, st.data())
def test_pages_and_their_order_do_not_matter(
    pairs: list[tuple[Recording, Recording | None]], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(pairs))
    cut = data.draw(st.integers(0, len(pairs)))
    whole = added(shuffled[:cut])
    whole.include(added(shuffled[cut:]))
    assert report(whole) == report(added(pairs))


@given(PAIRS)
def test_a_tally_that_was_written_and_read_is_the_same(pairs: list[tuple[Recording, Recording | None]]) -> None:
    tally = added(pairs)
    read = Tally.model_validate_json(tally.model_dump_json())
    assert report(read) == report(tally)
    read.add(worlds.recording(), None)  # it can go on
    assert report(read).unexplained == (report(tally).unexplained or 0) + 1


@pytest.mark.parametrize(
    ("state", "reason", "expected"),
    [
        (State.ANNOUNCED, None, "pending"),
        (State.PENDING, None, "pending"),
        (State.STORED, None, "stored"),
        (State.VERIFIED, None, "stored"),
        (State.ABSENT, "unknown", "absent"),
        (State.ABSENT, "deleted", "gone"),
        (State.DELETED, None, "gone"),
        (State.EXPIRED, None, "gone"),
        (State.FAILED, "gone", "gone"),
        (State.FAILED, "http_404", "gone"),
        (State.FAILED, "http_410", "gone"),
        (State.FAILED, "http_500", "failed"),
        (State.FAILED, None, "failed"),
    ],
)
def test_a_row_is_counted_by_its_state_and_reason(state: State, reason: str | None, expected: str) -> None:
    assert outcome(worlds.recording(state=state, reason=reason)) == expected


def test_a_recording_without_a_row_is_unexplained() -> None:
    assert outcome(None) == "unexplained"


@pytest.mark.parametrize(
    ("what", "came"),
    [
        ("callback pending", 1),
        ("upload stored", 1),
        ("incoming stored", 1),
        ("reconcile pending", 0),
        ("looked up pending", 0),
    ],
)
def test_what_came_by_itself_counts_as_a_callback(what: str, came: int) -> None:
    row = worlds.recording(history=(Event(time=NOW, what=what),))
    assert report(added([(worlds.recording(), row)])).callbacks == came

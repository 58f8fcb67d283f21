"""A recording with an impossible start is listed when it was first heard of, and says so."""

from datetime import UTC, datetime, timedelta

import pytest

from callvault.models import State
from callvault.storage import listing, notes, table
from tests import worlds
from tests.worlds import Clock

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def stopped(clock: Clock) -> None:
    clock.stop(NOW)


IMPOSSIBLE = [
    datetime(1601, 1, 1, tzinfo=UTC),
    datetime(1999, 12, 31, 23, 59, 59, tzinfo=UTC),
    NOW + timedelta(minutes=6),
    datetime(2099, 1, 1, tzinfo=UTC),
    datetime(9999, 12, 31, tzinfo=UTC),
]


@pytest.mark.parametrize("start", IMPOSSIBLE)
def test_an_impossible_start_is_listed_when_it_was_first_heard_of(start: datetime) -> None:
    row = worlds.put(start_time=start)
    assert (row.start_time, row.listed_time) == (start, NOW)
    assert row.discrepancies == (notes.MISDATED,)
    assert row.media_key is None
    assert f"{row.model_copy(update={'format': 'wav'}).key_for()}".startswith("media/acme/2026/07/01/")
    [listed] = listing.scan(listing.within("acme", NOW - timedelta(days=1), None))
    assert listed == row


@pytest.mark.parametrize(
    "start", [datetime(2000, 1, 1, tzinfo=UTC), NOW - timedelta(days=400), NOW, NOW + timedelta(minutes=5)]
)
def test_a_possible_start_is_the_time_in_lists(start: datetime) -> None:
    row = worlds.put(start_time=start)
    assert (row.listed_time, row.discrepancies) == (start, ())


def test_an_impossible_start_that_comes_later_is_noted_too() -> None:
    worlds.put()
    row = worlds.put(start_time=datetime(2099, 1, 1, tzinfo=UTC))
    assert (row.listed_time, row.discrepancies) == (NOW, (notes.MISDATED,))


def test_a_note_survives_the_verification() -> None:
    row = worlds.put(start_time=datetime(2099, 1, 1, tzinfo=UTC))
    for number in (1, 2):
        measured = {"state": State.VERIFIED, "media": worlds.media(), "discrepancies": (f"measured {number}",)}
        row = table.put(row.model_copy(update=measured), "verified", backward=True)
        assert row.discrepancies == (f"measured {number}", notes.MISDATED)


@pytest.mark.parametrize("kind", notes.LASTING)
def test_a_row_has_at_most_ten_notes_of_a_kind(kind: str) -> None:
    known = notes.added(("another kind",), *(f"{kind}, {number}" for number in range(20)))
    assert known == ("another kind", *(f"{kind}, {number}" for number in range(10)))
    assert notes.added(known, f"{kind}, 7", "a third kind") == (*known, "a third kind")

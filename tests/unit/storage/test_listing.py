"""Lists read what the page needs, in order, and nothing else."""

import functools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from callvault import clients, times
from callvault.bounds import MAX_KEY_BYTES
from callvault.storage import listing
from callvault.storage.listing import Query
from tests import worlds

JUNE = datetime(2026, 6, 30, 23, 0, tzinfo=UTC)
YEAR: dict[str, Any] = {"since": JUNE - timedelta(days=180), "until": JUNE + timedelta(days=180)}

put = functools.partial(worlds.put, account_id="a1", start_time=JUNE)


def ids(size: Any = 100, **fields: Any) -> list[str]:
    query = Query(**YEAR | {"account_id": "a1"} | fields)
    return [recording.recording_id for recording in listing.scan(query, size)]


def test_the_newest_recording_comes_first_across_months() -> None:
    put("july", start_time=JUNE + timedelta(hours=2))
    put("june")
    put("may", start_time=JUNE - timedelta(days=31))
    put("elsewhere", account_id="a2")
    assert ids() == ["july", "june", "may"]
    assert ids(ascending=True) == ["may", "june", "july"]


def test_both_ends_of_the_window_are_inclusive() -> None:
    put("before", start_time=JUNE - timedelta(milliseconds=1))
    put("first", start_time=JUNE)
    put("last", start_time=JUNE + timedelta(seconds=1))
    put("after", start_time=JUNE + timedelta(seconds=1, milliseconds=1))
    assert ids(since=JUNE, until=JUNE + timedelta(seconds=1)) == ["last", "first"]


def test_a_window_that_ends_before_it_begins_is_empty() -> None:
    put("r1")
    assert ids(since=JUNE, until=JUNE - timedelta(seconds=1)) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [("owner_id", "u1"), ("call_id", "c1"), ("conference_id", "f1"), ("caller", "+15551230001"), ("callee", "x@y")],
)
def test_an_indexed_field_finds_only_its_recordings(field: str, value: str) -> None:
    put("theirs", **{field: value})
    put("other", **{field: "another"})
    put("without")
    assert ids(**{field: value}) == ["theirs"]


def test_a_scan_does_not_apply_filters_without_an_index() -> None:
    theirs = put("theirs", call_id="c1", owner_id="u1")
    other = put("other", call_id="c1", owner_id="u2")
    query = Query(account_id="a1", call_id="c1", owner_id="u1", **YEAR)
    assert {recording.recording_id for recording in listing.scan(query, 10)} == {"theirs", "other"}
    assert query.fits(theirs)
    assert not query.fits(other)


def test_a_list_begins_at_its_start_key() -> None:
    places = {name: put(name, start_time=JUNE + timedelta(hours=hour)).listed_at for hour, name in enumerate("abc")}
    assert ids(start=places["b"]) == ["b", "a"]
    assert ids(start=places["b"], ascending=True) == ["b", "c"]


def test_a_start_outside_the_window_does_not_widen_it() -> None:
    put("before", start_time=JUNE - timedelta(hours=1))
    put("within")
    put("after", start_time=JUNE + timedelta(hours=1))
    window: dict[str, Any] = {"since": JUNE, "until": JUNE}
    early, late = "2026-01-01T00:00:00.000Z#x", "2027-01-01T00:00:00.000Z#x"
    assert ids(**window, start=late) == ["within"]
    assert ids(**window, start=early, ascending=True) == ["within"]
    assert ids(**window, start=early) == []
    assert ids(**window, start=late, ascending=True) == []


@pytest.mark.parametrize("size", [1, 3, 100])
def test_every_page_size_finds_the_same(size: int) -> None:
    for number in range(7):
        put(f"r{number}", start_time=JUNE + timedelta(hours=number))
    assert ids(size) == [f"r{number}" for number in range(6, -1, -1)]


def test_a_list_without_a_beginning_goes_back_ten_years_from_its_end() -> None:
    now = times.now()
    query = listing.within("a1", None, None)
    assert now < query.until <= times.now() + listing.AHEAD
    assert query.until - query.since == listing.LOOK_BACK
    assert listing.within("a1", None, JUNE).since == JUNE - listing.LOOK_BACK


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        ("0001-01-01", "9999-12-31", listing.EARLIEST),
        ("2024-01-01", None, datetime(2024, 1, 1, tzinfo=UTC)),
        (None, "2003-01-01", listing.EARLIEST),
        (None, "0001-01-01", listing.EARLIEST),
    ],
)
def test_the_months_of_a_list_are_bounded(since: str | None, until: str | None, expected: datetime) -> None:
    query = listing.within("a1", times.read(since), times.read(until))
    assert query.since == expected
    assert query.until <= times.now() + listing.AHEAD


@pytest.mark.parametrize("name", ["call_id", "conference_id", "caller", "callee"])
def test_a_list_by_an_indexed_field_has_no_time_limits(name: str) -> None:
    fields: dict[str, Any] = {name: "x"}
    query = listing.within("a1", None, None, **fields)
    assert (query.since.year, query.until.year) == (1, 9999)
    assert getattr(query, name) == "x"
    assert listing.within("a1", JUNE, JUNE, **fields).since == JUNE


def test_a_value_longer_than_any_key_finds_nothing() -> None:
    put("r1")
    assert ids(caller="1" * MAX_KEY_BYTES) == []
    assert ids(owner_id="u" * MAX_KEY_BYTES) == []


def test_a_row_deleted_between_index_and_read_is_left_out() -> None:
    put("stays")
    put("goes", start_time=JUNE + timedelta(hours=1))
    found = listing.scan(Query(account_id="a1", **YEAR), size=1)
    assert next(found).recording_id == "goes"
    clients.dynamodb().delete_item(TableName="callvault-recordings", Key={"pk": {"S": "a1#stays"}})
    assert list(found) == []

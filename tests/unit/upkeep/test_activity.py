"""Tests of counting an account's recordings and finding the newest."""

from datetime import UTC, datetime, timedelta

import pytest

from callvault.errors import UnavailableError
from callvault.models import Recording, State
from callvault.storage import table
from callvault.upkeep import activity

MIDNIGHT = datetime(2026, 7, 1, tzinfo=UTC)
WEEK = timedelta(days=7)


def store(*hours: float, account_id: str = "a1") -> None:
    """Store a recording for each number of hours after the start of the month."""
    for hour in hours:
        start = MIDNIGHT + timedelta(hours=hour)
        known = {"account_id": account_id, "recording_id": f"r{hour}", "provider": "kazoo", "state": State.VERIFIED}
        table.put(Recording.model_validate(known | {"start_time": start}), "callback")


def test_the_newest_recording_is_found_in_this_month_or_an_earlier_one() -> None:
    store(-30, -3)
    store(5, account_id="a2")
    assert activity.newest("a1", MIDNIGHT - WEEK, MIDNIGHT + WEEK) == MIDNIGHT - timedelta(hours=3)
    assert activity.newest("a1", MIDNIGHT - WEEK, MIDNIGHT - timedelta(hours=4)) == MIDNIGHT - timedelta(hours=30)
    store(-3, 2)
    assert activity.newest("a1", MIDNIGHT - WEEK, MIDNIGHT + WEEK) == MIDNIGHT + timedelta(hours=2)


def test_an_account_without_recordings_has_no_newest_recording() -> None:
    store(-200)
    assert activity.newest("a1", MIDNIGHT - WEEK, MIDNIGHT + WEEK) is None


def test_recordings_are_counted_over_months_up_to_the_given_maximum() -> None:
    store(-200, -3, -2, 0, 1, 2, 200)
    counted = [activity.count("a1", MIDNIGHT - WEEK, MIDNIGHT + WEEK, most) for most in (1, 3, 4, 5, 100)]
    assert counted == [1, 3, 4, 5, 5]


def test_recordings_at_both_ends_of_the_range_are_counted() -> None:
    store(0, 1)
    assert activity.count("a1", MIDNIGHT, MIDNIGHT + timedelta(hours=1), 10) == 2


def test_a_table_that_does_not_answer_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TABLE_NAME", "no-such-table")
    with pytest.raises(UnavailableError):
        activity.newest("a1", MIDNIGHT, MIDNIGHT)

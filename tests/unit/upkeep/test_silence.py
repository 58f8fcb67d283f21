"""Tests of finding silent accounts by comparison with their own previous weeks."""

from bisect import bisect_left, bisect_right
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callvault.upkeep import silence

MONDAY = datetime(2026, 6, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
WEEK = timedelta(days=7)


def silent(times: list[datetime], now: datetime) -> bool:
    """Say whether an account with recordings at these times is silent."""
    known = sorted(time for time in times if time <= now)

    def count(since: datetime, until: datetime) -> int:
        return min(max(0, bisect_right(known, until) - bisect_left(known, since)), silence.USUAL)

    return bool(known) and silence.is_silent(known[-1], now, count)


def weeks(hours: list[float], number: int) -> list[datetime]:
    """Return the times of recordings at the same hours of every week."""
    return [MONDAY + week * WEEK + hour * HOUR for week in range(number) for hour in hours]


OFFICE = [24 * day + 9 + quarter / 4 for day in range(5) for quarter in range(36)]
"""Hours of the week: every quarter of an hour from nine to six, except at weekends."""


@pytest.mark.parametrize("hours", range(0, 7 * 24, 3))
def test_nights_and_weekends_are_not_silence(hours: int) -> None:
    assert not silent(weeks(OFFICE, 6), MONDAY + 4 * WEEK + hours * HOUR)


@pytest.mark.parametrize(
    ("hours", "expected"), [(8, False), (11, False), (13.75, True), (24 * 5, True), (24 * 11, True)]
)
def test_an_office_whose_callbacks_stop_on_sunday_is_silent_on_monday_before_two(
    hours: float, expected: object
) -> None:
    assert silent(weeks(OFFICE, 4), MONDAY + 4 * WEEK + hours * HOUR) is expected


def test_a_day_that_begins_an_hour_later_for_daylight_saving_time_is_not_silence() -> None:
    later = [MONDAY + 4 * WEEK + (hour + 1) * HOUR for hour in OFFICE]
    for quarter in range(0, 7 * 24 * 4, 3):
        assert not silent(weeks(OFFICE, 4) + later, MONDAY + 4 * WEEK + quarter * HOUR / 4)


def test_an_account_with_fewer_than_ten_recordings_a_week_is_not_checked() -> None:
    daily = weeks([24 * day + 12 for day in range(7)], 4)
    assert not any(silent(daily, daily[-1] + timedelta(days=days)) for days in range(30))


def test_an_account_with_two_recordings_a_day_is_silent_soon_after_five_days() -> None:
    twice = weeks([24 * day + hour for day in range(7) for hour in (9, 15)], 4)
    assert not silent(twice, twice[-1] + timedelta(days=4, hours=12))
    assert silent(twice, twice[-1] + timedelta(days=5, hours=3))


def test_an_account_is_no_longer_silent_after_two_weeks() -> None:
    busy = weeks(OFFICE, 4)
    assert silent(busy, busy[-1] + timedelta(days=14))
    assert not silent(busy, busy[-1] + timedelta(days=14, seconds=1))


def test_one_busy_week_is_not_enough_for_silence() -> None:
    assert not silent(weeks(OFFICE, 1), MONDAY + WEEK + 20 * HOUR)


@settings(deadline=None)
@given(st.lists(st.floats(0, 167), max_size=60), st.floats(0, 167))
def test_an_account_that_keeps_its_weekly_hours_is_never_silent(hours: list[float], now: float) -> None:
    assert not silent(weeks(hours, 8), MONDAY + 5 * WEEK + now * HOUR)


@settings(deadline=None)
@given(st.lists(st.floats(0, 167), min_size=30, max_size=90), st.floats(0, 167))
def test_an_account_with_thirty_recordings_a_week_that_stops_is_silent_within_a_week(
    hours: list[float], stop: float
) -> None:
    stopped = MONDAY + 5 * WEEK + stop * HOUR
    times = [time for time in weeks(hours, 8) if time <= stopped]
    assert silent(times, max(times) + WEEK + silence.LATE)


@settings(deadline=None)
@given(st.lists(st.floats(0, 500), max_size=60), st.floats(0, 600))
def test_an_account_with_a_recording_in_the_last_two_hours_is_not_silent(hours: list[float], now: float) -> None:
    times = [MONDAY + hour * HOUR for hour in hours]
    assert not silent([*times, MONDAY + now * HOUR - 2 * HOUR], MONDAY + now * HOUR)

"""When a fetch is attempted next, and whether its message or its row waits until then."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from callvault.messaging import next_attempts
from callvault.messaging.next_attempts import Failure
from callvault.values import Attempt

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


def following(known: Attempt | None = None, **fields: Any) -> Attempt:
    """Return the attempt after a failure at noon."""
    usual: dict[str, Any] = {"time": NOON, "reason": "http_503", "receives": 1, "received": NOON}
    return next_attempts.following(known, Failure(**usual | fields))


def seconds(attempt: Attempt) -> float:
    assert attempt.next_time is not None
    return (attempt.next_time - NOON).total_seconds()


@pytest.mark.parametrize(
    ("receives", "least", "in_table"),
    [(1, 5, False), (2, 30, False), (3, 120, False), (4, 600, True), (9, 21600, True)],
)
def test_after_the_short_gaps_the_row_waits(receives: int, least: int, *, in_table: bool) -> None:
    attempt = following(receives=receives)
    assert (attempt.count, attempt.in_table) == (receives, in_table)
    assert least <= seconds(attempt) <= least * 1.2


@pytest.mark.parametrize(("count", "least"), [(0, 600), (1, 600), (3, 600), (4, 3600), (5, 21600), (20, 21600)])
def test_what_the_sweep_queued_gets_one_attempt_and_a_longer_gap(count: int, least: int) -> None:
    attempt = following(Attempt(count=count, reason="http_503"), single=True)
    assert (attempt.count, attempt.in_table) == (count + 1, True)
    assert least <= seconds(attempt) <= least * 1.2


def test_a_long_retry_after_is_waited_for_in_the_table() -> None:
    assert not following(retry_after=100).in_table
    late = following(retry_after=900)
    assert (late.in_table, seconds(late)) == (True, 900)


def test_the_first_attempt_is_remembered() -> None:
    first = NOON - timedelta(hours=3)
    assert following().first_time == NOON
    assert following(received=first).first_time == first
    assert following(Attempt(count=4, reason="http_503", first_time=first)).first_time == first
    assert following(Attempt(count=4, reason="http_503", first_time=NOON), received=first).first_time == first


def test_the_day_begins_with_the_first_attempt_that_was_made() -> None:
    until = NOON + timedelta(minutes=20)
    held = following(is_held=True, until=until)
    assert (held.count, held.first_time) == (0, None)
    assert not next_attempts.is_over(held, NOON + timedelta(days=9))
    made = following(held, single=True, time=until, received=until)
    assert (made.count, made.first_time) == (1, until)
    assert following(made, is_held=True, until=until).first_time == until
    assert not next_attempts.is_over(made, until + timedelta(hours=23))
    assert next_attempts.is_over(made, until + timedelta(hours=24))


@pytest.mark.parametrize(("minutes", "single", "in_table"), [(1, False, False), (1, True, False), (3, False, True)])
def test_an_attempt_that_was_not_made_is_not_counted(minutes: int, *, single: bool, in_table: bool) -> None:
    until = NOON + timedelta(minutes=minutes)
    attempt = following(Attempt(count=3, reason="http_503"), is_held=True, until=until, single=single)
    assert (attempt.count, attempt.next_time, attempt.in_table) == (3, until, in_table)


def test_a_row_that_went_first_waits_no_longer_than_the_others() -> None:
    until = NOON + timedelta(minutes=12)
    attempt = following(Attempt(count=9, reason="http_503"), until=until, single=True)
    assert (attempt.count, attempt.next_time, attempt.in_table) == (10, until, True)


def test_a_row_that_waits_keeps_the_reason_of_its_own_attempt() -> None:
    own, none = Attempt(count=4, reason="http_404"), Attempt(count=0, reason="http_503")
    for known, reason in ((own, "http_404"), (none, "unreachable")):
        assert following(known, is_held=True, until=NOON, reason="unreachable").reason == reason
        assert next_attempts.held(known, NOON, "unreachable").reason == reason


def test_a_message_does_not_wait_for_its_provider_again_and_again() -> None:
    assert following(is_held=True, until=NOON + timedelta(seconds=30), receives=4).in_table


def test_a_message_that_crashes_stays_in_the_queue() -> None:
    attempt = following(receives=6, is_crash=True)
    assert (attempt.count, attempt.in_table) == (6, False)
    assert seconds(attempt) >= 21600


def test_an_attempt_is_old_an_hour_after_the_first() -> None:
    attempt = Attempt(count=1, reason="short_body", first_time=NOON)
    assert not next_attempts.is_old(attempt, NOON + timedelta(minutes=59))
    assert next_attempts.is_old(attempt, NOON + timedelta(minutes=60))
    assert not next_attempts.is_old(None, NOON)
    assert not next_attempts.is_old(Attempt(count=9, reason="short_body"), NOON)

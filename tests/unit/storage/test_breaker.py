"""When a circuit breaker opens, holds attempts, and closes."""

from datetime import UTC, datetime, timedelta

import pytest

from callvault.storage import breaker
from callvault.storage.breaker import Breaker

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


def after(number: int, reason: str = "http_503", *, apart: timedelta = timedelta(seconds=1)) -> Breaker:
    """Return the breaker after failures, the last of them at noon."""
    known = None
    for left in range(number - 1, -1, -1):
        known = breaker.failed(known, reason, NOON - left * apart)
    assert known is not None
    return known


@pytest.mark.parametrize(
    "reason", ["unreachable", "too_slow", "no_token", "http_500", "http_503", "http_429", "http_401", "http_403"]
)
def test_these_failures_speak_of_the_provider(reason: str) -> None:
    assert breaker.speaks_of_provider(reason)


@pytest.mark.parametrize(
    "reason", ["http_404", "http_410", "http_409", "not_audio", "short_body", "empty", "table_unavailable", "gone"]
)
def test_these_failures_do_not(reason: str) -> None:
    assert not breaker.speaks_of_provider(reason)


def test_five_failures_in_succession_open_it_and_four_do_not() -> None:
    assert (after(4).is_open, after(4).next_time) == (False, None)
    assert (after(5).is_open, after(5).opened_at) == (True, NOON)
    assert after(5).next_time == NOON + breaker.MIN_SPACING


def test_a_failure_long_after_the_others_begins_a_new_count() -> None:
    assert after(5, apart=breaker.FORGOTTEN_AFTER).is_open
    assert after(5, apart=breaker.FORGOTTEN_AFTER + timedelta(seconds=1)).failures == 1


def test_an_open_one_stays_open_however_late_the_next_failure_is() -> None:
    late = breaker.failed(after(5), "http_503", NOON + timedelta(days=1))
    assert (late.failures, late.opened_at) == (6, NOON)


def test_the_probes_are_further_apart_the_longer_it_is_open() -> None:
    opened = after(5)
    gaps = []
    for minutes in (1, 10, 60, 600):
        now = NOON + timedelta(minutes=minutes)
        next_time = breaker.failed(opened, "http_503", now).next_time
        assert next_time is not None
        assert breaker.probed(opened, now).next_time == next_time
        gaps.append((next_time - now).total_seconds())
    assert gaps == [60, 300, 600, 600]


def test_requests_are_blocked_until_the_time_of_the_next_probe() -> None:
    opened = after(5)
    assert breaker.blocks(opened, NOON)
    assert not breaker.blocks(opened, NOON + breaker.MIN_SPACING)
    assert breaker.blocks(breaker.probed(opened, NOON + breaker.MIN_SPACING), NOON + breaker.MIN_SPACING)
    assert not breaker.blocks(None, NOON)
    assert not breaker.blocks(after(4), NOON)


def test_the_retry_after_of_one_failure_blocks_the_account() -> None:
    known = breaker.failed(None, "http_429", NOON, 90)
    assert not known.is_open
    assert breaker.blocks(known, NOON + timedelta(seconds=89))
    assert not breaker.blocks(known, NOON + timedelta(seconds=90))
    assert breaker.failed(known, "http_503", NOON).next_time == NOON + timedelta(seconds=90)


@pytest.mark.parametrize("seconds", [10.0**9, float("inf")])
def test_no_retry_after_is_too_large(seconds: float) -> None:
    assert breaker.failed(None, "http_429", NOON, seconds).next_time == NOON + breaker.MAX_RETRY_AFTER


@pytest.mark.parametrize("seconds", [0.0, -5.0, None])
def test_a_retry_after_that_is_over_blocks_nothing(seconds: float | None) -> None:
    assert breaker.failed(None, "http_429", NOON, seconds).next_time is None


@pytest.mark.parametrize(("hours", "seconds"), [(0, 600), (1, 600), (5, 1500), (12, 3600), (100, 21600)])
def test_a_row_waits_a_twelfth_of_the_outage(hours: int, seconds: int) -> None:
    now = NOON + timedelta(hours=hours)
    waits = [(breaker.held_until(after(5), now) - now).total_seconds() for _ in range(200)]
    assert min(waits) >= seconds
    assert max(waits) <= seconds * 1.2
    assert len(set(waits)) > 100


def test_no_row_is_due_before_the_next_probe() -> None:
    blocked = breaker.failed(after(5), "http_429", NOON, 7200)
    assert breaker.held_until(blocked, NOON) >= NOON + timedelta(hours=2)
    early = breaker.failed(None, "http_429", NOON, 100)
    assert NOON + timedelta(seconds=100) <= breaker.held_until(early, NOON) <= NOON + timedelta(seconds=120)


def test_a_success_ends_it_and_a_refused_recording_ends_only_an_open_one() -> None:
    assert breaker.closes(after(1), answered=False)
    assert not breaker.closes(after(4), answered=True)
    assert breaker.closes(after(5), answered=True)
    assert not breaker.closes(None, answered=False)


def test_wrong_credentials_are_no_outage_of_the_provider() -> None:
    assert breaker.is_outage(after(5))
    assert not breaker.is_outage(after(5, "http_401"))

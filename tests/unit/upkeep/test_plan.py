"""What a run of the sweep queues, holds and leaves."""

from datetime import UTC, datetime, timedelta

import pytest

from callvault.storage import breaker, pace
from callvault.storage.breaker import Breaker
from callvault.upkeep.plan import Held, Left, Plan, Queued
from callvault.values import Attempt

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
ORIGIN = "https://api.example.com"
FAILED = Attempt(count=4, reason="http_503", origin=ORIGIN, in_table=True, next_time=NOON)


def opened() -> Breaker:
    known = None
    for _ in range(breaker.MAX_FAILURES):
        known = breaker.failed(known, "http_503", NOON)
    assert known is not None
    return known


def test_a_fetch_that_failed_for_its_own_reason_is_queued_at_once() -> None:
    plan = Plan(lambda *_: pytest.fail("no breaker is read"), 1)
    own = FAILED.model_copy(update={"origin": None})
    assert [plan.decide("a", one, NOON) for one in (None, own)] == [Queued(), Queued()]


def test_a_blocked_account_waits() -> None:
    held = Plan(lambda *_: opened(), 50).decide("a", FAILED, NOON)
    assert isinstance(held, Held)
    assert held.until >= NOON + breaker.MIN_HOLD
    assert held.reason == "http_503"


def test_one_row_of_each_account_goes_first() -> None:
    plan, later = Plan(lambda *_: opened(), 50), NOON + timedelta(minutes=2)
    decisions = [plan.decide(name, FAILED, later) for name in ("a", "a", "b", "a", "b")]
    assert [type(one) for one in decisions] == [Queued, Held, Queued, Held, Held]


def test_a_breaker_is_read_once_in_a_run() -> None:
    read: list[tuple[str, str]] = []
    plan = Plan(lambda *key: read.append(key), 50)
    for name in ("a", "a", "b"):
        plan.decide(name, FAILED, NOON)
    assert read == [("a", ORIGIN), ("b", ORIGIN)]


def test_what_has_waited_for_an_origin_is_spread_over_all_its_accounts() -> None:
    plan = Plan(lambda *_: None, 2)
    decisions = [plan.decide(f"a{number % 7}", FAILED, NOON) for number in range(600)]
    delays = [one.delay for one in decisions if isinstance(one, Queued)]
    assert len(delays) == int(2 * pace.SWEPT_SHARE * pace.PERIOD.total_seconds())
    assert max(delays.count(second) for second in range(300)) <= 2
    assert isinstance(decisions[-1], Left)
    assert plan.overdue() == [ORIGIN]


def test_a_few_fetches_do_not_prolong_a_recovery() -> None:
    plan = Plan(lambda *_: None, 50)
    plan.decide("a", FAILED, NOON)
    assert plan.overdue() == []

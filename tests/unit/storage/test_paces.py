"""The slots of an origin that recovers."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from callvault.storage import pace, paces
from tests import worlds

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
ORIGIN = "https://api.example.com"


@pytest.fixture(autouse=True)
def noon(clock: worlds.Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    clock.stop(NOON)
    monkeypatch.setattr(paces, "CACHE_SECONDS", 0)


def test_an_origin_recovers_for_a_while(clock: worlds.Clock) -> None:
    assert not paces.recovers(ORIGIN)
    paces.recover(ORIGIN)
    assert paces.recovers(ORIGIN)
    assert not paces.recovers("https://other.example.com")
    clock.forward(minutes=10)
    paces.recover(ORIGIN)
    clock.forward(minutes=10)
    assert paces.recovers(ORIGIN)
    clock.forward(minutes=6)
    assert not paces.recovers(ORIGIN)


def test_an_earlier_recovery_shortens_no_later_one(clock: worlds.Clock) -> None:
    paces.recover(ORIGIN)
    with clock.ago(minutes=10):
        paces.recover(ORIGIN)
    clock.forward(minutes=14)
    assert paces.recovers(ORIGIN)


def test_no_second_has_more_slots_than_the_rate(clock: worlds.Clock) -> None:
    paces.recover(ORIGIN)
    taken = []
    for step in range(150):
        clock.stop(NOON + timedelta(milliseconds=10 * step))
        wait = paces.take(ORIGIN)
        if wait is not None:
            taken.append(10 * step + round(wait * 1000))
    assert taken[0] == 0
    assert {later - earlier for earlier, later in pairwise(taken)} == {20}
    assert max(sum(start <= slot < start + 1000 for slot in taken) for start in range(0, 1500, 10)) == 50


def test_slots_that_nobody_took_are_lost(clock: worlds.Clock) -> None:
    paces.recover(ORIGIN)
    paces.take(ORIGIN)
    clock.forward(minutes=1)
    assert [paces.take(ORIGIN) for _ in range(3)] == [0.0, 0.02, 0.04]


def test_the_table_hands_out_the_slots_that_the_rule_says(clock: worlds.Clock) -> None:
    paces.recover(ORIGIN)
    following = 0
    for milliseconds in (0, 0, 5, 100, 100, 101, *[102] * 60, 3000):
        clock.stop(NOON + timedelta(milliseconds=milliseconds))
        now = round(NOON.timestamp() * 1000) + milliseconds
        expected = pace.slot(following, now)
        wait = paces.take(ORIGIN)
        assert (wait is None) == (expected is None)
        if expected is not None and wait is not None:
            assert round(wait * 1000) == expected - now
            following = expected + pace.interval(50)


@pytest.mark.parametrize(("per_second", "milliseconds"), [(1, 1000), (50, 20), (60, 17), (1000, 1)])
def test_the_interval_is_rounded_up(per_second: int, milliseconds: int) -> None:
    assert pace.interval(per_second) == milliseconds


def test_a_run_of_the_sweep_spreads_its_fetches_and_leaves_the_rest() -> None:
    most = int(pace.PERIOD.total_seconds() * 50 * pace.SWEPT_SHARE)
    assert [pace.delay(number, 50) for number in (0, 42, 43, most - 1, most)] == [0, 0, 1, 299, None]

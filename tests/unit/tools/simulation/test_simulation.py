"""A tenth of the simulated outage, for a shorter time, and what it finds if a rule is missing."""

from dataclasses import replace
from datetime import timedelta

import pytest

from callvault.messaging import next_attempts
from callvault.storage import breaker, pace
from tools.simulation.archive import Archive
from tools.simulation.setting import Bounds, Result, Setting, exceeded

TENTH = Setting(
    accounts=200,
    recordings_a_day=100_000,
    outage_hours=4,
    allowed=6,
    per_second=5,
    concurrency=10,
    hours_after=2,
)
BOUNDS = Bounds(in_flight=1_000)


def usual(setting: Setting = TENTH) -> Result:
    return Archive(replace(setting, outage_hours=0, hours_after=3)).run()


def short() -> list[str]:
    """Return what is out of its bounds after an outage of an hour."""
    setting = replace(TENTH, outage_hours=1, hours_after=1)
    return exceeded(setting, Archive(setting).run(), usual(), BOUNDS)


def test_an_outage_stops_no_other_account_and_ends_soon() -> None:
    result = Archive(TENTH).run()
    assert exceeded(TENTH, result, usual(), BOUNDS) == []
    assert result.backlog > 8_000
    assert result.requests_while_down < result.backlog / 2


def test_the_simulation_finds_too_many_requests_in_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "interval", lambda _: 1)
    assert any("requests were made in a second" in sentence for sentence in short())


def test_the_simulation_finds_a_backlog_that_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(breaker, "MIN_HOLD", timedelta(hours=6))
    assert "The backlog was not gone in time." in short()


def test_the_simulation_finds_messages_that_wait_in_the_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(next_attempts, "MAX_HIDDEN", timedelta(hours=12))
    monkeypatch.setattr(next_attempts, "SHORT_GAPS", 20)
    assert any("messages were in flight" in sentence for sentence in short())


def test_the_simulation_finds_recordings_that_were_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(next_attempts, "GIVE_UP_AFTER", timedelta(minutes=30))
    assert any("were given up" in sentence for sentence in short())


def test_the_simulation_finds_other_accounts_that_wait() -> None:
    slow = replace(Result(), waits=[1.2], backlog_gone=0.0)
    assert exceeded(TENTH, slow, Result(waits=[1.0]), BOUNDS) == ["The other accounts waited too long."]

"""How the queues' time passes faster than the clock."""

import time

import pytest

from tools.local.emulator.pace import Pace


def test_nothing_changes_at_the_real_pace() -> None:
    assert Pace().hidden(5400) == 5400
    assert Pace().first_received(1_700_000_000_123) == 1_700_000_000_123


def test_a_faster_pace_hides_a_message_for_less_time() -> None:
    pace = Pace(speed=60, max_seconds=100)
    assert [pace.hidden(seconds) for seconds in (0, 5, 120, 600, 21600)] == [0, 1, 2, 10, 100]


def test_at_sixty_times_the_pace_a_minute_is_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 1_700_000_060.0)
    assert Pace(speed=60).first_received(1_700_000_000_000) == 1_700_000_060_000 - 3_600_000

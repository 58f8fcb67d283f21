"""How the queues' time passes faster than the clock."""

import time
from datetime import timedelta
from typing import Any

import pytest

from callvault import times
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


def written(seconds: float) -> dict[str, str]:
    return {"S": times.write(times.now() + timedelta(seconds=seconds))}


def left(value: dict[str, str]) -> float:
    time = times.read(value["S"])
    assert time is not None
    return (time - times.now()).total_seconds()


def test_a_row_waits_for_less_time_and_its_first_attempt_is_longer_ago() -> None:
    attempt: dict[str, Any] = {"next_time": written(3600), "first_time": written(-60), "in_table": {"BOOL": True}}
    item: dict[str, Any] = {"pk": {"S": "a#r"}, "attempt": {"M": attempt}, "due_time": attempt["next_time"]}
    changed = Pace(speed=60).sooner(item)
    assert left(changed["due_time"]) == pytest.approx(60, abs=1)
    assert left(changed["attempt"]["M"]["next_time"]) == pytest.approx(60, abs=1)
    assert left(changed["attempt"]["M"]["first_time"]) == pytest.approx(-60 - 3540, abs=1)
    assert left(item["due_time"]) > 3590
    assert Pace().sooner(item) == item


def test_a_transcript_and_a_breaker_wait_for_less_time_too() -> None:
    attempt = {"M": {"next_time": written(600), "in_table": {"BOOL": True}}}
    item: dict[str, Any] = {"pk": {"S": "a#r"}, "transcript": {"M": {"attempt": attempt}}, "due_time": written(7200)}
    changed = Pace(speed=10).sooner(item)
    assert left(changed["transcript"]["M"]["attempt"]["M"]["next_time"]) == pytest.approx(60, abs=1)
    assert changed["due_time"] == item["due_time"]  # it is due for something else
    opened = {"pk": {"S": "#BREAKER#a#https://x"}, "next_time": written(600)}
    assert left(Pace(speed=10).sooner(opened)["next_time"]) == pytest.approx(60, abs=1)


def test_an_attempt_that_is_due_stays_due() -> None:
    item: dict[str, Any] = {"pk": {"S": "a#r"}, "attempt": {"M": {"next_time": written(-5)}}, "due_time": written(-5)}
    assert Pace(speed=60).sooner(item) == item

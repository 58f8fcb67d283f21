"""An account is reported if a tenth or more of its callbacks is refused."""

from datetime import timedelta

import pytest

from callvault import alarm_messages, times
from callvault.storage import daily_counts
from callvault.storage.daily_counts import Kind
from callvault.upkeep import refusals
from tests import worlds


def record(number: int, account_id: str = "acme") -> None:
    for each in range(number):
        worlds.put(f"r-{each}", account_id=account_id, start_time=times.now() - timedelta(minutes=each))


@pytest.mark.parametrize(
    ("refused", "recordings", "reported"),
    [(0, 0, False), (1, 0, False), (2, 0, False), (3, 0, True), (3, 27, True), (3, 28, False), (4, 28, True)],
)
def test_three_refusals_are_reported_if_they_are_a_tenth_of_all(
    refused: int, recordings: int, *, reported: bool
) -> None:
    if refused:
        daily_counts.add(Kind.REFUSED, "acme", refused)
    record(recordings)
    assert refusals.is_refused("acme") is reported


def test_the_recordings_of_other_accounts_do_not_count(caplog: pytest.LogCaptureFixture) -> None:
    daily_counts.add(Kind.REFUSED, "small", 3)
    record(100, "large")
    assert refusals.is_refused("small")
    assert not refusals.is_refused("large")
    [line] = [one for one in caplog.records if one.message == alarm_messages.ACCOUNT_REFUSED]
    assert (vars(line)["account"], vars(line)["refused"], vars(line)["recordings"]) == ("small", 3, 0)


def test_recordings_before_the_counted_days_do_not_count() -> None:
    daily_counts.add(Kind.REFUSED, "acme", 3)
    for each in range(40):
        worlds.put(f"r-{each}", start_time=times.now() - timedelta(days=3))
    assert refusals.is_refused("acme")


def test_a_flood_of_refused_callbacks_reads_a_limited_number_of_recordings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refusals, "MAX_COUNTED", 20)
    daily_counts.add(Kind.REFUSED, "acme", 1_000_000)
    record(19)
    assert refusals.is_refused("acme")
    worlds.put("r-19", start_time=times.now())
    assert not refusals.is_refused("acme")


@pytest.mark.parametrize(
    ("challenged", "recordings", "reported"),
    [(2, 0, False), (3, 0, True), (3, 1, False), (200, 0, True), (200, 20, True), (200, 21, False)],
)
def test_challenges_are_reported_if_almost_none_is_answered(
    challenged: int, recordings: int, *, reported: bool
) -> None:
    daily_counts.add(Kind.CHALLENGED, "acme", challenged)
    record(recordings)
    assert refusals.is_refused("acme") is reported


@pytest.mark.parametrize("kind", [Kind.REFUSED, Kind.IGNORED])
def test_a_callback_with_credentials_answers_a_challenge_even_if_it_leaves_no_recording(kind: Kind) -> None:
    daily_counts.add(Kind.CHALLENGED, "acme", 3)
    daily_counts.add(kind, "acme", 1)
    assert not refusals.is_refused("acme")

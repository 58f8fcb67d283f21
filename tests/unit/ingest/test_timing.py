"""A recording is timed from the callback that led to its copy, and from nothing else."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from callvault.ingest import timing
from callvault.models import Event, Recording, State
from tests import worlds

START = datetime(2026, 11, 26, 10, tzinfo=UTC)


def row(*history: str) -> Recording:
    """Return a row whose changes are ten seconds apart."""
    events = [Event(time=START + timedelta(seconds=10 * place), what=what) for place, what in enumerate(history)]
    return worlds.recording(history=tuple(events))


def published(capsys: pytest.CaptureFixture[str], recording: Recording) -> dict[str, float]:
    """Return what a row's last change publishes, by metric."""
    timing.publish_stored(recording)
    timing.publish_verified(recording)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return {name: line[name][0] for line in lines for name in (timing.STORED, timing.VERIFIED) if name in line}


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        (["callback pending", "key", "stored"], {timing.STORED: 20}),
        (["callback pending", "key", "stored", "verified"], {timing.VERIFIED: 30}),
        (["callback pending", "verified"], {timing.VERIFIED: 10}),
        (["upload", "stored"], {timing.STORED: 10}),
        (["incoming, other audio than r-1", "stored"], {timing.STORED: 10}),
    ],
)
def test_the_time_is_from_the_callback_to_the_last_change(
    capsys: pytest.CaptureFixture[str], history: list[str], expected: dict[str, float]
) -> None:
    assert published(capsys, row(*history)) == expected


def test_the_time_before_there_was_media_does_not_count(capsys: pytest.CaptureFixture[str]) -> None:
    assert published(capsys, row("callback announced", "swept", "callback pending", "stored")) == {timing.STORED: 10}


def test_what_a_sweep_requeued_counts_from_the_callback(capsys: pytest.CaptureFixture[str]) -> None:
    assert published(capsys, row("callback pending", "swept", "swept", "stored")) == {timing.STORED: 30}


def test_a_repeated_callback_does_not_begin_anew(capsys: pytest.CaptureFixture[str]) -> None:
    assert published(capsys, row("callback pending", "callback pending", "stored")) == {timing.STORED: 20}


def test_a_complete_recording_is_timed_from_its_own_callback(capsys: pytest.CaptureFixture[str]) -> None:
    partial = ["callback pending", "stored", "verified", "callback pending"]
    assert published(capsys, row(*partial, "stored")) == {timing.STORED: 10}
    assert published(capsys, row(*partial, "stored", "verified")) == {timing.VERIFIED: 20}


@pytest.mark.parametrize(
    "history",
    [
        ["callback pending", "failed http_404", "retried by ops", "stored"],
        ["callback pending", "failed http_404", "callback pending", "last attempt", "stored"],
        ["callback pending", "stored", "verified", "failed corrupt", "retried by ops", "stored", "verified"],
        ["callback announced", "swept", "looked up pending", "stored", "verified"],
        ["fetch", "stored"],
        ["verified"],
    ],
)
def test_what_no_callback_has_led_to_is_not_timed(capsys: pytest.CaptureFixture[str], history: list[str]) -> None:
    assert published(capsys, row(*history)) == {}


@pytest.mark.parametrize("last", ["callback pending", "user_metadata edited by ops", "deleted by ops"])
def test_another_change_publishes_nothing(capsys: pytest.CaptureFixture[str], last: str) -> None:
    assert published(capsys, row("callback pending", "stored", last)) == {}


def test_a_row_without_a_history_publishes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert published(capsys, worlds.recording(state=State.STORED)) == {}

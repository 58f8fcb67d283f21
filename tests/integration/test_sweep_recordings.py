"""What has waited too long, taken up again."""

from datetime import timedelta
from typing import Any

import pytest

from callvault import clients, objects, settings, table, times
from callvault.models import Media, Recording, State
from functions.sweep_recordings import app
from tests.integration import events


def wait(monkeypatch: pytest.MonkeyPatch, recording_id: str, state: State, hours: float, **fields: Any) -> Recording:
    """Make a row that was changed last so many hours ago."""
    then = times.now() - timedelta(hours=hours)
    with monkeypatch.context() as past:
        past.setattr(times, "now", lambda: then)
        known = {"account_id": "acme", "recording_id": recording_id, "provider": "bandwidth", "state": state}
        return table.put(Recording.model_validate(known | fields), "callback")


def sweep(seconds: float = 60) -> dict[str, int]:
    return app.handler({}, events.context(seconds))


def queued(url: str) -> list[str]:
    answer = clients.sqs().receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0)
    return [message["Body"] for message in answer.get("Messages", [])]


def test_a_row_that_nobody_fetches_is_queued_again(monkeypatch: pytest.MonkeyPatch) -> None:
    wait(monkeypatch, "r-1", State.PENDING, 2, call_id="c-1")
    assert sweep() == {"pending": 1}
    [message] = queued(settings.get().fetch_queue_url)
    assert Recording.model_validate_json(message).call_id == "c-1"


def test_an_object_that_nobody_verified_is_told_of_again(monkeypatch: pytest.MonkeyPatch) -> None:
    media = Media(
        key="media/acme/2026/01/01/r 1.wav", version_id="v1", size=1, sha256="0" * 64, content_type="audio/x-wav"
    )
    wait(monkeypatch, "r 1", State.STORED, 2, media=media)
    assert sweep() == {"stored": 1}
    [change] = objects.read(events.record(queued(settings.get().objects_queue_url)[0]))
    assert (change.kind, change.key, change.version_id) == (objects.Kind.CREATED, media.key, "v1")


def test_what_has_not_waited_long_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    wait(monkeypatch, "r-1", State.PENDING, 0.5)
    assert sweep() == {}


@pytest.mark.parametrize("state", [State.ABSENT, State.FAILED, State.VERIFIED, State.DELETED])
def test_what_waits_for_nothing_is_left(monkeypatch: pytest.MonkeyPatch, state: State) -> None:
    wait(monkeypatch, "r-1", state, 1000)
    assert sweep() == {}


def test_an_announced_row_is_looked_at_and_waits_on(monkeypatch: pytest.MonkeyPatch) -> None:
    wait(monkeypatch, "r-1", State.ANNOUNCED, 7)
    assert sweep() == {"announced": 1}
    assert queued(settings.get().fetch_queue_url) == []


def test_a_row_that_has_moved_on_is_left_to_its_new_state(monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = wait(monkeypatch, "r-1", State.PENDING, 2)
    monkeypatch.setattr(table, "get", lambda *_: waiting.model_copy(update={"state": State.VERIFIED}))
    assert sweep() == {}


def test_gaps_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    wait(monkeypatch, "r-1", State.PENDING, 2)
    sweep()
    assert sweep() == {}
    now = times.now()
    for hours in (2, 6, 14, 30, 62, 94, 126):
        monkeypatch.setattr(times, "now", lambda hours=hours: now + timedelta(hours=hours, minutes=-1))
        assert sweep() == {}
        monkeypatch.setattr(times, "now", lambda hours=hours: now + timedelta(hours=hours, minutes=1))
        assert sweep() == {"pending": 1}


def test_two_runs_at_once_take_a_row_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    wait(monkeypatch, "r-1", State.PENDING, 2)
    get = table.get

    def get_while_another_sweeps(*ids: str) -> Recording | None:
        row = get(*ids)
        monkeypatch.setattr(table, "get", get)
        sweep()
        return row

    monkeypatch.setattr(table, "get", get_while_another_sweeps)
    assert sweep() == {}
    assert len(queued(settings.get().fetch_queue_url)) == 1


def test_a_run_ends_in_time_and_the_next_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    wait(monkeypatch, "r-1", State.PENDING, 2)
    assert sweep(seconds=app.SPARE_SECONDS - 1) == {}
    assert sweep() == {"pending": 1}


def test_a_queue_that_fails_leaves_the_row_for_a_later_run(monkeypatch: pytest.MonkeyPatch) -> None:
    wait(monkeypatch, "r-1", State.PENDING, 2)
    url = settings.get().fetch_queue_url
    clients.sqs().delete_queue(QueueUrl=url)
    assert sweep() == {"unavailable": 1}
    clients.sqs().create_queue(QueueName="callvault-fetch")
    now = times.now()
    monkeypatch.setattr(times, "now", lambda: now + timedelta(hours=3))
    assert sweep() == {"pending": 1}
    assert len(queued(url)) == 1

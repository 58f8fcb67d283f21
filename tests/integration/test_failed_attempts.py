"""While attempts to fetch a recording go on, its row says why they fail."""

from datetime import timedelta
from typing import Any

import pytest

from callvault import clients, dialects, times
from callvault.ingest import reopening
from callvault.messaging import queues
from callvault.messaging.queues import Queue
from callvault.models import State
from callvault.storage import due
from callvault.values import Attempt
from callvault.web import Request
from functions.fetch_media import app
from tests import worlds
from tests.integration import events
from tests.integration.fetching import AUDIO, PATH, WAV, fetch, recording
from tools.local.faults.replies import Reply
from tools.local.providers.standins import Standin

pytestmark = pytest.mark.loopback

NOW = times.now()


@pytest.fixture(autouse=True)
def account(standin: Standin) -> None:
    """Give the account a reader."""
    worlds.put_account(api=worlds.oauth_api(standin), readers=[worlds.reader()])


def shown(path: str, member: str | None = None) -> Any:
    """Return `archive` of the recording's document in a dialect."""
    response = dialects.answer(Request(method="GET", path=path, headers=worlds.basic_header("acme", "ops")))
    document = worlds.content(response)
    return (document[member] if member else document)["archive"]


def test_a_failed_attempt_shows_its_reason_its_number_and_the_next_time(
    standin: Standin, clock: worlds.Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queues, "hide", lambda *_: None)
    worlds.put(call_id="c-1")
    standin.serve(PATH, Reply(status=503), Reply(status=403))
    clock.stop(NOW)
    assert not fetch(recording())
    assert worlds.row().attempt is not None
    assert not fetch(recording(), received=2)
    attempt = worlds.row().attempt
    assert attempt is not None
    assert attempt.next_time is not None
    assert (attempt.count, attempt.reason) == (2, "http_403")
    assert timedelta(seconds=30) <= attempt.next_time - NOW <= timedelta(seconds=36)
    expected = {"attempts": 2, "last_reason": "http_403", "next_attempt_time": times.write(attempt.next_time)}
    for archive in (
        shown("/v2/accounts/acme/recordings/r-1", "data"),
        shown("/api/v2/accounts/acme/calls/c-1/recordings/r-1"),
        shown("/2010-04-01/Accounts/acme/Recordings/r-1.json"),
    ):
        assert expected.items() <= archive.items()


def test_a_recording_that_is_stored_shows_no_attempt(standin: Standin) -> None:
    standin.serve(PATH, Reply(status=503), Reply(body=WAV, headers=AUDIO))
    worlds.put(call_id="c-1")
    assert not fetch(recording())
    assert fetch(recording(), received=2)
    assert (worlds.row().state, worlds.row().attempt) == (State.STORED, None)
    assert "attempts" not in shown("/v2/accounts/acme/recordings/r-1", "data")


def test_a_failed_recording_shows_its_reason_alone(standin: Standin) -> None:
    standin.serve(PATH, Reply(status=503), Reply(status=410))
    assert not fetch(recording())
    assert fetch(recording(), received=2)
    archive = shown("/v2/accounts/acme/recordings/r-1", "data")
    assert (archive["state"], archive["reason"]) == ("failed", "http_410")
    assert not {"attempts", "last_reason", "next_attempt_time"} & archive.keys()


def test_a_retry_begins_without_an_attempt() -> None:
    worlds.put(state=State.FAILED, reason="gone", attempt=Attempt(count=9, reason="http_404"))
    reopening.start(worlds.row(), "alice")
    assert (worlds.row().state, worlds.row().attempt) == (State.PENDING, None)


def test_a_noted_attempt_does_not_postpone_the_sweep(standin: Standin, clock: worlds.Clock) -> None:
    before = worlds.put(call_id="c-1", format="wav")
    standin.serve(PATH, Reply(status=503))
    clock.forward(minutes=30)
    assert not fetch(before)
    after = worlds.row()
    assert (after.revision, after.updated_time) == (before.revision + 1, before.updated_time)
    assert due.due_time(after) == due.due_time(before)


def test_an_attempt_is_repeated_although_it_cannot_be_noted(
    standin: Standin, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    update = worlds.put(call_id="c-1", format="wav", duration_ms=2000)
    standin.serve(PATH, Reply(status=503))
    worlds.fail(monkeypatch, clients.dynamodb(), "put_item")
    assert not fetch(update)
    assert "A failed attempt could not be noted in the row" in caplog.messages
    assert worlds.row().attempt is None


def test_the_log_names_account_provider_and_recording(standin: Standin, caplog: pytest.LogCaptureFixture) -> None:
    standin.serve(PATH, Reply(status=403), Reply(status=410))
    assert not fetch(recording())
    assert fetch(recording(), received=2)
    lines = {line.message: vars(line) for line in caplog.records}
    for message, reason in {"An attempt failed": "http_403", "A recording failed": "http_410"}.items():
        named = {"account": "acme", "provider": "bandwidth", "recording": "r-1", "reason": reason}
        assert named.items() <= lines[message].items()


def test_an_unreadable_message_has_no_row_to_note_anything_in(monkeypatch: pytest.MonkeyPatch) -> None:
    worlds.fail(monkeypatch, clients.sqs(), "send_message")  # so that it cannot become a dead letter
    assert app.handler(events.sqs({"recording_id": "r-1"}, received=1), events.context(60))["batchItemFailures"]
    monkeypatch.undo()
    assert worlds.dead_letters_of(Queue.FETCH) == []

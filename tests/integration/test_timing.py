"""How long a recording took is published once, by the functions that store and verify it."""

import json
from typing import Any

import pytest

from callvault.errors import RejectedError
from callvault.ingest import following, intake, reopening
from callvault.models import Recording, State
from callvault.providers.bandwidth.provider import Bandwidth
from functions.receive_upload import app as receive_upload
from functions.verify_media import app as verify_media
from tests import worlds
from tests.integration import events
from tests.integration.fetching import PATH, WAV, fetch, recording, stored
from tests.worlds import Clock
from tools.local.providers.standins import Standin

pytestmark = pytest.mark.loopback


def verify() -> None:
    event = events.object_change(stored().key, stored().version_id, "ObjectCreated:Put")
    assert not verify_media.handler(events.sqs(event), events.context())["batchItemFailures"]


def published(capsys: pytest.CaptureFixture[str]) -> list[tuple[str, str, float]]:
    """Return provider, metric and value of each duration that was published since the last call."""
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
    return [(line["provider"], name, line[name][0]) for line in lines for name in line if name.startswith("SecondsTo")]


def test_a_recording_is_timed_from_its_callback_until_it_is_stored_and_verified(
    standin: Standin, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    standin.audio(PATH, WAV)
    clock.forward(seconds=0)
    intake.record(recording())
    clock.forward(seconds=30)
    assert fetch(recording())
    assert published(capsys) == [("bandwidth", "SecondsToStored", 30)]
    clock.forward(seconds=5)
    verify()
    assert published(capsys) == [("bandwidth", "SecondsToVerified", 35)]
    assert fetch(recording(), received=2)
    verify()
    assert published(capsys) == []


def test_a_recording_that_was_retried_is_not_timed(
    standin: Standin, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    standin.audio(PATH, WAV)
    with clock.ago(days=3):
        intake.fail(intake.record(recording()), RejectedError("gone", "It is gone."))
    reopening.start(worlds.row(), "ops")
    assert fetch(recording())
    verify()
    assert worlds.row().state is State.VERIFIED
    assert published(capsys) == []


def test_a_recording_that_the_provider_was_asked_about_is_not_timed(
    standin: Standin, clock: Clock, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    standin.audio(PATH, WAV)
    with clock.ago(hours=7):
        announced = intake.record(recording(state=State.ANNOUNCED))

    def finished(provider: Bandwidth, row: Recording) -> Recording:
        return row.model_copy(update={"state": State.PENDING})

    monkeypatch.setattr(Bandwidth, "look_up", finished)
    assert following.reconcile(announced).state is State.PENDING
    assert fetch(recording())
    verify()
    assert worlds.row().state is State.VERIFIED
    assert published(capsys) == []


def test_an_upload_is_timed_from_its_arrival(capsys: pytest.CaptureFixture[str]) -> None:
    worlds.put_account("acme", "kazoo", callback={"token": "t0ken"})
    parameters: dict[str, Any] = {"account_id": "acme", "token": "t0ken", "path": "call_recording_c1.wav"}
    request = events.http("PUT", "/uploads/kazoo/acme/t0ken/call_recording_c1.wav", WAV, parameters=parameters)
    assert receive_upload.handler(request, events.context())["statusCode"] == 201
    [(provider, metric, seconds)] = published(capsys)
    assert (provider, metric) == ("kazoo", "SecondsToStored")
    assert 0 <= seconds < 5

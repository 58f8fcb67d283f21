"""A fetch writes a row that is as announced at most twice."""

from collections import Counter
from typing import Any

import pytest
from botocore.client import BaseClient

from callvault.models import Recording, State
from callvault.providers.bandwidth.provider import Bandwidth
from callvault.storage import breakers, paces
from functions.fetch_media import app
from tests import worlds
from tests.integration import events
from tools import audio_samples
from tools.local.faults.replies import Reply
from tools.local.providers.standins import Standin

pytestmark = pytest.mark.loopback

PATH = "/api/v2/accounts/9900000/calls/c-1/recordings/r-1/media"


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count the calls to DynamoDB, refused ones included, by operation."""
    counted: Counter[str] = Counter()
    base: Any = BaseClient
    call = base._make_api_call

    def count(client: BaseClient, operation: str, *arguments: Any) -> Any:
        if client.meta.service_model.service_name == "dynamodb":
            counted[operation] += 1
        return call(client, operation, *arguments)

    monkeypatch.setattr(BaseClient, "_make_api_call", count)
    return counted


def announced(**fields: Any) -> Recording:
    return worlds.recording(call_id="c-1", duration_ms=2000, **fields)


def fetch(recording: Recording) -> None:
    event = events.sqs(recording.model_dump(mode="json"), received=1)
    assert not app.handler(event, events.context(60))["batchItemFailures"]


@pytest.fixture
def audio(standin: Standin) -> None:
    """Serve audio; the process has read a moment ago that the provider does not fail."""
    standin.audio(PATH, audio_samples.wav(2, seed=1))
    breakers.recent("acme", standin.origin)
    paces.recovers(standin.origin)


@pytest.mark.usefixtures("audio")
def test_a_process_reads_the_providers_breaker_and_pace_once_in_some_seconds(calls: Counter[str]) -> None:
    breakers.forget()
    paces.forget()
    recording = worlds.put(call_id="c-1", duration_ms=2000, format="wav")
    calls.clear()
    fetch(recording)
    assert calls == {"GetItem": 1 + 2, "PutItem": 1}
    calls.clear()
    fetch(recording)
    assert calls == {"GetItem": 1}


@pytest.mark.usefixtures("audio")
def test_a_recording_whose_row_is_complete_is_written_once(calls: Counter[str]) -> None:
    recording = worlds.put(call_id="c-1", duration_ms=2000, format="wav")
    calls.clear()
    fetch(recording)
    assert calls == {"GetItem": 1, "PutItem": 1}
    assert worlds.row().state is State.STORED
    assert worlds.history() == ["callback", "stored"]


@pytest.mark.usefixtures("audio")
def test_choosing_the_key_before_the_copy_is_a_second_write(calls: Counter[str]) -> None:
    recording = worlds.put(call_id="c-1", duration_ms=2000)
    calls.clear()
    fetch(recording)
    assert calls == {"GetItem": 1, "PutItem": 2}
    assert worlds.row().state is State.STORED
    assert worlds.history() == ["callback", "key", "stored"]


@pytest.mark.usefixtures("audio")
@pytest.mark.parametrize("known", [{"format": "wav"}, {}])
def test_the_providers_description_and_the_key_are_one_write(
    calls: Counter[str], monkeypatch: pytest.MonkeyPatch, known: dict[str, Any]
) -> None:
    def describe(_: Bandwidth, recording: Recording) -> Recording:
        return recording.model_copy(update={"caller": "+15551112222"})

    monkeypatch.setattr(Bandwidth, "describe", describe)
    recording = worlds.put(call_id="c-1", duration_ms=2000, **known)
    calls.clear()
    fetch(recording)
    assert calls == {"GetItem": 1, "PutItem": 2}
    assert worlds.row().caller == "+15551112222"
    assert worlds.row().state is State.STORED
    assert worlds.history() == ["callback", "described", "stored"]


@pytest.mark.usefixtures("audio")
def test_a_message_without_a_row_creates_the_row(calls: Counter[str]) -> None:
    fetch(announced(format="wav"))
    assert calls == {"GetItem": 1, "PutItem": 2}
    assert worlds.row().state is State.STORED
    assert worlds.history() == ["fetch", "stored"]


@pytest.mark.usefixtures("audio")
def test_a_missing_row_without_a_key_takes_a_third_write(calls: Counter[str]) -> None:
    fetch(announced())
    assert calls == {"GetItem": 1, "PutItem": 3}
    assert worlds.history() == ["fetch", "key", "stored"]


@pytest.mark.usefixtures("audio")
def test_a_repeated_message_writes_nothing(calls: Counter[str]) -> None:
    recording = announced(format="wav")
    fetch(recording)
    calls.clear()
    fetch(recording)
    assert calls == {"GetItem": 1}


@pytest.mark.parametrize("count", [1, 4])
def test_a_failed_attempt_is_one_read_and_one_write_more(calls: Counter[str], standin: Standin, count: int) -> None:
    standin.serve(PATH, Reply(status=503))
    recording = worlds.put(call_id="c-1", duration_ms=2000, format="wav")
    calls.clear()
    assert app.handler(events.sqs(recording.model_dump(mode="json"), received=count), events.context(60))
    # The reads are those of the row before and after the attempt, and of the provider's breaker and
    # pace. The breaker is read again and written, because this failure speaks of the provider.
    assert calls == {"GetItem": 2 + 3, "PutItem": 1 + 1}
    assert worlds.history() == ["callback"]

"""Fetch the recording of a test by the function, from the stand-in of the fixture `standin`."""

import time
from typing import Any

from callvault.models import Media, Recording, State
from functions.fetch_media import app
from tests import worlds
from tests.integration import events
from tools import audio_samples

PATH = "/api/v2/accounts/9900000/calls/c-1/recordings/r-1/media"
"""Path of the recording's audio at the provider."""
WAV = audio_samples.wav(2, seed=1)
"""The recording's audio."""
AUDIO = {"content-type": "audio/vnd.wave"}
"""Headers of a response that is audio."""


def recording(recording_id: str = "r-1", **fields: Any) -> Recording:
    """Return the recording as its callback reports it, with changes."""
    return worlds.recording(recording_id, **{"call_id": "c-1", "duration_ms": 2000, "format": "wav"} | fields)


def fetch(update: Recording, *, received: int = 1, since: float | None = None, seconds: float = 60) -> bool:
    """Deliver the message of a recording and say whether it was processed."""
    event = events.sqs(update.model_dump(mode="json"), received=received, since=since)
    return not app.handler(event, events.context(seconds))["batchItemFailures"]


def stored() -> Media:
    """Return the row's description of the stored audio, which must exist."""
    found = worlds.row().media
    assert found is not None
    return found


def assert_waits(reason: str, update: Recording | None = None) -> None:
    """Assert that the fetch is retried, stores nothing, and fails with this reason after a day."""
    update = update or recording()
    assert not fetch(update)
    assert worlds.row().state is State.PENDING
    assert fetch(update, received=10, since=time.time() - 25 * 3600)
    assert (worlds.row().state, worlds.row().reason) == (State.FAILED, reason)
    assert (worlds.versions(), worlds.unfinished_uploads()) == ([], 0)


def assert_fails(reason: str, update: Recording | None = None) -> None:
    """Assert that the fetch fails at once and stores nothing."""
    assert fetch(update or recording())
    assert (worlds.row().state, worlds.row().reason) == (State.FAILED, reason)
    assert (worlds.versions(), worlds.unfinished_uploads()) == ([], 0)

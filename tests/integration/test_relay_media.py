"""The audio of a recording of SWML, from the place that SignalWire's Recordings API names."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from callvault import accounts
from callvault.models import Recording, State
from functions.fetch_media import app
from functions.ingest_callback import app as ingest
from functions.verify_media import app as verify
from tests import samples, worlds
from tests.integration import events
from tools import audio_samples
from tools.local.faults.replies import Reply
from tools.local.providers import relay_recordings, standins
from tools.local.providers.standins import Standin

pytestmark = pytest.mark.loopback

CONTRACT = samples.of("signalwire")
SAMPLE = CONTRACT.sample("relay_finished.json")
ID = str((SAMPLE.recording or {})["recording_id"])
PATH = f"/api/relay/rest/recordings/{ID}"
MEDIA = f"/{relay_recordings.SPACE}/recordings/{ID}.wav"
WAV = audio_samples.wav(20, seed=3)


@dataclass(frozen=True)
class Scene:
    """The API of SignalWire, and the server of its media."""

    api: Standin
    files: Standin

    def name_media(self, **changes: Any) -> None:
        """Let the resource name the media."""
        relay_recordings.keep(self.api, ID, WAV, files=self.files, **changes)

    def recording(self, **fields: Any) -> Recording:
        """Return what the event of a finished recording says."""
        known = {"account_id": "acme", "provider": "signalwire", **(SAMPLE.recording or {})}
        return Recording.model_validate(known | fields)

    def fetch(self, *, since: float | None = None, **fields: Any) -> Recording:
        """Deliver the recording's message and return the row."""
        message = events.sqs(self.recording(**fields).model_dump(mode="json"), since=since)
        app.handler(message, events.context())
        return worlds.row(ID)


@pytest.fixture
def scene(standin: Standin) -> Iterator[Scene]:
    with standins.Standin() as files:
        made = Scene(standin, files)
        api = {**CONTRACT.parameter["api"], "origin": standin.origin}
        worlds.put_account("acme", **{**CONTRACT.parameter, "api": api, "media_origins": [files.origin]})
        accounts.forget()
        made.name_media()
        yield made


def size(count: int) -> dict[str, Any]:
    """Return the fields of a recording whose event reported this size."""
    return {"extra": {**(SAMPLE.recording or {})["extra"], "size": count}}


def test_the_media_is_fetched_from_where_the_resource_says_without_credentials(scene: Scene) -> None:
    row = scene.fetch(**size(len(WAV)))
    assert (row.state, worlds.body(row)) == (State.STORED, WAV)
    assert [(one.path, bool(one.authorization)) for one in scene.api.asked] == [(PATH, True)]
    assert [(one.path, one.authorization) for one in scene.files.asked] == [(MEDIA, None)]


def test_a_resource_that_names_no_media_yet_is_asked_again(scene: Scene) -> None:
    scene.name_media(url=None)
    assert scene.fetch().state is State.PENDING
    scene.name_media()
    assert worlds.body(scene.fetch(**size(len(WAV)))) == WAV


def test_media_of_another_size_than_reported_is_fetched_again_for_an_hour(scene: Scene) -> None:
    other = size(len(WAV) + 2)
    assert scene.fetch(since=time.time() - 3500, **other).state is State.PENDING
    assert scene.fetch(since=time.time() - 3700, **other).state is State.STORED


def test_media_of_a_size_that_only_the_resource_reports_is_fetched_again(scene: Scene) -> None:
    scene.name_media(byte_size=len(WAV) + 2)
    row = scene.fetch(extra={"event_type": "calling.call.record"})
    assert (row.state, row.attempt and row.attempt.reason) == (State.PENDING, "other_size")


def test_media_of_unknown_size_is_not_fetched_before_the_resource_answers(scene: Scene) -> None:
    whole = scene.api.replies[PATH]
    scene.api.serve(PATH, Reply(status=503), *whole)
    row = scene.fetch(extra={"event_type": "calling.call.record"})
    assert (row.state, row.attempt and row.attempt.reason) == (State.PENDING, "http_503")
    assert scene.files.asked == []
    row = scene.fetch(extra={"event_type": "calling.call.record"})
    assert (row.extra["byte_size"], worlds.body(row)) == (len(WAV), WAV)


def verified(scene: Scene, **fields: Any) -> Recording:
    row = scene.fetch(since=time.time() - 3700, **fields)
    assert row.media is not None
    verify.handler(events.sqs(events.object_change(row.media.key, row.media.version_id)), events.context())
    return worlds.row(ID)


def test_another_size_is_a_discrepancy(scene: Scene) -> None:
    row = verified(scene, **size(len(WAV) + 2))
    announced = f"size announced {len(WAV) + 2} bytes, stored {len(WAV)}"
    assert row.state is State.VERIFIED
    assert announced in row.discrepancies


def test_the_right_size_is_no_discrepancy(scene: Scene) -> None:
    row = verified(scene, channels=1, **size(len(WAV)))
    assert (row.state, row.discrepancies) == (State.VERIFIED, ())


@pytest.mark.parametrize("name", ["relay_recording.json", "relay_finished.json", "relay_flat.json"])
def test_an_event_becomes_a_row(scene: Scene, name: str) -> None:
    sample = CONTRACT.sample(name)
    answer = ingest.handler(events.from_request(sample.request), events.context())
    assert (answer["statusCode"], answer["body"]) == (200, "<Response/>")
    assert worlds.row(ID).state == (sample.recording or {})["state"]

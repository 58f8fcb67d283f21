"""Telnyx's webhooks through the functions, and audio by links that the API gives anew."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from callvault import accounts, providers
from callvault.messaging.queues import Queue
from callvault.models import Recording, State
from callvault.readers import edits
from callvault.storage import table
from functions.fetch_media import app
from functions.ingest_callback import app as ingest
from functions.sweep_recordings import app as sweep
from functions.verify_media import app as verify
from tests import samples, worlds
from tests.integration import events
from tools import audio_samples
from tools.local.faults.replies import Reply
from tools.local.providers import telnyx_recordings
from tools.local.providers.telnyx_recordings import API_KEY, Storage, Telnyx

pytestmark = pytest.mark.loopback

CONTRACT = samples.of("telnyx")
SAMPLE = CONTRACT.sample("call_recording_saved.json")
ID = "10cd86ac-fef8-4765-b203-0f7511f9fc75"
PATH = f"/v2/recordings/{ID}"
WAV, MP3 = audio_samples.wav(20, seed=3), audio_samples.mp3(20, seed=4)


@dataclass(frozen=True)
class Scene:
    """Telnyx's API and storage."""

    api: Telnyx
    storage: Storage

    def announce(self, name: str = SAMPLE.name) -> dict[str, Any]:
        """Send a sample and return the answer."""
        return dict(ingest.handler(events.from_request(CONTRACT.sample(name).request), events.context()))

    def fetch(self, *, since: float | None = None) -> Recording:
        """Deliver the queued message and return the row."""
        [recording] = [one for one in worlds.queued_recordings() if one.recording_id == ID][:1]
        app.handler(events.sqs(recording.model_dump(mode="json"), since=since), events.context())
        return worlds.row(ID)


@pytest.fixture
def scene() -> Iterator[Scene]:
    with Storage() as storage, Telnyx(storage) as api:
        configured = {"origin": api.origin, "api_key": API_KEY}
        parameter = {**CONTRACT.parameter, "api": configured, "media_origins": [storage.origin]}
        worlds.put_account("acme", **parameter)
        accounts.forget()
        api.keep(ID, WAV, duration_millis=20_000)
        yield Scene(api, storage)


def reason(row: Recording) -> str | None:
    return row.attempt.reason if row.attempt else row.reason


def test_the_media_is_fetched_by_a_link_of_the_resource_without_credentials(scene: Scene) -> None:
    assert scene.announce()["statusCode"] == 200
    row = scene.fetch()
    assert (row.state, worlds.body(row)) == (State.STORED, WAV)
    assert (row.caller, row.callee, row.format, row.duration_ms) == ("+15551112222", "+15553334444", "wav", 20_000)
    assert [(one.path, one.authorization) for one in scene.api.asked] == [(PATH, f"Bearer {API_KEY}")] * 2
    assert [one.authorization for one in scene.storage.asked] == [None]
    assert "s3.amazonaws.com" not in row.model_dump_json()


def test_an_expired_link_is_replaced_by_a_new_one_at_the_next_attempt(scene: Scene) -> None:
    scene.announce()
    scene.api.link_seconds = -1
    row = scene.fetch()
    assert (row.state, reason(row)) == (State.PENDING, "http_403")
    scene.api.link_seconds = 600
    assert worlds.body(scene.fetch()) == WAV
    links = [one.path for one in scene.storage.asked]
    assert len(set(links)) == len(links) == 2


def test_a_resource_that_is_not_there_yet_is_asked_for_again_and_no_key_is_chosen(scene: Scene) -> None:
    scene.announce()
    resource = scene.api.resources.pop(PATH)
    row = scene.fetch()
    assert (row.state, reason(row), row.media_key) == (State.PENDING, "http_404", None)
    scene.api.resources[PATH] = resource
    assert scene.fetch().state is State.STORED


def test_a_recording_in_mp3_is_stored_as_mp3(scene: Scene) -> None:
    scene.api.keep(ID, MP3)
    scene.announce("texml_completed.form")
    row = scene.fetch()
    assert row.media is not None
    assert (row.media.key.rpartition(".")[2], row.media.content_type) == ("mp3", "audio/mpeg")


def test_a_link_to_a_private_address_is_not_followed(scene: Scene) -> None:
    scene.announce()
    scene.api.keep(ID, WAV, download_urls={"wav": "http://169.254.169.254/latest/meta-data"})
    row = scene.fetch()
    assert (row.state, row.reason) == (State.FAILED, "forbidden_redirect")
    assert worlds.versions() == []


def test_media_in_the_customers_own_storage_is_absent_at_the_first_attempt(scene: Scene) -> None:
    scene.announce()
    scene.api.keep(ID, WAV, download_urls={"wav": "s3://acme-recordings/r.wav"})
    row = scene.fetch()
    assert (row.state, row.reason) == (State.ABSENT, "stored_elsewhere")
    assert row.extra["media_url"] == "s3://acme-recordings/r.wav"
    assert scene.storage.asked == []


def test_the_key_of_the_api_goes_to_no_other_origin(scene: Scene) -> None:
    scene.announce()
    with Storage() as elsewhere:
        scene.api.keep(ID, WAV, download_urls={"wav": f"{elsewhere.origin}/r.wav"})
        assert scene.fetch().reason == "forbidden_redirect"
        assert elsewhere.asked == []


def test_a_wrong_key_of_the_api_is_tried_again_for_a_day(scene: Scene) -> None:
    scene.announce()
    configured = {"origin": scene.api.origin, "api_key": "KEYwrong"}
    worlds.put_account("acme", **{**CONTRACT.parameter, "api": configured})
    accounts.forget()
    assert reason(scene.fetch()) == "http_401"
    assert scene.fetch().state is State.PENDING
    assert scene.fetch(since=time.time() - 25 * 3600).reason == "http_401"


@pytest.mark.parametrize("body", [b"", b"<Error><Code>AccessDenied</Code></Error>", WAV[:-500]])
def test_what_is_not_the_whole_recording_is_fetched_again(scene: Scene, body: bytes) -> None:
    scene.announce()
    scene.api.keep(
        ID, WAV, Reply(body=body, headers={"content-type": "audio/x-wav"}, public=True), duration_millis=20_000
    )
    assert scene.fetch().state is State.PENDING
    assert worlds.body(scene.fetch()) == WAV


def test_the_stored_recording_is_verified(scene: Scene) -> None:
    scene.announce()
    row = scene.fetch()
    assert row.media is not None
    verify.handler(events.sqs(events.object_change(row.media.key, row.media.version_id)), events.context())
    row = worlds.row(ID)
    assert (row.state, row.discrepancies) == (State.VERIFIED, ())


def test_a_repeated_webhook_stores_one_object(scene: Scene) -> None:
    for _ in range(3):
        assert scene.announce()["statusCode"] == 200
        scene.fetch()
    scene.announce("texml_completed.form")
    assert len(worlds.versions("media/")) == 1


def test_a_forged_an_old_and_an_unsigned_webhook_write_no_row(scene: Scene) -> None:
    genuine = SAMPLE.request
    old = replace(genuine, arrived=genuine.arrived.replace(hour=10))
    forged = replace(genuine, body=genuine.body.replace(b"single", b"dual"))
    unsigned = replace(genuine, headers={"content-type": "application/json"})
    for request in (old, forged, unsigned):
        answer = ingest.handler(events.from_request(request), events.context())
        assert (answer["statusCode"], json.loads(answer["body"])["error"]) == (403, "forbidden")
    assert table.get("acme", ID) is None
    assert worlds.queued_recordings() == []


def test_the_text_of_a_transcription_is_stored_as_its_resource(scene: Scene) -> None:
    text_id = "6fa85f64-5717-4562-b3fc-2c963f66afa6"
    scene.api.keep_transcription(text_id, ID, "Hi, this is Alice.")
    scene.announce("call_recording_transcription_saved.json")
    row = worlds.row(ID)
    app.handler(events.sqs({"wanted": "transcript", **row.model_dump(mode="json")}), events.context())
    found = worlds.row(ID).transcript
    assert found is not None
    assert found.text is not None
    resource = scene.api.resources[telnyx_recordings.TRANSCRIPTIONS + text_id]
    assert (found.state, found.text.size) == ("verified", len(json.dumps({"data": resource})))


# ---- webhooks that do not name their recording ---------------------------------------------------

NAMING = "call_recording_transcription_saved.json"
"""A sample that names the recording."""
FOUND: dict[str, Any] = {
    "call_leg_id": "9977677e-85ae-11ec-826d-02420a0d7e70",
    "recording_started_at": "2026-11-20T09:30:36.148619Z",
}
"""Members of the resource by which the archive finds the unnamed recording."""


def announce_unnamed(scene: Scene) -> Recording:
    """Send a webhook that does not name its recording and return the row."""
    scene.api.keep(ID, WAV, duration_millis=20_000, **FOUND)
    sample = CONTRACT.sample("call_recording_saved_without_id.json")
    assert scene.announce(sample.name)["statusCode"] == 200
    announced = providers.of(CONTRACT.account()).read(sample.request)
    assert announced is not None
    return worlds.row(announced.recording_id)


def sweep_and_fetch(clock: worlds.Clock) -> None:
    """Let the sweep ask Telnyx, and deliver every message in the queue."""
    for _ in range(3):
        clock.forward(hours=7)
        sweep.handler({}, events.context(300))
    for body in worlds.queued(Queue.FETCH):
        app.handler(events.sqs(body), events.context())


def test_a_recording_that_its_webhook_does_not_name_is_stored_under_its_real_id(
    scene: Scene, clock: worlds.Clock
) -> None:
    unnamed = announce_unnamed(scene)
    told = {"owner_id": "u-1", "tag": "blue", "caller": "+15550000001", "callee": "+15550000002"}
    assert table.edit(unnamed, "claimed", **told) is not None
    sweep_and_fetch(clock)
    row, ended = worlds.row(ID), worlds.row(unnamed.recording_id)
    assert (row.state, worlds.body(row)) == (State.STORED, WAV)
    assert row.model_dump(include=set(told)) == told
    assert row.media_key is not None
    assert row.media_key.endswith(f"/{ID}.wav")
    assert (ended.state, ended.reason, ended.extra["recording_id"]) == (State.ABSENT, "named", ID)


@pytest.mark.parametrize("first", [True, False])
def test_a_recording_that_only_some_webhooks_name_is_stored_once(
    scene: Scene, clock: worlds.Clock, *, first: bool
) -> None:
    if first:
        scene.announce(NAMING)
    announce_unnamed(scene)
    if not first:
        scene.announce(NAMING)
    sweep_and_fetch(clock)
    assert worlds.row(ID).state is State.STORED
    assert len(worlds.versions("media/")) == 1


def test_a_named_recording_that_was_deleted_does_not_come_again_from_an_unnamed_one(
    scene: Scene, clock: worlds.Clock
) -> None:
    scene.announce(NAMING)
    edits.delete(worlds.principal("acme", "telnyx", can_delete=True), worlds.row(ID))
    unnamed = announce_unnamed(scene)
    sweep_and_fetch(clock)
    assert (worlds.row(ID).state, worlds.row(unnamed.recording_id).reason) == (State.DELETED, "named")
    assert worlds.versions("media/") == []


def test_a_row_that_was_not_ended_is_ended_by_the_next_sweep(
    scene: Scene, clock: worlds.Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    unnamed = announce_unnamed(scene)
    with monkeypatch.context() as broken:
        broken.setattr(table, "edit", lambda row, what, **_: row if what == "swept" else None)
        clock.forward(hours=7)
        assert sweep.handler({}, events.context(300))["unavailable"] == 1
    assert worlds.row(unnamed.recording_id).state is State.ANNOUNCED
    sweep_and_fetch(clock)
    assert worlds.row(unnamed.recording_id).reason == "named"
    assert len(worlds.versions("media/")) == 1

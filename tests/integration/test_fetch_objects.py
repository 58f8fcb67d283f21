"""The objects of fetched recordings: repetitions, newer versions, leftover uploads."""

from typing import Any

import pytest

from callvault import clients, settings
from callvault.ingest import media, reopening
from callvault.models import Media, Recording, State
from callvault.providers.bandwidth.provider import Bandwidth
from callvault.storage import bucket, table
from functions.verify_media import app as verify_media
from tests import worlds
from tests.integration import events
from tests.integration.fetching import AUDIO, PATH, WAV, assert_fails, fetch, recording, stored
from tools import audio_samples
from tools.local.faults.replies import Reply
from tools.local.providers.standins import Standin

pytestmark = pytest.mark.loopback


def test_an_attempt_that_another_overtakes_during_its_request_stores_nothing(
    standin: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    standin.audio(PATH, WAV)

    def describe_while_stored(provider: Bandwidth, known: Recording) -> Recording:
        monkeypatch.undo()
        assert fetch(recording())
        return known.model_copy(update={"caller": "+15551112222"})

    monkeypatch.setattr(Bandwidth, "describe", describe_while_stored)
    assert fetch(recording(), received=2)
    assert (worlds.row().state, worlds.row().caller) == (State.STORED, "+15551112222")
    assert len(worlds.versions()) == 1


def test_a_repeated_message_stores_one_object(standin: Standin) -> None:
    standin.audio(PATH, WAV)
    assert fetch(recording())
    assert fetch(recording())
    assert len(worlds.versions()) == 1


def test_an_existing_copy_whose_row_was_not_written_is_recognised(standin: Standin) -> None:
    """A function may die between the object and its row."""
    standin.audio(PATH, WAV)
    fetch(recording())
    forget_row()
    assert fetch(recording())
    assert worlds.row().state is State.STORED
    assert len(worlds.versions()) == 1


def test_an_existing_long_copy_whose_row_was_not_written_is_recognised(standin: Standin) -> None:
    standin.audio(PATH, audio_samples.wav(600, seed=2))
    fetch(recording(duration_ms=600_000))
    forget_row()
    assert fetch(recording(duration_ms=600_000))
    assert worlds.row().state is State.STORED
    assert (len(worlds.versions()), worlds.unfinished_uploads()) == (1, 0)


def abandon_upload(key: str | None) -> None:
    """Begin an upload as an attempt does that dies then."""
    clients.s3().create_multipart_upload(Bucket=settings.get().bucket_name, Key=str(key))


def test_a_long_copy_aborts_uploads_that_failed_attempts_left(standin: Standin) -> None:
    standin.audio(PATH, audio_samples.wav(600, seed=2))
    known = table.put(recording(duration_ms=600_000), "callback")
    abandon_upload(known.media_key)
    abandon_upload(f"{known.media_key}-another")
    assert fetch(recording(duration_ms=600_000))
    assert worlds.unfinished_uploads() == 1


def test_a_repeated_message_aborts_the_upload_that_a_failed_attempt_left(standin: Standin) -> None:
    standin.audio(PATH, audio_samples.wav(600, seed=2))
    assert fetch(recording(duration_ms=600_000))
    abandon_upload(stored().key)
    assert fetch(recording(duration_ms=600_000), received=2)
    assert worlds.unfinished_uploads() == 0


def test_a_failed_recording_leaves_no_upload(standin: Standin) -> None:
    standin.serve(PATH, Reply(status=410))
    abandon_upload(table.put(recording(), "callback").media_key)
    assert_fails("http_410")
    assert worlds.unfinished_uploads() == 0


def test_an_upload_that_another_attempt_aborted_meanwhile_is_no_error(
    standin: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    standin.audio(PATH, audio_samples.wav(600, seed=2))
    key = table.put(recording(), "callback").media_key
    listed = {"Uploads": [{"Key": key, "UploadId": "gone"}]}
    monkeypatch.setattr(clients.s3(), "list_multipart_uploads", lambda **_: listed)
    assert fetch(recording())
    assert worlds.row().state == State.STORED


def forget_row() -> None:
    """Put the row back to what it was before the copy, with the same key."""
    key = stored().key
    clients.dynamodb().delete_item(TableName=settings.get().table_name, Key={"pk": {"S": "acme#r-1"}})
    table.put(recording(media_key=key), "callback")


def test_another_object_under_the_key_is_not_overwritten(standin: Standin) -> None:
    standin.audio(PATH, WAV)
    fetch(recording())
    forget_row()
    standin.audio(PATH, audio_samples.wav(2, seed=9))
    assert fetch(recording())
    assert (worlds.row().state, worlds.row().reason) == (State.FAILED, "conflict")
    assert len(worlds.versions()) == 1


@pytest.mark.parametrize(("operation", "seconds"), [("put_object", 2), ("complete_multipart_upload", 600)])
def test_a_copy_that_meets_another_write_is_tried_again(
    standin: Standin, monkeypatch: pytest.MonkeyPatch, operation: str, seconds: int
) -> None:
    standin.audio(PATH, audio_samples.wav(seconds, seed=2))
    update = recording(duration_ms=seconds * 1000)
    with monkeypatch.context() as meeting:
        worlds.fail(meeting, clients.s3(), operation, "ConditionalRequestConflict")
        assert not fetch(update)
        assert (worlds.row().state, worlds.unfinished_uploads()) == (State.PENDING, 0)
    assert fetch(update, received=2)
    assert (worlds.row().state, len(worlds.versions())) == (State.STORED, 1)


def test_a_complete_recording_becomes_a_newer_version_of_the_partial_one(standin: Standin) -> None:
    part = audio_samples.wav(1, seed=1)
    standin.serve(PATH, Reply(body=part, headers=AUDIO), Reply(body=WAV, headers=AUDIO))
    assert fetch(recording(partial=True))
    assert (worlds.row().state, stored().partial) == (State.STORED, True)
    assert fetch(recording())
    assert (worlds.row().state, stored().partial) == (State.STORED, False)
    assert worlds.body(worlds.row()) == WAV
    assert len(worlds.versions()) == 2


def test_a_complete_recording_is_stored_after_the_row_lost_the_partial_copy(standin: Standin) -> None:
    part = audio_samples.wav(1, seed=1)
    standin.serve(PATH, Reply(body=part, headers=AUDIO), Reply(body=WAV, headers=AUDIO))
    fetch(recording(partial=True))
    table.put(recording(), "callback pending")
    bucket.delete(stored().key)
    change = events.object_change(stored().key, stored().version_id, "ObjectRemoved:DeleteMarkerCreated")
    verify_media.handler(events.sqs(change), events.context())
    assert (worlds.row().state, worlds.row().media) == (State.PENDING, None)
    assert fetch(recording())
    assert (worlds.row().state, worlds.body(worlds.row())) == (State.STORED, WAV)


def test_a_complete_recording_replaces_a_partial_object_without_a_row(standin: Standin) -> None:
    part = audio_samples.wav(1, seed=1)
    standin.serve(PATH, Reply(body=part, headers=AUDIO), Reply(body=WAV, headers=AUDIO))
    fetch(recording(partial=True))
    forget_row()
    assert fetch(recording())
    assert worlds.body(worlds.row()) == WAV
    assert len(worlds.versions()) == 2


@pytest.mark.parametrize("seconds", [2, 600])
def test_a_complete_recording_is_stored_if_the_partial_object_is_gone(standin: Standin, seconds: int) -> None:
    """If the partial object is gone, S3 answers 404 (NoSuchKey) to If-Match with its ETag.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
    """
    part, whole = audio_samples.wav(1, seed=1), audio_samples.wav(seconds, seed=2)
    standin.serve(PATH, Reply(body=part, headers=AUDIO), *[Reply(body=whole, headers=AUDIO)] * 2)
    assert fetch(recording(partial=True))
    where: Any = {"Bucket": settings.get().bucket_name, "Key": stored().key, "VersionId": stored().version_id}
    clients.s3().delete_object(**where)
    assert fetch(recording(duration_ms=seconds * 1000))
    assert (worlds.row().state, stored().partial) == (State.STORED, False)
    assert (len(worlds.versions()), worlds.unfinished_uploads()) == (1, 0)


def test_a_recording_deleted_during_the_copy_stays_deleted(standin: Standin, monkeypatch: pytest.MonkeyPatch) -> None:
    standin.audio(PATH, WAV)
    copy = media.copy

    def copy_while_deleted(*arguments: Any, **named: Any) -> Media:
        copied = copy(*arguments, **named)
        table.put(recording(state=State.DELETED), "deleted by ops")
        return copied

    monkeypatch.setattr(media, "copy", copy_while_deleted)
    assert fetch(recording())
    assert worlds.row().state is State.DELETED
    markers = clients.s3().list_object_versions(Bucket=settings.get().bucket_name)["DeleteMarkers"]
    assert [marker["IsLatest"] for marker in markers] == [True]


def test_an_object_that_was_found_corrupt_is_replaced_when_its_recording_is_retried(standin: Standin) -> None:
    standin.audio(PATH, WAV)
    fetch(recording())
    clients.s3().put_object(Bucket=settings.get().bucket_name, Key=stored().key, Body=b"rotten")
    rotten = worlds.row().model_copy(update={"state": State.FAILED, "reason": "corrupt"})
    head = clients.s3().head_object(Bucket=settings.get().bucket_name, Key=stored().key)
    media = stored().model_copy(update={"etag": head["ETag"], "version_id": head["VersionId"]})
    table.put(rotten.model_copy(update={"media": media}), "failed corrupt", backward=True)
    reopening.start(worlds.row(), "alice")
    assert fetch(recording())
    assert worlds.row().state is State.STORED
    assert worlds.body(worlds.row()) == WAV

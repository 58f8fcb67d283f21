"""An object in the bucket, read back and proven; or gone, and noticed."""

import hashlib
from typing import Any

import pytest

from callvault import clients, models, settings
from callvault.errors import UnavailableError
from callvault.ingest import reopening, verification
from callvault.messaging import event_bus
from callvault.messaging.queues import Queue
from callvault.models import Media, Recording, State
from callvault.readers import edits
from callvault.storage import bucket, table
from callvault.transcript import Transcript, TranscriptState, TranscriptText
from functions.verify_media import app
from tests import worlds
from tests.integration import events
from tools import audio_samples

WAV = audio_samples.wav(2, channels=2, seed=1)


def store(body: bytes = WAV, recording_id: str = "r-1", **fields: Any) -> Recording:
    """Store an object as the fetch does, and its row."""
    known = {"account_id": "acme", "recording_id": recording_id, "provider": "bandwidth", "state": State.PENDING}
    row = table.put(
        Recording.model_validate(known | {"duration_ms": 2000, "channels": 2, "format": "wav"} | fields), "callback"
    )
    stored = bucket.put(row, body, "audio/x-wav", {"IfNoneMatch": "*"})
    copied = Media(
        key=str(row.media_key),
        version_id=stored["VersionId"],
        etag=stored["ETag"],
        size=len(body),
        sha256=hashlib.sha256(body).hexdigest(),
        content_type="audio/x-wav",
        partial=row.partial,
    )
    return table.put(row.model_copy(update={"state": State.STORED, "media": copied}), "stored", known=row)


def store_again(body: bytes = WAV) -> Recording:
    """Store the complete copy of a recording whose partial object is gone, as the fetch does."""
    row = worlds.row()
    stored = bucket.put(row, body, "audio/x-wav", {"IfNoneMatch": "*"})
    assert row.media is not None
    changes = {"version_id": stored["VersionId"], "etag": stored["ETag"], "partial": False}
    copied = row.media.model_copy(update=changes)
    return table.put(row.model_copy(update={"state": State.STORED, "media": copied}), "stored", known=row)


def tell(key: str, version_id: str | None, name: str = "ObjectCreated:Put") -> bool:
    """Deliver the event of one object and say whether it was processed."""
    return deliver(events.object_change(key, version_id, name))


def deliver(body: object) -> bool:
    return not app.handler(events.sqs(body), events.context())["batchItemFailures"]


def tell_of(row: Recording, name: str = "ObjectCreated:Put") -> bool:
    assert row.media is not None
    return tell(row.media.key, row.media.version_id, name)


def test_a_whole_object_is_verified_and_measured(published: Any) -> None:
    assert tell_of(store())
    assert worlds.row().state is State.VERIFIED
    proven = worlds.row().media
    assert proven is not None
    assert (proven.codec, proven.channels, proven.sample_rate, proven.duration_ms) == ("pcm", 2, 8000, 2000)
    assert worlds.row().discrepancies == ()
    [(kind, detail)] = published()
    assert (kind, detail["recording_id"], detail["sha256"]) == (
        "RecordingStored",
        "r-1",
        hashlib.sha256(WAV).hexdigest(),
    )


def test_a_difference_from_the_announcement_is_recorded_and_is_no_error() -> None:
    tell_of(store(duration_ms=20_000, channels=1))
    assert worlds.row().state is State.VERIFIED
    assert worlds.row().discrepancies == (
        "duration announced 20000 ms, measured 2000 ms",
        "channels announced 1, measured 2",
    )


@pytest.mark.parametrize("recording_id", ["a b", "a+b", "Ünïcode ✓", "100%", "a#b", "a~b", "202401-0123456789abcdef"])
def test_an_id_of_any_shape_finds_its_row(recording_id: str) -> None:
    assert tell_of(store(recording_id=recording_id))
    assert worlds.row(recording_id).state is State.VERIFIED


def test_the_key_of_an_unusual_id_is_ascii() -> None:
    stored = store(recording_id="a b/ü")
    assert stored.media is not None
    assert stored.media.key.endswith("/a%20b%2F%C3%BC.wav")
    assert models.ids_of(stored.media.key) == ("acme", "a b/ü")


def test_a_corrupt_object_fails_and_is_published(published: Any) -> None:
    assert tell_of(corrupted())
    assert (worlds.row().state, worlds.row().reason) == (State.FAILED, "corrupt")
    assert [kind for kind, _ in published()] == ["RecordingFailed"]


def corrupted() -> Recording:
    """Store a recording whose object has other bytes than were received."""
    stored = store()
    assert stored.media is not None
    wrong = stored.media.model_copy(update={"sha256": "0" * 64})
    edited = table.edit(stored, "tampered", media=wrong)
    assert edited is not None
    return edited


def test_the_repeated_event_of_a_corrupt_copy_does_not_end_its_retry() -> None:
    corrupt = corrupted()
    tell_of(corrupt)
    assert reopening.reopen(worlds.row(), "ops") is reopening.RetryOutcome.QUEUED
    assert tell_of(corrupt)
    assert worlds.row().state is State.PENDING


@pytest.mark.parametrize("state", [State.PENDING, State.FAILED])
def test_a_partial_copy_that_was_found_corrupt_is_not_served_while_the_rest_is_awaited(state: State) -> None:
    part = store(partial=True)
    assert part.media is not None
    table.edit(part, "tampered", media=part.media.model_copy(update={"sha256": "0" * 64}))
    tell_of(worlds.row())
    whole = worlds.row().model_copy(update={"partial": False, "state": state, "reason": None})
    table.put(whole, f"callback {state}")
    assert (worlds.row().state, worlds.row().served) == (state, None)


def awaited(state: State) -> Recording:
    """Store a partial copy whose event comes after the announcement of the complete recording."""
    store(partial=True)
    whole = worlds.row().model_copy(update={"partial": False, "state": state, "reason": None})
    return table.put(whole, f"callback {state}")


@pytest.mark.parametrize("state", [State.PENDING, State.FAILED])
def test_a_partial_copy_is_served_if_its_event_comes_while_the_rest_is_awaited(state: State) -> None:
    part = awaited(state)
    assert tell_of(part)
    assert tell_of(part)
    row = worlds.row()
    assert (row.state, row.partial, row.served and row.served.duration_ms) == (state, False, 2000)
    assert worlds.history()[-1] == "partial copy verified"
    assert worlds.history().count("partial copy verified") == 1


@pytest.mark.parametrize("state", [State.PENDING, State.FAILED])
def test_a_partial_copy_that_no_row_recorded_is_served_while_the_rest_is_awaited(state: State) -> None:
    """The attempt that stored the partial copy died before it wrote the row."""
    part = awaited(state)
    table.edit(worlds.row(), "test", media=None)
    assert tell_of(part)
    assert (worlds.row().state, worlds.row().served is not None) == (state, True)


@pytest.mark.parametrize("recorded", [True, False])
@pytest.mark.parametrize("state", [State.PENDING, State.FAILED])
def test_a_corrupt_partial_copy_is_not_served_and_does_not_end_the_wait_for_the_rest(
    monkeypatch: pytest.MonkeyPatch, published: Any, state: State, *, recorded: bool
) -> None:
    part = awaited(state)
    assert part.media is not None
    worlds.read_corrupt(monkeypatch, str(part.media.version_id))
    if not recorded:
        table.edit(worlds.row(), "test", media=None)
    before = worlds.row()
    assert tell_of(part)
    assert (worlds.row(), worlds.row().served, published()) == (before, None, [])


def test_the_late_event_of_a_partial_copy_does_not_hide_a_corrupt_complete_copy() -> None:
    """The next attempt replaces the complete copy, whose ETag the row has."""
    part = awaited(State.PENDING)
    assert part.media is not None
    whole = part.media.model_copy(update={"partial": False, "version_id": "newer", "etag": '"e"'})
    before = table.edit(worlds.row(), "test", media=whole)
    assert tell_of(part)
    assert worlds.row() == before


def test_a_partial_copy_that_another_writer_changes_meanwhile_is_noted_later(monkeypatch: pytest.MonkeyPatch) -> None:
    part = awaited(State.PENDING)
    meanwhile(monkeypatch, name="changed")
    assert not tell_of(part)
    assert tell_of(part)
    assert (worlds.row().name, worlds.row().served is not None) == ("changed", True)


@pytest.mark.parametrize("step", [None, (event_bus, "publish")], ids=["event comes twice", "event not published"])
def test_a_corrupt_object_that_no_row_recorded_stays_corrupt(
    monkeypatch: pytest.MonkeyPatch, step: tuple[Any, str] | None
) -> None:
    """The row then takes the hash that the object carries, not that of the bytes that were read."""
    row = table.put(worlds.recording(duration_ms=2000, channels=2, format="wav"), "callback pending")
    described: Any = bucket.description(row, "audio/x-wav", sha256="ab" * 32)
    version = clients.s3().put_object(Body=WAV, **described)["VersionId"]

    def refuse(*_: Any) -> None:
        raise UnavailableError("unavailable", "no")

    with monkeypatch.context() as broken:
        if step:
            broken.setattr(*step, refuse)
        assert tell(str(row.media_key), version) is (step is None)
    assert tell(str(row.media_key), version)
    assert (worlds.row().state, worlds.row().reason) == (State.FAILED, "corrupt")


def test_a_row_that_took_the_hash_of_corrupt_bytes_is_not_verified() -> None:
    """Releases up to 0.2.0 wrote such rows."""
    row = table.put(worlds.recording(duration_ms=2000, channels=2, format="wav"), "callback pending")
    described: Any = bucket.description(row, "audio/x-wav", sha256="ab" * 32)
    version = clients.s3().put_object(Body=WAV, **described)["VersionId"]
    wrong = worlds.media(key=str(row.media_key), version_id=version, sha256=hashlib.sha256(WAV).hexdigest())
    failed = row.model_copy(update={"state": State.FAILED, "reason": "corrupt", "media": wrong})
    table.put(failed, "failed corrupt", known=row)
    assert tell(str(row.media_key), version)
    assert (worlds.row().state, worlds.row().reason) == (State.FAILED, "corrupt")


def meanwhile(monkeypatch: pytest.MonkeyPatch, **changes: Any) -> None:
    """Let another writer change the row just before the next object is read back."""
    get = bucket.get

    def change_and_get(*place: Any) -> Any:
        monkeypatch.setattr(bucket, "get", get)
        table.edit(worlds.row(), "meanwhile", **changes)
        return get(*place)

    monkeypatch.setattr(bucket, "get", change_and_get)


@pytest.mark.parametrize("state", [State.STORED, State.VERIFIED, State.PENDING])
def test_a_corrupt_copy_does_not_fail_a_recording_that_has_or_awaits_another_copy(
    monkeypatch: pytest.MonkeyPatch, state: State
) -> None:
    corrupt = corrupted()
    assert corrupt.media is not None
    version = corrupt.media.version_id if state is State.PENDING else "newer"
    meanwhile(monkeypatch, state=state, media=corrupt.media.model_copy(update={"version_id": version}))
    assert tell_of(corrupt)
    assert worlds.row().state is state


def test_a_second_corrupt_copy_fails_before_the_row_records_it() -> None:
    corrupt = corrupted()
    assert corrupt.media is not None
    tell_of(corrupt)
    reopening.reopen(worlds.row(), "ops")
    again = bucket.put(worlds.row(), b"RIFF", "audio/x-wav", {"IfMatch": str(corrupt.media.etag)})
    assert tell(corrupt.media.key, again["VersionId"])
    assert worlds.row().state is State.FAILED


@pytest.mark.parametrize("state", [State.STORED, State.PENDING])
def test_a_removed_copy_does_not_end_a_recording_that_has_or_awaits_another_copy(
    monkeypatch: pytest.MonkeyPatch, state: State
) -> None:
    part = store(partial=True)
    assert part.media is not None
    bucket.delete(part.media.key, None)
    version = part.media.version_id if state is State.PENDING else "newer"
    whole = part.media.model_copy(update={"version_id": version})
    meanwhile(monkeypatch, state=state, partial=False, media=whole)
    assert tell_of(part, "ObjectRemoved:DeleteMarkerCreated")
    assert worlds.row().state is state


def test_a_complete_recording_with_the_bytes_of_a_partial_copy_that_no_row_recorded_is_verified() -> None:
    """The attempt that stored the partial copy died before it wrote the row."""
    part = store(partial=True)
    assert part.media is not None
    whole = part.media.model_copy(update={"partial": False})
    table.edit(part, "test", partial=False, media=whole)
    assert tell_of(part)
    assert (worlds.row().state, worlds.row().partial) == (State.VERIFIED, False)


def test_an_event_before_the_row_is_stored_verifies_by_the_objects_own_hash() -> None:
    stored = store()
    clients.dynamodb().delete_item(TableName=settings.get().table_name, Key={"pk": {"S": "acme#r-1"}})
    pending = stored.model_copy(update={"state": State.PENDING, "media": None, "history": ()})
    table.put(pending, "callback")
    assert tell_of(stored)
    assert worlds.row().state is State.VERIFIED


def test_a_lost_row_is_created_again_from_the_object() -> None:
    stored = store()
    clients.dynamodb().delete_item(TableName=settings.get().table_name, Key={"pk": {"S": "acme#r-1"}})
    assert tell_of(stored)
    assert (worlds.row().state, worlds.row().provider) == (State.VERIFIED, "bandwidth")
    assert worlds.row().media_key == stored.media_key


def test_a_repeated_event_publishes_again_and_changes_nothing(published: Any) -> None:
    stored = store()
    tell_of(stored)
    before = worlds.row()
    assert tell_of(stored)
    assert worlds.row() == before
    assert [kind for kind, _ in published()] == ["RecordingStored", "RecordingStored"]


def test_an_overwriting_object_is_recorded_and_not_served() -> None:
    stored = store()
    tell_of(stored)
    where: Any = {"Bucket": settings.get().bucket_name, "Key": stored.media_key}
    version = clients.s3().put_object(Body=b"RIFF", **where)["VersionId"]
    assert tell(str(stored.media_key), version)
    assert tell(str(stored.media_key), version)
    assert worlds.row().state is State.VERIFIED
    assert worlds.row().discrepancies == (f"another object appeared under its key, version {version}",)
    assert worlds.row().media == worlds.row().media.model_copy(update={"version_id": stored.media.version_id})  # type: ignore[union-attr]


def test_at_most_ten_overwriting_objects_are_recorded_and_each_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    stored = store()
    tell_of(stored)
    where: Any = {"Bucket": settings.get().bucket_name, "Key": stored.media_key}
    versions = [clients.s3().put_object(Body=b"RIFF", **where)["VersionId"] for _ in range(12)]
    assert all(tell(where["Key"], version) for version in versions)
    assert worlds.row().discrepancies == tuple(
        f"another object appeared under its key, version {version}" for version in versions[:10]
    )
    assert caplog.messages.count("Another object was written under a recording's key") == 12


def test_an_overwrite_that_cannot_be_recorded_yet_is_recorded_later(monkeypatch: pytest.MonkeyPatch) -> None:
    stored = store()
    tell_of(stored)
    where: Any = {"Bucket": settings.get().bucket_name, "Key": stored.media_key}
    version = clients.s3().put_object(Body=b"RIFF", **where)["VersionId"]
    monkeypatch.setattr(table, "edit", lambda *_, **__: None)
    assert not tell(where["Key"], version)
    monkeypatch.undo()
    assert tell(where["Key"], version)
    assert worlds.row().discrepancies == (f"another object appeared under its key, version {version}",)


def test_the_late_event_of_a_copy_that_was_replaced_is_no_overwrite(caplog: pytest.LogCaptureFixture) -> None:
    part = store(audio_samples.wav(1, seed=2), partial=True)
    assert part.media is not None
    pending = table.put(part.model_copy(update={"partial": False, "state": State.PENDING}), "callback", known=part)
    written = bucket.put(pending, WAV, "audio/x-wav", {"IfMatch": str(part.media.etag)})
    whole = worlds.media(
        key=part.media.key,
        version_id=written["VersionId"],
        etag=written["ETag"],
        size=len(WAV),
        sha256=hashlib.sha256(WAV).hexdigest(),
    )
    stored = table.put(pending.model_copy(update={"state": State.STORED, "media": whole}), "stored", known=pending)
    for change in (part, stored, part):
        assert tell_of(change)
    assert (worlds.row().state, worlds.row().discrepancies) == (State.VERIFIED, ())
    assert "Another object was written under a recording's key" not in caplog.messages


def test_an_object_over_a_recording_whose_object_was_removed_is_recorded() -> None:
    stored = store()
    assert stored.media is not None
    bucket.delete(stored.media.key)
    assert tell(stored.media.key, "another")
    assert worlds.row().discrepancies == ("another object appeared under its key, version another",)


def test_a_long_object_without_its_hash_tag_is_retried() -> None:
    where: Any = {"Bucket": settings.get().bucket_name, "Key": "media/acme/2026/01/01/r-1.wav"}
    version = clients.s3().put_object(Body=WAV, **where)["VersionId"]
    assert not tell(where["Key"], version)
    tags: Any = {"TagSet": [{"Key": "sha256", "Value": hashlib.sha256(WAV).hexdigest()}]}
    clients.s3().put_object_tagging(Tagging=tags, **where)
    assert tell(where["Key"], version)
    assert worlds.row().state is State.VERIFIED


def test_an_object_longer_than_one_read_is_verified_as_a_whole() -> None:
    long = audio_samples.wav(40, channels=2, seed=1)
    assert len(long) > verification.READ_BYTES
    assert tell_of(store(long, duration_ms=40_000))
    media = worlds.row().media
    assert (worlds.row().state, media and media.duration_ms) == (State.VERIFIED, 40_000)


def test_an_object_that_is_not_audio_fails() -> None:
    tell_of(store(body=b"RIFF____WAVEjunk"))
    assert (worlds.row().state, worlds.row().reason) == (State.FAILED, "not_audio")


def test_an_event_of_an_object_that_no_longer_exists_is_ignored() -> None:
    stored = store()
    assert tell(str(stored.media_key).replace("r-1", "r-2"), None)
    assert table.get("acme", "r-2") is None


def test_a_version_that_was_deleted_before_its_verification_leaves_a_tombstone(published: Any) -> None:
    stored = store()
    assert stored.media
    bucket.delete(stored.media.key, stored.media.version_id)
    assert tell(stored.media.key, stored.media.version_id)
    assert worlds.row().state is State.DELETED
    assert [kind for kind, _ in published()] == ["RecordingDeleted"]


def test_an_object_of_a_deleted_recording_without_a_key_is_deleted() -> None:
    key = str(store().media_key).replace("r-1", "r-2")
    deleted = worlds.put("r-2", state=State.DELETED)
    assert deleted.media_key is None
    clients.s3().put_object(Bucket=settings.get().bucket_name, Key=key, Body=WAV)
    assert tell(key, None)
    assert worlds.keys(deleted=True).count(key) == 2


REMOVALS = [
    ("ObjectRemoved:DeleteMarkerCreated", State.DELETED),
    ("ObjectRemoved:Delete", State.DELETED),
    ("LifecycleExpiration:DeleteMarkerCreated", State.EXPIRED),
    ("LifecycleExpiration:Delete", State.EXPIRED),
]


@pytest.mark.parametrize(("name", "state"), REMOVALS)
def test_a_removed_object_leaves_a_tombstone(published: Any, name: str, state: State) -> None:
    stored = store()
    assert stored.media is not None
    bucket.delete(stored.media.key, None if "Marker" in name else stored.media.version_id)
    assert tell_of(stored, name)
    assert worlds.row().state is state
    assert [kind for kind, _ in published()] == ["RecordingDeleted"]


def test_a_readers_deletion_is_published_when_s3_reports_it(published: Any) -> None:
    stored = store()
    edits.delete(worlds.principal(can_delete=True), worlds.row())
    assert tell_of(stored, "ObjectRemoved:DeleteMarkerCreated")
    assert [kind for kind, _ in published()] == ["RecordingDeleted"]


@pytest.mark.parametrize("step", [(bucket, "delete_transcript"), (event_bus, "publish")], ids=["text", "event"])
def test_what_follows_a_removal_is_done_by_the_next_attempt(
    published: Any, monkeypatch: pytest.MonkeyPatch, step: tuple[Any, str]
) -> None:
    stored = store()
    text = TranscriptText(key=stored.transcript_key(), size=2, sha256="ab" * 32)
    bucket.put(stored, b"{}", "application/json", {"IfNoneMatch": "*"}, key=text.key)
    table.edit(stored, "text", transcript=Transcript(state=TranscriptState.VERIFIED, text=text))
    bucket.delete(str(stored.media_key))

    def refuse(*_: Any) -> None:
        raise UnavailableError("unavailable", "no")

    with monkeypatch.context() as broken:
        broken.setattr(*step, refuse)
        assert not tell_of(stored, "ObjectRemoved:DeleteMarkerCreated")
    assert tell_of(stored, "ObjectRemoved:DeleteMarkerCreated")
    assert (worlds.objects("transcripts/"), [kind for kind, _ in published()]) == ([], ["RecordingDeleted"])


@pytest.mark.parametrize("verified", [False, True])
def test_the_late_marker_of_an_earlier_copy_changes_nothing(*, verified: bool) -> None:
    key = str(store(partial=True).media_key)
    marker = clients.s3().delete_object(Bucket=settings.get().bucket_name, Key=key)["VersionId"]
    table.put(worlds.row().model_copy(update={"state": State.PENDING, "partial": False}), "callback pending")
    whole = store_again()
    if verified:
        assert tell_of(whole)
    assert tell(key, marker, "ObjectRemoved:DeleteMarkerCreated")
    assert tell_of(whole)
    assert (worlds.row().state, worlds.body(worlds.row())) == (State.VERIFIED, WAV)


@pytest.mark.parametrize("name", ["ObjectRemoved:Delete", "ObjectCreated:Put"])
def test_an_earlier_copy_that_is_gone_does_not_end_the_complete_recording(name: str) -> None:
    part = store(partial=True)
    assert part.media is not None
    bucket.delete(part.media.key, part.media.version_id)
    table.put(part.model_copy(update={"partial": False, "state": State.PENDING}), "callback pending")
    assert tell_of(part, name)
    assert worlds.row().state is State.PENDING


@pytest.mark.parametrize("name", ["ObjectRemoved:Delete", "ObjectRemoved:DeleteMarkerCreated", "ObjectCreated:Put"])
def test_a_corrupt_copy_that_is_removed_leaves_a_recording_that_can_be_retried(name: str) -> None:
    tell_of(corrupted())
    stored = worlds.row().media
    assert stored is not None
    bucket.delete(stored.key, None if "Marker" in name else stored.version_id)
    assert tell(stored.key, stored.version_id, name)
    assert reopening.reopen(worlds.row(), "ops") is reopening.RetryOutcome.QUEUED


def test_a_partial_copy_that_is_removed_leaves_the_failed_complete_recording_to_be_retried() -> None:
    part = store(partial=True)
    assert tell_of(part)
    table.put(worlds.row().model_copy(update={"partial": False, "state": State.PENDING}), "callback pending")
    failed = worlds.row().model_copy(update={"state": State.FAILED, "reason": "http_401"})
    table.put(failed, "failed http_401")
    bucket.delete(str(part.media_key), None)
    assert tell_of(part, "LifecycleExpiration:DeleteMarkerCreated")
    assert reopening.reopen(worlds.row(), "ops") is reopening.RetryOutcome.QUEUED


def test_an_old_version_that_is_removed_changes_nothing() -> None:
    stored = store()
    assert tell(str(stored.media_key), "another", "ObjectRemoved:Delete")
    assert worlds.row().state is State.STORED


def test_the_removal_of_an_object_without_a_row_is_ignored() -> None:
    assert tell("media/acme/2026/01/01/r-9.wav", "1", "ObjectRemoved:Delete")


@pytest.mark.parametrize("known", [True, False], ids=["of a stored row", "of a row that does not know it yet"])
def test_a_recording_that_is_deleted_during_its_verification_leaves_no_audio_and_no_event(
    published: Any, monkeypatch: pytest.MonkeyPatch, *, known: bool
) -> None:
    stored = store()
    if not known:
        table.edit(stored, "test", state=State.PENDING, media=None)
    get = bucket.get

    def delete_and_get(*place: Any) -> Any:
        edits.delete(worlds.principal(can_delete=True), worlds.row())
        return get(*place)

    monkeypatch.setattr(bucket, "get", delete_and_get)
    assert tell_of(stored)
    assert worlds.row().state is State.DELETED
    assert worlds.objects("media/") == []
    assert published() == []


def test_an_object_that_appears_after_the_deletion_is_removed() -> None:
    stored = store()
    table.put(stored.model_copy(update={"state": State.DELETED}), "deleted by ops", known=stored)
    assert tell_of(stored)
    listed = clients.s3().list_object_versions(Bucket=settings.get().bucket_name)
    assert [marker["IsLatest"] for marker in listed["DeleteMarkers"]] == [True]


@pytest.mark.parametrize("body", [{"Event": "s3:TestEvent"}, {"Records": [{"eventName": "ObjectTagging:Put"}]}])
def test_other_events_are_ignored(body: dict[str, Any]) -> None:
    assert deliver(body)


def test_an_object_under_another_kind_of_key_is_ignored() -> None:
    assert tell("media/stray.wav", "1")


def test_bad_messages_do_not_delay_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    stored = store()
    described = {"key": stored.media_key, "versionId": stored.media.version_id}  # type: ignore[union-attr]
    good = {"Records": [{"eventName": "ObjectCreated:Put", "s3": {"object": described}}]}
    crash = {"Records": [{"eventName": "ObjectCreated:Put", "s3": {"object": {"key": "media/a/1/1/1/crash.wav"}}}]}
    get = table.get
    monkeypatch.setattr(table, "get", lambda *ids: get(*ids) if "crash" not in ids else 1 / 0)
    answer = app.handler(events.sqs("not json", crash, good), events.context())
    assert answer["batchItemFailures"] == [{"itemIdentifier": "message-1"}]
    assert worlds.row().state is State.VERIFIED


def test_a_malformed_message_is_dead_lettered_with_its_reason() -> None:
    assert not app.handler(events.sqs("not json"), events.context())["batchItemFailures"]
    (letter,) = worlds.dead_letters_of(Queue.OBJECTS)
    assert (letter.reason, letter.error, letter.body) == ("unreadable", "JSONDecodeError", "not json")


@pytest.mark.parametrize(("name", "how"), REMOVALS)
@pytest.mark.parametrize("state", [State.PENDING, State.FAILED])
def test_a_removed_partial_copy_is_not_served_while_the_rest_is_awaited(
    published: Any, state: State, name: str, how: str
) -> None:
    part = awaited(state)
    assert part.media is not None
    tell_of(part)
    bucket.delete(part.media.key, None if "Marker" in name else part.media.version_id)
    assert tell_of(part, name)
    assert tell_of(part)
    assert tell_of(part, name)
    assert (worlds.row().state, worlds.row().served, published()) == (state, None, [])
    assert worlds.history()[-1] == f"partial copy {how} in the bucket"


@pytest.mark.parametrize("state", [State.PENDING, State.FAILED])
def test_a_partial_copy_whose_removal_was_not_noticed_is_not_served(state: State) -> None:
    part = awaited(state)
    assert part.media is not None
    bucket.delete(part.media.key, part.media.version_id)
    assert tell_of(part)
    assert (worlds.row().state, worlds.row().media) == (state, None)


def test_a_removed_partial_copy_is_not_served_if_the_rest_is_announced_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    part = store(partial=True)
    tell_of(part)
    bucket.delete(part.media_key or "")
    meanwhile(monkeypatch, state=State.PENDING, partial=False)
    assert tell_of(part, "ObjectRemoved:DeleteMarkerCreated")
    assert (worlds.row().state, worlds.row().served) == (State.PENDING, None)


def test_the_late_marker_of_an_earlier_partial_copy_does_not_hide_the_present_one() -> None:
    part = awaited(State.PENDING)
    tell_of(part)
    assert tell(str(part.media_key), "an earlier marker", "ObjectRemoved:DeleteMarkerCreated")
    assert worlds.row().served is not None

"""What KAZOO's own S3 handler put into the bucket, moved to its place and made a row."""

import hashlib
import io
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from callvault import accounts, alarm_messages, clients, settings
from callvault.errors import UnavailableError
from callvault.ingest import kazoo_incoming, media
from callvault.messaging import bucket_events
from callvault.models import Recording, State
from callvault.storage import bucket, table
from functions.verify_media import app
from tests import samples, worlds
from tests.captures import ACCOUNT_ID, AUDIO, OWNER_ID, PROBE, document_id
from tests.integration import events
from tools import audio_samples
from tools.local.providers import kazoo_api
from tools.local.providers.kazoo_api import API_KEY, Crossbar

FOLDER = f"incoming/kazoo/{ACCOUNT_ID}"
RECORDING_ID = document_id(0x80)
KEY = f"{FOLDER}/{RECORDING_ID}/f00d.mp3"
DOCUMENT = json.loads((samples.EVENTS / "kazoo" / "crossbar" / "recording.json").read_text())["data"]
TOLD = f"{FOLDER}/{RECORDING_ID}/call_id=c-1%4010.0.0.1/from=1000%40x/direction=inbound/start=63871672800/f00d.mp3"


@pytest.fixture(autouse=True)
def account() -> None:
    configure()


def configure(**fields: Any) -> None:
    worlds.put_account(ACCOUNT_ID, **{"provider": "kazoo", "provider_account_id": ACCOUNT_ID, **fields})


@pytest.fixture
def crossbar() -> Iterator[Crossbar]:
    with kazoo_api.Crossbar() as running:
        configure(api={"origin": running.origin, "api_key": API_KEY})
        yield running


def put_object(key: str = KEY, body: bytes = AUDIO) -> str:
    return clients.s3().put_object(Bucket=settings.get().bucket_name, Key=key, Body=body)["VersionId"]


def tell(key: str, version_id: str | None, name: str = "ObjectCreated:Put") -> bool:
    """Deliver the event of an object and say whether it was processed."""
    return not app.handler(events.sqs(events.object_change(key, version_id, name)), events.context())[
        "batchItemFailures"
    ]


def move(key: str = KEY, body: bytes = AUDIO) -> bool:
    return tell(key, put_object(key, body))


def row(recording_id: str = RECORDING_ID) -> Recording:
    return worlds.row(recording_id, ACCOUNT_ID)


def keys(prefix: str = "incoming/") -> list[str]:
    return worlds.keys(prefix, deleted=True)


def test_an_object_is_moved_under_its_media_key_and_verified() -> None:
    assert move(TOLD)
    moved = row()
    assert moved.media is not None
    assert moved.media_key == f"media/{ACCOUNT_ID}/2024/01/05/{RECORDING_ID}.mp3"
    assert (moved.state, moved.call_id, moved.caller, moved.direction) == (
        State.STORED,
        "c-1@10.0.0.1",
        "1000@x",
        "inbound",
    )
    assert (worlds.body(moved), moved.media.sha256) == (AUDIO, hashlib.sha256(AUDIO).hexdigest())
    assert keys() == []
    assert [event.what for event in moved.history] == ["incoming", "stored"]
    assert tell(moved.media.key, moved.media.version_id)
    assert row().state is State.VERIFIED


@pytest.mark.loopback
def test_fields_that_the_key_lacks_come_from_crossbar(crossbar: Crossbar) -> None:
    crossbar.keep(ACCOUNT_ID, DOCUMENT)
    assert move(f"{FOLDER}/{RECORDING_ID}/zoo=1/f00d.mp3")
    moved = row()
    assert (moved.call_id, moved.owner_id, moved.direction) == ("0f3c2b1a-80@10.0.0.5", OWNER_ID, "inbound")
    assert (moved.extra["zoo"], moved.extra["origin"]) == ("1", "callflow : main")
    assert "p4ss" not in moved.model_dump_json()


@pytest.mark.loopback
def test_without_a_document_in_crossbar_the_fields_of_the_key_are_used(crossbar: Crossbar) -> None:
    assert move(TOLD)
    assert (row().state, row().call_id) == (State.STORED, "c-1@10.0.0.1")


@pytest.mark.loopback
def test_crossbar_is_retried_for_a_day_and_then_the_object_is_moved_without_it(
    crossbar: Crossbar, clock: worlds.Clock
) -> None:
    crossbar.state.failing = 2
    version = put_object(TOLD)
    assert not tell(TOLD, version)
    assert table.get(ACCOUNT_ID, RECORDING_ID) is None
    clock.forward(hours=25)
    assert tell(TOLD, version)
    assert row().call_id == "c-1@10.0.0.1"


@pytest.mark.loopback
def test_an_id_that_was_derived_by_the_archive_is_not_looked_up(crossbar: Crossbar) -> None:
    assert move(f"{FOLDER}/call_id=c-1/f00d.mp3")
    assert [asked.path for asked in crossbar.state.asked if "/000000-" not in asked.path] in ([], ["/v2/api_auth"])
    assert keys() == []


@pytest.mark.loopback
def test_an_account_id_that_crossbar_cannot_have_is_not_looked_up(crossbar: Crossbar) -> None:
    configure(provider_account_id="a.b", api={"origin": crossbar.origin, "api_key": API_KEY})
    assert move(TOLD)
    assert (row().state, crossbar.state.asked) == (State.STORED, [])


def test_the_default_key_of_the_s3_handler_is_understood() -> None:
    assert move(f"{FOLDER}/account%2F46%2F42%2F{ACCOUNT_ID[4:]}-202401/{RECORDING_ID}_f00d.mp3")
    assert (row().state, row().name) == (State.STORED, "f00d.mp3")


def test_a_repeated_event_changes_nothing() -> None:
    version = put_object()
    assert tell(KEY, version)
    before = row()
    assert tell(KEY, version)
    assert (row(), len(keys(""))) == (before, 1)


def test_a_repeated_upload_is_removed_and_changes_nothing() -> None:
    assert move()
    before = row()
    assert move()
    assert (row(), keys(), len(keys("media/"))) == (before, [], 1)


@pytest.mark.parametrize("body", [AUDIO, audio_samples.wav(600)], ids=["in one part", "in parts"])
def test_the_same_audio_replaces_a_copy_that_was_found_corrupt(monkeypatch: pytest.MonkeyPatch, body: bytes) -> None:
    assert move(body=body)
    corrupt = row().media
    assert corrupt is not None
    worlds.read_corrupt(monkeypatch, str(corrupt.version_id))
    assert tell(corrupt.key, corrupt.version_id)
    assert row().state is State.FAILED
    assert move(body=body)
    again = row().media
    assert again is not None
    assert tell(again.key, again.version_id)
    assert (row().state, again.version_id != corrupt.version_id, keys()) == (State.VERIFIED, True, [])


def test_an_interrupted_move_is_finished_by_the_next_event(monkeypatch: pytest.MonkeyPatch) -> None:
    version = put_object()
    with monkeypatch.context() as broken:
        broken.setattr(bucket, "delete", lambda *_: (_ for _ in ()).throw(UnavailableError("bucket", "No.")))
        assert not tell(KEY, version)
    assert (row().state, len(keys())) == (State.STORED, 1)
    assert tell(KEY, version)
    assert (keys(), len(keys("media/"))) == ([], 1)


def test_different_audio_of_the_same_recording_is_stored_separately() -> None:
    wav = audio_samples.wav(1)
    assert move()
    assert move(body=wav)
    assert worlds.body(row(f"{RECORDING_ID}-{hashlib.sha256(wav).hexdigest()[:8]}")) == wav
    assert (worlds.body(row()), keys()) == (AUDIO, [])


def test_only_the_version_that_was_read_is_removed() -> None:
    first, second = put_object(), put_object(body=audio_samples.wav(1))
    assert tell(KEY, first)
    listed = clients.s3().list_object_versions(Bucket=settings.get().bucket_name, Prefix=FOLDER)
    assert [version["VersionId"] for version in listed["Versions"]] == [second]


def test_a_long_recording_is_moved_in_parts() -> None:
    long = audio_samples.wav(600)
    assert len(long) > media.PART_BYTES
    assert move(body=long)
    assert worlds.body(row()) == long
    assert keys() == []


def test_a_long_move_that_fails_leaves_no_upload(monkeypatch: pytest.MonkeyPatch) -> None:
    worlds.fail(monkeypatch, clients.s3(), "complete_multipart_upload", "InternalError")
    assert not move(body=audio_samples.wav(600))
    assert worlds.unfinished_uploads() == 0


@pytest.mark.parametrize(
    ("body", "reason"), [(b"", "empty"), (b"<html>not audio</html>", "not_audio"), (b"text " * 100, "not_audio")]
)
def test_an_object_that_is_not_audio_stays_and_its_recording_fails(body: bytes, reason: str) -> None:
    assert move(body=body)
    assert (row().state, row().reason) == (State.FAILED, reason)
    assert (keys(), keys("media/")) == ([KEY], [])


GARBAGE = b"<html>not audio</html>"


@pytest.mark.loopback
@pytest.mark.parametrize("state", [State.PENDING, State.ANNOUNCED, State.STORED])
def test_garbage_fails_no_recording_that_another_way_still_fetches(crossbar: Crossbar, state: State) -> None:
    known = {"account_id": ACCOUNT_ID, "recording_id": RECORDING_ID, "provider": "kazoo", "state": state}
    media = worlds.media() if state is State.STORED else None
    table.put(Recording.model_validate(known | {"media": media}), f"callback {state}")
    assert move(body=GARBAGE)
    assert (row().state, keys()) == (state, [KEY])


@pytest.mark.loopback
def test_garbage_does_not_stop_a_recording_that_is_announced_later(crossbar: Crossbar) -> None:
    assert move(body=GARBAGE)
    assert (row().state, worlds.history(RECORDING_ID, ACCOUNT_ID)) == (State.ANNOUNCED, ["incoming not_audio"])
    table.put(row().model_copy(update={"state": State.PENDING}), "callback pending")
    assert row().state is State.PENDING


def test_garbage_fails_no_pending_recording_without_crossbar_either() -> None:
    known = {"account_id": ACCOUNT_ID, "recording_id": RECORDING_ID, "provider": "kazoo", "state": State.PENDING}
    table.put(Recording.model_validate(known), "callback pending")
    assert move(body=GARBAGE)
    assert row().state is State.PENDING


CLAIMS = f"{FOLDER}/{RECORDING_ID}/owner_id=mallory/call_id=their-call/f00d.mp3"
"""A key that names an owner and a call, as whoever has the S3 key may write it."""


@pytest.mark.loopback
@pytest.mark.parametrize("state", [*State])
@pytest.mark.parametrize("with_crossbar", [False, True])
def test_garbage_changes_nothing_of_a_recording_that_is_known(
    crossbar: Crossbar,
    state: State,
    with_crossbar: bool,  # noqa: FBT001
) -> None:
    if not with_crossbar:
        configure()
        accounts.forget()
    media = worlds.media() if state in {State.STORED, State.VERIFIED} else None
    known = {"account_id": ACCOUNT_ID, "recording_id": RECORDING_ID, "provider": "kazoo", "state": state}
    before = table.put(Recording.model_validate(known | {"media": media}), f"callback {state}")
    assert move(CLAIMS, body=GARBAGE)
    assert (row().owner_id, row().call_id) == (None, None)
    if state not in {State.ANNOUNCED, State.ABSENT, State.FAILED}:
        assert row() == before


def test_garbage_says_nothing_of_a_new_recording_or_of_the_audio_that_follows() -> None:
    assert move(f"{FOLDER}/{RECORDING_ID}/owner_id=mallory/call_id=theirs/start=63145000000/f00d.mp3", body=GARBAGE)
    assert (row().state, row().owner_id, row().call_id, row().extra) == (State.FAILED, None, None, {})
    assert move(f"{FOLDER}/{RECORDING_ID}/call_id=genuine/start=63871667900/f00d.mp3")
    assert (row().state, row().call_id) == (State.STORED, "genuine")
    assert row().start_time == datetime(2024, 1, 5, 9, 58, 20, tzinfo=UTC)


@pytest.mark.parametrize("state", [State.ANNOUNCED, State.PENDING])
def test_an_object_names_neither_owner_nor_call_of_an_announced_recording(state: State) -> None:
    known = {"account_id": ACCOUNT_ID, "recording_id": RECORDING_ID, "provider": "kazoo", "call_id": "own-call"}
    table.put(Recording.model_validate(known | {"state": state}), f"callback {state}")
    assert move(CLAIMS)
    assert (row().state, row().owner_id, row().call_id) == (State.STORED, None, "own-call")


@pytest.mark.loopback
def test_a_key_names_no_owner_of_a_recording_with_a_document(crossbar: Crossbar) -> None:
    crossbar.keep(ACCOUNT_ID, {name: value for name, value in DOCUMENT.items() if name != "owner_id"})
    assert move(CLAIMS)
    assert (row().state, row().owner_id, row().caller) == (State.STORED, None, DOCUMENT["from"])


def test_of_an_object_that_is_not_audio_only_the_beginning_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media, "PART_BYTES", 1000)
    parts: list[bytes] = []
    read = bucket.OpenObject.read

    def counted(found: bucket.OpenObject, size: int | None = None) -> bytes:
        parts.append(read(found, size))
        return parts[-1]

    monkeypatch.setattr(bucket.OpenObject, "read", counted)
    assert move(body=b"text " * 1_000_000)
    assert (row().reason, sum(map(len, parts))) == ("not_audio", media.READ_BYTES)


def test_a_file_that_belongs_to_no_recording_stays_without_a_row() -> None:
    key = f"{FOLDER}/notes.txt"
    assert move(key, b"notes")
    assert (keys(), clients.dynamodb().scan(TableName=settings.get().table_name)["Count"]) == ([key], 0)


def test_an_object_over_the_size_limit_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_MEDIA_BYTES", "1000")
    settings.get.cache_clear()
    assert move()
    assert (row().reason, keys()) == ("too_large", [KEY])


def test_an_object_stays_if_the_keys_with_its_hash_are_taken_too(monkeypatch: pytest.MonkeyPatch) -> None:
    assert move(TOLD)
    wav = audio_samples.wav(1)
    digest = hashlib.sha256(wav).hexdigest()
    for mark in (f"-{digest[:8]}", f"-{digest[:8]}-{digest}"):
        taken = str(row().media_key).replace(RECORDING_ID, RECORDING_ID + mark)
        clients.s3().put_object(Bucket=settings.get().bucket_name, Key=taken, Body=b"something else")
    assert move(TOLD, wav)
    assert keys() == [TOLD]
    assert row().state is State.STORED


@pytest.mark.parametrize(
    "key",
    [
        f"{FOLDER}/{RECORDING_ID}/{'0' * 32}_test_credentials_file.txt",
        f"incoming/kazoo/nobody/{RECORDING_ID}/f00d.mp3",
        f"incoming/kazoo/acme/{RECORDING_ID}/f00d.mp3",
        f"{FOLDER}/{'f' * 32}/{RECORDING_ID}/f00d.mp3",
        "incoming/kazoo/stray.mp3",
        "incoming/stray.mp3",
        f"incoming/{ACCOUNT_ID}/{RECORDING_ID}/f00d.mp3",
        f"incoming/Kazoo/{ACCOUNT_ID}/{RECORDING_ID}/f00d.mp3",
    ],
)
def test_an_object_without_a_matching_account_stays(key: str, caplog: pytest.LogCaptureFixture) -> None:
    worlds.put_account("acme")
    assert move(key, PROBE if key.endswith("txt") else AUDIO)
    assert (
        clients.s3().list_objects_v2(Bucket=settings.get().bucket_name, Prefix="incoming/")["Contents"][0]["Key"] == key
    )
    assert keys("media/") == []
    assert (alarm_messages.OBJECT_STAYS in caplog.messages) == (not key.endswith("txt"))


def test_folders_without_a_name_in_a_key_are_left_out() -> None:
    assert move(f"incoming/kazoo//{ACCOUNT_ID}//{RECORDING_ID}/f00d.mp3")
    assert row().state is State.STORED


def test_a_folder_that_the_console_of_s3_made_is_ignored(caplog: pytest.LogCaptureFixture) -> None:
    assert move("incoming/kazoo/", b"")
    assert alarm_messages.OBJECT_STAYS not in caplog.messages


def test_the_removal_of_an_incoming_object_is_ignored() -> None:
    version = put_object()
    assert tell(KEY, version, "ObjectRemoved:Delete")
    assert keys() == [KEY]


def test_an_object_of_an_invalid_account_is_retried_until_the_account_is_valid() -> None:
    configure(callback={"token": []})
    version = put_object()
    assert not tell(KEY, version)
    configure(callback={"token": "t"})
    accounts.forget()  # as when some seconds have passed
    assert tell(KEY, version)
    assert row().state is State.STORED


def test_a_version_that_disappears_during_its_move_is_retried(monkeypatch: pytest.MonkeyPatch) -> None:
    version, get = put_object(), clients.s3().get_object
    asked = []

    def forget(**arguments: Any) -> Any:
        asked.append(arguments)
        if len(asked) == 2:
            clients.s3().delete_object(Bucket=settings.get().bucket_name, Key=KEY, VersionId=version)
        return get(**arguments)

    monkeypatch.setattr(clients.s3(), "get_object", forget)
    change = bucket_events.ObjectChange(bucket_events.ChangeKind.CREATED, KEY, version, marker=False)
    with pytest.raises(UnavailableError, match="moved"):
        kazoo_incoming.move(change, time.monotonic() + 60)


def test_a_body_that_is_shorter_than_announced_is_unavailable() -> None:
    stream = media.Stream(io.BytesIO(AUDIO).read, len(AUDIO) + 1, time.monotonic() + 60)
    with pytest.raises(UnavailableError, match="broke off"):
        list(stream.parts())


def test_a_refusal_by_s3_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    change = bucket_events.ObjectChange(bucket_events.ChangeKind.CREATED, KEY, put_object(), marker=False)
    monkeypatch.setenv("BUCKET_NAME", "another-bucket")
    settings.get.cache_clear()
    with pytest.raises(UnavailableError):
        kazoo_incoming.move(change, time.monotonic() + 60)

"""Metadata is merged whatever other writers do, and deleting leaves a tombstone."""

import functools
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from callvault import clients
from callvault.account_parameter import Api
from callvault.errors import ForbiddenError, InvalidRequestError, NotFoundError, TooLargeError, UnavailableError
from callvault.models import State
from callvault.readers import access, edits
from callvault.storage import ownership, table
from tests import worlds

TIME = datetime(2026, 6, 30, 23, 59, tzinfo=UTC)
API = Api.model_validate({"origin": "https://crossbar.example.com", "api_key": "k"})
KEY = "media/a1/2026/06/30/r1.wav"

principal = functools.partial(worlds.principal, "a1", can_edit=True)
put = functools.partial(worlds.put, "r1", account_id="a1", start_time=TIME)


def test_metadata_is_merged_and_null_removes() -> None:
    first = edits.edit_metadata(principal(), put(), {"a": 1, "b": {"c": 1, "d": 2}, "e": "x"})
    assert first.user_metadata == {"a": 1, "b": {"c": 1, "d": 2}, "e": "x"}
    changes = {"a": None, "b": {"c": None, "f": [None]}, "e": {"g": None, "h": 1}, "i": None}
    second = edits.edit_metadata(principal(), first, changes)
    assert second.user_metadata == {"b": {"d": 2, "f": [None]}, "e": {"h": 1}}
    assert access.find(principal(), "r1") == second
    assert second.history[-1].what == "metadata by ops"


def test_an_edit_merges_into_the_result_of_another_writer() -> None:
    stale = put()
    edits.edit_metadata(principal(), stale, {"theirs": 1})
    assert edits.edit_metadata(principal(), stale, {"mine": 2}).user_metadata == {"theirs": 1, "mine": 2}


def test_an_edit_gives_up_when_others_are_always_faster(monkeypatch: pytest.MonkeyPatch) -> None:
    recording = put()
    monkeypatch.setattr(table, "edit", lambda *_, **__: None)
    with pytest.raises(UnavailableError):
        edits.edit_metadata(principal(), recording, {"a": 1})


@pytest.mark.parametrize("value", [float("nan"), "\ud800"])
def test_metadata_that_is_not_json_is_refused(value: object) -> None:
    with pytest.raises(InvalidRequestError):
        edits.edit_metadata(principal(), put(), {"a": value})


def test_metadata_that_is_nested_too_deeply_is_refused() -> None:
    deep: Any = "bottom"
    for _ in range(edits.MAX_METADATA_DEPTH):
        deep = [deep]
    with pytest.raises(InvalidRequestError):
        edits.edit_metadata(principal(), put(), {"a": deep})
    assert edits.edit_metadata(principal(), put(), {"a": deep[0]}).user_metadata == {"a": deep[0]}


def test_metadata_that_is_too_large_is_refused() -> None:
    recording = edits.edit_metadata(principal(), put(), {"a": "x" * 10_000})
    with pytest.raises(TooLargeError):
        edits.edit_metadata(principal(), recording, {"b": "x" * 10_000})


@pytest.mark.parametrize(
    ("rights", "allowed"),
    [
        ({}, False),
        ({"can_delete": True}, True),
        ({"can_edit": True}, True),
        ({"can_delete": True, "can_edit": False}, False),
        ({"is_admin": True}, False),
    ],
)
def test_a_reader_edits_with_the_right_to_edit_or_else_with_the_right_to_delete(
    rights: dict[str, Any], *, allowed: bool
) -> None:
    recording, reader = put(), worlds.principal("a1", **rights)
    if allowed:
        assert edits.edit_metadata(reader, recording, {"a": 1}).user_metadata == {"a": 1}
        return
    with pytest.raises(ForbiddenError):
        edits.edit_metadata(reader, recording, {"a": 1})
    assert access.find(reader, "r1") == recording


def test_an_admin_changes_the_owner_and_the_history_says_so() -> None:
    table.put(put(owner_id="u1").model_copy(update={"owner_id": "u2"}), "described")
    changed = edits.change_owner(principal(is_admin=True), worlds.row("r1", "a1"), "u3")
    assert (changed.owner_id, changed.discrepancies) == ("u3", ())
    assert changed.history[-1].what == "owner changed from u1 to u3 by ops"
    assert worlds.row("r1", "a1") == changed
    assert edits.change_owner(principal(is_admin=True), changed, "u3") is changed


def test_a_message_from_before_the_change_of_the_owner_is_no_discrepancy() -> None:
    message = put(owner_id="u1", state=State.PENDING)
    edits.change_owner(principal(is_admin=True), message, "u2")
    table.put(message, "fetch", known=worlds.row("r1", "a1"))
    table.put(message.model_copy(update={"state": State.STORED}), "stored", known=message)
    assert (worlds.row("r1", "a1").owner_id, worlds.row("r1", "a1").discrepancies) == ("u2", ())
    table.put(message.model_copy(update={"owner_id": "u3"}), "looked up")
    assert worlds.row("r1", "a1").discrepancies == (ownership.OTHER_OWNER,)


def test_an_announcement_does_not_replace_an_owner_whom_an_admin_named() -> None:
    sent = put(owner_id="u1", what="upload")
    edits.change_owner(principal(is_admin=True), sent, "u2")
    table.put(sent.model_copy(update={"owner_id": "u3"}), "callback pending")
    assert worlds.row("r1", "a1").owner_id == "u2"


def test_only_an_admin_changes_the_owner() -> None:
    recording = put(owner_id="u1")
    with pytest.raises(ForbiddenError):
        edits.change_owner(principal(can_delete=True, can_edit=True, can_control=True), recording, "u2")
    assert access.find(principal(), "r1") == recording


def test_a_change_of_owner_keeps_what_another_writer_wrote() -> None:
    stale = put(owner_id="u1")
    edits.edit_metadata(principal(), stale, {"theirs": 1})
    changed = edits.change_owner(principal(is_admin=True), stale, "u2")
    assert (changed.owner_id, changed.user_metadata) == ("u2", {"theirs": 1})


def test_a_change_of_owner_gives_up_when_others_are_always_faster(monkeypatch: pytest.MonkeyPatch) -> None:
    recording = put(owner_id="u1")
    monkeypatch.setattr(table, "edit", lambda *_, **__: None)
    with pytest.raises(UnavailableError):
        edits.change_owner(principal(is_admin=True), recording, "u2")
    assert worlds.row("r1", "a1").owner_id == "u1"


def test_deleting_removes_the_audio_and_leaves_a_tombstone() -> None:
    version = clients.s3().put_object(Bucket="callvault-bucket", Key=KEY, Body=b"RIFF")["VersionId"]
    media = worlds.media(key=KEY, version_id=version)
    deleted = edits.delete(principal(can_delete=True), put(media=media, state=State.VERIFIED))
    assert deleted.state is State.DELETED
    assert deleted.history[-1].what == "deleted by ops"
    assert clients.s3().list_objects_v2(Bucket="callvault-bucket")["KeyCount"] == 0
    with pytest.raises(NotFoundError):
        access.find(principal(), "r1")


def test_audio_that_was_stored_after_the_row_was_read_is_deleted_too() -> None:
    as_read = put()
    version = clients.s3().put_object(Bucket="callvault-bucket", Key=KEY, Body=b"RIFF")["VersionId"]
    media = worlds.media(key=KEY, version_id=version)
    table.put(as_read.model_copy(update={"media": media, "state": State.VERIFIED}), "verified", known=as_read)
    assert edits.delete(principal(can_delete=True), as_read).state is State.DELETED
    assert worlds.row("r1", "a1").state is State.DELETED
    assert worlds.objects("media/") == []


def test_a_reader_who_is_no_longer_the_owner_deletes_nothing() -> None:
    version = clients.s3().put_object(Bucket="callvault-bucket", Key=KEY, Body=b"RIFF")["VersionId"]
    as_read = put(owner_id="u1", media=worlds.media(key=KEY, version_id=version), state=State.VERIFIED)
    edits.change_owner(principal(is_admin=True), as_read, "u2")
    with pytest.raises(NotFoundError):
        edits.delete(principal(user_id="u1", can_delete=True), as_read)
    assert (worlds.row("r1", "a1").state, worlds.objects("media/")) == (State.VERIFIED, [KEY])


def test_audio_that_s3_does_not_delete_is_deleted_by_the_next_request(monkeypatch: pytest.MonkeyPatch) -> None:
    clients.s3().put_object(Bucket="callvault-bucket", Key=KEY, Body=b"RIFF")
    reader, as_read = principal(can_delete=True), put(media=worlds.media(key=KEY), state=State.VERIFIED)
    with monkeypatch.context() as refusing:
        worlds.fail(refusing, clients.s3(), "delete_object")
        with pytest.raises(UnavailableError):
            edits.delete(reader, as_read)
    assert worlds.objects("media/") == [KEY]
    found = access.find_to_delete(reader, {"recording_id": "r1"})
    assert edits.delete(reader, found) == worlds.row("r1", "a1")
    assert worlds.objects("media/") == []
    with pytest.raises(NotFoundError):
        access.find_to_delete(reader, {"recording_id": "r1"})


def test_of_two_readers_who_delete_a_recording_both_succeed() -> None:
    as_read = put()
    first = edits.delete(principal(can_delete=True), as_read)
    assert edits.delete(principal(can_delete=True), as_read) == first


def test_a_deletion_gives_up_when_others_are_always_faster(monkeypatch: pytest.MonkeyPatch) -> None:
    recording = put()
    monkeypatch.setattr(table, "edit", lambda *_, **__: None)
    with pytest.raises(UnavailableError):
        edits.delete(principal(can_delete=True), recording)


def test_a_recording_without_audio_can_be_deleted() -> None:
    assert edits.delete(principal(can_delete=True), put()).state is State.DELETED


def test_only_a_reader_with_the_right_deletes() -> None:
    recording = put()
    with pytest.raises(ForbiddenError):
        edits.delete(principal(), recording)
    assert access.find(principal(), "r1") == recording


@pytest.mark.parametrize("what", ["upload", "incoming"])
def test_a_limited_reader_deletes_no_recording_that_only_its_sender_says_is_theirs(what: str) -> None:
    sent = put(owner_id="u1", what=what, provider="kazoo")
    limited = principal(user_id="u1", can_delete=True)
    with_api = replace(limited, account=limited.account.model_copy(update={"api": API}))
    for one in (limited, with_api):
        with pytest.raises(ForbiddenError, match="not announced"):
            edits.delete(one, sent)
    table.put(sent.model_copy(update={"extra": {"a": 1}}), "callback pending")
    assert edits.delete(limited, worlds.row("r1", "a1")).state is State.DELETED

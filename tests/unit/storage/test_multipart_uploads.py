"""Long objects are stored in parts, and no upload is left open."""

import hashlib
from contextlib import suppress
from typing import Any

import pytest

from callvault import clients, settings
from callvault.errors import ConflictError, UnavailableError
from callvault.models import Recording, State
from callvault.storage import bucket, multipart_uploads
from tests import worlds

KEY = "media/a1/2026/07/01/r1.wav"
RECORDING = Recording(account_id="a1", recording_id="r1", provider="bandwidth", state=State.PENDING, media_key=KEY)
PARTS = [b"a" * 5 * 1024 * 1024, b"b"]
SHA256 = hashlib.sha256(b"".join(PARTS)).hexdigest()


def upload(parts: list[bytes]) -> bucket.Stored:
    with multipart_uploads.begin(RECORDING, "audio/x-wav") as begun:
        for part in parts:
            begun.add(part)
        return begun.complete({"IfNoneMatch": "*"}, SHA256)


def test_the_object_has_all_parts_and_is_tagged_with_its_hash() -> None:
    stored = upload(PARTS)
    found = bucket.get(KEY)
    assert found
    assert hashlib.sha256(found.read()).hexdigest() == SHA256
    assert bucket.tagged_sha256(KEY, stored["VersionId"]) == SHA256
    assert worlds.unfinished_uploads() == 0


def test_the_same_bytes_again_give_the_existing_object() -> None:
    assert upload(PARTS)["VersionId"] == upload(PARTS)["VersionId"]
    assert worlds.unfinished_uploads() == 0


def test_the_same_bytes_are_recognised_although_another_attempt_aborted_the_upload(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = upload(PARTS)
    abort = clients.s3().abort_multipart_upload

    def abort_twice(**target: Any) -> Any:
        abort(**target)
        return abort(**target)

    monkeypatch.setattr(clients.s3(), "abort_multipart_upload", abort_twice)
    assert upload(PARTS)["VersionId"] == first["VersionId"]


def test_a_completion_that_meets_another_write_may_be_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    worlds.fail(monkeypatch, clients.s3(), "complete_multipart_upload", "ConditionalRequestConflict")
    with pytest.raises(UnavailableError, match="ConditionalRequestConflict") as caught:
        upload(PARTS)
    assert not isinstance(caught.value, ConflictError)
    assert worlds.unfinished_uploads() == 0


def test_other_bytes_under_the_key_are_a_conflict() -> None:
    upload(PARTS)
    with pytest.raises(ConflictError):
        upload([PARTS[0], b"c"])
    assert worlds.unfinished_uploads() == 0


def test_an_error_aborts_the_upload() -> None:
    with suppress(ZeroDivisionError), multipart_uploads.begin(RECORDING, "audio/x-wav") as begun:
        begun.add(PARTS[0])
        raise ZeroDivisionError
    assert worlds.unfinished_uploads() == 0


def test_leftover_uploads_of_the_key_are_aborted_and_no_others() -> None:
    for key in (KEY, f"{KEY}.other"):
        clients.s3().create_multipart_upload(Bucket=settings.get().bucket_name, Key=key)
    multipart_uploads.abort_leftovers(KEY)
    assert worlds.unfinished_uploads() == 1

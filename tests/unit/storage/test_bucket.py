"""Objects of the bucket, read, deleted and given as presigned URLs."""

from urllib.parse import parse_qs, urlsplit

import pytest

from callvault import clients, settings
from callvault.errors import ConflictError, UnavailableError
from callvault.storage import bucket
from tests import worlds

KEY = "probes/a1/hello"


def read(key: str, version_id: str | None = None) -> bytes | None:
    """Return a whole object."""
    found = bucket.get(key, version_id)
    return found.read() if found else None


def test_an_object_is_read_whole_or_in_pieces() -> None:
    bucket.write(KEY, b"hello", "text/plain")
    found = bucket.get(KEY)
    assert found
    assert [found.read(3), found.read(3), found.read(3)] == [b"hel", b"lo", b""]
    assert (read(KEY), found.size, found.content_type) == (b"hello", 5, "text/plain")


def test_each_version_is_read_by_its_id() -> None:
    bucket.write(KEY, b"first", "text/plain")
    first = bucket.head(KEY)["VersionId"]
    bucket.write(KEY, b"second", "text/plain")
    assert (read(KEY), read(KEY, first)) == (b"second", b"first")


def test_a_delete_marker_keeps_the_versions() -> None:
    bucket.write(KEY, b"hello", "text/plain")
    version = bucket.head(KEY)["VersionId"]
    bucket.delete(KEY)
    assert (read(KEY), read(KEY, version)) == (None, b"hello")


def test_a_deleted_version_does_not_exist() -> None:
    bucket.write(KEY, b"hello", "text/plain")
    version = bucket.head(KEY)["VersionId"]
    bucket.delete(KEY, version)
    assert (read(KEY), read(KEY, version)) == (None, None)


def test_a_delete_marker_is_no_object() -> None:
    bucket.write(KEY, b"hello", "text/plain")
    marker = clients.s3().delete_object(Bucket=settings.get().bucket_name, Key=KEY)["VersionId"]
    assert (read(KEY, marker), bucket.tagged_sha256(KEY, marker)) == (None, None)


@pytest.mark.parametrize("code", ["NoSuchKey", "NoSuchVersion", "MethodNotAllowed"])
def test_a_version_that_does_not_exist_has_no_body_and_no_tag(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    for operation in ("get_object", "get_object_tagging"):
        worlds.fail(monkeypatch, clients.s3(), operation, code)
    assert (read(KEY, "v1"), bucket.tagged_sha256(KEY, "v1")) == (None, None)


def test_a_conditional_write_that_meets_another_one_may_be_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    worlds.fail(monkeypatch, clients.s3(), "put_object", "ConditionalRequestConflict")
    recording = worlds.recording(media_key="media/a1/2026/07/01/r1.wav")
    with pytest.raises(UnavailableError, match="ConditionalRequestConflict") as caught:
        bucket.put(recording, b"RIFF", "audio/x-wav", {"IfNoneMatch": "*"})
    assert not isinstance(caught.value, ConflictError)


def test_a_bucket_that_refuses_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUCKET_NAME", "another-bucket")
    settings.get.cache_clear()
    with pytest.raises(UnavailableError, match="NoSuchBucket"):
        bucket.get(KEY)


@pytest.mark.parametrize("version_id", ["v1", None])
def test_a_presigned_url_names_the_version_that_was_stored(version_id: str | None) -> None:
    media = worlds.media(key=KEY, version_id=version_id, content_type="audio/mpeg")
    url = urlsplit(bucket.presigned_url(media, disposition="inline"))
    query = parse_qs(url.query)
    assert (url.path, query.get("versionId")) == (f"/{KEY}", [version_id] if version_id else None)
    assert query["response-content-type"] == ["audio/mpeg"]
    assert query["response-content-disposition"] == ["inline"]

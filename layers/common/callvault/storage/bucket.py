"""Read, write and delete objects in the bucket.

`multipart_uploads` writes the recordings that need several parts. Only these two modules call S3.

S3 checks each part that is written against the part's SHA-256. A recording replaces an object only
if the write names that object's ETag. The metadata of a recording's object have the ids of the
account and the recording. If the object is written in one part, the metadata also have its SHA-256.
The SHA-256 of a longer object is known only after its metadata have been sent, so it is a tag. S3's
own checksum of an object tells whether two copies hold the same bytes. For a multipart upload, S3's
checksum is the checksum of the parts' checksums.
"""

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from callvault import clients, settings
from callvault.errors import ConflictError
from callvault.models import Media, Recording
from callvault.transcript import TranscriptText

GONE = frozenset({"NoSuchKey", "NoSuchVersion", "MethodNotAllowed"})
"""S3's error codes for an object or a version that does not exist.

A request that names no version gets NoSuchKey (404), also if the current version is a delete
marker. One that names a version gets NoSuchVersion (404), or MethodNotAllowed (405) if that version
is a delete marker (S3 API reference, "GetObject" and "GetObjectTagging"; S3 user guide, "Working
with delete markers").
"""

Stored = dict[str, Any]
"""S3's answer about an object: ETag, VersionId, checksums."""


@dataclass(frozen=True, kw_only=True)
class OpenObject:
    """A version of an object, with its body unread."""

    metadata: dict[str, str]
    version_id: str | None
    etag: str
    content_type: str
    size: int
    modified: datetime
    body: Any

    def read(self, size: int | None = None) -> bytes:
        """Return up to `size` more bytes, or all that are left; raises UnavailableError."""
        with clients.guard("bucket"):
            return bytes(self.body.read(size))

    def close(self) -> None:
        """Close the connection."""
        self.body.close()


def put(
    recording: Recording, body: bytes, content_type: str, condition: dict[str, str], *, key: str | None = None
) -> Stored:
    """Store a recording, or its transcript, in one part. `condition` has If-Match or If-None-Match.

    `key` is by default the key of the recording's media.
    If the condition is not met, return the existing object if it holds the same bytes, or else
    raise ConflictError. Raises UnavailableError.
    """
    digest = hashlib.sha256(body)
    checksum = checksum_of(digest.digest())
    checksums = {"ChecksumAlgorithm": "SHA256", "ChecksumSHA256": checksum}
    arguments: Any = description(recording, content_type, sha256=digest.hexdigest()) | checksums | condition
    arguments |= _place(key or str(recording.media_key))
    try:
        with clients.guard("bucket"):
            return dict(clients.s3().put_object(Body=body, **arguments))
    except ConflictError:
        return same(arguments["Key"], checksum)


def write(key: str, body: bytes, content_type: str) -> None:
    """Store an object that is not a recording, such as a probe; raises UnavailableError.

    An existing object with this key is replaced.
    """
    with clients.guard("bucket"):
        clients.s3().put_object(Body=body, ContentType=content_type, **_place(key))


def head(key: str) -> Stored:
    """Return S3's description of the current version of an object; raises UnavailableError."""
    with clients.guard("bucket"):
        return dict(clients.s3().head_object(ChecksumMode="ENABLED", **_place(key)))


def get(key: str, version_id: str | None = None) -> OpenObject | None:
    """Return a version of an object, by default the current one; None if it does not exist.

    The caller closes the object. Raises UnavailableError.
    """
    answer = _ask("get_object", key, version_id)
    if answer is None:
        return None
    return OpenObject(
        metadata=answer["Metadata"],
        version_id=answer.get("VersionId", version_id),
        etag=answer["ETag"],
        content_type=answer["ContentType"],
        size=answer["ContentLength"],
        modified=answer["LastModified"],
        body=answer["Body"],
    )


def tagged_sha256(key: str, version_id: str | None = None) -> str | None:
    """Return the SHA-256 that a version is tagged with, or None if it has none or does not exist.

    Raises UnavailableError.
    """
    answer = _ask("get_object_tagging", key, version_id) or {"TagSet": []}
    return next((tag["Value"] for tag in answer["TagSet"] if tag["Key"] == "sha256"), None)


def delete(key: str, version_id: str | None = None) -> None:
    """Delete a version of an object; without a version, put a delete marker on the object.

    Under a delete marker the versions stay for as long as the bucket's lifecycle rules say. Raises
    UnavailableError.
    """
    with clients.guard("bucket"):
        clients.s3().delete_object(**_place(key, version_id))


def delete_transcript(recording: Recording) -> None:
    """Delete the transcript of a recording; raises UnavailableError.

    A release that does not know transcripts may have dropped the row's description of the text, and
    an attempt that stored the text may have died before it wrote the row. So the object is deleted
    whenever the provider described a transcription.
    """
    if recording.transcript is not None or recording.transcription is not None:
        delete(recording.transcript_key())


def presigned_url(media: Media | TranscriptText, *, disposition: str = "attachment") -> str:
    """Return a presigned URL of audio or a transcript, which expires after `download_url_seconds`.

    It names the version that was stored, so a later object under the same key is never served.
    """
    parameters = _place(media.key, media.version_id) | {
        "ResponseContentType": media.content_type,
        "ResponseContentDisposition": disposition,
    }
    return clients.s3().generate_presigned_url(
        "get_object", Params=parameters, ExpiresIn=settings.get().download_url_seconds
    )


def _ask(operation: str, key: str, version_id: str | None) -> Any:  # noqa: ANN401 - the answer of any operation
    """Return S3's answer about a version, or None if it does not exist; raises UnavailableError."""
    with clients.guard("bucket"):
        try:
            return getattr(clients.s3(), operation)(**_place(key, version_id))
        except clients.s3().exceptions.ClientError as error:
            if error.response["Error"]["Code"] in GONE:
                return None
            raise


def _place(key: str, version_id: str | None = None) -> Any:  # noqa: ANN401 - arguments of any operation
    """Return the arguments that name an object, or a version of it."""
    version = {"VersionId": version_id} if version_id else {}
    return {"Bucket": settings.get().bucket_name, "Key": key, **version}


def description(recording: Recording, content_type: str, **metadata: str) -> dict[str, Any]:
    """Return S3's arguments for a recording's object: place, content type and metadata.

    The table could be rebuilt from the metadata.
    """
    metadata |= {"account-id": quote(recording.account_id), "recording-id": quote(recording.recording_id, safe="")}
    metadata |= {"provider": recording.provider, "partial": str(recording.partial).lower()}
    return {**_place(str(recording.media_key)), "ContentType": content_type, "Metadata": metadata}


def same(key: str, checksum: str) -> Stored:
    """Return the existing object if it has this checksum, or else raise ConflictError."""
    existing = head(key)
    if existing.get("ChecksumSHA256", "").partition("-")[0] != checksum:  # after the hyphen: the number of parts
        raise ConflictError("conflict", "An object with other bytes is stored under the same key.")
    return existing


def checksum_of(digest: bytes) -> str:
    """Return a digest in Base64, as S3 writes checksums."""
    return base64.b64encode(digest).decode()

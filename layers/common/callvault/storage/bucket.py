"""Write recordings into the bucket: each part checked by S3, none over another, each saying whose it is.

A file of one part carries its SHA-256 in its metadata; a longer one, whose hash is known only after its metadata had to
be sent, as a tag. S3's own checksum of an object (of a multipart one: over the parts' checksums) tells whether two
copies are the same.
"""

import base64
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import quote

from callvault import clients, settings
from callvault.errors import ConflictError, UnavailableError
from callvault.models import Recording

Stored = dict[str, Any]
"""What S3 says of an object: ETag, VersionId, checksums."""


def put(recording: Recording, body: bytes, content_type: str, condition: dict[str, str]) -> Stored:
    """Store a body of one part."""
    digest = hashlib.sha256(body)
    checksum = _base64(digest.digest())
    checksums = {"ChecksumAlgorithm": "SHA256", "ChecksumSHA256": checksum}
    arguments: Any = _description(recording, content_type, sha256=digest.hexdigest()) | checksums | condition
    try:
        with clients.guard("bucket"):
            return dict(clients.s3().put_object(Body=body, **arguments))
    except ConflictError:
        return _same(str(recording.media_key), checksum)


class Upload:
    """A multipart upload under way."""

    def __init__(self, target: dict[str, str], upload_id: str) -> None:
        self.target: Any = target | {"UploadId": upload_id}
        self._parts: list[Any] = []
        self._digests: list[bytes] = []

    def add(self, part: bytes) -> None:
        """Send the next part."""
        digest = hashlib.sha256(part).digest()
        number, checksum = len(self._parts) + 1, _base64(digest)
        with clients.guard("bucket"):
            sent = clients.s3().upload_part(Body=part, PartNumber=number, ChecksumSHA256=checksum, **self.target)
        self._parts.append({"PartNumber": number, "ETag": sent["ETag"], "ChecksumSHA256": checksum})
        self._digests.append(digest)

    def complete(self, condition: dict[str, str], sha256: str) -> Stored:
        """Make the object out of the parts, and tag it with the SHA-256 of the whole."""
        checksum = _base64(hashlib.sha256(b"".join(self._digests)).digest())
        arguments: Any = self.target | condition
        try:
            with clients.guard("bucket"):
                stored: Stored = dict(
                    clients.s3().complete_multipart_upload(MultipartUpload={"Parts": self._parts}, **arguments)
                )
        except ConflictError:
            stored = _same(self.target["Key"], checksum)
            self.abort()
        with clients.guard("bucket"):
            clients.s3().put_object_tagging(
                Bucket=self.target["Bucket"],
                Key=self.target["Key"],
                VersionId=stored["VersionId"],
                Tagging={"TagSet": [{"Key": "sha256", "Value": sha256}]},
            )
        tidy(self.target["Key"])
        return stored

    def abort(self) -> None:
        """Free what the parts take."""
        with clients.guard("bucket"):
            clients.s3().abort_multipart_upload(**self.target)


@contextmanager
def upload(recording: Recording, content_type: str) -> Iterator[Upload]:
    """Begin a multipart upload, and abort it if what follows fails."""
    arguments: Any = _description(recording, content_type)
    with clients.guard("bucket"):
        begun = clients.s3().create_multipart_upload(ChecksumAlgorithm="SHA256", ChecksumType="COMPOSITE", **arguments)
    begun_upload = Upload({name: arguments[name] for name in ("Bucket", "Key")}, begun["UploadId"])
    try:
        yield begun_upload
    except BaseException:
        with suppress(UnavailableError):  # what is left is aborted by the bucket's lifecycle rule
            begun_upload.abort()
        raise


def tidy(key: str) -> None:
    """Abort the uploads of a key that are still open: of attempts that died, or whose beginning was never confirmed.

    One that is under way fails by it, and finds the object there when it is tried again. What cannot be aborted now is
    left to the bucket's lifecycle rule.
    """
    name = settings.get().bucket_name
    with suppress(UnavailableError), clients.guard("bucket"):
        for open_upload in clients.s3().list_multipart_uploads(Bucket=name, Prefix=key).get("Uploads", []):
            if open_upload["Key"] == key:
                with suppress(clients.s3().exceptions.NoSuchUpload):
                    clients.s3().abort_multipart_upload(Bucket=name, Key=key, UploadId=open_upload["UploadId"])


def _description(recording: Recording, content_type: str, **metadata: str) -> dict[str, Any]:
    """Return where an object goes and what it says of itself, so that the table could be rebuilt from the bucket."""
    metadata |= {"account-id": quote(recording.account_id), "recording-id": quote(recording.recording_id, safe="")}
    metadata |= {"provider": recording.provider, "partial": str(recording.partial).lower()}
    return {
        "Bucket": settings.get().bucket_name,
        "Key": str(recording.media_key),
        "ContentType": content_type,
        "Metadata": metadata,
    }


def _same(key: str, checksum: str) -> Stored:
    """Return the object that is there if it holds the same bytes; raises ConflictError."""
    existing = head(key)
    if existing.get("ChecksumSHA256", "").partition("-")[0] != checksum:  # what follows is the number of parts
        raise ConflictError("conflict", "Something else is stored under the same key.")
    return existing


def head(key: str) -> Stored:
    """Return what S3 says of the object that is there."""
    with clients.guard("bucket"):
        return dict(clients.s3().head_object(Bucket=settings.get().bucket_name, Key=key, ChecksumMode="ENABLED"))


def _base64(digest: bytes) -> str:
    """Return a digest as S3 writes checksums."""
    return base64.b64encode(digest).decode()


def remove(recording: Recording) -> None:
    """Put a delete marker on a recording's audio; its versions stay as the bucket's rules say."""
    with clients.guard("bucket"):
        clients.s3().delete_object(Bucket=settings.get().bucket_name, Key=str(recording.media_key))

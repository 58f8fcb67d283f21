"""Store an object in parts, which bounds the memory that a long recording needs.

The SHA-256 of the whole is known only after the last part. The metadata are sent before the first
part, so the finished object is tagged with the hash instead.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from callvault import clients, settings
from callvault.errors import ConflictError, UnavailableError
from callvault.models import Recording
from callvault.storage import bucket
from callvault.storage.bucket import Stored


class MultipartUpload:
    """A multipart upload in progress."""

    def __init__(self, target: dict[str, str], upload_id: str) -> None:
        self.target: Any = target | {"UploadId": upload_id}
        self._parts: list[Any] = []
        self._digests: list[bytes] = []

    def add(self, part: bytes) -> None:
        """Send the next part."""
        digest = hashlib.sha256(part).digest()
        number, checksum = len(self._parts) + 1, bucket.checksum_of(digest)
        with clients.guard("bucket"):
            sent = clients.s3().upload_part(Body=part, PartNumber=number, ChecksumSHA256=checksum, **self.target)
        self._parts.append({"PartNumber": number, "ETag": sent["ETag"], "ChecksumSHA256": checksum})
        self._digests.append(digest)

    def complete(self, condition: dict[str, str], sha256: str) -> Stored:
        """Make the object from the parts, tag it with the SHA-256 of the whole, and return it.

        `condition` has If-Match or If-None-Match. If it is not met, the existing object is tagged
        and returned if it holds the same bytes. Raises ConflictError, UnavailableError.
        """
        checksum = bucket.checksum_of(hashlib.sha256(b"".join(self._digests)).digest())
        arguments: Any = self.target | condition
        try:
            with clients.guard("bucket"):
                stored: Stored = dict(
                    clients.s3().complete_multipart_upload(MultipartUpload={"Parts": self._parts}, **arguments)
                )
        except ConflictError:
            stored = bucket.same(self.target["Key"], checksum)
            self.abort()
        with clients.guard("bucket"):
            clients.s3().put_object_tagging(
                Bucket=self.target["Bucket"],
                Key=self.target["Key"],
                VersionId=stored["VersionId"],
                Tagging={"TagSet": [{"Key": "sha256", "Value": sha256}]},
            )
        abort_leftovers(self.target["Key"])
        return stored

    def abort(self) -> None:
        """Abort the upload, which frees the storage of its parts, unless another attempt did."""
        with clients.guard("bucket"), suppress(clients.s3().exceptions.NoSuchUpload):
            clients.s3().abort_multipart_upload(**self.target)


@contextmanager
def begin(recording: Recording, content_type: str) -> Iterator[MultipartUpload]:
    """Begin a multipart upload, and abort it if the block raises."""
    arguments: Any = bucket.description(recording, content_type)
    with clients.guard("bucket"):
        begun = clients.s3().create_multipart_upload(ChecksumAlgorithm="SHA256", ChecksumType="COMPOSITE", **arguments)
    begun_upload = MultipartUpload({name: arguments[name] for name in ("Bucket", "Key")}, begun["UploadId"])
    try:
        yield begun_upload
    except BaseException:
        with suppress(UnavailableError):  # the bucket's lifecycle rule aborts what is left
            begun_upload.abort()
        raise


def abort_leftovers(key: str) -> None:
    """Abort the unfinished uploads of a key, which crashed attempts have left.

    An attempt that is still uploading to the key fails. When it is repeated, it finds the stored
    object. The bucket's lifecycle rule aborts an upload that cannot be aborted now.
    """
    name = settings.get().bucket_name
    with suppress(UnavailableError), clients.guard("bucket"):
        for open_upload in clients.s3().list_multipart_uploads(Bucket=name, Prefix=key).get("Uploads", []):
            if open_upload["Key"] == key:
                with suppress(clients.s3().exceptions.NoSuchUpload):
                    clients.s3().abort_multipart_upload(Bucket=name, Key=key, UploadId=open_upload["UploadId"])

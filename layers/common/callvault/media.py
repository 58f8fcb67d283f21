"""Copy a recording's audio from its provider into S3: whole, once, in bounded memory.

What arrives is hashed as it streams by in parts of 8 MiB; S3 checks each part's SHA-256 again. Nothing is written
before its beginning is known to be audio, and nothing is completed before its end is known to be the end. A file of
one part carries the SHA-256 in its metadata; a longer one, whose hash is known only after its metadata had to be sent,
as a tag.
S3's own checksum of an object (of a multipart one: over the parts' checksums) tells whether two copies are the same.
"""

import base64
import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from itertools import chain
from typing import Any, Self
from urllib.parse import quote

import urllib3

from callvault import audio, clients, settings, transport
from callvault.errors import ConflictError, RejectedError, UnavailableError
from callvault.models import Media, Recording
from callvault.providers.base import Provider

PART_BYTES = 8 * 1024 * 1024
READ_BYTES = 64 * 1024
Stored = dict[str, Any]
"""What S3 says of an object: ETag, VersionId, checksums."""
TEXTUAL = (b"<", b"{", b"[")
"""How an error page begins; it may be gone the next time."""


class Stream:
    """A body, counted and hashed as it is read; `deadline` is of time.monotonic()."""

    def __init__(
        self, read: Callable[[int], bytes], length: int | None, deadline: float, *, chunked: bool = False
    ) -> None:
        self.announced = length
        self.end_is_proof = length is not None or chunked
        """A body whose end is just the connection's may have broken off."""
        self.size = 0
        self.sha256 = hashlib.sha256()
        self._read = read
        self._deadline = deadline

    @classmethod
    def of(cls, response: urllib3.BaseHTTPResponse, deadline: float) -> Self:
        """Return the body of an answer."""
        length = response.headers.get("content-length", "")
        chunked = "chunked" in response.headers.get("transfer-encoding", "").lower()
        read = partial(response.read1, decode_content=False)
        return cls(read, int(length) if length.isdecimal() else None, deadline, chunked=chunked)

    def parts(self) -> Iterator[bytes]:
        """Yield the body in parts of PART_BYTES, the last one shorter; raises UnavailableError, RejectedError."""
        limit = settings.get().max_media_bytes
        if (self.announced or 0) > limit:
            raise RejectedError("too_large", f"The recording is longer than {limit} bytes.")
        part = bytearray()
        while piece := self._read(READ_BYTES):
            self.size += len(piece)
            self.sha256.update(piece)
            part += piece
            if self.size > limit:
                raise RejectedError("too_large", f"The recording is longer than {limit} bytes.")
            if time.monotonic() > self._deadline:
                raise UnavailableError("too_slow", "The provider did not send the recording in time.")
            if len(part) >= PART_BYTES:
                yield bytes(part[:PART_BYTES])
                del part[:PART_BYTES]
        if self.announced is not None and self.size != self.announced:
            raise UnavailableError("short_body", "The body broke off.")
        if part:
            yield bytes(part)


def copy(recording: Recording, provider: Provider, deadline: float) -> Media:
    """Copy a recording's audio and return what was stored; `deadline` is of time.monotonic().

    A partial copy in its place gets a newer version, anything else is left alone. Raises UnavailableError or
    RejectedError.
    """
    replaces = recording.media.etag if recording.media else None
    try:
        return _copy(recording, provider, deadline, replaces)
    except ConflictError:
        existing = _head(str(recording.media_key))
    if recording.partial or existing["Metadata"].get("partial") != "true":
        raise RejectedError("conflict", "Another recording is stored under the same key.")
    return _copy(recording, provider, deadline, existing["ETag"])


def store(recording: Recording, stream: Stream) -> Media:
    """Store audio that was sent to us and return what was stored.

    The same bytes may be there already; raises ConflictError where others are, UnavailableError, RejectedError.
    """
    return _store(recording, stream, {"IfNoneMatch": "*"})


def remove(recording: Recording) -> None:
    """Put a delete marker on a recording's audio; its versions stay as the bucket's rules say."""
    with clients.guard("bucket"):
        clients.s3().delete_object(Bucket=settings.get().bucket_name, Key=str(recording.media_key))


def _copy(recording: Recording, provider: Provider, deadline: float, replaces: str | None) -> Media:
    """Copy once; raises ConflictError where another object than the one replaced is there."""
    condition = {"IfMatch": replaces} if replaces else {"IfNoneMatch": "*"}
    with transport.download(provider.source, provider.media_url(recording)) as response:
        return _store(recording, Stream.of(response, deadline), condition)


def _store(recording: Recording, stream: Stream, condition: dict[str, str]) -> Media:
    """Store what a stream brings; raises ConflictError where the condition is not met."""
    parts = stream.parts()
    first = next(parts, b"")
    content_type = _identify(stream, first)
    head = first[: audio.HEAD_BYTES]
    if len(first) < PART_BYTES:
        _check_end(recording, stream, head)
        stored = _put(recording, first, content_type, condition)
    else:
        with _upload(recording, content_type) as upload:
            for part in chain([first], parts):
                upload.add(part)
            _check_end(recording, stream, head)
            stored = upload.complete(condition, stream.sha256.hexdigest())
    return Media(
        key=str(recording.media_key),
        version_id=stored.get("VersionId"),
        etag=stored["ETag"],
        size=stream.size,
        sha256=stream.sha256.hexdigest(),
        content_type=content_type,
        partial=recording.partial,
    )


def _identify(stream: Stream, first: bytes) -> str:
    """Return the content type of what begins like this; what is empty, broken off or an error page may yet be audio."""
    try:
        return audio.check(first[: audio.HEAD_BYTES])
    except RejectedError as error:
        textual = first.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(TEXTUAL)
        if textual or not first or not stream.end_is_proof:
            raise UnavailableError(error.reason, str(error)) from None
        raise


def _check_end(recording: Recording, stream: Stream, head: bytes) -> None:
    """Refuse a body whose end proves nothing if it is shorter than the recording was announced to be."""
    measured = audio.measure(head, stream.size)
    if not stream.end_is_proof and audio.too_short(recording, measured):
        raise UnavailableError("short_body", "The body broke off.")


def _put(recording: Recording, body: bytes, content_type: str, condition: dict[str, str]) -> Stored:
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
        return stored

    def abort(self) -> None:
        """Free what the parts take."""
        with clients.guard("bucket"):
            clients.s3().abort_multipart_upload(**self.target)


@contextmanager
def _upload(recording: Recording, content_type: str) -> Iterator[Upload]:
    """Begin a multipart upload, and abort it if what follows fails."""
    arguments: Any = _description(recording, content_type)
    with clients.guard("bucket"):
        begun = clients.s3().create_multipart_upload(ChecksumAlgorithm="SHA256", ChecksumType="COMPOSITE", **arguments)
    upload = Upload({name: arguments[name] for name in ("Bucket", "Key")}, begun["UploadId"])
    try:
        yield upload
    except BaseException:
        with suppress(UnavailableError):  # what is left is aborted by the bucket's lifecycle rule
            upload.abort()
        raise


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
    existing = _head(key)
    if existing.get("ChecksumSHA256", "").partition("-")[0] != checksum:  # what follows is the number of parts
        raise ConflictError("conflict", "Something else is stored under the same key.")
    return existing


def _head(key: str) -> Stored:
    """Return what S3 says of the object that is there."""
    with clients.guard("bucket"):
        return dict(clients.s3().head_object(Bucket=settings.get().bucket_name, Key=key, ChecksumMode="ENABLED"))


def _base64(digest: bytes) -> str:
    """Return a digest as S3 writes checksums."""
    return base64.b64encode(digest).decode()

"""Copy a recording's audio from its provider to S3: whole, once, and in bounded memory.

The body is hashed while it streams through in parts of 8 MiB. No byte is written before the
beginning is recognised as audio. No object is completed before the body is known to be complete.
"""

import hashlib
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from typing import Self

import urllib3

from callvault import audio, settings, transport
from callvault.errors import ConflictError, MissingObjectError, RejectedError, UnavailableError
from callvault.ingest import bodies
from callvault.models import Media, Recording
from callvault.providers.base import Provider
from callvault.storage import bucket, multipart_uploads

PART_BYTES = 8 * 1024 * 1024
READ_BYTES = 64 * 1024
MAX_LENGTH_DIGITS = 18
"""Maximum number of digits of a Content-Length; a longer one is ignored."""
COMPRESSED = {"gzip", "x-gzip", "deflate", "compress", "x-compress", "br", "zstd"}
"""Content codings that compress (IANA, "HTTP Content Coding Registry"); none is asked for."""


class Stream:
    """A body that is counted and hashed while it is read.

    `deadline` is a time of time.monotonic().
    """

    def __init__(
        self, read: Callable[[int], bytes], length: int | None, deadline: float, *, is_delimited: bool = True
    ) -> None:
        self.announced = length
        self.is_delimited = is_delimited
        """Whether the HTTP response says where the media ends.

        If it does not, a connection that broke too early looks like the end of the body.
        """
        self.size = 0
        self.sha256 = hashlib.sha256()
        self._read = read
        self._deadline = deadline

    @classmethod
    def of(cls, response: urllib3.BaseHTTPResponse, deadline: float) -> Self:
        """Return the body of a response, as it was sent.

        If its header says that it is compressed, its length is not that of the media.
        """
        length = response.headers.get("content-length", "")
        chunked = "chunked" in response.headers.get("transfer-encoding", "").lower()
        read = partial(response.read1, decode_content=False)
        size = int(length) if length.isascii() and length.isdecimal() and len(length) <= MAX_LENGTH_DIGITS else None
        codings = response.headers.get("content-encoding", "").lower().replace(" ", "").split(",")
        is_delimited = (size is not None or chunked) and COMPRESSED.isdisjoint(codings)
        return cls(read, size, deadline, is_delimited=is_delimited)

    def parts(self) -> Iterator[bytes]:
        """Yield the body in parts of PART_BYTES. Only the last part may be shorter.

        Raises UnavailableError, RejectedError.
        """
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


def fingerprint(stream: Stream) -> str:
    """Read audio to its end and return its SHA-256, in hex.

    Of anything else only the first part is read: raises RejectedError. Raises UnavailableError.
    """
    parts = stream.parts()
    audio.check(audio.head(next(parts, b"")))
    for _ in parts:
        pass
    return stream.sha256.hexdigest()


def served_fingerprint(provider: Provider, recording: Recording, deadline: float) -> str:
    """Return the SHA-256 of the audio that a provider serves, in hex.

    An empty body or a page may be audio in the next attempt. `deadline` is a time of
    time.monotonic(). Raises UnavailableError, RejectedError.
    """
    try:
        with transport.download(provider.source, provider.media_url(recording)) as response:
            return fingerprint(Stream.of(response, deadline))
    except RejectedError as error:
        if error.reason not in {"empty", "not_audio"}:
            raise
        raise UnavailableError(error.reason, str(error)) from None


def copy(recording: Recording, provider: Provider, deadline: float, *, doubt: bool = False) -> Media:
    """Copy a recording's audio and return the stored media.

    `deadline` is a time of time.monotonic(). The copy overwrites (as a new version) only an object
    that the row records as partial or corrupt, or whose own metadata say that it is partial. If
    the object that the row records is gone, the copy is stored as the first one. With `doubt`, a
    body is refused that is shorter than the audio's own header says or than was announced, or whose
    size is not the one that the provider reported, even if it has the length that its
    Content-Length says. `doubt` has no effect on a partial recording.
    Raises UnavailableError, RejectedError.
    """
    replaces = recording.media.etag if recording.media else None
    doubt = doubt and not recording.partial
    try:
        return _copy(recording, provider, deadline, replaces, doubt=doubt)
    except MissingObjectError:  # the row's object was removed, and its event is late or was lost
        return _copy(recording, provider, deadline, None, doubt=doubt)
    except ConflictError:
        existing = bucket.head(str(recording.media_key))
    if recording.partial or existing["Metadata"].get("partial") != "true":
        raise RejectedError("conflict", "Another recording is stored under the same key.")
    return _copy(recording, provider, deadline, existing["ETag"], doubt=doubt)


def store(recording: Recording, stream: Stream, replaces: str | None = None) -> Media:
    """Store audio that was sent to the archive and return the stored media.

    `replaces` is the ETag of the object that may be overwritten (as a new version), or None. If
    that object is not the current one, it is a success if the current one has the same bytes.
    Raises ConflictError if other bytes are stored, MissingObjectError if the object that may be
    overwritten is gone, and UnavailableError, RejectedError.
    """
    return _store(recording, stream, _condition(replaces), bodies.Audio(recording, doubt=False))


def _copy(recording: Recording, provider: Provider, deadline: float, replaces: str | None, *, doubt: bool) -> Media:
    """Copy the audio in one attempt and return the stored media.

    `replaces` is the ETag of the object that may be overwritten, or None. Raises ConflictError if
    other bytes are stored under the key, and UnavailableError, RejectedError.
    """
    kind = bodies.Encrypted if provider.is_encrypted(recording) else bodies.Audio
    with transport.download(provider.source, provider.media_url(recording)) as response:
        return _store(recording, Stream.of(response, deadline), _condition(replaces), kind(recording, doubt=doubt))


def _condition(replaces: str | None) -> dict[str, str]:
    """Return the condition of a write that may replace only the object with this ETag, if any."""
    return {"IfMatch": replaces} if replaces else {"IfNoneMatch": "*"}


def _store(recording: Recording, stream: Stream, condition: dict[str, str], check: bodies.Check) -> Media:
    """Store a stream and return the stored media.

    `condition` has If-Match or If-None-Match. If it is not met, raises ConflictError, unless the
    same bytes are stored already. Raises UnavailableError, RejectedError.
    """
    parts = stream.parts()
    first = next(parts, b"")
    content_type = check.identify(first, is_delimited=stream.is_delimited)
    if len(first) < PART_BYTES:
        check.end(first, stream.size, is_delimited=stream.is_delimited)
        stored = bucket.put(recording, first, content_type, condition)
    else:
        with multipart_uploads.begin(recording, content_type) as upload:
            for part in chain([first], parts):
                upload.add(part)
            check.end(first, stream.size, is_delimited=stream.is_delimited)
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
